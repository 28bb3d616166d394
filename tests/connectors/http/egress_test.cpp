// Where a connector may connect to.
#include "connectors/http/egress.hpp"

#include "connectors/support/http_fixture.hpp"

namespace syncline::testing {
namespace {

using connectors::EgressPolicy;
using connectors::EgressScope;

EgressPolicy policy(std::vector<std::string> allow) {
    auto made = EgressPolicy::make({std::move(allow)});
    EXPECT_TRUE(made) << made.error().message;
    return made ? *made : EgressPolicy();
}

std::string kind_of(const std::string& text) {
    const auto address = connectors::parse_address(text);
    return address ? std::string(connectors::special_range(*address)) : "unreadable";
}

TEST(Egress, KnowsWhichAddressesAreNotOfThePublicInternet) {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"127.0.0.1", "loopback"},
        {"127.255.255.254", "loopback"},
        {"0.0.0.0", "this network"},
        {"10.0.0.1", "private"},
        {"172.16.0.1", "private"},
        {"172.31.255.255", "private"},
        {"192.168.1.1", "private"},
        {"169.254.169.254", "link-local"},
        {"100.64.0.1", "shared (carrier-grade NAT)"},
        {"100.127.255.255", "shared (carrier-grade NAT)"},
        {"192.0.2.7", "documentation"},
        {"198.18.0.1", "benchmarking"},
        {"198.19.255.255", "benchmarking"},
        {"224.0.0.1", "multicast"},
        {"239.255.255.255", "multicast"},
        {"255.255.255.255", "reserved"},
        {"::", "unspecified"},
        {"::1", "loopback"},
        {"::ffff:127.0.0.1", "loopback"},
        {"::ffff:10.1.2.3", "private"},
        {"::127.0.0.1", "loopback"},
        {"64:ff9b::10.0.0.1", "private"},
        {"64:ff9b:1::1", "local NAT64"},
        {"2002:7f00:1::", "loopback"},
        {"2001::1", "protocol assignments"},
        {"2001:db8::1", "documentation"},
        {"fc00::1", "private (unique local)"},
        {"fdff::1", "private (unique local)"},
        {"fe80::1", "link-local"},
        {"febf::1", "link-local"},
        {"fec0::1", "private (site-local)"},
        {"ff02::1", "multicast"},
        {"4000::1", "reserved"},
        {"fe80::1%eth0", "unreadable"},
        {"127.1", "unreadable"},
        {"0x7f000001", "unreadable"},
        {"8.8.8.8", ""},
        {"172.15.255.255", ""},
        {"172.32.0.0", ""},
        {"100.63.255.255", ""},
        {"100.128.0.0", ""},
        {"169.253.255.255", ""},
        {"223.255.255.255", ""},
        {"::ffff:8.8.8.8", ""},
        {"64:ff9b::8.8.8.8", ""},
        {"2606:4700::1", ""},
        {"2a00:1450::1", ""},
    };
    for (const auto& [address, expected] : cases) {
        EXPECT_EQ(kind_of(address), expected) << address;
    }
}

struct HostCase {
    std::string pattern;
    std::string url;
    bool reachable;
};

TEST(Egress, ReachesOnlyDeclaredHosts) {
    const std::vector<HostCase> cases{
        {"api.example.com", "https://api.example.com/x", true},
        {"api.example.com", "https://API.Example.COM./x", true},
        {"API.example.com", "https://api.example.com:8443/x", true},
        {"api.example.com", "https://evil.api.example.com/", false},
        {"api.example.com", "https://api.example.com.evil.org/", false},
        {"*.example.com", "https://eu.example.com/", true},
        {"*.example.com", "https://a.b.example.com/", true},
        {"*.example.com", "https://example.com/", false},
        {"*.example.com", "https://badexample.com/", false},
        {"*.example.com", "https://.example.com/", false},
    };
    for (const auto& [pattern, url, reachable] : cases) {
        auto parsed = connectors::parse_url(url);
        ASSERT_TRUE(parsed) << url;
        Spec spec;
        spec.hosts = {pattern};
        const auto scope = connectors::egress_scope(spec, Json::object());
        const auto checked = policy({}).check(*parsed, *scope);
        EXPECT_EQ(checked.has_value(), reachable) << pattern << " " << url;
        if (!reachable) {
            EXPECT_EQ(checked.error().code, ErrorCode::kConfig);
            EXPECT_EQ(checked.error().name, "egress.undeclared_host");
            EXPECT_NE(checked.error().message.find(parsed->host), std::string::npos);
        }
    }
}

TEST(Egress, ReachesTheHostsOfTheConnectionsOwnUrls) {
    Spec spec;
    spec.host_settings = {"store_url", "token_url"};
    const auto scope = connectors::egress_scope(
        spec,
        {{"store_url", "https://Shop.example/wp"},
         {"token_url", nullptr},
         {"other", "https://x.example"}}
    );
    ASSERT_TRUE(scope);
    EXPECT_EQ(scope->hosts, std::vector<std::string>{"shop.example"});
    const auto broken = connectors::egress_scope(spec, {{"store_url", "ftp://shop.example"}});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().message.substr(0, 12), "/store_url: ");
}

struct AllowCase {
    std::vector<std::string> allow;
    std::string url;
    std::vector<std::string> addresses;
    std::string refusal;  // "" = may connect
};

TEST(Egress, RefusesPlainHttpAndPrivateAddressesUnlessAllowed) {
    const std::vector<AllowCase> cases{
        {{}, "https://shop.example/", {"93.184.216.34"}, ""},
        {{}, "http://shop.example/", {"93.184.216.34"}, "egress.plain_http"},
        {{}, "https://shop.example/", {"10.0.0.5"}, "egress.private_address"},
        {{}, "https://shop.example/", {"169.254.169.254"}, "egress.private_address"},
        {{}, "https://shop.example/", {"::1"}, "egress.private_address"},
        {{"shop.example:80"}, "http://shop.example/", {"93.184.216.34"}, ""},
        {{"shop.example:80"}, "http://shop.example:8080/", {"93.184.216.34"}, "egress.plain_http"},
        {{"shop.example:*"}, "http://shop.example:8080/", {"10.0.0.5"}, ""},
        {{"*.example:443"}, "https://shop.example/", {"10.0.0.5"}, ""},
        {{"SHOP.example:443"}, "https://shop.example/", {"10.0.0.5"}, ""},
        {{"127.0.0.1:*"}, "http://shop.example:81/", {"127.0.0.1"}, ""},
        {{"127.0.0.1:*"}, "http://shop.example:81/", {"::ffff:127.0.0.1"}, ""},
        {{"127.0.0.1:*"}, "http://shop.example:81/", {"127.0.0.2"}, "egress.private_address"},
        {{"127.0.0.1:*"}, "http://shop.example:81/", {"93.184.216.34"}, "egress.plain_http"},
        {{"127.0.0.1:82"}, "http://127.0.0.1:81/", {"127.0.0.1"}, "egress.plain_http"},
        {{"[::1]:8443"}, "https://[::1]:8443/", {"::1"}, ""},
        {{"[::1]:8443"}, "https://[::1]:8444/", {"::1"}, "egress.private_address"},
        {{"10.0.0.5:443"}, "https://shop.example/", {"10.0.0.5"}, ""},
    };
    for (const auto& [allow, url, addresses, refusal] : cases) {
        const auto rules = policy(allow);
        const auto parsed = connectors::parse_url(url);
        ASSERT_TRUE(parsed) << url;
        const auto first = rules.check(*parsed, EgressScope{{parsed->host}});
        const auto second = rules.permitted(*parsed, addresses);
        const std::string found = !first ? first.error().name : !second ? second.error().name : "";
        EXPECT_EQ(found, refusal) << url << " at " << addresses[0];
        if (!found.empty()) {
            const Error error = !first ? first.error() : second.error();
            EXPECT_EQ(error.code, ErrorCode::kConfig);
            EXPECT_NE(error.message.find("egress.allow"), std::string::npos) << error.message;
        }
    }
}

TEST(Egress, ConnectsOnlyToTheAddressesThatMayBe) {
    const auto url = connectors::parse_url("https://shop.example/");
    const auto mixed =
        policy({}).permitted(*url, {"10.0.0.1", "93.184.216.34", "::1", "2606:4700::1"});
    ASSERT_TRUE(mixed);
    EXPECT_EQ(*mixed, (std::vector<std::string>{"93.184.216.34", "2606:4700::1"}));
    EXPECT_TRUE(policy({}).permitted(*url, {})->empty());
}

TEST(Egress, SaysWhatToAddForAnAddress) {
    const auto url = connectors::parse_url("https://shop.example:8443/");
    const auto v4 = policy({}).permitted(*url, {"10.0.0.1"});
    EXPECT_NE(v4.error().message.find("\"10.0.0.1:8443\""), std::string::npos)
        << v4.error().message;
    const auto v6 = policy({}).permitted(*url, {"fd00::1"});
    EXPECT_NE(v6.error().message.find("\"[fd00::1]:8443\""), std::string::npos)
        << v6.error().message;
}

TEST(Egress, NamesAMalformedEntry) {
    for (const std::string entry :
         {"127.0.0.1",
          "shop.example",
          ":80",
          "",
          "a:0",
          "a:65536",
          "a:x",
          "a:",
          "::1:80x",
          "http://a:80",
          "[shop]:80",
          "a b:80",
          "*:80",
          "*.:80",
          "a*b:80"}) {
        const auto made = EgressPolicy::make({{entry}});
        ASSERT_FALSE(made) << entry;
        EXPECT_EQ(made.error().code, ErrorCode::kConfig);
        EXPECT_NE(made.error().message.find("'" + entry + "'"), std::string::npos);
    }
}

class Rebinding : public HttpTest {};

TEST_F(Rebinding, TheAddressThatWasCheckedIsTheOneConnectedTo) {
    ScriptedServer server({always(answer(200, "inside"))});
    int lookups = 0;
    auto made = connectors::HttpClient::make(options(), [&](const auto&, const auto&) {
        return std::vector<std::string>{++lookups == 1 ? "127.0.0.1" : "10.255.255.1"};
    });
    client_ = *std::move(made);
    const auto got = get("http://shop.example:" + std::to_string(server.port()) + "/");
    ASSERT_TRUE(got) << message_of(got);
    EXPECT_EQ(lookups, 1);
}

TEST_F(Rebinding, OnlyAllowedAddressesOfAMixedAnswerAreTried) {
    ScriptedServer server({always(answer(200, "inside"))});
    auto other_only = options();
    other_only.egress.allow = {"127.0.0.2:*"};
    auto made = connectors::HttpClient::make(other_only, [](const auto&, const auto&) {
        return std::vector<std::string>{"127.0.0.1", "127.0.0.2"};
    });
    client_ = *std::move(made);
    const auto got = get("http://shop.example:" + std::to_string(server.port()) + "/");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().name, "http.connect") << got.error().message;
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(Rebinding, ANameThatLeadsInsideIsRefusedBeforeAnythingIsSent) {
    ScriptedServer server({always(answer(200, "inside"))});
    auto strict = options();
    strict.egress.allow = {};
    auto made = connectors::HttpClient::make(strict, [](const auto&, const auto&) {
        return std::vector<std::string>{"127.0.0.1", "::ffff:127.0.0.1"};
    });
    client_ = *std::move(made);
    const auto got = get("https://shop.example:" + std::to_string(server.port()) + "/");
    ASSERT_FALSE(got);
    EXPECT_EQ(got.error().name, "egress.private_address");
    EXPECT_EQ(get("https://evil.example/").error().name, "egress.undeclared_host");
    EXPECT_EQ(server.connections(), 0);
}

TEST(Resolver, GivesAnAddressBackAndKnowsThisMachine) {
    const connectors::Patience patience{std::chrono::steady_clock::now() + 5s};
    EXPECT_EQ(
        *connectors::resolve_by_system("93.184.216.34", patience),
        std::vector<std::string>{"93.184.216.34"}
    );
    EXPECT_EQ(*connectors::resolve_by_system("::1", patience), std::vector<std::string>{"::1"});
    const auto local = connectors::resolve_by_system("localhost", patience);
    ASSERT_TRUE(local) << local.error().message;
    EXPECT_FALSE(local->empty());
    // What looks harmless as text is an address to the resolver; the rule sees what it resolves to.
    const auto disguised = connectors::resolve_by_system("0x7f000001", patience);
    ASSERT_TRUE(disguised) << disguised.error().message;
    EXPECT_EQ(*disguised, std::vector<std::string>{"127.0.0.1"});
}

}  // namespace
}  // namespace syncline::testing
