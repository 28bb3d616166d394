// Write a class, get a connector. A method's presence is the capability:
//
//   class Acme {
//   public:
//       static constexpr const char* kId = "com.example.acme";
//       static constexpr const char* kVersion = "0.1.0";
//       static Spec spec();
//       Acme(Host host, const Json& settings);
//       Result<CheckReport> check(Call&);
//       Result<Catalog> discover(Call&);
//       Result<Page> read(Call&, const ReadRequest&);
//       Result<std::vector<Encoded>> encode(Call&, const EncodeRequest&);
//       Result<std::vector<Found>> find(Call&, const FindRequest&);
//       Result<void> write(Call&, const WriteRequest&, Outcomes&);
//       Result<Tokens> oauth_refresh(Call&);
//   };
//   SYNCLINE_PLUGIN("Example Ltd", "Apache-2.0", Acme)
//
// The other operations of abi.h take and give Json: Result<Json> webhook_parse(Call&, const Json&).
// A method of one of these names with another signature is a compile error that says which. Exceptions
// become statuses (JSON errors kData, all others kBug); throwing is never needed.
// Thread rule: one instance is never called concurrently.
#pragma once

#include <exception>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <syncline/abi.h>
#include <syncline/operations.hpp>
#include <syncline/plugin/host.hpp>
#include <syncline/spec.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

// Circumstances of one call; valid during it.
class Call {
public:
    explicit Call(const syncline_call* call) : call_(call) {}

    bool cancelled() const { return call_->cancelled != nullptr && call_->cancelled(call_->self) != 0; }
    std::uint32_t attempt() const { return call_->attempt; }
    Timestamp deadline() const { return Timestamp{call_->deadline_ms}; }
    // The same for every retry of the same work; at most 36 characters.
    std::string_view idempotency_key() const { return as_text(call_->idempotency_key); }
    std::string_view trace_id() const { return as_text(call_->trace_id); }
    std::string_view attachment() const { return as_text(call_->attachment); }

private:
    const syncline_call* call_;
};

inline void fill_abi_error(const Error& from, syncline_error* to) {
    if (to == nullptr) {
        return;
    }
    const auto copy = [](std::string_view text, char* into, std::size_t size) {
        std::size_t count = text.size() < size ? text.size() : size - 1;
        while (count > 0 && count < text.size() &&
               (static_cast<unsigned char>(text[count]) & 0xC0U) == 0x80U) {
            --count;  // do not cut a code point
        }
        text.copy(into, count);
        into[count] = 0;
    };
    to->http_status = from.http_status;
    to->retry_after_ms = from.retry_after ? from.retry_after->count() : -1;
    copy(from.name, to->code, sizeof to->code);
    copy(from.message, to->message, sizeof to->message);
}

// A code that stays inside the host does not cross; it is the plugin's bug to have made one.
inline syncline_status abi_status(ErrorCode code) {
    const auto value = static_cast<std::int32_t>(code);
    return value >= SYNCLINE_CANCELLED && value <= SYNCLINE_HOLD ? value
           : code == ErrorCode::kInvalid                           ? SYNCLINE_DATA
                                                                   : SYNCLINE_BUG;
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

private:
    void push(
        std::int64_t index, syncline_status status, const syncline_error* error, std::string_view json
    ) {
        out_->item(
            out_->self, static_cast<std::uint32_t>(index), status, error, as_bytes(json)
        );
    }
    const syncline_out* out_;
};

namespace detail {

// "C has something called `name`" by ambiguous lookup, so that an overloaded, private or template
// member counts too and cannot make a capability vanish silently.
#define SYNCLINE_DETECT_NAME(name)                                                         \
    struct Fallback_##name {                                                               \
        int name;                                                                          \
    };                                                                                     \
    template <class C>                                                                     \
    struct Probe_##name : C, Fallback_##name {};                                           \
    template <class C, class = void>                                                       \
    struct Has_##name : std::true_type {};                                                 \
    template <class C>                                                                     \
    struct Has_##name<C, std::void_t<decltype(&Probe_##name<C>::name)>> : std::false_type {};

SYNCLINE_DETECT_NAME(check)
SYNCLINE_DETECT_NAME(discover)
SYNCLINE_DETECT_NAME(read)
SYNCLINE_DETECT_NAME(encode)
SYNCLINE_DETECT_NAME(find)
SYNCLINE_DETECT_NAME(write)
SYNCLINE_DETECT_NAME(webhook_register)
SYNCLINE_DETECT_NAME(webhook_unregister)
SYNCLINE_DETECT_NAME(webhook_verify)
SYNCLINE_DETECT_NAME(webhook_parse)
SYNCLINE_DETECT_NAME(oauth_authorize)
SYNCLINE_DETECT_NAME(oauth_exchange)
SYNCLINE_DETECT_NAME(oauth_refresh)
SYNCLINE_DETECT_NAME(oauth_revoke)
SYNCLINE_DETECT_NAME(cdc_poll)
SYNCLINE_DETECT_NAME(cdc_ack)
#undef SYNCLINE_DETECT_NAME

template <class C>
concept ChecksWell = requires(C c, Call& call) {
    { c.check(call) } -> std::same_as<Result<CheckReport>>;
};
template <class C>
concept DiscoversWell = requires(C c, Call& call) {
    { c.discover(call) } -> std::same_as<Result<Catalog>>;
};
template <class C>
concept ReadsWell = requires(C c, Call& call, const ReadRequest& request) {
    { c.read(call, request) } -> std::same_as<Result<Page>>;
};
template <class C>
concept EncodesWell = requires(C c, Call& call, const EncodeRequest& request) {
    { c.encode(call, request) } -> std::same_as<Result<std::vector<Encoded>>>;
};
template <class C>
concept FindsWell = requires(C c, Call& call, const FindRequest& request) {
    { c.find(call, request) } -> std::same_as<Result<std::vector<Found>>>;
};
template <class C>
concept WritesWell = requires(C c, Call& call, const WriteRequest& request, Outcomes& outcomes) {
    { c.write(call, request, outcomes) } -> std::same_as<Result<void>>;
};
template <class C>
concept RefreshesWell = requires(C c, Call& call) {
    { c.oauth_refresh(call) } -> std::same_as<Result<Tokens>>;
};

inline syncline_status fail(const Error& error, syncline_error* into) {
    fill_abi_error(error, into);
    return abi_status(error.code);
}

// The only function that faces C: nothing unwinds past it.
template <class Fn>
syncline_status guard(syncline_error* error, Fn&& fn) noexcept {
    try {
        return fn();
    } catch (const Json::exception& e) {
        return fail(Error{ErrorCode::kData, e.what(), "json.unexpected"}, error);
    } catch (const std::exception& e) {
        return fail(Error{ErrorCode::kBug, e.what(), "exception.escaped"}, error);
    } catch (...) {
        return fail(Error{ErrorCode::kBug, "an exception escaped", "exception.escaped"}, error);
    }
}

inline syncline_status give(const syncline_out* out, const Json& json) {
    const std::string text = dump_json(json);
    return out->result(out->self, as_bytes(text));
}

template <class T>
syncline_status give(const syncline_out* out, const Result<T>& result, syncline_error* error) {
    return result ? give(out, to_json(*result)) : fail(result.error(), error);
}

inline syncline_status give_page(
    const syncline_out* out, const Result<Page>& page, syncline_error* error
) {
    if (!page) {
        return fail(page.error(), error);
    }
    for (const auto& record : page->records) {
        syncline_record raw{};
        raw.struct_size = sizeof raw;
        raw.op = record.operation == RecordOperation::kDelete ? SYNCLINE_DELETE : SYNCLINE_UPSERT;
        raw.changed_at_ms = record.changed_at.ms;
        raw.entity = as_bytes(record.entity);
        raw.key = as_bytes(record.key);
        raw.json = as_bytes(record.json);
        if (const auto status = out->record(out->self, &raw); status != SYNCLINE_OK) {
            return status;
        }
    }
    return give(out, to_json(*page));
}

// Parses in_json as a Request and hands it to `fn`; a request we cannot read is the host's bug.
template <class Request, class Fn>
syncline_status with_request(syncline_bytes in_json, syncline_error* error, Fn&& fn) {
    auto json = parse_json(as_text(in_json));
    auto request = json ? from_json<Request>(*json) : Result<Request>(json.error());
    if (!request) {
        return fail(Error{ErrorCode::kBug, request.error().message, "request.unreadable"}, error);
    }
    return fn(*request);
}

template <class C>
struct Operations {
    static C& self(void* instance) { return *static_cast<C*>(instance); }

    static syncline_status spec(const syncline_sink* out, syncline_error* error) {
        return guard(error, [&] {
            const std::string text = dump_json(to_json(C::spec()));
            return out->put(out->self, as_bytes(text));
        });
    }
    static syncline_status create(
        const syncline_host* host, syncline_bytes config, void** instance, syncline_error* error
    ) {
        return guard(error, [&]() -> syncline_status {
            auto settings = parse_json(as_text(config));
            if (!settings) {
                return fail(settings.error(), error);
            }
            *instance = new C(Host(host), *settings);
            return SYNCLINE_OK;
        });
    }
    static void destroy(void* instance) {
        guard(nullptr, [&] {
            delete static_cast<C*>(instance);
            return SYNCLINE_OK;
        });
    }
    static syncline_status check(
        void* instance, const syncline_call* raw, syncline_bytes, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            Call call(raw);
            return give(out, self(instance).check(call), error);
        });
    }
    static syncline_status discover(
        void* instance, const syncline_call* raw, syncline_bytes, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            Call call(raw);
            return give(out, self(instance).discover(call), error);
        });
    }
    static syncline_status read(
        void* instance, const syncline_call* raw, syncline_bytes in, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            return with_request<ReadRequest>(in, error, [&](const ReadRequest& request) {
                Call call(raw);
                return give_page(out, self(instance).read(call, request), error);
            });
        });
    }
    static syncline_status encode(
        void* instance, const syncline_call* raw, syncline_bytes in, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            return with_request<EncodeRequest>(in, error, [&](const EncodeRequest& request) {
                Call call(raw);
                return give(out, self(instance).encode(call, request), error);
            });
        });
    }
    static syncline_status find(
        void* instance, const syncline_call* raw, syncline_bytes in, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            return with_request<FindRequest>(in, error, [&](const FindRequest& request) {
                Call call(raw);
                return give(out, self(instance).find(call, request), error);
            });
        });
    }
    static syncline_status write(
        void* instance, const syncline_call* raw, syncline_bytes in, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            return with_request<WriteRequest>(
                in, error, [&](const WriteRequest& request) -> syncline_status {
                    Call call(raw);
                    Outcomes outcomes(out);
                    const auto result = self(instance).write(call, request, outcomes);
                    return result ? SYNCLINE_OK : fail(result.error(), error);
                }
            );
        });
    }
    static syncline_status oauth_refresh(
        void* instance, const syncline_call* raw, syncline_bytes, const syncline_out* out,
        syncline_error* error
    ) {
        return guard(error, [&] {
            Call call(raw);
            return give(out, self(instance).oauth_refresh(call), error);
        });
    }
    template <class Method>
    static syncline_status raw_json(
        const syncline_call* raw, syncline_bytes in, const syncline_out* out, syncline_error* error,
        Method&& method
    ) {
        return guard(error, [&]() -> syncline_status {
            auto json = parse_json(in.len == 0 ? "{}" : as_text(in));
            if (!json) {
                return fail(json.error(), error);
            }
            Call call(raw);
            const Result<Json> result = method(call, *json);
            return result ? give(out, *result) : fail(result.error(), error);
        });
    }
};

// The slot of an operation with a typed signature: present, absent, or a compile error.
#define SYNCLINE_TYPED_SLOT(name, Concept, signature)                                         \
    template <class C>                                                                        \
    constexpr syncline_op slot_##name() {                                                     \
        if constexpr (!Has_##name<C>::value) {                                                \
            return nullptr;                                                                   \
        } else {                                                                              \
            static_assert(                                                                    \
                Concept<C>, "the connector's '" #name "' must be: " signature                 \
                            " (public, not overloaded)"                                       \
            );                                                                                \
            if constexpr (Concept<C>) {                                                       \
                return &Operations<C>::name;                                                  \
            } else {                                                                          \
                return nullptr;                                                               \
            }                                                                                 \
        }                                                                                     \
    }

#define SYNCLINE_JSON_SLOT(name)                                                                \
    template <class C>                                                                          \
    constexpr syncline_op slot_##name() {                                                       \
        if constexpr (!Has_##name<C>::value) {                                                  \
            return nullptr;                                                                     \
        } else {                                                                                \
            constexpr bool well = requires(C c, Call& call, const Json& json) {                 \
                { c.name(call, json) } -> std::same_as<Result<Json>>;                           \
            };                                                                                  \
            static_assert(                                                                      \
                well, "the connector's '" #name                                                 \
                      "' must be: Result<Json> " #name                                          \
                      "(Call&, const Json&) (public, not overloaded)"                           \
            );                                                                                  \
            if constexpr (well) {                                                               \
                return [](void* instance, const syncline_call* call, syncline_bytes in,         \
                          const syncline_out* out, syncline_error* error) -> syncline_status {  \
                    return Operations<C>::raw_json(                                             \
                        call, in, out, error, [&](Call& wrapped, const Json& json) {            \
                            return static_cast<C*>(instance)->name(wrapped, json);              \
                        }                                                                       \
                    );                                                                          \
                };                                                                              \
            } else {                                                                            \
                return nullptr;                                                                 \
            }                                                                                   \
        }                                                                                       \
    }

SYNCLINE_TYPED_SLOT(check, ChecksWell, "Result<CheckReport> check(Call&)")
SYNCLINE_TYPED_SLOT(discover, DiscoversWell, "Result<Catalog> discover(Call&)")
SYNCLINE_TYPED_SLOT(read, ReadsWell, "Result<Page> read(Call&, const ReadRequest&)")
SYNCLINE_TYPED_SLOT(
    encode, EncodesWell, "Result<std::vector<Encoded>> encode(Call&, const EncodeRequest&)"
)
SYNCLINE_TYPED_SLOT(find, FindsWell, "Result<std::vector<Found>> find(Call&, const FindRequest&)")
SYNCLINE_TYPED_SLOT(write, WritesWell, "Result<void> write(Call&, const WriteRequest&, Outcomes&)")
SYNCLINE_TYPED_SLOT(oauth_refresh, RefreshesWell, "Result<Tokens> oauth_refresh(Call&)")
SYNCLINE_JSON_SLOT(webhook_register)
SYNCLINE_JSON_SLOT(webhook_unregister)
SYNCLINE_JSON_SLOT(webhook_verify)
SYNCLINE_JSON_SLOT(webhook_parse)
SYNCLINE_JSON_SLOT(oauth_authorize)
SYNCLINE_JSON_SLOT(oauth_exchange)
SYNCLINE_JSON_SLOT(oauth_revoke)
SYNCLINE_JSON_SLOT(cdc_poll)
SYNCLINE_JSON_SLOT(cdc_ack)
#undef SYNCLINE_TYPED_SLOT
#undef SYNCLINE_JSON_SLOT

}  // namespace detail

template <class C>
constexpr syncline_connector make_connector() {
    static_assert(
        !std::is_final_v<C>, "a connector class must not be final: its operations could not be found"
    );
    syncline_connector connector{};
    connector.struct_size = sizeof connector;
    connector.id = C::kId;
    connector.version = C::kVersion;
    connector.spec = &detail::Operations<C>::spec;
    connector.create = &detail::Operations<C>::create;
    connector.destroy = &detail::Operations<C>::destroy;
    connector.check = detail::slot_check<C>();
    connector.discover = detail::slot_discover<C>();
    connector.read = detail::slot_read<C>();
    connector.encode = detail::slot_encode<C>();
    connector.find = detail::slot_find<C>();
    connector.write = detail::slot_write<C>();
    connector.webhook_register = detail::slot_webhook_register<C>();
    connector.webhook_unregister = detail::slot_webhook_unregister<C>();
    connector.webhook_verify = detail::slot_webhook_verify<C>();
    connector.webhook_parse = detail::slot_webhook_parse<C>();
    connector.oauth_authorize = detail::slot_oauth_authorize<C>();
    connector.oauth_exchange = detail::slot_oauth_exchange<C>();
    connector.oauth_refresh = detail::slot_oauth_refresh<C>();
    connector.oauth_revoke = detail::slot_oauth_revoke<C>();
    connector.cdc_poll = detail::slot_cdc_poll<C>();
    connector.cdc_ack = detail::slot_cdc_ack<C>();
    return connector;
}

template <class C>
inline constexpr syncline_connector kConnector = make_connector<C>();

}  // namespace sdk_1_0
}  // namespace syncline::plugin

#if defined(__clang__)
#define SYNCLINE_TOOLCHAIN "clang " __clang_version__
#else
#define SYNCLINE_TOOLCHAIN "g++ " __VERSION__
#endif

// Exports the plugin's one symbol. Use once per library, outside any namespace.
#define SYNCLINE_PLUGIN(vendor_text, license_text, ...)                                         \
    namespace {                                                                                 \
    constexpr const syncline_connector* kSynclineConnectors[] = {                               \
        &::syncline::plugin::kConnector<__VA_ARGS__>};                                          \
    }                                                                                           \
    extern "C" SYNCLINE_EXPORT constinit const syncline_plugin syncline_plugin_v1 = {           \
        SYNCLINE_MAGIC,                                                                         \
        sizeof(syncline_plugin),                                                                \
        SYNCLINE_ABI_MAJOR,                                                                     \
        SYNCLINE_ABI_MINOR,                                                                     \
        0,                                                                                      \
        0,                                                                                      \
        vendor_text,                                                                            \
        license_text,                                                                           \
        SYNCLINE_TOOLCHAIN,                                                                     \
        1,                                                                                      \
        0,                                                                                      \
        kSynclineConnectors};
