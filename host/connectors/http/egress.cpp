#include "connectors/http/egress.hpp"

#include <algorithm>
#include <charconv>

namespace syncline::connectors {
namespace {

// "*.example.com" is every name below example.com, not example.com itself.
bool host_matches(std::string_view pattern, std::string_view host) {
    if (pattern.substr(0, 2) != "*.") {
        return pattern == host;
    }
    const std::string_view suffix = pattern.substr(1);
    return host.size() > suffix.size() && host.substr(host.size() - suffix.size()) == suffix;
}

Error refused(std::string name, std::string message) {
    return {ErrorCode::kConfig, "egress rule: " + std::move(message), std::move(name)};
}

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

std::string join(const std::vector<std::string>& items) {
    std::string text;
    for (const auto& item : items) {
        text += (text.empty() ? "" : ", ") + item;
    }
    return text.empty() ? "none" : text;
}

Error refuse_plain_http(const Url& url) {
    return refused(
        "egress.plain_http",
        "plain http to " + url.authority() + " is refused; use https, or add " +
            in_quotes(url.authority()) + " to egress.allow"
    );
}

std::string lower(std::string text) {
    for (auto& c : text) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return text;
}

}  // namespace

Result<EgressScope> egress_scope(const Spec& spec, const Json& settings) {
    EgressScope scope;
    for (const auto& host : spec.hosts) {
        scope.hosts.push_back(lower(host));
    }
    for (const auto& name : spec.host_settings) {
        const auto setting = settings.find(name);
        if (setting == settings.end() || setting->is_null()) {
            continue;
        }
        auto url = setting->is_string() ? parse_url(setting->get_ref<const std::string&>())
                                        : Result<Url>(invalid("is not a text"));
        if (!url) {
            return Error{ErrorCode::kConfig, "/" + name + ": " + url.error().message, "http.url"};
        }
        scope.hosts.push_back(url->host);
    }
    return scope;
}

Result<EgressPolicy::Entry> EgressPolicy::parse_entry(const std::string& text) {
    const Error malformed{
        ErrorCode::kConfig,
        "egress.allow: '" + text +
            "' is not \"host:port\"; examples: \"127.0.0.1:*\", \"[::1]:8443\", "
            "\"books.intern:443\"",
        "egress.allow"};
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return malformed;
    }
    std::string host = lower(text.substr(0, colon));
    const std::string port = text.substr(colon + 1);
    Entry entry;
    if (port != "*") {
        std::uint16_t number = 0;
        const auto [end, failure] = std::from_chars(port.data(), port.data() + port.size(), number);
        if (failure != std::errc() || end != port.data() + port.size() || number == 0) {
            return malformed;
        }
        entry.port = number;
    }
    const bool bracketed = host.front() == '[' && host.back() == ']';
    entry.address = parse_address(bracketed ? host.substr(1, host.size() - 2) : host);
    const std::string_view name =
        host.substr(0, 2) == "*." ? std::string_view(host).substr(2) : host;
    const bool is_name = !name.empty() && name.find_first_of("*:/[]@ ") == std::string_view::npos;
    if (!entry.address && (bracketed || !is_name)) {
        return malformed;
    }
    entry.host = entry.address ? "" : host;
    return entry;
}

Result<EgressPolicy> EgressPolicy::make(const EgressOptions& options) {
    EgressPolicy policy;
    for (const auto& text : options.allow) {
        SYNCLINE_ASSIGN_OR_RETURN(auto entry, parse_entry(text));
        policy.entries_.push_back(std::move(entry));
    }
    return policy;
}

bool EgressPolicy::allows(const Url& url, const std::optional<AddressBytes>& address) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        const bool named = entry.address ? address && *entry.address == *address
                                         : host_matches(entry.host, url.host);
        return named && entry.has_port(url.port);
    });
}

bool EgressPolicy::may_allow_an_address(const Url& url) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.address && entry.has_port(url.port);
    });
}

Result<void> EgressPolicy::check(const Url& url, const EgressScope& scope) const {
    const bool declared =
        std::any_of(scope.hosts.begin(), scope.hosts.end(), [&](const auto& host) {
            return host_matches(host, url.host);
        });
    if (!declared) {
        return refused(
            "egress.undeclared_host",
            "the connector may not connect to '" + url.host + "'; it may reach " +
                join(scope.hosts) + " (the hosts of its spec and of the connection's own URLs)"
        );
    }
    // With an address entry for this port the answer has to wait for the addresses.
    if (!url.is_tls() && !allows(url, parse_address(url.host)) && !may_allow_an_address(url)) {
        return refuse_plain_http(url);
    }
    return {};
}

Result<std::vector<std::string>> EgressPolicy::permitted(
    const Url& url, const std::vector<std::string>& addresses
) const {
    std::vector<std::string> result;
    std::optional<Error> refusal;
    for (const auto& text : addresses) {
        const auto address = parse_address(text);
        const std::string_view range = address ? special_range(*address) : "unreadable";
        if (address && allows(url, address)) {
            result.push_back(text);
        } else if (!range.empty()) {
            Url named = url;
            named.host = text;
            refusal = refused(
                "egress.private_address",
                "'" + url.host + "' is at " + text + ", a " + std::string(range) +
                    " address, which is refused; add " + in_quotes(named.authority()) +
                    " to egress.allow to permit it"
            );
        } else if (!url.is_tls()) {
            refusal = refuse_plain_http(url);
        } else {
            result.push_back(text);
        }
    }
    if (result.empty() && refusal) {
        return *std::move(refusal);
    }
    return result;
}

}  // namespace syncline::connectors
