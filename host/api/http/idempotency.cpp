#include "api/http/idempotency.hpp"

#include <algorithm>
#include <atomic>

#include "api/http/input.hpp"
#include "api/http/problem.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"

namespace syncline::api {
namespace {

constexpr auto kHeader = "Idempotency-Key";
constexpr std::size_t kKeyMax = 255;
// A larger answer is not kept; that there was one is.
constexpr std::size_t kAnswerBytesMax = 256 * 1024;

Error malformed_key(const std::string& why) {
    return Error{
        ErrorCode::kInvalid,
        "the Idempotency-Key " + why + "; make one at random for each request, such as a UUID",
        "idempotency.key_malformed"};
}

// Nothing without the header.
Result<std::optional<std::string>> key_of(const Request& request) {
    std::optional<std::string> key;
    for (const auto& [name, value] : request.headers) {
        if (!is_header(name, kHeader)) {
            continue;
        }
        if (key) {
            return malformed_key("comes twice");
        }
        key = value;
    }
    if (!key) {
        return key;
    }
    if (key->empty() || key->size() > kKeyMax) {
        return malformed_key(
            "has " + std::to_string(key->size()) + " characters, expected 1 to " +
            std::to_string(kKeyMax)
        );
    }
    const bool printable =
        std::all_of(key->begin(), key->end(), [](char c) { return c >= ' ' && c <= '~'; });
    return printable ? Result<std::optional<std::string>>(std::move(key))
                     : malformed_key("has characters other than printable ASCII");
}

// Each part with its length before it, so that no two requests look the same.
std::string hash_of(const Request& request) {
    std::string text;
    for (const std::string& part :
         {request.method,
          request.target,
          header_of(request, "If-Match"),
          header_of(request, "If-None-Match"),
          request.body}) {
        text += std::to_string(part.size()) + ":" + part;
    }
    return sha256_hex(text);
}

// An answer as text: its head as JSON in the first line, then its body.
std::string to_text(const Response& response) {
    const Json head{
        {"status", response.status},
        {"type", response.content_type},
        {"headers", response.headers}};
    return dump_json(head) + "\n" + response.body;
}

std::optional<Response> from_text(const std::string& text) {
    const std::size_t end = text.find('\n');
    const auto head = parse_json(text.substr(0, end));
    if (!head || end == std::string::npos) {
        return std::nullopt;
    }
    Response response;
    response.status = head->value("status", 500);
    response.content_type = head->value("type", std::string());
    for (const auto& header : head->value("headers", Json::array())) {
        response.headers.emplace_back(header.at(0), header.at(1));
    }
    response.body = text.substr(end + 1);
    return response;
}

bool says_later(int status) {
    return status >= 500 || status == 429;
}

Error under_way() {
    return Error{
        ErrorCode::kExists,
        "the first request with this Idempotency-Key is still under way; repeat it in a moment "
        "for its answer",
        "idempotency.under_way"};
}

Error reused() {
    return Error{
        ErrorCode::kData,
        "this Idempotency-Key belongs to another request of the last 24 hours (its method, "
        "address, If-Match or body differ); make a new key for a new request",
        "idempotency.key_reused"};
}

}  // namespace

Result<Response> Idempotency::once(
    const Request& request, const std::function<Result<Response>(const Begin&)>& carry_out
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto key, key_of(request));
    if (!key) {
        return carry_out(Begin());
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string random, storage::random_bytes(16));
    storage::KeyedRequest keyed{
        request.actor.tenant,
        request.actor.subject,
        *key,
        hash_of(request),
        sha256_hex(random).substr(0, 32),
        {}};
    const Name name{keyed.tenant, keyed.subject, keyed.key};
    const auto before = under_way_.with([&](UnderWay& all) {
        const auto [entry, first] = all.emplace(name, keyed.request_hash);
        return first ? std::optional<std::string>() : std::optional<std::string>(entry->second);
    });
    if (before) {
        return *before == keyed.request_hash ? under_way() : reused();
    }
    struct Leave {
        Guarded<UnderWay>& all;
        const Name& name;
        ~Leave() {
            all.with([&](UnderWay& entries) { entries.erase(name); });
        }
    };
    const Leave leave{under_way_, name};
    SYNCLINE_ASSIGN_OR_RETURN(const auto earlier, store_.find(keyed, clock_.now().ms));
    if (earlier) {
        return repeated(*earlier);
    }
    SYNCLINE_ASSIGN_OR_RETURN(keyed.mark, store_.mark(keyed));
    return carry_out_first(request, keyed, carry_out);
}

Result<Response> Idempotency::repeated(const storage::EarlierRequest& earlier) {
    if (!earlier.same) {
        return reused();
    }
    auto response = earlier.answer ? from_text(*earlier.answer) : std::nullopt;
    if (!response) {
        return Error{
            ErrorCode::kExists,
            "the first request with this Idempotency-Key took effect, at least in part, but its "
            "answer is not known (the host was stopped before it was kept, or it was too large); "
            "look at what there is before you send it again with a new key",
            "idempotency.interrupted"};
    }
    response->headers.emplace_back("Idempotent-Replayed", "true");
    return std::move(*response);
}

Result<Response> Idempotency::carry_out_first(
    const Request& request,
    const storage::KeyedRequest& keyed,
    const std::function<Result<Response>(const Begin&)>& carry_out
) {
    std::atomic<bool> begun{false};
    auto answered = carry_out([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(store_.begin(sql, keyed, clock_.now().ms));
        begun = true;
        return {};
    });
    const bool later = says_later(answered ? answered->status : status_of(answered.error()));
    if (later) {
        const auto forgotten = begun ? store_.forget(keyed) : Result<void>();
        if (!forgotten) {
            log::warn("a key was not forgotten", {{"reason", forgotten.error().message}});
        }
        return answered;
    }
    Response response = answered ? std::move(*answered) : problem(answered.error(), request.id);
    const std::string text = to_text(response);
    if (text.size() <= kAnswerBytesMax) {
        if (const auto kept = store_.keep(keyed, text, clock_.now().ms); !kept) {
            log::warn("an answer was not kept", {{"reason", kept.error().message}});
        }
    }
    return response;
}

}  // namespace syncline::api
