#include "supabase/document.hpp"

#include <syncline/plugin/http.hpp>

#include "supabase/encode.hpp"

namespace syncline::supabase {
namespace {

int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// A document that is to go has none, or an empty one.
bool has_body(const Json& body) {
    return body.is_object() && !body.empty();
}

}  // namespace

std::string url_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                            hex_digit(text[i + 2]) >= 0;
        decoded += escape ? static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]))
                          : text[i];
        i += escape ? 2U : 0U;
    }
    return decoded;
}

std::string set_remote_id(const RowKey& parent) {
    return plugin::url_encode(parent.tenant) + "/" + plugin::url_encode(parent.source_system) +
           "/" + plugin::url_encode(parent.source_id);
}

std::optional<RowKey> parse_set_remote_id(const std::string& remote_id) {
    const auto first = remote_id.find('/');
    const auto last = remote_id.rfind('/');
    if (first == std::string::npos || first == last) {
        return std::nullopt;
    }
    return RowKey{
        url_decoded(remote_id.substr(0, first)),
        url_decoded(remote_id.substr(first + 1, last - first - 1)),
        url_decoded(remote_id.substr(last + 1))};
}

bool is_set(const Json& body, const std::string& remote_id) {
    return has_body(body) ? body.contains(kRowsMember) : remote_id.find('/') != std::string::npos;
}

std::optional<RowKey> document_key(const Json& body, const std::string& remote_id) {
    if (!has_body(body)) {
        return parse_set_remote_id(remote_id);
    }
    if (!body.contains(kRowsMember)) {
        return row_key(body);
    }
    RowKey parent{
        text_of(body, "tenant_id"), text_of(body, "source_system"), text_of(body, kParentMember)};
    const bool whole =
        !parent.tenant.empty() && !parent.source_system.empty() && !parent.source_id.empty();
    return whole ? std::optional(std::move(parent)) : std::nullopt;
}

std::optional<RowKey> parse_natural_key(const std::string& natural_key) {
    // Platform and connection hold one colon between them; an id may hold more of its own.
    const auto platform = natural_key.find(':');
    const auto connection =
        platform == std::string::npos ? platform : natural_key.find(':', platform + 1);
    if (connection == std::string::npos || connection + 1 == natural_key.size()) {
        return std::nullopt;
    }
    return RowKey{"", natural_key.substr(0, connection), natural_key.substr(connection + 1)};
}

}  // namespace syncline::supabase
