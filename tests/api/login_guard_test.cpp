#include "api/http/login_guard.hpp"

#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

using api::LoginAttempt;
using api::LoginGuard;

api::IdentityConfig limits(std::int64_t address, std::int64_t key) {
    api::IdentityConfig config;
    config.failed_logins_max = address;
    config.failed_logins_per_minute = 6;  // one every ten seconds
    config.failed_logins_per_key_max = key;
    return config;
}

TEST(LoginGuard, LetsAnAddressFailSoOften) {
    LoginGuard guard(limits(3, 0));
    const LoginAttempt attempt{"10.0.0.1", "c", ""};
    std::int64_t now = 1'000'000;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(guard.admit(attempt, now)) << i;
        EXPECT_EQ(guard.failed(attempt, now), i == 2);
    }
    const auto refused = guard.admit(attempt, now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().name, "login.limited");
    EXPECT_EQ(refused.error().retry_after, std::chrono::milliseconds(10'000));
    EXPECT_TRUE(guard.admit({"10.0.0.2", "c", ""}, now)) << "another address";
    now += 9'999;
    EXPECT_FALSE(guard.admit(attempt, now));
    now += 1;
    EXPECT_TRUE(guard.admit(attempt, now));
    EXPECT_TRUE(guard.failed(attempt, now)) << "that was the one";
    now += 40'000;
    guard.failed(attempt, now);
    EXPECT_TRUE(guard.admit(attempt, now)) << "time gives all of them back";
}

TEST(LoginGuard, LetsAKeyFailSoOftenFromWherever) {
    LoginGuard guard(limits(0, 2));
    for (int i = 0; i < 2; ++i) {
        guard.failed({"10.0.0." + std::to_string(i), "c", "slk_a"}, 1'000);
    }
    EXPECT_FALSE(guard.admit({"10.0.0.9", "c", "slk_a"}, 1'000));
    EXPECT_TRUE(guard.admit({"10.0.0.9", "c", "slk_b"}, 1'000));
}

TEST(LoginGuard, WhoCameInFromAnAddressGoesOnComingIn) {
    LoginGuard guard(limits(1, 1));
    EXPECT_TRUE(guard.succeeded({"10.0.0.1", "good", "slk_a"}, 1'000));
    EXPECT_FALSE(guard.succeeded({"10.0.0.1", "good", "slk_a"}, 2'000)) << "the same session";
    guard.failed({"10.0.0.1", "guess", "slk_a"}, 3'000);
    EXPECT_FALSE(guard.admit({"10.0.0.1", "guess 2", "slk_a"}, 3'000));
    EXPECT_TRUE(guard.admit({"10.0.0.1", "good", "slk_a"}, 3'000));
    EXPECT_FALSE(guard.admit({"10.0.0.2", "good", "slk_a"}, 3'000)) << "not from elsewhere";
    EXPECT_TRUE(guard.succeeded({"10.0.0.1", "good", "slk_a"}, 1'000 + 86'400'000));
}

TEST(LoginGuard, AClockSetBackShutsNobodyOut) {
    LoginGuard guard(limits(2, 0));
    const LoginAttempt attempt{"10.0.0.1", "c", ""};
    guard.failed(attempt, 100'000'000);
    guard.failed(attempt, 100'000'000);
    const auto refused = guard.admit(attempt, 1'000);
    ASSERT_FALSE(refused);
    EXPECT_LE(refused.error().retry_after, std::chrono::milliseconds(10'000));
}

TEST(LoginGuard, RemembersNoMoreThanItMay) {
    LoginGuard guard(limits(3, 3));
    for (int i = 0; i < 60'000; ++i) {
        const std::string name = std::to_string(i);
        guard.failed({name, name, "slk_" + name}, 1'000);
        guard.succeeded({name, name, ""}, 1'000);
    }
    EXPECT_LE(guard.remembered(), 40'000u);
}

TEST(LoginGuard, AnIpv6NetworkIsOneAddress) {
    EXPECT_EQ(api::network_of("2001:db8:1:2::7"), api::network_of("2001:db8:1:2:ffff::1"));
    EXPECT_NE(api::network_of("2001:db8:1:2::7"), api::network_of("2001:db8:1:3::7"));
    EXPECT_NE(api::network_of("::ffff:10.0.0.1"), api::network_of("::ffff:10.0.0.2"));
    EXPECT_EQ(api::network_of("10.0.0.1"), "10.0.0.1");
}

TEST(LoginGuard, NotesAFewFailuresAMinuteAndCountsTheRest) {
    LoginGuard guard(limits(0, 0));
    std::int64_t left_out = 0;
    int noted = 0;
    for (int i = 0; i < 1'000; ++i) {
        noted += guard.may_note(60'000, left_out) ? 1 : 0;
    }
    EXPECT_EQ(noted, 60);
    EXPECT_TRUE(guard.may_note(120'000, left_out));
    EXPECT_EQ(left_out, 940);
}

class LoginTest : public ApiTest {
protected:
    LoginTest() { identity_ = limits(5, 2); }
    Answer with(const std::string& credential) {
        return call({"GET", "/api/flows", "", credential, {}});
    }
    std::int64_t noted(const std::string& event) {
        return static_cast<std::int64_t>(
            engine().stores.audit.list(tenant_, true, events_like(event)).value().size()
        );
    }
};

TEST_F(LoginTest, TooManyFailuresAreAnswered429) {
    const std::string good = admin();
    EXPECT_EQ(with(good).status, 200);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(with("wrong").status, 401) << i;
    }
    const Answer limited = with("wrong");
    EXPECT_EQ(limited.status, 429);
    EXPECT_EQ(limited.json["type"], "/errors/login.limited");
    EXPECT_EQ(limited.header("Retry-After"), "10");
    EXPECT_EQ(with(token(api::Role::kViewer)).status, 429) << "one that was not seen before";
    EXPECT_EQ(with(good).status, 200) << "one that came in before";
    EXPECT_EQ(call({"GET", "/livez", "", "", {}}).status, 200);
    EXPECT_EQ(with("").status, 401) << "no credential is no failed login";
    clock_.advance(std::chrono::seconds(10));
    EXPECT_EQ(with(token(api::Role::kViewer)).status, 200);
    EXPECT_EQ(noted("login.failed"), 4);
    EXPECT_EQ(noted("login.limited"), 1);
    EXPECT_EQ(noted("login.succeeded"), 2);
}

TEST_F(LoginTest, FailuresOfAKeyAreNotedWithItsTenant) {
    const std::string key = post("/api/api-keys", {{"name", "k"}, {"role", "viewer"}}).json["key"];
    const std::string guess = key.substr(0, key.size() - 43) + std::string(43, 'A');
    EXPECT_EQ(with(guess).status, 401);
    EXPECT_EQ(with(guess).status, 401);
    EXPECT_EQ(with(guess).status, 429);
    EXPECT_EQ(with(key).status, 429) << "guessed at, and never used before";
    const auto rows = engine().stores.audit.list(tenant_, false, events_like("login.")).value();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].entry.event, "login.limited");
    EXPECT_EQ(rows[0].entry.outcome, "refused");
    EXPECT_EQ(rows[0].entry.reason, "api_key.unknown");
    EXPECT_EQ(rows[0].entry.actor.credential, "key " + key.substr(0, key.size() - 44));
}

}  // namespace
}  // namespace syncline::testing
