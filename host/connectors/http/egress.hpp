// Where a connector may connect to. Pure: names and addresses in, permission or refusal out.
//
//   1. The host of a URL is one its spec declares ("api.example.com", "*.example.com") or the host
//   of
//      a URL among the connection's own settings (Spec::host_settings).
//   2. Plain http is refused.
//   3. Addresses that are not of the public internet (loopback, private, link-local, shared,
//   multicast,
//      reserved; IPv4, IPv6 and IPv4 inside IPv6) are refused.
//
// `egress.allow` of the configuration lifts 2 and 3 for what it names, never 1. Rule 3 is applied
// to the addresses a name was resolved to, and only these are connected to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>
#include <syncline/spec.hpp>

#include "connectors/http/address.hpp"
#include "connectors/http/options.hpp"
#include "connectors/http/url.hpp"

namespace syncline::connectors {

// What one connection may reach by rule 1.
struct EgressScope {
    std::vector<std::string> hosts;  // names and "*.domain"
};

// Of a connector's declared hosts and the connection's URLs. Errors: kConfig (a setting of
// Spec::host_settings that is not a URL).
Result<EgressScope> egress_scope(const Spec& spec, const Json& settings);

class EgressPolicy {
public:
    // Errors: kConfig naming the malformed entry.
    static Result<EgressPolicy> make(const EgressOptions& options);

    // Rules 1 and 2, before the name is looked up. Errors: kConfig "egress....", saying which rule
    // and how to allow it.
    Result<void> check(const Url& url, const EgressScope& scope) const;

    // Rules 2 and 3: those of `addresses` (texts) that may be connected to, in their order. Errors:
    // kConfig "egress...." if there are none.
    Result<std::vector<std::string>> permitted(
        const Url& url, const std::vector<std::string>& addresses
    ) const;

private:
    struct Entry {
        std::string host;  // name or "*.domain"; empty: see address
        std::optional<AddressBytes> address;
        std::optional<std::uint16_t> port;  // none: any

        bool has_port(std::uint16_t candidate) const { return !port || *port == candidate; }
    };
    static Result<Entry> parse_entry(const std::string& text);
    bool allows(const Url& url, const std::optional<AddressBytes>& address) const;
    bool may_allow_an_address(const Url& url) const;

    std::vector<Entry> entries_;
};

}  // namespace syncline::connectors
