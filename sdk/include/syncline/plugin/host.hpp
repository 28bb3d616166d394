// The host as a connector sees it: HTTP, clock, random, secrets, memory, log.
#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/abi.h>
#include <syncline/detail/text.hpp>
#include <syncline/plugin/http.hpp>
#include <syncline/result.hpp>
#include <syncline/timestamp.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

inline syncline_bytes as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

inline std::string_view as_text(syncline_bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.ptr), bytes.len};
}

// The Error of a status with its details.
inline Error from_abi(syncline_status status, const syncline_error& error) {
    Error result{static_cast<ErrorCode>(status), error.message, error.code, error.http_status};
    if (error.retry_after_ms >= 0) {
        result.retry_after = std::chrono::milliseconds(error.retry_after_ms);
    }
    return result;
}

// For callbacks that C code calls: appends unless memory is short, and never throws.
inline syncline_status append_to(std::string& text, syncline_bytes bytes) noexcept {
    try {
        text.append(as_text(bytes));
        return SYNCLINE_OK;
    } catch (...) {
        return SYNCLINE_TRANSIENT;
    }
}

inline syncline_error empty_abi_error() {
    syncline_error error{};
    error.struct_size = sizeof error;
    error.retry_after_ms = -1;
    return error;
}

// Copyable handle; valid as long as the connector instance it was given to. [any]
class Host {
public:
    explicit Host(const syncline_host* host) : host_(host) {}

    // One exchange. An answer of any status is a value; see HttpResponse::error(). Errors:
    // kTransient (connection, timeout, TLS), kConfig (the egress rule refuses the URL), kCancelled.
    Result<HttpResponse> http(const HttpRequest& request) const;

    Timestamp now() const { return Timestamp{host_->now_ms(host_->self)}; }
    // Throws std::runtime_error if the host has none: predictable bytes would be worse.
    std::vector<std::uint8_t> random(std::size_t count) const;

    // A secret setting, or "access_token" with OAuth 2.0. Errors: kConfig if it is not set, else
    // the host's own (the vault cannot be read).
    Result<std::string> secret(std::string_view name) const;

    // Small durable memory of this connection.
    std::optional<std::string> kv_get(std::string_view key) const;
    bool kv_put(std::string_view key, std::string_view value) const;

    // The calendar date "YYYY-MM-DD" of `at` in an IANA zone. Errors: kConfig if there is no such
    // zone.
    Result<std::string> local_date(std::string_view zone, Timestamp at) const;

    // The longest prefix of at most `max_characters` code points that cuts no grapheme cluster (no
    // code point, if the host cannot tell).
    std::string truncate(std::string_view text, std::uint32_t max_characters) const;

    void log(std::int32_t level, std::string_view message, std::string_view fields_json = "{}")
        const {
        host_->log(host_->self, level, as_bytes(message), as_bytes(fields_json));
    }

    // Reads that the platform counts and the host does not see: it counts GET and HEAD requests by
    // itself, but not the queries within a batch.
    void count_reads(std::size_t reads) const {
        host_->metric(
            host_->self, as_bytes("metered_reads"), 0, static_cast<double>(reads), as_bytes("{}")
        );
    }

private:
    // Collects what a host function puts into a sink.
    template <class Fn>
    std::pair<syncline_status, std::string> collect(Fn&& call) const {
        std::string text;
        const syncline_sink sink{&text, [](void* self, syncline_bytes bytes) -> syncline_status {
                                     return append_to(*static_cast<std::string*>(self), bytes);
                                 }};
        const syncline_status status = call(&sink);
        return {status, std::move(text)};
    }

    const syncline_host* host_;
};

inline Result<HttpResponse> Host::http(const HttpRequest& request) const {
    std::vector<syncline_header> headers;
    headers.reserve(request.headers.size());
    for (const auto& [name, value] : request.headers) {
        headers.push_back({as_bytes(name), as_bytes(value)});
    }
    syncline_http_request raw{};
    raw.struct_size = sizeof raw;
    raw.method = as_bytes(request.method);
    raw.url = as_bytes(request.url);
    raw.body = as_bytes(request.body);
    raw.headers = headers.data();
    raw.header_count = headers.size();
    raw.timeout_ms = request.timeout_ms;

    HttpResponse response;
    syncline_http_sink sink{};
    sink.struct_size = sizeof sink;
    sink.self = &response;
    sink.head =
        [](void* self, std::int32_t status, const syncline_header* received, std::size_t count
        ) -> syncline_status {
        try {
            auto& into = *static_cast<HttpResponse*>(self);
            into.status = status;
            for (std::size_t i = 0; i < count; ++i) {
                into.headers.emplace_back(as_text(received[i].name), as_text(received[i].value));
            }
            return SYNCLINE_OK;
        } catch (...) {
            return SYNCLINE_TRANSIENT;
        }
    };
    sink.body = [](void* self, syncline_bytes chunk) -> syncline_status {
        return append_to(static_cast<HttpResponse*>(self)->body, chunk);
    };
    syncline_error error = empty_abi_error();
    const syncline_status status = host_->http(host_->self, &raw, &sink, &error);
    if (status != SYNCLINE_OK) {
        return from_abi(status, error);
    }
    return response;
}

inline std::vector<std::uint8_t> Host::random(std::size_t count) const {
    std::vector<std::uint8_t> bytes(count);
    if (host_->random(host_->self, bytes.data(), bytes.size()) != SYNCLINE_OK) {
        throw std::runtime_error("the host has no random bytes");
    }
    return bytes;
}

inline Result<std::string> Host::secret(std::string_view name) const {
    auto [status, text] = collect([&](const syncline_sink* sink) {
        return host_->secret(host_->self, as_bytes(name), sink);
    });
    if (status == SYNCLINE_UNSUPPORTED) {
        return Error{
            ErrorCode::kConfig,
            "the secret '" + std::string(name) + "' is not set",
            "secret.missing"};
    }
    if (status != SYNCLINE_OK) {
        return Error{
            static_cast<ErrorCode>(status),
            "the host could not give the secret '" + std::string(name) + "'",
            "secret.unreadable"};
    }
    return std::move(text);
}

inline std::optional<std::string> Host::kv_get(std::string_view key) const {
    auto [status, text] = collect([&](const syncline_sink* sink) {
        return host_->kv_get(host_->self, as_bytes(key), sink);
    });
    if (status != SYNCLINE_OK || text.empty()) {
        return std::nullopt;
    }
    return std::move(text);
}

inline bool Host::kv_put(std::string_view key, std::string_view value) const {
    return host_->kv_put(host_->self, as_bytes(key), as_bytes(value)) == SYNCLINE_OK;
}

inline Result<std::string> Host::local_date(std::string_view zone, Timestamp at) const {
    auto [status, text] = collect([&](const syncline_sink* sink) {
        return host_->local_date(host_->self, as_bytes(zone), at.ms, sink);
    });
    if (status == SYNCLINE_DATA) {
        return Error{
            ErrorCode::kConfig,
            "'" + std::string(zone) + "' is not an IANA time zone",
            "zone.unknown"};
    }
    if (status != SYNCLINE_OK) {
        return Error{
            static_cast<ErrorCode>(status),
            "the host could not give the date in '" + std::string(zone) + "'",
            "zone.unreadable"};
    }
    return std::move(text);
}

inline std::string Host::truncate(std::string_view text, std::uint32_t max_characters) const {
    auto [status, result] = collect([&](const syncline_sink* sink) {
        return host_->truncate(host_->self, as_bytes(text), max_characters, sink);
    });
    return status == SYNCLINE_OK
               ? std::move(result)
               : std::string(syncline::detail::code_points_of(text, max_characters));
}

}  // namespace sdk_1_0
}  // namespace syncline::plugin
