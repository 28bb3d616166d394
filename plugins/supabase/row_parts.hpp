// What all rows are made of.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <syncline/model/address.hpp>
#include <syncline/operations.hpp>

namespace syncline::supabase {

inline Json text_or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

inline Json time_or_null(const std::optional<Timestamp>& time) {
    return time ? Json(time->to_string()) : Json();
}

inline Json address_or_null(const Address& address) {
    Json json = to_json(address);
    for (const auto& member : json) {
        if (member != "") {
            return json;
        }
    }
    return nullptr;
}

inline Json json_list(const auto& items) {
    Json list = Json::array();
    for (const auto& item : items) {
        list.push_back(to_json(item));
    }
    return list;
}

inline Json key_row(const EncodeContext& context, const std::string& source_id) {
    return {
        {"tenant_id", context.tenant}, {"source_system", context.source}, {"source_id", source_id}};
}

inline Document row_document(
    const EncodeContext& context, std::string role, std::string_view table, Json row
) {
    Document document;
    document.role = std::move(role);
    document.entity = table;
    document.natural_key = context.source + ":" + row["source_id"].get<std::string>();
    document.body = std::move(row);
    return document;
}

}  // namespace syncline::supabase
