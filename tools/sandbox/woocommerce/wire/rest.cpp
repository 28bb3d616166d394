#include "woocommerce/wire/rest.hpp"

#include <cstdlib>
#include <sstream>

namespace sandbox::woo {
namespace {

bool unreserved(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
}

std::string encode(std::string_view text, bool query_style) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (unreserved(c) || (c == '~' && !query_style)) {
            out += c;
        } else if (c == ' ' && query_style) {
            out += '+';
        } else {
            out += '%';
            out += kHex[byte >> 4];
            out += kHex[byte & 15];
        }
    }
    return out;
}

// Puts a value under "name[a][b]"; an empty key is the next number, as in "status[]".
void place(Json& into, std::string_view keys, const std::string& value) {
    if (keys.empty() || keys.front() != '[') {
        into = value;
        return;
    }
    const auto end = keys.find(']');
    if (end == std::string_view::npos) {
        into = value;
        return;
    }
    if (!into.is_object())
        into = Json::object();
    const std::string key(keys.substr(1, end - 1));
    place(into[key.empty() ? std::to_string(into.size()) : key], keys.substr(end + 1), value);
}

// {"0": a, "1": b} is a list in PHP too.
void numbered_objects_to_lists(Json& value) {
    if (!value.is_structured())
        return;
    for (auto& inner : value) numbered_objects_to_lists(inner);
    if (!value.is_object() || value.empty())
        return;
    std::size_t next = 0;
    Json list = Json::array();
    for (const auto& [key, inner] : value.items()) {
        if (key != std::to_string(next++))
            return;
        list.push_back(inner);
    }
    value = std::move(list);
}

void append_query(std::string& out, const std::string& key, const Json& value) {
    if (value.is_structured()) {
        std::size_t index = 0;
        for (const auto& item : value.items()) {
            const std::string inner = value.is_array() ? std::to_string(index++) : item.key();
            append_query(out, key + "[" + inner + "]", item.value());
        }
        return;
    }
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (value.is_boolean())
        text = value.get<bool>() ? "1" : "";
    out += (out.empty() ? "" : "&") + encode(key, true) + "=" + encode(text, true);
}

bool field_wanted(const std::string& key, const std::vector<std::string>& fields) {
    for (const std::string& field : fields)
        if (field == key || field.rfind(key + ".", 0) == 0)
            return true;
    return false;
}

std::vector<std::string> below(const std::string& key, const std::vector<std::string>& fields) {
    std::vector<std::string> inner;
    for (const std::string& field : fields) {
        if (field == key)
            return {};
        if (field.rfind(key + ".", 0) == 0)
            inner.push_back(field.substr(key.size() + 1));
    }
    return inner;
}

void prune(Json& object, const std::vector<std::string>& fields) {
    if (!object.is_object() || fields.empty())
        return;
    Json kept = Json::object();
    for (auto& [key, value] : object.items()) {
        if (!field_wanted(key, fields))
            continue;
        const auto inner = below(key, fields);
        if (value.is_array())
            for (auto& element : value) prune(element, inner);
        else
            prune(value, inner);
        kept[key] = std::move(value);
    }
    object = std::move(kept);
}

}  // namespace

const std::vector<std::string> kEditable{"GET", "POST", "PUT", "PATCH", "DELETE"};

std::int64_t Call::id(std::size_t index) const {
    return index < path.size() ? std::atoll(path[index].c_str()) : 0;
}

Json RestError::error_json() const {
    return {
        {"code", code},
        {"message", message},
        {"data", data.is_null() ? Json{{"status", status}} : data},
    };
}

Reply RestError::reply() const {
    return {status, error_json(), headers};
}

void fail(int status, std::string code, std::string message) {
    throw RestError{status, std::move(code), std::move(message)};
}

Json php_parameters(const Pairs& pairs) {
    Json parameters = Json::object();
    for (const auto& [name, value] : pairs) {
        const auto bracket = name.find('[');
        place(
            parameters[name.substr(0, bracket)],
            bracket == std::string::npos ? std::string_view()
                                         : std::string_view(name).substr(bracket),
            value
        );
    }
    for (auto& value : parameters) numbered_objects_to_lists(value);
    return parameters;
}

std::string php_query(const Json& parameters) {
    std::string out;
    for (const auto& [key, value] : parameters.items()) append_query(out, key, value);
    return out;
}

std::string raw_url_encode(std::string_view text) {
    return encode(text, false);
}

void keep_fields(Json& answer, const std::string& fields) {
    std::vector<std::string> wanted;
    std::istringstream stream(fields);
    for (std::string field; std::getline(stream, field, ',');) {
        const auto first = field.find_first_not_of(' ');
        if (first != std::string::npos)
            wanted.push_back(field.substr(first, field.find_last_not_of(' ') - first + 1));
    }
    if (wanted.empty())
        return;
    if (answer.is_array()) {
        for (auto& element : answer) prune(element, wanted);
        return;
    }
    Json own_links = member(answer, "_links");
    prune(answer, wanted);
    if (!own_links.is_null())
        answer["_links"] = std::move(own_links);
}

Json links(
    const std::string& self, const std::string& collection, const std::vector<std::string>& allow
) {
    return {
        {"self", Json::array({{{"href", self}, {"targetHints", {{"allow", allow}}}}})},
        {"collection", Json::array({{{"href", collection}}})},
    };
}

std::string PageLinks::header() const {
    const auto link = [&](int to, const char* relation) {
        Json parameters = query;
        parameters["page"] = to;
        return "<" + collection + "?" + php_query(parameters) + ">; rel=\"" + relation + "\"";
    };
    std::string text;
    if (page > 1)
        text = link(std::min(page - 1, pages), "prev");
    if (pages > page)
        text += (text.empty() ? "" : ", ") + link(page + 1, "next");
    return text;
}

}  // namespace sandbox::woo
