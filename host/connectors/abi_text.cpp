#include "connectors/abi_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "connectors/text.hpp"

namespace syncline::connectors {
namespace {

constexpr std::int64_t kRetryAfterMsMax = 24L * 60 * 60 * 1000;

void copy_text(std::string_view text, char* into, std::size_t size) {
    const std::string cut = one_line(text, size - 1);
    std::memcpy(into, cut.c_str(), cut.size() + 1);
}

std::string_view bounded(const char* text, std::size_t size) {
    return {text, strnlen(text, size)};
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == ':';
}

}  // namespace

syncline_error empty_abi_error() {
    syncline_error error{};
    error.struct_size = sizeof error;
    error.retry_after_ms = -1;
    return error;
}

syncline_status to_abi(const Error& from, syncline_error* to) {
    const auto code = static_cast<syncline_status>(from.code);
    const syncline_status status =
        code > SYNCLINE_OK && is_known_status(code) ? code : SYNCLINE_BUG;
    if (to != nullptr && SYNCLINE_HAS(to, message)) {
        to->http_status = from.http_status;
        to->retry_after_ms = from.retry_after ? from.retry_after->count() : -1;
        copy_text(from.name, to->code, sizeof to->code);
        copy_text(from.message, to->message, sizeof to->message);
    }
    return status;
}

Error from_abi(syncline_status status, const syncline_error& error) {
    Error result;
    result.code = static_cast<ErrorCode>(status);
    result.message = one_line(bounded(error.message, sizeof error.message), sizeof error.message);
    result.name = bounded(error.code, sizeof error.code);
    if (!std::all_of(result.name.begin(), result.name.end(), is_name_character)) {
        result.name.clear();
    }
    if (error.http_status >= 100 && error.http_status <= 599) {
        result.http_status = error.http_status;
    }
    if (error.retry_after_ms >= 0) {
        result.retry_after =
            std::chrono::milliseconds(std::min(error.retry_after_ms, kRetryAfterMsMax));
    }
    return result;
}

std::string_view status_name(syncline_status status) {
    constexpr std::array<std::string_view, SYNCLINE_HOLD + 1> kNames{
        "OK",
        "CANCELLED",
        "TRANSIENT",
        "RATE_LIMITED",
        "AUTH",
        "CONFIG",
        "DATA",
        "CONFLICT",
        "UNSUPPORTED",
        "STALE_CURSOR",
        "BUG",
        "HOLD"};
    return is_known_status(status) ? kNames.at(static_cast<std::size_t>(status)) : "unknown";
}

}  // namespace syncline::connectors
