// Whether a value is as a JSON Schema says: the part of 2020-12 that the API's description uses. A
// keyword that is not known here is a problem, so that none is passed over in silence.
#pragma once

#include <regex>
#include <set>
#include <string>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::testing {

class JsonSchema {
public:
    // kAnswers: an object that names its members has no others, unless it says so. That is more
    // than the schema says, so that no answer has a member that is not described.
    enum class Of { kInput, kAnswers };

    JsonSchema(const Json& document, Of of) : document_(document), of_(of) {}

    // One sentence per problem, each with its place.
    std::vector<std::string> problems(const Json& schema, const Json& value) const {
        std::vector<std::string> found;
        check(schema, value, "", found);
        return found;
    }
    bool fits(const Json& schema, const Json& value) const {
        return problems(schema, value).empty();
    }
    // The schema that a reference means.
    const Json& resolved(const Json& schema) const {
        const auto reference = schema.find("$ref");
        return reference == schema.end()
                   ? schema
                   : document_.at(Json::json_pointer(reference->get<std::string>().substr(1)));
    }

private:
    using Problems = std::vector<std::string>;

    void check(const Json& given, const Json& value, const std::string& place, Problems& found)
        const {
        const Json& schema = resolved(given);
        for (const auto& entry : schema.items()) {
            if (known().count(entry.key()) == 0) {
                found.push_back(place + ": the schema's keyword " + entry.key() + " is unknown");
            }
        }
        if (schema.contains("anyOf")) {
            check_any(schema["anyOf"], value, place, found);
        }
        if (schema.contains("const") && schema["const"] != value) {
            found.push_back(place + ": expected " + schema["const"].dump());
        }
        if (schema.contains("enum") &&
            std::find(schema["enum"].begin(), schema["enum"].end(), value) ==
                schema["enum"].end()) {
            found.push_back(place + ": " + value.dump() + " is none of " + schema["enum"].dump());
        }
        if (schema.contains("type") && !has_type(schema["type"], value)) {
            found.push_back(
                place + ": expected " + schema["type"].dump() + ", found " +
                value.dump().substr(0, 60)
            );
            return;
        }
        if (value.is_string()) {
            check_text(schema, value.get<std::string>(), place, found);
        } else if (value.is_number()) {
            check_number(schema, value, place, found);
        } else if (value.is_array()) {
            check_items(schema, value, place, found);
        } else if (value.is_object()) {
            check_members(schema, value, place, found);
        }
    }

    static const std::set<std::string>& known() {
        static const std::set<std::string> kKnown{
            "anyOf",     "const",     "enum",        "type",       "properties",
            "required",  "items",     "minimum",     "maximum",    "additionalProperties",
            "minLength", "maxLength", "maxItems",    "pattern",    "format",
            "default",   "examples",  "description", "deprecated", "writeOnly"};
        return kKnown;
    }

    static bool has_type(const Json& type, const Json& value) {
        if (type.is_array()) {
            return std::any_of(type.begin(), type.end(), [&](const Json& one) {
                return has_type(one, value);
            });
        }
        return (type == "object" && value.is_object()) || (type == "array" && value.is_array()) ||
               (type == "string" && value.is_string()) ||
               (type == "boolean" && value.is_boolean()) || (type == "null" && value.is_null()) ||
               (type == "integer" && value.is_number_integer());
    }

    void check_any(
        const Json& choices, const Json& value, const std::string& place, Problems& found
    ) const {
        std::string tried;
        for (const auto& choice : choices) {
            Problems of_this;
            check(choice, value, place, of_this);
            if (of_this.empty()) {
                return;
            }
            tried += " (" + of_this.front() + ")";
        }
        found.push_back(place + ": fits none of the choices:" + tried);
    }

    static void check_text(
        const Json& schema, const std::string& text, const std::string& place, Problems& found
    ) {
        const std::size_t length = text.size();
        if (length < schema.value("minLength", std::size_t{0}) ||
            length > schema.value("maxLength", std::string::npos)) {
            found.push_back(place + ": has " + std::to_string(length) + " characters");
        }
        if (schema.contains("pattern") &&
            !std::regex_search(text, std::regex(schema["pattern"].get<std::string>()))) {
            found.push_back(
                place + ": '" + text + "' has not the form " + schema["pattern"].dump()
            );
        }
        if (schema.value("format", "") == "date-time" && !Timestamp::parse(text)) {
            found.push_back(place + ": '" + text + "' is no time");
        }
    }

    static void check_number(
        const Json& schema, const Json& value, const std::string& place, Problems& found
    ) {
        if ((schema.contains("minimum") && value < schema["minimum"]) ||
            (schema.contains("maximum") && value > schema["maximum"])) {
            found.push_back(place + ": " + value.dump() + " is out of range");
        }
    }

    void check_items(
        const Json& schema, const Json& value, const std::string& place, Problems& found
    ) const {
        if (value.size() > schema.value("maxItems", value.size())) {
            found.push_back(place + ": too many items");
        }
        for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
            check(schema["items"], value[i], place + "/" + std::to_string(i), found);
        }
    }

    void check_members(
        const Json& schema, const Json& value, const std::string& place, Problems& found
    ) const {
        for (const auto& name : schema.value("required", Json::array())) {
            if (!value.contains(name.get<std::string>())) {
                found.push_back(place + ": lacks " + name.dump());
            }
        }
        const Json none = Json::object();
        const Json& members = schema.contains("properties") ? schema["properties"] : none;
        const bool closed = of_ == Of::kAnswers && schema.contains("properties");
        for (const auto& entry : value.items()) {
            const std::string inner = place + "/" + entry.key();
            if (members.contains(entry.key())) {
                check(members[entry.key()], entry.value(), inner, found);
            } else if (!schema.contains("additionalProperties")) {
                if (closed) {
                    found.push_back(inner + ": is not described");
                }
            } else if (schema["additionalProperties"] == false) {
                found.push_back(inner + ": is not allowed");
            } else if (schema["additionalProperties"].is_object()) {
                check(schema["additionalProperties"], entry.value(), inner, found);
            }
        }
    }

    const Json& document_;
    const Of of_;
};

}  // namespace syncline::testing
