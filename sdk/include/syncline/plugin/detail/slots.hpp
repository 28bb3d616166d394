// Which operations a connector class has. A method's name is the capability; one that is there but
// cannot be called as the host will call it is a compile error that says so.
#pragma once

#include <concepts>
#include <type_traits>
#include <vector>

#include <syncline/plugin/detail/operations.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

namespace detail {

// "C has something called `name`" by ambiguous lookup, so that an overloaded, private or template
// member counts too and cannot make a capability vanish silently.
#define SYNCLINE_DETECT_NAME(name)                \
    struct Fallback_##name {                      \
        int name;                                 \
    };                                            \
    template <class C>                            \
    struct Probe_##name : C, Fallback_##name {};  \
    template <class C>                            \
    concept Has_##name = !requires {              \
        &Probe_##name<C>::name;                   \
    };                                            \
    template <class C>                            \
    concept Single_##name = requires {            \
        typename std::void_t<decltype(&C::name)>; \
    };

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

// The two ways a method of the right name can be wrong. One error at a time: the second is asked
// only when the first is answered.
#define SYNCLINE_EXPECT_SINGLE(name)                                                         \
    static_assert(                                                                           \
        Single_##name<C>,                                                                    \
        "the connector's '" #name                                                            \
        "' must be one public member function: it is private, overloaded, a template or no " \
        "function"                                                                           \
    )
#define SYNCLINE_EXPECT_SIGNATURE(name, fits, signature) \
    static_assert(fits, "the connector's '" #name "' must be: " signature)

// NOLINTBEGIN(bugprone-macro-parentheses): names of a concept and of methods
// The slot of an operation with a typed signature: filled, empty, or a compile error.
#define SYNCLINE_TYPED_SLOT(name, Concept, signature)                   \
    template <class C>                                                  \
    constexpr syncline_op slot_##name() {                               \
        if constexpr (Has_##name<C>) {                                  \
            SYNCLINE_EXPECT_SINGLE(name);                               \
            if constexpr (Single_##name<C>) {                           \
                SYNCLINE_EXPECT_SIGNATURE(name, Concept<C>, signature); \
                if constexpr (Concept<C>) {                             \
                    return &operation<C, &Typed<C>::name>;              \
                }                                                       \
            }                                                           \
        }                                                               \
        return nullptr;                                                 \
    }

// The slot of an operation that takes and gives Json.
#define SYNCLINE_JSON_SLOT(name)                                                       \
    template <class C>                                                                 \
    concept Fits_##name = requires(C c, Call & call, const Json& json) {               \
        { c.name(call, json) } -> std::same_as<Result<Json>>;                          \
    };                                                                                 \
    template <class C>                                                                 \
    Result<Json> call_##name(C& self, Call& call, const Json& json) {                  \
        return self.name(call, json);                                                  \
    }                                                                                  \
    template <class C>                                                                 \
    constexpr syncline_op slot_##name() {                                              \
        if constexpr (Has_##name<C>) {                                                 \
            SYNCLINE_EXPECT_SINGLE(name);                                              \
            if constexpr (Single_##name<C>) {                                          \
                SYNCLINE_EXPECT_SIGNATURE(                                             \
                    name, Fits_##name<C>, "Result<Json> " #name "(Call&, const Json&)" \
                );                                                                     \
                if constexpr (Fits_##name<C>) {                                        \
                    return &operation<C, &json_operation<C, &call_##name<C>>>;         \
                }                                                                      \
            }                                                                          \
        }                                                                              \
        return nullptr;                                                                \
    }

// NOLINTEND(bugprone-macro-parentheses)

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
#undef SYNCLINE_EXPECT_SINGLE
#undef SYNCLINE_EXPECT_SIGNATURE

}  // namespace detail

}  // namespace sdk_1_0
}  // namespace syncline::plugin
