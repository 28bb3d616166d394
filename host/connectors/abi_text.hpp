// Between abi.h's plain structs and our own types. Nothing a plugin fills in is trusted.
#pragma once

#include <string>
#include <string_view>

#include <syncline/abi.h>
#include <syncline/result.hpp>

namespace syncline::connectors {

inline syncline_bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(syncline_bytes bytes) {
    return bytes.ptr == nullptr
               ? std::string_view()
               : std::string_view(reinterpret_cast<const char*>(bytes.ptr), bytes.len);
}

inline bool is_known_status(syncline_status status) {
    return status >= SYNCLINE_OK && status <= SYNCLINE_HOLD;
}

syncline_error empty_abi_error();

// Fills `to` (may be NULL, may be of another minor) and gives the status of `from`: a code that
// stays inside the host becomes SYNCLINE_BUG.
syncline_status to_abi(const Error& from, syncline_error* to);

// Of a status other than SYNCLINE_OK that is known. Message and name are cut, made valid UTF-8 and
// freed of control characters; numbers out of range are dropped.
Error from_abi(syncline_status status, const syncline_error& error);

// "RATE_LIMITED"
std::string_view status_name(syncline_status status);

}  // namespace syncline::connectors

// The operation `name` of a syncline_connector, or NULL; a plugin of an older minor may not have
// room for it.
#define SYNCLINE_OPERATION_OF(table, name) (SYNCLINE_CAN(&(table), name) ? (table).name : nullptr)
