#include "quickbooks/remote/owned.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

Json cut(const Json& object, const Json& like, const Json& shape);

Json scalar(std::string_view member, const Json& object) {
    if (is_numeric_member(member)) {
        if (const auto number = number_at(object, member)) {
            return plain(*number);
        }
    }
    return *object.find(member);
}

// Element by element; past the end of `like`, or without it, everything an element can have.
Json cut_array(const Json& array, const Json& like, const Json& shape) {
    Json out = Json::array();
    const Json& element_shape = shape.is_array() && !shape.empty() ? shape.front() : shape;
    for (const auto& element : array) {
        if (text_at(element, "DetailType") == "SubTotalLineDetail") {
            continue;
        }
        const std::size_t at = out.size();
        const bool has_like = like.is_array() && at < like.size();
        out.push_back(
            element.is_object() ? cut(element, has_like ? like[at] : element_shape, element_shape)
                                : element
        );
    }
    return out;
}

// A custom field is known by its definition: its place in the list is QuickBooks' choice, and its
// name the bookkeeper's. Fields that we do not fill are somebody else's.
Json cut_custom_fields(const Json& fields, const Json& like) {
    Json out = Json::array();
    for (const auto& wanted : like) {
        const auto found = std::find_if(fields.begin(), fields.end(), [&](const Json& field) {
            return text_at(field, "DefinitionId") == text_at(wanted, "DefinitionId");
        });
        if (found != fields.end()) {
            out.push_back(cut(*found, wanted, wanted));
        }
    }
    return out;
}

Json cut(const Json& object, const Json& like, const Json& shape) {
    Json out = Json::object();
    for (const auto& entry : like.items()) {
        const auto found = object.find(entry.key());
        if (found == object.end() || found->is_null()) {
            continue;
        }
        const auto shape_at = shape.is_object() ? shape.find(entry.key()) : shape.end();
        const Json& child_shape =
            shape.is_object() && shape_at != shape.end() ? *shape_at : entry.value();
        if (entry.key() == "CustomField" && found->is_array()) {
            out[entry.key()] = cut_custom_fields(*found, entry.value());
        } else if (found->is_array()) {
            out[entry.key()] = cut_array(*found, entry.value(), child_shape);
        } else if (found->is_object()) {
            Json child =
                cut(*found, entry.value().is_object() ? entry.value() : child_shape, child_shape);
            if (!child.empty()) {
                out[entry.key()] = std::move(child);
            }
        } else {
            out[entry.key()] = scalar(entry.key(), object);
        }
    }
    return out;
}

}  // namespace

Json owned_part(const EntityFacts& facts, const Json& object, const Json& body) {
    const Json shape = *parse_json(facts.shape);
    Json out = cut(object, body.is_object() ? body : shape, shape);
    for (const auto& entry : body.items()) {
        const bool once =
            std::find(facts.create_only.begin(), facts.create_only.end(), entry.key()) !=
            facts.create_only.end();
        if (once || entry.key().rfind('$', 0) == 0) {
            out[entry.key()] = entry.value();
        }
    }
    return out;
}

}  // namespace syncline::quickbooks
