// The three channels as they are, received by real listeners.
#include <cstdio>
#include <iostream>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "alerts/alert_fixture.hpp"
#include "connectors/support/test_authority.hpp"
#include "main/alert_senders.hpp"
#include "main/mail.hpp"
#include "support/http_sink.hpp"
#include "support/mail_sink.hpp"

namespace syncline::testing {
namespace {

constexpr auto kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string from_base64_text(const std::string& text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(bytes.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    bytes.resize(static_cast<std::size_t>(size));
    return bytes;
}

// As a receiver verifies it, by the specification's text and none of our code.
bool verifies(const HttpSink::Received& got, const std::string& key) {
    const std::string content =
        got.headers.at("webhook-id") + "." + got.headers.at("webhook-timestamp") + "." + got.body;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(content.data()),
        content.size(),
        digest,
        &size
    );
    std::string text(64, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), digest, static_cast<int>(size)
    )));
    return got.headers.at("webhook-signature") == "v1," + text;
}

TestAuthority& authority() {
    static TestAuthority made;
    return made;
}

HttpSink::Said well(const HttpSink::Received&) {
    return {200, "ok", {}};
}

class AlertChannelTest : public AlertTest {
protected:
    AlertChannelTest() {
        options_.egress.allow = {"127.0.0.1:*"};
        options_.tls.extra_ca_file = authority().ca_file();
        options_.user_agent = "Syncline/test";
        senders_ = host::AlertSenders::make(options_).value();
    }
    engine::AlertSender& sender() override { return *senders_; }

    static Poco::Net::Context::Ptr sink_tls() { return authority().server("IP:127.0.0.1"); }

    void add(
        const std::string& name, const std::string& kind, Json settings, AlertSecrets secrets
    ) {
        engine::NewAlertChannel channel;
        channel.name = name;
        channel.kind = kind;
        channel.settings = std::move(settings);
        channel.secrets = std::move(secrets);
        const auto made = control_->create(tenant_, channel, {});
        ASSERT_TRUE(made.has_value()) << made.error().message;
    }
    void add_mail(const MailSink& sink, Json more = Json::object()) {
        Json settings{
            {"host", "127.0.0.1"},
            {"port", sink.port()},
            {"from", "syncline@host.example"},
            {"to", {"ann@x.example", "bob@x.example"}},
            {"username", "syncline"}};
        settings.update(more);
        AlertSecrets secrets{{"password", "pa55-canary"}};
        if (settings["username"] == "") {
            secrets.clear();
        }
        add("mail", "email", settings, secrets);
    }
    engine::AlertTest test(const std::string& channel) {
        const auto tested = control_->test(tenant_, channel, {});
        EXPECT_TRUE(tested.has_value()) << (tested ? "" : tested.error().message);
        return tested ? *tested : engine::AlertTest{};
    }
    // A test mail does not go out to `sink`, and `why` is in what is said of it.
    void expect_no_mail(const MailSink& sink, const std::string& why) {
        add_mail(sink);
        const auto sent = test("mail");
        EXPECT_FALSE(sent.taken);
        EXPECT_NE(sent.answer.find(why), std::string::npos) << sent.answer;
    }

    connectors::HttpOptions options_;
    std::unique_ptr<host::AlertSenders> senders_;
};

TEST_F(AlertChannelTest, AStormArrivesOnceOnEachOfTheThreeAndSoDoesItsEnd) {
    MailSink mail(sink_tls());
    HttpSink slack(well);
    HttpSink pager(well);
    add_mail(mail);
    add("chat", "slack", Json::object(), {{"url", slack.url("/services/T0/B0/abc")}});
    add("pager", "webhook", {{"url", pager.url("/in")}}, {{"secret", kSecret}});
    const Trouble storm = troubles()[0];
    storm.begin(1'000);
    look();
    look_for(60);
    storm.end();
    look();
    look_for(60);

    ASSERT_EQ(mail.mails().size(), 2u);
    const auto opened = mail.mails()[0];
    EXPECT_TRUE(opened.encrypted);
    EXPECT_EQ(from_base64_text(opened.login), std::string("\0syncline\0pa55-canary", 21));
    EXPECT_EQ(opened.to, (std::vector<std::string>{"<ann@x.example>", "<bob@x.example>"}));
    EXPECT_NE(
        opened.data.find("Subject: [critical] 1000 alerts: connection_needs_reauth (default)"),
        std::string::npos
    ) << opened.data;
    EXPECT_NE(opened.data.find("and 980 more"), std::string::npos) << opened.data;
    EXPECT_NE(mail.mails()[1].data.find("[resolved] 1000 alerts"), std::string::npos);

    ASSERT_EQ(slack.received().size(), 2u);
    EXPECT_EQ(slack.received()[0].path, "/services/T0/B0/abc");
    const auto text = parse_json(slack.received()[0].body).value()["text"].get<std::string>();
    EXPECT_EQ(text.find("[critical] 1000 alerts"), 0u) << text;

    ASSERT_EQ(pager.received().size(), 2u);
    const std::string key = from_base64_text(std::string(kSecret).substr(6));
    for (const auto& got : pager.received()) {
        EXPECT_TRUE(verifies(got, key));
        HttpSink::Received altered = got;
        altered.body[altered.body.size() / 2] ^= 1;
        EXPECT_FALSE(verifies(altered, key));
        EXPECT_FALSE(verifies(got, key + "x"));
        EXPECT_EQ(got.headers.at("webhook-timestamp").size(), 10u);
    }
    const Json body = parse_json(pager.received()[0].body).value();
    EXPECT_EQ(body["type"], "alert.opened");
    EXPECT_EQ(body["data"]["count"], 1'000);
    EXPECT_EQ(body["data"]["alerts"].size(), 20u);
    EXPECT_EQ(parse_json(pager.received()[1].body).value()["type"], "alert.resolved");
    EXPECT_NE(
        pager.received()[0].headers.at("webhook-id"), pager.received()[1].headers.at("webhook-id")
    );
}

TEST_F(AlertChannelTest, ATestSaysWhatTheOtherSideSaid) {
    MailSink mail(sink_tls());
    HttpSink slack([](const HttpSink::Received&) { return HttpSink::Said{404, "no_team", {}}; });
    add_mail(mail);
    add("chat", "slack", Json::object(), {{"url", slack.url("/s")}});
    const auto sent = test("mail");
    EXPECT_TRUE(sent.taken);
    EXPECT_EQ(sent.answer, "250 2.0.0 queued as 4711");
    const auto refused = test("chat");
    EXPECT_FALSE(refused.taken);
    EXPECT_EQ(refused.answer, "404 no_team");
    EXPECT_EQ(stores_->channels.find(tenant_, "chat")->last_answer, "404 no_team");
    EXPECT_EQ(control_->test(tenant_, "nobody", {}).error().code, ErrorCode::kNotFound);
}

TEST_F(AlertChannelTest, NoPasswordAndNoMailGoesOutWithoutTls) {
    MailSinkFaults plain;
    plain.no_starttls = true;
    MailSink mail(sink_tls(), plain);
    expect_no_mail(mail, "offers no STARTTLS");
    EXPECT_EQ(mail.commands(), (std::vector<std::string>{"EHLO [127."}));
    EXPECT_TRUE(mail.mails().empty());
}

TEST_F(AlertChannelTest, PlainMailGoesOutWhereItIsAskedFor) {
    MailSinkFaults plain;
    plain.no_starttls = true;
    MailSink mail(sink_tls(), plain);
    add_mail(mail, {{"username", ""}, {"security", "none"}});
    EXPECT_TRUE(test("mail").taken);
    ASSERT_EQ(mail.mails().size(), 1u);
    EXPECT_FALSE(mail.mails()[0].encrypted);
}

TEST_F(AlertChannelTest, AServerThatSpeaksOnInPlainTextBeforeTlsIsNotBelieved) {
    MailSinkFaults injecting;
    injecting.injects = true;
    MailSink mail(sink_tls(), injecting);
    expect_no_mail(mail, "in plain text after STARTTLS");
    EXPECT_TRUE(mail.mails().empty());
}

TEST_F(AlertChannelTest, AServerWithAnothersCertificateLearnsNoPassword) {
    MailSink mail(authority().server("DNS:other.example"));
    expect_no_mail(mail, "127.0.0.1");
    for (const auto& command : mail.commands()) {
        EXPECT_EQ(command.find("AUTH"), std::string::npos);
    }
}

TEST_F(AlertChannelTest, WhatASidesAnswerRepeatsOfASecretIsNotShown) {
    MailSinkFaults refusing;
    refusing.refuses_login = true;
    MailSink mail(sink_tls(), refusing);
    add_mail(mail);
    HttpSink echo([](const HttpSink::Received& got) {
        return HttpSink::Said{400, "bad: http://127.0.0.1" + got.path, {}};
    });
    add("chat", "slack", Json::object(), {{"url", echo.url("/services/canary")}});
    const auto sent = test("mail");
    EXPECT_FALSE(sent.taken);
    EXPECT_EQ(sent.answer.substr(0, 9), "535 5.7.8");
    EXPECT_EQ(sent.answer.find("AHN5bmNsaW5l"), std::string::npos) << sent.answer;
    EXPECT_EQ(test("chat").answer.find("canary"), std::string::npos) << test("chat").answer;
}

TEST_F(AlertChannelTest, MailReachesTheOthersWhenOneIsRefused) {
    MailSinkFaults refusing;
    refusing.refuses_first = true;
    MailSink mail(sink_tls(), refusing);
    add_mail(mail);
    const auto sent = test("mail");
    EXPECT_TRUE(sent.taken);
    EXPECT_NE(sent.answer.find("1 of 2 recipients refused: 550 5.1.1"), std::string::npos)
        << sent.answer;
}

TEST_F(AlertChannelTest, ARedirectIsAnAnswerAndIsNotFollowed) {
    HttpSink elsewhere(well);
    HttpSink moved([&](const HttpSink::Received&) {
        return HttpSink::Said{307, "", {{"Location", elsewhere.url()}}};
    });
    add("pager", "webhook", {{"url", moved.url()}}, {{"secret", kSecret}});
    const auto sent = test("pager");
    EXPECT_FALSE(sent.taken);
    EXPECT_EQ(sent.answer.substr(0, 3), "307");
    EXPECT_TRUE(elsewhere.received().empty());
}

TEST_F(AlertChannelTest, PrivateAddressesAndPlainHttpAreRefusedWhereTheyAreNotAllowed) {
    options_.egress.allow.clear();
    senders_ = host::AlertSenders::make(options_).value();
    build();
    HttpSink sink(well);
    engine::NewAlertChannel channel;
    channel.name = "pager";
    channel.kind = "webhook";
    channel.settings = {{"url", sink.url()}};
    const auto plain = control_->create(tenant_, channel, {});
    ASSERT_FALSE(plain.has_value());
    EXPECT_EQ(plain.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(plain.error().message.find("/settings/url: "), 0u) << plain.error().message;
    channel.settings = {{"url", "https://127.0.0.1:1/"}};
    const auto made = control_->create(tenant_, channel, {});
    const std::string said = made ? test("pager").answer : made.error().message;
    EXPECT_NE(said.find("loopback"), std::string::npos) << said;
    MailSink mail(sink_tls());
    expect_no_mail(mail, "loopback");
    EXPECT_TRUE(mail.commands().empty());
}

TEST_F(AlertChannelTest, AServerThatDripsIsLeftAtTheDeadline) {
    MailSinkFaults dripping;
    dripping.drips = true;
    MailSink mail(sink_tls(), dripping);
    add_mail(mail);
    const auto channel = stores_->channels.find(tenant_, "mail").value();
    const AlertSecrets secrets{{"password", "p"}};
    const AlertMessage message = test_alert_message("m", "default", clock_.now());
    engine::AlertPost post{channel, secrets, message, clock_.now()};
    post.time_left = std::chrono::milliseconds(300);
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_FALSE(senders_->send(post).has_value());
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(2));
}

TEST_F(AlertChannelTest, ALineOfADotEndsNoMail) {
    host::Mail mail;
    mail.from = "a@x.example";
    mail.to = {"b@x.example"};
    mail.subject = "Größe";
    mail.text = "one\n.\n..two\nGröße\n";
    mail.message_id = "m@x.example";
    const std::string wire = host::mail_text(mail);
    EXPECT_EQ(wire.find("\r\n.\r\n"), std::string::npos) << wire;
    EXPECT_EQ(wire.substr(wire.size() - 2), "\r\n");
    for (const char c : wire) {
        EXPECT_LT(static_cast<unsigned char>(c), 0x80) << "all of it is ASCII";
    }
}

}  // namespace
}  // namespace syncline::testing
