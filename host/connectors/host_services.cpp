#include "connectors/host_services.hpp"

#include <algorithm>
#include <array>

#include <openssl/rand.h>

#include "connectors/abi_text.hpp"
#include "connectors/text.hpp"
#include "core/log.hpp"
#include "core/redact.hpp"
#include "core/trace_context.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kKeyBytesMax = 256;
constexpr std::size_t kValueBytesMax = 64 * 1024;
constexpr std::size_t kRandomBytesMax = 1024 * 1024;
constexpr std::size_t kLogBytesMax = 2000;
constexpr std::size_t kLogFieldsMax = 30;
// The metric by which a plugin tells of reads that are not requests of their own.
constexpr std::string_view kMeteredReads = "metered_reads";
constexpr std::int64_t kMeteredReadsMax = 1'000;  // at once; more is a mistake
// Shorter ones would mask ordinary words.
constexpr std::size_t kSecretBytesMin = 6;

thread_local const CallContext* current_call = nullptr;
// A request of its that may have changed something went out.
thread_local bool has_written = false;

// Nothing unwinds into the plugin.
template <class Fn>
syncline_status guarded(Fn&& fn) noexcept {
    try {
        return fn();
    } catch (...) {
        return SYNCLINE_BUG;
    }
}

syncline_status put(const syncline_sink* sink, std::string_view text) {
    return sink == nullptr || sink->put == nullptr ? SYNCLINE_BUG
                                                   : sink->put(sink->self, as_bytes(text));
}

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= kKeyBytesMax && is_utf8(key);
}

log::Level level_of(std::int32_t level) {
    switch (level) {
        case SYNCLINE_LOG_DEBUG:
            return log::Level::kDebug;
        case SYNCLINE_LOG_WARN:
            return log::Level::kWarn;
        case SYNCLINE_LOG_ERROR:
            return log::Level::kError;
        default:
            return log::Level::kInfo;
    }
}

// Which a plugin may not speak for.
bool is_own_field(std::string_view name) {
    constexpr std::array<std::string_view, 7> kOwn{
        "time", "level", "event", "plugin", "tenant", "connection", "trace"};
    return std::find(kOwn.begin(), kOwn.end(), name) != kOwn.end();
}

HttpRequest request_of(const syncline_http_request& raw) {
    HttpRequest request;
    request.method = as_text(raw.method);
    request.url = as_text(raw.url);
    request.body = as_text(raw.body);
    request.timeout = std::chrono::milliseconds(std::max<std::int64_t>(raw.timeout_ms, 0));
    for (std::size_t i = 0; raw.headers != nullptr && i < raw.header_count; ++i) {
        request.headers.emplace_back(as_text(raw.headers[i].name), as_text(raw.headers[i].value));
    }
    return request;
}

// The platform is told whose work this is, if anybody's; what the plugin says of it does not count.
void add_trace(HttpRequest& request) {
    const TraceContext* trace = current_trace();
    if (trace == nullptr) {
        return;
    }
    std::erase_if(request.headers, [](const auto& header) {
        return same_name(header.first, "traceparent") || same_name(header.first, "tracestate");
    });
    request.headers.emplace_back("traceparent", child_of(*trace).header());
}

syncline_status give_answer(HttpAnswer& answer, const syncline_http_sink& sink) {
    std::vector<syncline_header> headers;
    headers.reserve(answer.headers.size());
    for (auto& [name, value] : answer.headers) {
        value = clean_utf8(value);
        headers.push_back({as_bytes(name), as_bytes(value)});
    }
    const auto status = sink.head(sink.self, answer.status, headers.data(), headers.size());
    if (status != SYNCLINE_OK || answer.body.empty()) {
        return status;
    }
    return sink.body(sink.self, as_bytes(answer.body));
}

}  // namespace

HostServices::DuringCall::DuringCall(const CallContext& call)
    : before_(current_call), had_written_(has_written) {
    current_call = &call;
    has_written = false;
}
HostServices::DuringCall::~DuringCall() {
    current_call = before_;
    has_written = had_written_;
}

HostServices::HostServices(
    HostRuntime runtime,
    std::string platform,
    ConnectionIdentity who,
    const Spec& spec,
    EgressScope scope,
    ConnectionServices& services
)
    : runtime_(runtime),
      platform_(std::move(platform)),
      who_(std::move(who)),
      scope_(std::move(scope)),
      services_(services) {
    for (const auto& setting : spec.settings) {
        if (setting.type == SettingType::kSecret) {
            secret_names_.insert(setting.name);
        }
    }
    if (spec.auth == AuthKind::kOAuth2) {
        secret_names_.insert("access_token");
    }
    fill_table();
}

void HostServices::fill_table() {
    abi_.struct_size = sizeof abi_;
    abi_.abi_major = SYNCLINE_ABI_MAJOR;
    abi_.abi_minor = SYNCLINE_ABI_MINOR;
    abi_.self = this;
    abi_.log = [](void* self, std::int32_t level, syncline_bytes message, syncline_bytes fields) {
        guarded([&] {
            from(self).log(level, as_text(message), as_text(fields));
            return SYNCLINE_OK;
        });
    };
    abi_.now_ms = [](void* self) { return from(self).runtime_.clock.now().ms; };
    abi_.random = [](void*, std::uint8_t* buffer, std::size_t size) -> syncline_status {
        const bool made = buffer != nullptr && size <= kRandomBytesMax &&
                          RAND_bytes(buffer, static_cast<int>(size)) == 1;
        return made ? SYNCLINE_OK : SYNCLINE_BUG;
    };
    abi_.http = [](void* self,
                   const syncline_http_request* request,
                   const syncline_http_sink* sink,
                   syncline_error* error) -> syncline_status {
        return guarded([&] {
            const bool complete = request != nullptr && sink != nullptr &&
                                  SYNCLINE_HAS(request, timeout_ms) && SYNCLINE_CAN(sink, head) &&
                                  SYNCLINE_CAN(sink, body);
            if (!complete) {
                return to_abi(
                    {ErrorCode::kBug, "http() needs a request and a sink", "http.request"}, error
                );
            }
            return from(self).http(*request, *sink, error);
        });
    };
    abi_.kv_get = [](void* self, syncline_bytes key, const syncline_sink* out) -> syncline_status {
        return guarded([&] {
            return out == nullptr ? SYNCLINE_BUG : from(self).kv_get(as_text(key), *out);
        });
    };
    abi_.kv_put = [](void* self, syncline_bytes key, syncline_bytes value) -> syncline_status {
        return guarded([&] { return from(self).kv_put(as_text(key), as_text(value)); });
    };
    abi_.secret = [](void* self, syncline_bytes name, const syncline_sink* out) -> syncline_status {
        return guarded([&] {
            return out == nullptr ? SYNCLINE_BUG : from(self).secret(as_text(name), *out);
        });
    };
    abi_.local_date = [](void*, syncline_bytes zone, std::int64_t at_ms, const syncline_sink* out
                      ) -> syncline_status {
        return guarded([&] {
            const auto date = connectors::local_date(as_text(zone), Timestamp{at_ms});
            return date ? put(out, *date) : SYNCLINE_DATA;
        });
    };
    abi_.truncate =
        [](void*, syncline_bytes text, std::uint32_t characters_max, const syncline_sink* out
        ) -> syncline_status {
        return guarded([&] { return put(out, connectors::truncate(as_text(text), characters_max)); }
        );
    };
    abi_.metric =
        [](void* self, syncline_bytes name, std::int32_t, double value, syncline_bytes labels) {
            guarded([&] {
                const auto& host = from(self);
                if (as_text(name) == kMeteredReads) {
                    host.count_reads(value);
                    return SYNCLINE_OK;
                }
                host.runtime_.metrics.add(
                    {host.platform_,
                     host.who_.connection,
                     one_line(as_text(name), kKeyBytesMax),
                     one_line(as_text(labels), kKeyBytesMax),
                     value}
                );
                return SYNCLINE_OK;
            });
        };
    abi_.extension = [](void*, const char*) -> const void* { return nullptr; };
}

std::string HostServices::without_secrets(std::string_view text) const {
    return redact(without_given_secrets(text));
}

std::string HostServices::without_given_secrets(std::string_view text) const {
    const auto secrets = given_secrets_.with([](const auto& given) { return given; });
    std::string result(text);
    for (const auto& [name, given] : secrets) {
        const std::string& secret = given.text;
        for (auto at = result.find(secret); at != std::string::npos; at = result.find(secret, at)) {
            result.replace(at, secret.size(), kRedacted);
            at += kRedacted.size();
        }
    }
    return result;
}

void HostServices::log(std::int32_t level, std::string_view message, std::string_view fields_json)
    const {
    const log::Level chosen = level_of(level);
    if (!log::enabled(chosen)) {
        return;
    }
    log::Fields fields{
        {"plugin", platform_}, {"tenant", who_.tenant}, {"connection", who_.connection}};
    const auto parsed = parse_json(fields_json.empty() ? "{}" : fields_json);
    if (!parsed || !parsed->is_object()) {
        fields.emplace_back("fields", without_secrets(one_line(fields_json, kLogBytesMax)));
    } else {
        for (const auto& entry : parsed->items()) {
            if (fields.size() >= kLogFieldsMax || is_own_field(entry.key())) {
                continue;
            }
            const Json& value = entry.value();
            const std::string text =
                value.is_string() ? value.get<std::string>() : dump_json(value);
            fields.emplace_back(
                one_line(entry.key(), 64), without_secrets(one_line(text, kLogBytesMax))
            );
        }
    }
    log::write(chosen, without_secrets(one_line(message, kLogBytesMax)), fields);
}

syncline_status HostServices::http(
    const syncline_http_request& request, const syncline_http_sink& sink, syncline_error* error
) const {
    HttpCaller caller{scope_, nullptr, std::nullopt};
    if (current_call != nullptr) {
        caller.stop = current_call->stop;
    }
    HttpRequest wanted = request_of(request);
    add_trace(wanted);
    const OutgoingRequest outgoing{
        wanted.method, wanted.url, current_call != nullptr && has_written};
    const auto turn = services_.begin_request(outgoing, current_call);
    if (!turn) {
        return to_abi(turn.error(), error);
    }
    // Only calls that write have a key.
    has_written =
        has_written || (current_call != nullptr && wanted.method != "GET" &&
                        wanted.method != "HEAD" && !current_call->idempotency_key.empty());
    if (current_call != nullptr && current_call->deadline.ms != 0) {
        caller.time_left =
            std::chrono::milliseconds(current_call->deadline.ms - runtime_.clock.now().ms);
    }
    auto answer = runtime_.http.exchange(wanted, caller);
    services_.end_request(outgoing, *turn, answer ? answer->status : 0);
    return answer ? give_answer(*answer, sink) : to_abi(answer.error(), error);
}

void HostServices::count_reads(double reads) const {
    if (reads >= 1 && reads <= static_cast<double>(kMeteredReadsMax)) {
        services_.count_reads(static_cast<std::int64_t>(reads));
    }
}

syncline_status HostServices::kv_get(std::string_view key, const syncline_sink& sink) const {
    if (!is_key(key)) {
        return SYNCLINE_BUG;
    }
    const auto value = services_.kv_get(key);
    return value ? put(&sink, *value) : SYNCLINE_OK;
}

syncline_status HostServices::kv_put(std::string_view key, std::string_view value) const {
    if (!is_key(key) || value.size() > kValueBytesMax) {
        return SYNCLINE_BUG;
    }
    const auto stored = services_.kv_put(key, value);
    return stored ? SYNCLINE_OK : SYNCLINE_TRANSIENT;
}

syncline_status HostServices::secret(std::string_view name, const syncline_sink& sink) const {
    if (secret_names_.find(name) == secret_names_.end()) {
        return SYNCLINE_UNSUPPORTED;
    }
    auto value = services_.secret_for(name, current_call);
    if (!value) {
        return value.error().code == ErrorCode::kNotFound ? SYNCLINE_UNSUPPORTED
                                                          : SYNCLINE_TRANSIENT;
    }
    const WipeAtEnd wiped(*value);
    if (value->size() >= kSecretBytesMin) {
        given_secrets_.with([&](auto& given) {
            std::string& last = given[std::string(name)].text;
            wipe(last);
            last = *value;
        });
    }
    return put(&sink, *value);
}

}  // namespace syncline::connectors
