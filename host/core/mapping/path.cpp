#include "core/mapping/path.hpp"

#include <algorithm>

#include "core/mapping/definition.hpp"

namespace syncline::mapping {
namespace {

constexpr std::size_t kIndexMax = 999;

// Reads a path from its text; `at_` is where it has come to.
class PathReader {
public:
    explicit PathReader(std::string_view text) : text_(text) {}

    Result<Path> read() {
        while (at_ < text_.size()) {
            const bool good = text_[at_] == '[' ? read_brackets() : read_member();
            if (!good) {
                return invalid(
                    "expected " + expected_ + " at character " + std::to_string(at_ + 1) +
                    " of the path"
                );
            }
            if (path_.size() > kPathStepsMax) {
                return invalid("a path has at most " + std::to_string(kPathStepsMax) + " steps");
            }
        }
        return std::move(path_);
    }

private:
    bool expect(std::string what) {
        expected_ = std::move(what);
        return false;
    }

    bool read_member() {
        if (!path_.empty() && text_[at_++] != '.') {
            --at_;
            return expect("'.' or '['");
        }
        const std::size_t end = std::min(text_.find_first_of(".[]\"", at_), text_.size());
        if (end == at_) {
            return expect("a member's name");
        }
        path_.push_back({PathStep::Type::kMember, std::string(text_.substr(at_, end - at_)), {}});
        at_ = end;
        return true;
    }

    bool read_brackets() {
        const std::size_t end =
            text_.substr(at_ + 1, 1) == "\"" ? text_.find("\"]", at_ + 2) : text_.find(']', at_);
        if (end == std::string_view::npos) {
            return expect("an end of the bracket that opens");
        }
        const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
        if (!inside.empty() && inside.front() == '"') {
            if (inside.size() == 1) {
                return expect("a member's name");
            }
            path_.push_back({PathStep::Type::kMember, std::string(inside.substr(1)), {}});
            at_ = end + 2;
            return true;
        }
        if (path_.empty()) {
            return expect("a member's name");
        }
        at_ = end + 1;
        return take_inside(inside);
    }

    bool take_inside(std::string_view inside) {
        if (inside.empty()) {
            path_.push_back({PathStep::Type::kEach, {}, {}});
            return true;
        }
        const std::size_t equals = inside.find('=');
        if (equals != std::string_view::npos && equals > 0) {
            path_.push_back(
                {PathStep::Type::kWhere,
                 std::string(inside.substr(0, equals)),
                 std::string(inside.substr(equals + 1))}
            );
            return true;
        }
        std::size_t index = 0;
        for (const char c : inside) {
            if (c < '0' || c > '9' || index > kIndexMax) {
                at_ -= inside.size() + 1;
                return expect("nothing, an index from 0 to 999, name=value or a quoted name");
            }
            index = index * 10 + static_cast<std::size_t>(c - '0');
        }
        if (index > kIndexMax) {
            at_ -= inside.size() + 1;
            return expect("an index from 0 to 999");
        }
        path_.push_back({PathStep::Type::kIndex, {}, {}, index});
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Path path_;
    std::string expected_;
};

const Json* find_where(const Json& list, const PathStep& step) {
    for (const auto& element : list) {
        if (member_is(element, step.name, step.value)) {
            return &element;
        }
    }
    return nullptr;
}

Result<Json*> made_member(Json& json, const PathStep& step) {
    if (json.is_null()) {
        json = Json::object();
    }
    if (!json.is_object()) {
        return invalid("'" + step.name + "' cannot be set: the place above it is no object");
    }
    return &json.get_ref<Json::object_t&>()[step.name];
}

Result<Json*> made_element(Json& json, const PathStep& step) {
    if (json.is_null()) {
        json = Json::array();
    }
    if (!json.is_array()) {
        return invalid("an element cannot be set: the place above it is no list");
    }
    if (step.type == PathStep::Type::kWhere) {
        for (auto& element : json) {
            if (member_is(element, step.name, step.value)) {
                return &element;
            }
        }
        json.push_back(Json{{step.name, step.value}});
        return &json.back();
    }
    if (step.index > json.size()) {
        return invalid(
            "element " + std::to_string(step.index) + " cannot be set: the list has " +
            std::to_string(json.size())
        );
    }
    if (step.index == json.size()) {
        json.push_back(nullptr);
    }
    return &json[step.index];
}

}  // namespace

Result<Path> parse_path(std::string_view text) {
    if (text.empty() || text.size() > kPathBytesMax) {
        return invalid(
            text.empty() ? "expected a path"
                         : "a path has at most " + std::to_string(kPathBytesMax) + " bytes"
        );
    }
    return PathReader(text).read();
}

std::string path_text(const Path& path) {
    std::string text;
    for (const auto& step : path) {
        switch (step.type) {
            case PathStep::Type::kMember:
                if (step.name.find_first_of(".[]\"") != std::string::npos) {
                    text += "[\"" + step.name + "\"]";
                } else {
                    text += (text.empty() ? "" : ".") + step.name;
                }
                break;
            case PathStep::Type::kIndex:
                text += "[" + std::to_string(step.index) + "]";
                break;
            case PathStep::Type::kEach:
                text += "[]";
                break;
            case PathStep::Type::kWhere:
                text += "[" + step.name + "=" + step.value + "]";
                break;
        }
    }
    return text;
}

bool member_is(const Json& element, const std::string& name, const std::string& value) {
    const auto* members = element.get_ptr<const Json::object_t*>();
    if (members == nullptr) {
        return false;
    }
    const auto found = members->find(name);
    if (found == members->end()) {
        return false;
    }
    const auto* text = found->second.get_ptr<const std::string*>();
    return text != nullptr ? *text == value
                           : found->second.is_number_integer() && found->second.dump() == value;
}

const Json* place_below(const Json& json, const PathStep& step) {
    if (step.type == PathStep::Type::kMember) {
        const auto* members = json.get_ptr<const Json::object_t*>();
        if (members == nullptr) {
            return nullptr;
        }
        const auto found = members->find(step.name);
        return found == members->end() ? nullptr : &found->second;
    }
    if (!json.is_array()) {
        return nullptr;
    }
    if (step.type == PathStep::Type::kIndex) {
        return step.index < json.size() ? &json[step.index] : nullptr;
    }
    return find_where(json, step);
}

Result<void> write_at(Json& document, const Path& path, Json value) {
    Json* place = &document;
    for (const auto& step : path) {
        SYNCLINE_ASSIGN_OR_RETURN(
            place,
            step.type == PathStep::Type::kMember ? made_member(*place, step)
                                                 : made_element(*place, step)
        );
    }
    *place = std::move(value);
    return {};
}

const Json* read_at(const Json& document, const Path& path) {
    const Json* place = &document;
    for (const auto& step : path) {
        place = place_below(*place, step);
        if (place == nullptr) {
            return nullptr;
        }
    }
    return place;
}

}  // namespace syncline::mapping
