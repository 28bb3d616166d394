// The API over real HTTP on a free port, with the engine, a fake shop and fake books behind it. The
// engine works only when the test lets it (work()).
#pragma once

#include <map>
#include <memory>
#include <string>

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <gtest/gtest.h>

#include "api/http/bearer_token.hpp"
#include "api/http/server.hpp"
#include "api/routes.hpp"
#include "api/support/described_api.hpp"
#include "support/engine_fixture.hpp"
#include "support/fake_accounts.hpp"
#include "support/fake_alert_sender.hpp"

namespace syncline::testing {

struct Answer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string text;
    mutable Json json;  // null if the body is none; mutable, so that [] of what is absent is null

    std::string header(const std::string& name) const {
        const auto found = headers.find(name);
        return found == headers.end() ? std::string() : found->second;
    }
    // Of a problem document: the pointer or parameter of every error.
    std::vector<std::string> places() const {
        std::vector<std::string> all;
        for (const auto& error : json.value("errors", Json::array())) {
            all.push_back(error.contains("pointer") ? error["pointer"] : error["parameter"]);
        }
        return all;
    }
};

struct Call {
    std::string method = "GET";
    std::string path;
    std::string body;
    std::string token;  // empty: none
    std::map<std::string, std::string> headers;
};

class ApiTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        start_server();
    }
    void TearDown() override { stop_server(); }

    engine::ConnectorSource& source() override { return accounts_; }

    // What platforms' OAuth 2.0 endpoints answer.
    virtual engine::AskEndpoint ask_endpoint() {
        return [](const Spec&, const Json&, const engine::EndpointRequest&) {
            return Result<engine::EndpointAnswer>(engine::EndpointAnswer{503, ""});
        };
    }

    void start_server() {
        auto& stores = engine().stores;
        const auto wake = [this] { engine().dispatcher.wake(); };
        confirmations_ =
            std::make_unique<engine::ConfirmationControl>(stores, engine().control, clock_);
        restarts_ = std::make_unique<engine::Restarts>(stores, engine().control, clock_);
        flows_ = std::make_unique<engine::FlowControl>(stores, *restarts_, clock_, wake);
        cursors_ = std::make_unique<engine::CursorControl>(stores, engine().preview, clock_);
        schedules_ = std::make_unique<engine::ScheduleControl>(stores, clock_);
        connections_ = std::make_unique<engine::ConnectionControl>(
            stores, engine().pool, source(), clock_, wake
        );
        const auto nothing = [] {};
        receivers_ = std::make_unique<engine::WebhookReceivers>(stores, accounts_, clock_);
        inbox_ =
            std::make_unique<engine::WebhookInbox>(stores, accounts_, *receivers_, clock_, nothing);
        webhooks_ = std::make_unique<engine::WebhookControl>(
            stores, accounts_, *receivers_, clock_, "https://hooks.example", nothing
        );
        tenants_ = std::make_unique<engine::TenantControl>(stores, clock_, wake);
        api_keys_ = std::make_unique<engine::ApiKeyControl>(stores, clock_);
        keys_ = std::make_unique<engine::KeyRotation>(stores, clock_);
        apps_ = std::make_unique<engine::AppControl>(stores, source(), clock_);
        oauth_ = std::make_unique<engine::OAuthControl>(
            stores, *connections_, source(), ask_endpoint(), clock_
        );
        alert_stores_ = std::make_unique<engine::AlertStores>(stores);
        alerts_ = std::make_unique<engine::AlertControl>(*alert_stores_, alert_sender_, clock_);
        mappings_ = std::make_unique<engine::MappingControl>(
            stores, engine().pool, source(), clock_, wake
        );
        mapping_preview_ =
            std::make_unique<engine::MappingPreviewer>(stores, engine().pool, *mappings_);
        matches_ =
            std::make_unique<engine::MatchControl>(stores, engine().pool, engine().writer, clock_);
        id_mappings_ = std::make_unique<engine::IdMappingControl>(
            stores, engine().pool, engine().writer, clock_
        );
        slots_ = std::make_unique<api::Slots>(
            api_config_.connector_calls_max, api_config_.connector_calls_per_tenant_max
        );
        events_ = std::make_unique<api::EventFeed>(stores.log, stores.flows, clock_, api_config_);
        backend_.reset(new api::Backend{
            stores,
            engine().control,
            *confirmations_,
            engine().failures,
            engine().conflicts,
            *flows_,
            *cursors_,
            *schedules_,
            *connections_,
            *inbox_,
            *webhooks_,
            source(),
            clock_,
            *slots_,
            [this] { return ready_; },
            "1.2.3",
            *tenants_,
            *api_keys_,
            wake,
            *keys_,
            *apps_,
            *oauth_,
            "",
            false,
            *alerts_,
            *events_,
            *mappings_,
            *mapping_preview_,
            *matches_,
            *id_mappings_});
        surface_ = std::make_unique<api::Surface>(
            *backend_, api::api_routes(), token_key_, api_config_, identity_, fetch_keys_
        );
        auto server = api::Server::start(api_config_, *surface_);
        ASSERT_TRUE(server.has_value()) << server.error().message;
        server_ = std::move(*server);
        events_->start();
    }
    void stop_server() {
        events_->stop();
        server_.reset();
        surface_.reset();
    }

    // A token for the fixture's tenant, good for an hour.
    std::string token(
        api::Role role, const std::string& tenant = "default", const std::string& subject = "tester"
    ) {
        const std::int64_t now = clock_.now().ms / 1000;
        return api::sign_token(
            {subject, tenant, role, now, now + 3600, "t-1"}, token_key_.reveal()
        );
    }
    static storage::AuditFilter events_like(const std::string& event) {
        storage::AuditFilter filter;
        filter.event = event;
        return filter;
    }
    std::string admin() { return token(api::Role::kAdmin); }

    // The answer must be as the API's own description says.
    Answer call(const Call& wanted) {
        Poco::Net::HTTPClientSession session("127.0.0.1", server_->port());
        session.setTimeout(Poco::Timespan(20, 0));
        Poco::Net::HTTPRequest request(wanted.method, wanted.path, "HTTP/1.1");
        if (!wanted.token.empty()) {
            request.set("Authorization", "Bearer " + wanted.token);
        }
        if (!wanted.body.empty()) {
            request.setContentType("application/json");
        }
        if (!wanted.body.empty() || wanted.method == "POST" || wanted.method == "PUT") {
            request.setContentLength64(static_cast<std::int64_t>(wanted.body.size()));
        }
        for (const auto& [name, value] : wanted.headers) {
            request.set(name, value);
        }
        session.sendRequest(request) << wanted.body;
        Poco::Net::HTTPResponse response;
        Answer answer;
        Poco::StreamCopier::copyToString(session.receiveResponse(response), answer.text);
        answer.status = response.getStatus();
        for (const auto& [name, value] : response) {
            answer.headers[name] = value;
        }
        const auto json = parse_json(answer.text);
        answer.json = json ? *json : Json();
        // What is compressed is what it was before that.
        if (serves_all_ && answer.header("Content-Encoding").empty()) {
            expect_as_described(wanted, answer);
        }
        return answer;
    }
    static void expect_as_described(const Call& wanted, const Answer& answer) {
        for (const auto& problem : DescribedApi::instance().problems_of(
                 {wanted.method,
                  wanted.path,
                  wanted.body,
                  answer.status,
                  answer.header("Content-Type"),
                  answer.text}
             )) {
            ADD_FAILURE() << wanted.method << " " << wanted.path << " " << wanted.body << "\n"
                          << answer.status << " " << answer.text.substr(0, 400) << "\n"
                          << "is not as /openapi.json says: " << problem;
        }
    }
    Answer get(const std::string& path) { return call({"GET", path, "", admin(), {}}); }
    Answer post(const std::string& path, const Json& body = Json()) {
        return call({"POST", path, body.is_null() ? "" : dump_json(body), admin(), {}});
    }
    Answer put(const std::string& path, const Json& body = Json()) {
        return call({"PUT", path, body.is_null() ? "" : dump_json(body), admin(), {}});
    }
    Answer remove(const std::string& path) { return call({"DELETE", path, "", admin(), {}}); }

    // Stored under another tenant; nothing of it may be seen with a token of ours.
    TenantId other_tenant() {
        auto& stores = engine().stores;
        const TenantId other = stores.tenants.ensure("other", 1).value();
        EXPECT_TRUE(stores.vault.prepare_tenant(other, 1).has_value());
        return other;
    }

    bool serves_all_ = true;  // else answers are not held against the description
    ShopAccount account_;
    FakeAccountSource accounts_{shop_, books_, account_};
    api::ApiConfig api_config_ = [] {
        api::ApiConfig config;
        config.port = 0;
        config.threads = 8;
        config.event_stream_ms_max = 0;  // who watches is sent away after the first look
        return config;
    }();
    api::IdentityConfig identity_;
    api::FetchKeys fetch_keys_;
    storage::Key token_key_ = storage::Key::from_bytes(std::string(32, 't')).value();
    Result<void> ready_;
    std::unique_ptr<engine::ConfirmationControl> confirmations_;
    std::unique_ptr<engine::Restarts> restarts_;
    std::unique_ptr<engine::FlowControl> flows_;
    std::unique_ptr<engine::CursorControl> cursors_;
    std::unique_ptr<engine::ScheduleControl> schedules_;
    std::unique_ptr<engine::ConnectionControl> connections_;
    std::unique_ptr<engine::WebhookReceivers> receivers_;
    std::unique_ptr<engine::WebhookInbox> inbox_;
    std::unique_ptr<engine::WebhookControl> webhooks_;
    std::unique_ptr<engine::TenantControl> tenants_;
    std::unique_ptr<engine::ApiKeyControl> api_keys_;
    std::unique_ptr<engine::KeyRotation> keys_;
    std::unique_ptr<engine::AppControl> apps_;
    std::unique_ptr<engine::OAuthControl> oauth_;
    FakeAlertSender alert_sender_;
    std::unique_ptr<engine::AlertStores> alert_stores_;
    std::unique_ptr<engine::AlertControl> alerts_;
    std::unique_ptr<engine::MappingControl> mappings_;
    std::unique_ptr<engine::MappingPreviewer> mapping_preview_;
    std::unique_ptr<engine::MatchControl> matches_;
    std::unique_ptr<engine::IdMappingControl> id_mappings_;
    std::unique_ptr<api::Slots> slots_;
    std::unique_ptr<api::EventFeed> events_;
    std::unique_ptr<api::Backend> backend_;
    std::unique_ptr<api::Surface> surface_;
    std::unique_ptr<api::Server> server_;
};

}  // namespace syncline::testing
