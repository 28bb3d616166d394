#include "api/openapi_schema.hpp"

namespace syncline::api {
namespace {

Error bug(const std::string& what) {
    return Error{ErrorCode::kBug, "host/api/openapi: " + what, "openapi.schema"};
}

bool begins(const std::string& text, const std::string& start) {
    return text.rfind(start, 0) == 0;
}

bool is_enclosed(const std::string& text, char open, char close) {
    return text.size() > 2 && text.front() == open && text.back() == close;
}

Json one_of_texts(const std::string& text) {
    Json choices = Json::array();
    for (std::size_t at = 0; at <= text.size();) {
        const std::size_t end = std::min(text.find(" | ", at), text.size());
        choices.push_back(text.substr(at, end - at));
        at = end + 3;
    }
    return {{"type", "string"}, {"enum", std::move(choices)}};
}

Json or_null(Json schema) {
    if (schema.contains("type") && schema["type"].is_string()) {
        schema["type"] = Json::array({schema["type"], "null"});
        return schema;
    }
    return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}};
}

Json list_answer(Json item, bool pages) {
    Json members{{"items", {{"type", "array"}, {"items", std::move(item)}}}};
    Json required = Json::array({"items"});
    if (pages) {
        members["next_cursor"] = {{"type", Json::array({"string", "null"})}};
        required.push_back("next_cursor");
    }
    return {
        {"type", "object"}, {"properties", std::move(members)}, {"required", std::move(required)}};
}

}  // namespace

Result<Json> SchemaWriter::schema(const Json& written) {
    if (written.is_string()) {
        return from_text(written.get<std::string>());
    }
    if (written.is_object()) {
        return from_object(written);
    }
    return bug("a schema is a text or an object, found " + dump_json(written));
}

Result<Json> SchemaWriter::from_text(const std::string& text) {
    for (const bool pages : {false, true}) {
        const std::string start = pages ? "page of " : "items of ";
        if (begins(text, start)) {
            SYNCLINE_ASSIGN_OR_RETURN(Json item, from_text(text.substr(start.size())));
            return list_answer(std::move(item), pages);
        }
    }
    if (begins(text, "= ")) {
        return one_of_texts(text.substr(2));
    }
    if (text.size() > 1 && text.back() == '?') {
        SYNCLINE_ASSIGN_OR_RETURN(Json inner, from_text(text.substr(0, text.size() - 1)));
        return or_null(std::move(inner));
    }
    if (is_enclosed(text, '[', ']')) {
        SYNCLINE_ASSIGN_OR_RETURN(Json item, from_text(text.substr(1, text.size() - 2)));
        return Json{{"type", "array"}, {"items", std::move(item)}};
    }
    if (is_enclosed(text, '{', '}')) {
        SYNCLINE_ASSIGN_OR_RETURN(Json value, from_text(text.substr(1, text.size() - 2)));
        return Json{{"type", "object"}, {"additionalProperties", std::move(value)}};
    }
    if (text == "any") {
        return Json(Json::object());
    }
    if (text == "string" || text == "integer" || text == "boolean") {
        return Json{{"type", text}};
    }
    if (!named_.contains(text)) {
        return bug("there is no schema '" + text + "'");
    }
    referenced_.insert(text);
    return Json{{"$ref", "#/components/schemas/" + text}};
}

Result<Json> SchemaWriter::from_object(const Json& written) {
    Json schema = written;
    for (const char* inner : {"items", "additionalProperties"}) {
        if (schema.contains(inner) && !schema[inner].is_boolean()) {
            SYNCLINE_ASSIGN_OR_RETURN(schema[inner], this->schema(written[inner]));
        }
    }
    if (schema.contains("anyOf")) {
        for (Json& choice : schema["anyOf"]) {
            SYNCLINE_ASSIGN_OR_RETURN(choice, this->schema(Json(choice)));
        }
    }
    if (written.contains("members")) {
        for (const char* ours : {"members", "closed", "extends"}) {
            schema.erase(ours);
        }
        schema["type"] = "object";
        schema["properties"] = Json::object();
        schema["required"] = Json::array();
        SYNCLINE_RETURN_IF_ERROR(add_members(written, schema));
        if (schema["required"].empty()) {
            schema.erase("required");
        }
        if (written.value("closed", false)) {
            schema["additionalProperties"] = false;
        }
    }
    return schema;
}

Result<void> SchemaWriter::add_members(const Json& written, Json& schema) {
    if (written.contains("extends")) {
        const std::string base = written["extends"];
        if (!named_.contains(base) || !named_[base].contains("members")) {
            return bug("there is no schema '" + base + "' to extend");
        }
        SYNCLINE_RETURN_IF_ERROR(add_members(named_[base], schema));
    }
    for (const auto& entry : written["members"].items()) {
        std::string name = entry.key();
        const bool optional = name.back() == '?';
        if (optional) {
            name.pop_back();
        } else {
            schema["required"].push_back(name);
        }
        SYNCLINE_ASSIGN_OR_RETURN(schema["properties"][name], this->schema(entry.value()));
    }
    return {};
}

}  // namespace syncline::api
