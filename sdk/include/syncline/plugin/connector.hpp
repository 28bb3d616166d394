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
// A method of one of these names with another signature, private, overloaded or a template, is a
// compile error that says which. The constructor gets settings that the spec allows, with defaults
// filled in; what only the remote can tell is check()'s to say. Exceptions become statuses
// (unexpected JSON kData, in the constructor kConfig; all others kBug); throwing is never needed.
// Thread rule: one instance is never called concurrently.
#pragma once

#include <concepts>
#include <type_traits>

#include <syncline/abi.h>
#include <syncline/plugin/call.hpp>
#include <syncline/plugin/detail/operations.hpp>
#include <syncline/plugin/detail/slots.hpp>
#include <syncline/plugin/host.hpp>
#include <syncline/spec.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

namespace detail {

template <class C>
constexpr syncline_connector fill_connector() {
    syncline_connector connector{};
    connector.struct_size = sizeof connector;
    connector.id = C::kId;
    connector.version = C::kVersion;
    connector.spec = &spec<C>;
    connector.create = &create<C>;
    connector.destroy = &destroy<C>;
    connector.check = slot_check<C>();
    connector.discover = slot_discover<C>();
    connector.read = slot_read<C>();
    connector.encode = slot_encode<C>();
    connector.find = slot_find<C>();
    connector.write = slot_write<C>();
    connector.webhook_register = slot_webhook_register<C>();
    connector.webhook_unregister = slot_webhook_unregister<C>();
    connector.webhook_verify = slot_webhook_verify<C>();
    connector.webhook_parse = slot_webhook_parse<C>();
    connector.oauth_authorize = slot_oauth_authorize<C>();
    connector.oauth_exchange = slot_oauth_exchange<C>();
    connector.oauth_refresh = slot_oauth_refresh<C>();
    connector.oauth_revoke = slot_oauth_revoke<C>();
    connector.cdc_poll = slot_cdc_poll<C>();
    connector.cdc_ack = slot_cdc_ack<C>();
    return connector;
}

template <class C>
concept SpecifiesWell = requires {
    { C::spec() } -> std::same_as<Spec>;
};
template <class C>
concept NamesItself = requires {
    { C::kId } -> std::convertible_to<const char*>;
    { C::kVersion } -> std::convertible_to<const char*>;
};

}  // namespace detail

// The table of connector C.
template <class C>
constexpr syncline_connector make_connector() {
    static_assert(
        !std::is_final_v<C>,
        "a connector class must not be final: its operations could not be found"
    );
    static_assert(
        detail::NamesItself<C>, "a connector needs: static constexpr const char* kId, kVersion"
    );
    static_assert(detail::SpecifiesWell<C>, "a connector needs: static Spec spec()");
    static_assert(
        std::is_constructible_v<C, Host, const Json&>,
        "a connector needs a public constructor (Host, const Json&)"
    );
    if constexpr (!std::is_final_v<C> && detail::NamesItself<C> && detail::SpecifiesWell<C> && std::is_constructible_v<C, Host, const Json&>) {
        return detail::fill_connector<C>();
    } else {
        return {};
    }
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
#define SYNCLINE_PLUGIN(vendor_text, license_text, ...)                               \
    namespace {                                                                       \
    constexpr const syncline_connector* kSynclineConnectors[] = {                     \
        &::syncline::plugin::kConnector<__VA_ARGS__>};                                \
    }                                                                                 \
    extern "C" SYNCLINE_EXPORT constinit const syncline_plugin syncline_plugin_v1 = { \
        SYNCLINE_MAGIC,                                                               \
        sizeof(syncline_plugin),                                                      \
        SYNCLINE_ABI_MAJOR,                                                           \
        SYNCLINE_ABI_MINOR,                                                           \
        0,                                                                            \
        0,                                                                            \
        vendor_text,                                                                  \
        license_text,                                                                 \
        SYNCLINE_TOOLCHAIN,                                                           \
        1,                                                                            \
        0,                                                                            \
        kSynclineConnectors};
