// One call of the host, as an operation sees it: its circumstances, and where write() reports.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/abi.h>
#include <syncline/detail/text.hpp>
#include <syncline/operations.hpp>
#include <syncline/plugin/host.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

// Circumstances of one call; valid during it.
class Call {
public:
    explicit Call(const syncline_call* call) : call_(call) {}

    // Whether to stop soon; ask between requests.
    bool cancelled() const {
        return call_->cancelled != nullptr && call_->cancelled(call_->self) != 0;
    }
    std::uint32_t attempt() const { return call_->attempt; }
    Timestamp deadline() const { return Timestamp{call_->deadline_ms}; }  // 0: none
    // The same for every retry of the same work; at most 36 characters.
    std::string_view idempotency_key() const { return as_text(call_->idempotency_key); }
    std::string_view trace_id() const { return as_text(call_->trace_id); }
    std::string_view attachment() const { return as_text(call_->attachment); }

private:
    const syncline_call* call_;
};

// Texts too long for the ABI's fields are cut, between code points. Never throws.
inline void fill_abi_error(
    std::string_view name, std::string_view message, syncline_error* to
) noexcept {
    if (to == nullptr) {
        return;
    }
    const auto copy = [](std::string_view text, char* into, std::size_t size) {
        const std::string_view fitting = syncline::detail::prefix_of(text, size - 1);
        fitting.copy(into, fitting.size());
        into[fitting.size()] = 0;
    };
    to->http_status = 0;
    to->retry_after_ms = -1;
    copy(name, to->code, sizeof to->code);
    copy(message, to->message, sizeof to->message);
}

inline void fill_abi_error(const Error& from, syncline_error* to) noexcept {
    fill_abi_error(from.name, from.message, to);
    if (to != nullptr) {
        to->http_status = from.http_status;
        to->retry_after_ms = from.retry_after ? from.retry_after->count() : -1;
    }
}

// A code that stays inside the host does not cross: kInvalid, what the parsers answer, is kData for
// the host; any other is the plugin's bug to have made.
inline syncline_status abi_status(ErrorCode code) {
    const auto value = static_cast<std::int32_t>(code);
    if (value >= SYNCLINE_CANCELLED && value <= SYNCLINE_HOLD) {
        return value;
    }
    return code == ErrorCode::kInvalid ? SYNCLINE_DATA : SYNCLINE_BUG;
}

// Where write() reports, per item and as soon as it knows. An item without a report was not done.
class Outcomes {
public:
    explicit Outcomes(const syncline_out* out) : out_(out) {}

    void done(std::int64_t index, const Written& written) {
        const std::string text = dump_json(to_json(written));
        push(index, SYNCLINE_OK, nullptr, text);
    }
    void failed(std::int64_t index, const Error& error) {
        syncline_error raw = empty_abi_error();
        fill_abi_error(error, &raw);
        push(index, abi_status(error.code), &raw, {});
    }

    // Whether the host took a report with "stop": no further one counts, so return soon.
    bool stopped() const { return status_ != SYNCLINE_OK; }
    syncline_status status() const { return status_; }

private:
    void push(
        std::int64_t index,
        syncline_status status,
        const syncline_error* error,
        std::string_view json
    ) {
        if (stopped()) {
            return;
        }
        status_ = out_->item(
            out_->self, static_cast<std::uint32_t>(index), status, error, as_bytes(json)
        );
    }
    const syncline_out* out_;
    syncline_status status_ = SYNCLINE_OK;
};

}  // namespace sdk_1_0
}  // namespace syncline::plugin
