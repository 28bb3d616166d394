#include "connectors/http/exchange.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/http/decoding.hpp"
#include "connectors/http/incoming.hpp"
#include "core/failpoint.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kChunkLineBytesMax = 1024;

Error cut_off(const std::string& server) {
    return {
        ErrorCode::kTransient,
        server + " closed the connection in the middle of its answer",
        "http.closed"};
}

// Exactly `length` bytes into the body.
Result<void> take(
    Incoming& in, std::uint64_t length, BodyDecoder& body, const ExchangeSetting& setting
) {
    while (length > 0) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string_view piece, in.some(length));
        if (piece.empty()) {
            return cut_off(setting.server);
        }
        SYNCLINE_RETURN_IF_ERROR(body.append(piece));
        length -= piece.size();
    }
    return {};
}

Result<void> take_chunks(Incoming& in, BodyDecoder& body, const ExchangeSetting& setting) {
    while (true) {
        std::size_t budget = kChunkLineBytesMax;
        SYNCLINE_ASSIGN_OR_RETURN(const std::string line, in.line(budget));
        std::uint64_t size = 0;
        const char* const digits_end =
            line.data() + std::min(line.find_first_of("; \t"), line.size());
        const auto [end, failure] = std::from_chars(line.data(), digits_end, size, 16);
        if (line.empty() || failure != std::errc() || end != digits_end) {
            return Error{
                ErrorCode::kTransient, "malformed chunk from " + setting.server, "http.protocol"};
        }
        if (size == 0) {
            break;
        }
        SYNCLINE_RETURN_IF_ERROR(take(in, size, body, setting));
        budget = kChunkLineBytesMax;
        SYNCLINE_ASSIGN_OR_RETURN(const std::string after, in.line(budget));
        if (!after.empty()) {
            return Error{
                ErrorCode::kTransient, "malformed chunk from " + setting.server, "http.protocol"};
        }
    }
    std::size_t trailer_budget = setting.limits.header_bytes;
    while (true) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string trailer, in.line(trailer_budget));
        if (trailer.empty()) {
            return {};
        }
    }
}

Result<void> take_until_close(Incoming& in, BodyDecoder& body) {
    while (true) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string_view piece, in.some(kReadBytes));
        if (piece.empty()) {
            return {};
        }
        SYNCLINE_RETURN_IF_ERROR(body.append(piece));
    }
}

// Passes over interim answers (1xx).
Result<AnswerHead> take_head(
    Incoming& in, const ExchangeSetting& setting, std::string_view method
) {
    std::size_t budget = setting.limits.header_bytes;
    while (true) {
        std::string text;
        while (true) {
            SYNCLINE_ASSIGN_OR_RETURN(const std::string line, in.line(budget));
            if (line.empty()) {
                break;
            }
            text.append(line).append("\n");
        }
        auto head = parse_head(text, method);
        if (!head || head->status >= 200 || head->status == 101) {
            return head;
        }
    }
}

void drop_headers(Headers& headers, std::initializer_list<std::string_view> names) {
    std::erase_if(headers, [&](const auto& header) {
        return std::any_of(names.begin(), names.end(), [&](std::string_view name) {
            return same_name(header.first, name);
        });
    });
}

struct Taken {
    HttpAnswer answer;
    bool keep_alive = false;
};

Result<Taken> take_answer(Incoming& in, const ExchangeSetting& setting, std::string_view method) {
    SYNCLINE_ASSIGN_OR_RETURN(AnswerHead head, take_head(in, setting, method));
    if (head.status == 101) {
        return Error{
            ErrorCode::kTransient,
            setting.server + " changed to another protocol",
            "http.protocol"};
    }
    const std::string coding(header_of(head.headers, "Content-Encoding").value_or(""));
    const bool has_body = head.framing != Framing::kNone;
    SYNCLINE_ASSIGN_OR_RETURN(
        BodyDecoder body, BodyDecoder::make(has_body ? coding : "", setting.limits)
    );
    if (head.framing == Framing::kLength && head.length > setting.limits.body_bytes) {
        return Error{
            ErrorCode::kTransient,
            "the answer of " + setting.server + " has " + std::to_string(head.length) +
                " bytes, more than the " + std::to_string(setting.limits.body_bytes) + " allowed",
            "http.too_large"};
    }
    switch (head.framing) {
        case Framing::kNone:
            break;
        case Framing::kLength:
            SYNCLINE_RETURN_IF_ERROR(take(in, head.length, body, setting));
            break;
        case Framing::kChunked:
            SYNCLINE_RETURN_IF_ERROR(take_chunks(in, body, setting));
            break;
        case Framing::kUntilClose:
            SYNCLINE_RETURN_IF_ERROR(take_until_close(in, body));
            break;
    }
    if (body.is_compressed()) {
        drop_headers(head.headers, {"Content-Encoding", "Content-Length"});
    }
    Taken taken{{head.status, std::move(head.headers), {}}, head.keep_alive};
    SYNCLINE_ASSIGN_OR_RETURN(taken.answer.body, body.finish());
    return taken;
}

// Sends all of `text`. A connection that breaks meanwhile is no error yet: the server may have
// answered before it closed (413). `closed` tells of it.
Result<void> send(
    Connection& connection, std::string_view text, const ExchangeSetting& setting, bool& closed
) {
    while (!text.empty()) {
        const IoOutcome outcome =
            connection.write_some(text, setting.patience.at_most(setting.limits.read));
        switch (outcome.state) {
            case IoState::kDone:
                text.remove_prefix(outcome.count);
                break;
            case IoState::kStopped:
                return stopped_waiting(setting.server);
            case IoState::kTimedOut:
                return Error{
                    ErrorCode::kTransient,
                    setting.server + " did not take the request in time",
                    "http.timeout"};
            case IoState::kClosed:
            case IoState::kBroken:
                closed = true;
                return {};
        }
    }
    return {};
}

}  // namespace

ExchangeOutcome run_exchange(
    Connection& connection,
    const HttpRequest& request,
    std::string_view text,
    const std::string& server,
    const HttpLimits& limits,
    const Patience& patience
) {
    const ExchangeSetting setting{server, limits, patience, patience.left()};
    Incoming in(connection, setting);
    ExchangeOutcome outcome;
    SYNCLINE_FAILPOINT("http.before_send");
    connection.forget_sent();
    if (auto sent = send(connection, text, setting, outcome.found_closed); !sent) {
        outcome.error = sent.error();
        return outcome;
    }
    SYNCLINE_FAILPOINT("http.after_send");
    auto taken = take_answer(in, setting, request.method);
    SYNCLINE_FAILPOINT("http.after_answer");
    if (!taken) {
        outcome.error = taken.error();
        outcome.found_closed = !in.has_begun() && in.was_closed();
        return outcome;
    }
    outcome.answer = std::move(taken->answer);
    outcome.can_continue = taken->keep_alive && in.is_drained() && !outcome.found_closed;
    return outcome;
}

}  // namespace syncline::connectors
