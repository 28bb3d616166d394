#include "connectors/http/incoming.hpp"

#include <algorithm>
#include <array>

namespace syncline::connectors {
namespace {

std::string seconds(std::chrono::milliseconds span) {
    const auto count = span.count();
    return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

}  // namespace

Error stopped_waiting(const std::string& server) {
    return {ErrorCode::kCancelled, "stopped while waiting for " + server, "http.stopped"};
}

Error Incoming::no_answer(const IoOutcome& outcome) const {
    const std::string& server = setting_.server;
    if (outcome.state == IoState::kStopped) {
        return stopped_waiting(server);
    }
    if (outcome.state == IoState::kTimedOut) {
        if (setting_.patience.is_over()) {
            return {
                ErrorCode::kTransient,
                "no " + std::string(has_begun_ ? "complete " : "") + "answer from " + server +
                    " within " + seconds(setting_.total),
                "http.timeout"};
        }
        return {
            ErrorCode::kTransient,
            has_begun_ ? "the answer of " + server + " stopped for " + seconds(setting_.limits.read)
                       : "no answer from " + server + " within " + seconds(setting_.limits.read),
            "http.timeout"};
    }
    const std::string detail = outcome.detail.empty() ? "" : " (" + outcome.detail + ")";
    return {
        ErrorCode::kTransient,
        server +
            (has_begun_ ? " closed the connection in the middle of its answer"
                        : " closed the connection without an answer") +
            detail,
        "http.closed"};
}

Result<bool> Incoming::fill() {
    if (at_ > 0) {
        buffer_.erase(0, at_);
        at_ = 0;
    }
    std::array<char, kReadBytes> bytes{};
    const IoOutcome outcome = connection_.read_some(
        bytes.data(), bytes.size(), setting_.patience.at_most(setting_.limits.read)
    );
    if (outcome.state == IoState::kDone) {
        has_begun_ = true;
        buffer_.append(bytes.data(), outcome.count);
        return true;
    }
    was_closed_ = outcome.state == IoState::kClosed || outcome.state == IoState::kBroken;
    if (outcome.state == IoState::kClosed && has_begun_) {
        return false;
    }
    return no_answer(outcome);
}

Result<std::string> Incoming::line(std::size_t& budget) {
    std::size_t searched = at_;
    while (true) {
        const auto end = buffer_.find('\n', searched);
        const std::size_t length = (end == std::string::npos ? buffer_.size() : end + 1) - at_;
        if (length > budget) {
            return Error{
                ErrorCode::kTransient,
                "the headers of " + setting_.server + " are larger than " +
                    std::to_string(setting_.limits.header_bytes) + " bytes",
                "http.too_large"};
        }
        if (end != std::string::npos) {
            std::string text = buffer_.substr(at_, length - 1);
            at_ += length;
            budget -= length;
            if (!text.empty() && text.back() == '\r') {
                text.pop_back();
            }
            return text;
        }
        const std::size_t seen = buffer_.size() - at_;
        SYNCLINE_ASSIGN_OR_RETURN(const bool more, fill());
        if (!more) {
            return no_answer({IoState::kClosed, 0, {}});
        }
        searched = seen;
    }
}

Result<std::string_view> Incoming::some(std::uint64_t max) {
    if (is_drained()) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool more, fill());
        if (!more) {
            return std::string_view();
        }
    }
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(max, buffer_.size() - at_));
    const std::string_view piece = std::string_view(buffer_).substr(at_, count);
    at_ += count;
    return piece;
}

}  // namespace syncline::connectors
