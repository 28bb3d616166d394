#include "engine/webhook_inbox.hpp"

#include <algorithm>
#include <set>

#include "core/log.hpp"
#include "core/sha256.hpp"
#include "core/webhook_proof.hpp"

namespace syncline::engine {
namespace {

// Of strays, which anybody may send.
constexpr std::size_t kStrayHeadersMax = 40;
constexpr std::size_t kStrayHeaderBytesMax = 2048;
constexpr std::size_t kPingBytesMax = 64;
// Secrets that are tried on a delivery whose account is nobody's.
constexpr std::size_t kOtherSecretsMax = 16;
constexpr std::size_t kStrayBodyBytesMax = 4096;
constexpr std::int64_t kStraysPerSecond = 20;
constexpr std::size_t kNameBytesMax = 100;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

bool carries_credentials(const WebhookSpec& spec, const std::string& name) {
    static const std::set<std::string> kKnown{
        "authorization", "proxy-authorization", "cookie", "apikey", "x-api-key"};
    const std::string plain = lower(name);
    return kKnown.count(plain) != 0 ||
           (spec.proof == WebhookProof::kSecret && plain == lower(spec.proof_header));
}

bool is_ping(const WebhookSpec& spec, const IncomingWebhook& incoming) {
    const std::string& ping = spec.ping_body;
    const std::string_view body = incoming.body;
    return !ping.empty() && body.size() > ping.size() && body.size() <= kPingBytesMax &&
           body.substr(0, ping.size()) == ping &&
           body.find_first_not_of("0123456789", ping.size()) == std::string_view::npos &&
           incoming.delivery.header(spec.proof_header).empty();
}

// `sources` in order, as sources_of() gives them: a stranger's may be many.
bool is_about(const WebhookReceiver& receiver, const std::vector<std::string>& sources) {
    return std::any_of(receiver.sources.begin(), receiver.sources.end(), [&](const auto& source) {
        return std::binary_search(sources.begin(), sources.end(), source);
    });
}

// Whether the body names accounts, and none of them is the receiver's.
bool is_of_others(
    const WebhookSpec& spec,
    const WebhookReceiver& receiver,
    const std::vector<std::string>& sources
) {
    return !spec.source_paths.empty() && !sources.empty() && !is_about(receiver, sources);
}

// Whether it names no account of others, whose tenant may be another one.
bool is_its_own(
    const WebhookSpec& spec,
    const WebhookReceiver& receiver,
    const std::vector<std::string>& sources
) {
    return spec.source_paths.empty() ||
           std::all_of(sources.begin(), sources.end(), [&](const std::string& source) {
               return std::find(receiver.sources.begin(), receiver.sources.end(), source) !=
                      receiver.sources.end();
           });
}

std::string header_of(const IncomingWebhook& incoming, const std::string& name) {
    return name.empty() ? std::string() : incoming.delivery.header(name).substr(0, 200);
}

std::string digest(const std::string& hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const auto nibble = [](char c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
        bytes += static_cast<char>(nibble(hex[i]) * 16 + nibble(hex[i + 1]));
    }
    return bytes;
}

const std::vector<WebhookReceiver>& receivers_of(
    const WebhookDirectory& directory, const std::string& platform
) {
    static const std::vector<WebhookReceiver> kNone;
    const auto found = directory.by_platform.find(platform);
    return found == directory.by_platform.end() ? kNone : found->second;
}

// What the platform's own headers say comes before what proxies have added.
WebhookDelivery shortened(const WebhookSpec& spec, const WebhookDelivery& delivery) {
    std::set<std::string> own;
    for (const auto* name :
         {&spec.topic_header, &spec.source_header, &spec.webhook_header, &spec.delivery_header}) {
        own.insert(lower(*name));
    }
    WebhookDelivery kept = delivery;
    auto& headers = kept.headers;
    std::erase_if(headers, [](const WebhookHeader& header) {
        return header.name.size() + header.value.size() > kStrayHeaderBytesMax;
    });
    std::stable_partition(headers.begin(), headers.end(), [&](const WebhookHeader& header) {
        return own.count(lower(header.name)) != 0;
    });
    headers.resize(std::min(headers.size(), kStrayHeadersMax));
    return kept;
}

// The same whatever the reason, which only the ring tells: strangers must not learn which
// connections there are.
Error unproven(const IncomingWebhook& incoming) {
    const std::string where =
        incoming.connection.empty()
            ? incoming.platform
            : incoming.platform + "/" + incoming.connection.substr(0, kNameBytesMax);
    return Error{
        ErrorCode::kUnauthorized,
        "the delivery to " + where +
            " is not accepted: no webhook secret of a connection proves it",
        "webhook.unproven"};
}

}  // namespace

std::string webhook_text(
    const WebhookSpec& spec, const WebhookDelivery& delivery, std::string_view body
) {
    WebhookDelivery kept;
    for (const auto& header : delivery.headers) {
        if (!carries_credentials(spec, header.name)) {
            kept.headers.push_back(header);
        }
    }
    std::string text = to_json(kept).dump(-1, ' ', true, Json::error_handler_t::replace);
    text.reserve(text.size() + 1 + body.size());
    return text.append("\n").append(body);
}

Result<WebhookText> parse_webhook_text(const std::string& text) {
    const std::size_t end = text.find('\n');
    auto json = parse_json(text.substr(0, end));
    auto delivery =
        json ? from_json<WebhookDelivery>(*json) : Result<WebhookDelivery>(json.error());
    if (!delivery || end == std::string::npos) {
        return Error{
            ErrorCode::kStorage, "the stored delivery is not readable", "webhook.unreadable"};
    }
    return WebhookText{std::move(*delivery), text.substr(end + 1)};
}

storage::Place webhook_place(
    TenantId tenant, ConnectionId connection, const std::string& identity
) {
    return {tenant, connection, "webhook:" + storage::to_base64(identity)};
}

storage::Place stray_place(TenantId tenant, const std::string& body_sha256) {
    return {tenant, {}, "webhook_stray:" + body_sha256};
}

WebhookInbox::Proven WebhookInbox::prove(
    const WebhookSpec& spec,
    const std::vector<WebhookReceiver>& receivers,
    const IncomingWebhook& incoming
) const {
    Proven result;
    result.sources = sources_of(spec, incoming.delivery, incoming.body);
    const auto& sources = result.sources;
    const std::string header = incoming.delivery.header(spec.proof_header);
    const std::int64_t now = clock_.now().ms;
    const auto proven_by = [&](const WebhookReceiver& receiver) {
        bool proven = false;
        for (const auto& secret : receiver.secrets) {
            const bool good = proves(spec, header, incoming.body, secret.effective);
            proven = proven || (good && (secret.until_ms == 0 || secret.until_ms > now));
        }
        return proven;
    };
    // Then its secret alone says whose a delivery is.
    const bool tells_no_source = spec.source_header.empty() && spec.source_paths.empty();
    bool has_secret = false;
    bool is_misdirected = false;
    for (const auto& receiver : receivers) {
        const bool meant = incoming.connection.empty() ? is_about(receiver, sources)
                                                       : receiver.name == incoming.connection;
        if (!meant && !(incoming.connection.empty() && tells_no_source)) {
            continue;
        }
        result.meant = result.meant == nullptr && meant ? &receiver : result.meant;
        has_secret = has_secret || !receiver.secrets.empty();
        if (!proven_by(receiver)) {
            continue;
        }
        if (is_of_others(spec, receiver, sources)) {
            is_misdirected = true;
        } else {
            result.receivers.push_back(&receiver);
        }
    }
    // Of several tenants whose secret is the same, those whose account it is.
    const bool any_is_about = std::any_of(
        result.receivers.begin(),
        result.receivers.end(),
        [&](const WebhookReceiver* one) { return is_about(*one, sources); }
    );
    if (result.receivers.size() > 1 && any_is_about) {
        std::erase_if(result.receivers, [&](const WebhookReceiver* one) {
            return !is_about(*one, sources);
        });
    }
    if (!result.receivers.empty()) {
        return result;
    }
    if (is_misdirected) {
        // Nor is it shown to the tenant whose connection its address names.
        result.meant = nullptr;
        result.by_platform = true;
    }
    result.reason = result.meant == nullptr ? "no_connection"
                    : has_secret            ? "unproven"
                                            : "no_secret";
    std::set<std::string> tried;
    for (const auto& receiver : receivers) {
        for (const auto& secret : receiver.secrets) {
            if (result.meant != nullptr || result.by_platform || tried.size() >= kOtherSecretsMax) {
                break;
            }
            result.by_platform = tried.insert(secret.effective).second &&
                                 proves(spec, header, incoming.body, secret.effective);
        }
    }
    return result;
}

Result<WebhookReceipt> WebhookInbox::accept(const IncomingWebhook& incoming) {
    const Spec* spec = source_.spec(incoming.platform);
    if (spec == nullptr || spec->webhooks.proof == WebhookProof::kNone) {
        return Error{
            ErrorCode::kNotFound,
            "no plugin takes webhooks of the platform '" + incoming.platform.substr(0, 60) + "'",
            "webhook.platform"};
    }
    if (is_ping(spec->webhooks, incoming)) {
        log::info("webhook ping", {{"platform", incoming.platform}});
        return WebhookReceipt::kPing;
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto directory, receivers_.directory());
    Proven proven = prove(spec->webhooks, receivers_of(*directory, incoming.platform), incoming);
    if (proven.receivers.empty()) {
        // A connection or a secret may be new.
        SYNCLINE_ASSIGN_OR_RETURN(directory, receivers_.directory(true));
        proven = prove(spec->webhooks, receivers_of(*directory, incoming.platform), incoming);
    }
    if (!proven.receivers.empty()) {
        return store(spec->webhooks, proven, incoming);
    }
    const bool may_see =
        proven.meant != nullptr && is_its_own(spec->webhooks, *proven.meant, proven.sources);
    keep_stray(
        incoming,
        spec->webhooks,
        may_see ? proven.meant->tenant : directory->operator_tenant,
        proven.reason
    );
    return proven.by_platform ? Result<WebhookReceipt>(WebhookReceipt::kNobodys)
                              : unproven(incoming);
}

Result<WebhookReceipt> WebhookInbox::store(
    const WebhookSpec& spec, const Proven& proven, const IncomingWebhook& incoming
) {
    storage::NewWebhookEvent event;
    event.received_at_ms = clock_.now().ms;
    event.topic = header_of(incoming, spec.topic_header);
    event.webhook_id = header_of(incoming, spec.webhook_header);
    event.delivery_id = header_of(incoming, spec.delivery_header);
    event.body_sha256 = sha256_hex(incoming.body);
    event.body_bytes = static_cast<std::int64_t>(incoming.body.size());
    event.identity =
        digest(sha256_hex(event.webhook_id + "\n" + event.delivery_id + "\n" + event.body_sha256));
    event.repeats_are_news = spec.repeats_are_news;
    std::vector<storage::NewWebhookEvent> events;
    for (const WebhookReceiver* receiver : proven.receivers) {
        const bool whole = is_its_own(spec, *receiver, proven.sources);
        const std::string part =
            whole ? std::string() : body_about(spec, incoming.body, receiver->sources);
        event.tenant = receiver->tenant;
        event.connection = receiver->connection;
        SYNCLINE_ASSIGN_OR_RETURN(
            event.sealed,
            stores_.vault.seal(
                webhook_place(receiver->tenant, receiver->connection, event.identity),
                webhook_text(
                    spec, incoming.delivery, whole ? incoming.body : std::string_view(part)
                )
            )
        );
        events.push_back(event);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto stored, stores_.webhook_events.store(events));
    const bool news =
        std::any_of(stored.begin(), stored.end(), [](const auto& one) { return !one.repeated; });
    if (news) {
        wake_();
    }
    return news ? WebhookReceipt::kStored : WebhookReceipt::kRepeated;
}

void WebhookInbox::keep_stray(
    const IncomingWebhook& incoming,
    const WebhookSpec& spec,
    TenantId tenant,
    const std::string& reason
) {
    const std::int64_t now = clock_.now().ms;
    const auto more = strays_.with([&](StrayPace& pace) -> std::optional<std::int64_t> {
        if (pace.second != now / 1000) {
            pace.second = now / 1000;
            pace.kept = 0;
        }
        if (++pace.kept > kStraysPerSecond) {
            ++pace.more;
            return std::nullopt;
        }
        return std::exchange(pace.more, 0);
    });
    if (!more || tenant.value == 0) {
        return;
    }
    storage::WebhookStray stray;
    stray.tenant = tenant;
    stray.received_at_ms = now;
    stray.platform = incoming.platform;
    stray.connection = incoming.connection.substr(0, kNameBytesMax);
    stray.reason = reason;
    stray.body_sha256 = sha256_hex(incoming.body);
    stray.body_bytes = static_cast<std::int64_t>(incoming.body.size());
    auto sealed = stores_.vault.seal(
        stray_place(tenant, stray.body_sha256),
        webhook_text(
            spec, shortened(spec, incoming.delivery), incoming.body.substr(0, kStrayBodyBytesMax)
        )
    );
    if (!sealed) {
        return;
    }
    stray.sealed = std::move(*sealed);
    log::warn(
        "a webhook was not accepted",
        {{"platform", stray.platform}, {"connection", stray.connection}, {"reason", reason}}
    );
    if (const auto kept = stores_.webhook_events.keep_stray(stray, *more); !kept) {
        log::warn("a stray webhook was not kept", {{"reason", kept.error().message}});
    }
}

}  // namespace syncline::engine
