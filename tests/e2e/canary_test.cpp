// After a full run with failures no planted secret is anywhere, and no person's data is where it
// does not belong: not in the log, not in plain in the database beyond the keys by which records
// are told apart, and not in what a viewer is shown.
#include <algorithm>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "e2e/support/database_file.hpp"
#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

constexpr auto kMail = "canary.person@pii-mail.example";
constexpr auto kWebhookSecret = "whsec_canary_4d1f0b77a6e2";
constexpr auto kVerifierToken = "verifier_canary_90c1d7e3";
constexpr auto kPostedSecret = "cs_canary_posted_0c9d8e7f6a5b4c3d";

std::string canary_bytes(const std::string& file) {
    std::ostringstream text;
    text << std::ifstream(file, std::ios::binary).rdbuf();
    return text.str();
}

std::string key_bytes(const std::string& text) {
    std::string bytes(text.size(), '\0');
    const int count = EVP_DecodeBlock(
        reinterpret_cast<unsigned char*>(bytes.data()),
        reinterpret_cast<const unsigned char*>(text.data()),
        static_cast<int>(text.size())
    );
    bytes.resize(static_cast<std::size_t>(std::max(count, 0)));
    return bytes.substr(0, 32);
}

std::string shop_signature(const std::string& body) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        kWebhookSecret,
        static_cast<int>(std::string(kWebhookSecret).size()),
        reinterpret_cast<const unsigned char*>(body.data()),
        body.size(),
        digest,
        &size
    );
    std::string text(4 * ((size + 2) / 3) + 1, '\0');
    text.resize(static_cast<std::size_t>(EVP_EncodeBlock(
        reinterpret_cast<unsigned char*>(text.data()), digest, static_cast<int>(size)
    )));
    return text;
}

// What is searched for, by what to call it in a message.
using Canaries = std::map<std::string, std::string>;

void expect_no_canary(
    const std::string& haystack, const Canaries& canaries, const std::string& where
) {
    for (const auto& [name, canary] : canaries) {
        const auto at = haystack.find(canary);
        EXPECT_EQ(at, std::string::npos)
            << name << " is in " << where << ": ..."
            << haystack.substr(at < 150 ? 0 : at - 150, 150 + canary.size() + 20);
    }
}

class CanaryTest : public ::testing::Test {
protected:
    CanaryTest() : host_(config()) {}

    Json config() {
        Json config = shop_.config();
        config["log"] = {{"level", "debug"}};
        // So that events end like any answer.
        config["api"]["event_stream_ms_max"] = 1'000;
        config["connections"][0]["settings"]["webhook_secret"] = kWebhookSecret;
        config["connections"][1]["settings"]["webhook_verifier_token"] = kVerifierToken;
        for (const auto& connection : config["connections"]) {
            for (const char* name :
                 {"consumer_key",
                  "consumer_secret",
                  "client_secret",
                  "refresh_token",
                  "access_token",
                  "service_role_key",
                  "webhook_secret",
                  "webhook_verifier_token"}) {
                if (connection["settings"].contains(name)) {
                    secrets_[name] = connection["settings"][name];
                }
            }
        }
        secrets_["posted consumer secret"] = kPostedSecret;
        return config;
    }
    void take_keys() {
        for (const char* name : {"encryption", "token"}) {
            std::string text = canary_bytes(host_.file(std::string("host/keys/") + name + ".key"));
            text.erase(text.find_last_not_of('\n') + 1);
            secrets_[std::string(name) + " key"] = text;
            secrets_[std::string(name) + " key's bytes"] = key_bytes(text);
        }
        const auto made =
            host_.run({"api-key", "create", "--name", "canary", "--role", "viewer", "-o", "json"});
        const auto start = made.output.find("slk_");
        ASSERT_NE(start, std::string::npos) << made.output;
        const std::string key = made.output.substr(start, made.output.find('"', start) - start);
        secrets_["API key"] = key.substr(key.size() - 30);
    }
    // What the accounts are like is known then: the faults hit what is written of persons.
    void sync_before() {
        ASSERT_EQ(host_.post("/api/sync/orders").status, 202);
        ASSERT_EQ(host_.unsettled(60), "");
    }
    // One order is a person's, whose name a customer in the books refuses; another is held; one
    // more cannot be read by QuickBooks at all.
    void plant() {
        const Json person{
            {"first_name", "Canaryfirst"},
            {"last_name", "Canarylast"},
            {"company", "Canarycompany"},
            {"address_1", "77 Canarystreet"},
            {"city", "Canaryville"},
            {"postcode", "CNRY77"},
            {"email", kMail},
            {"phone", "+49 5550 193847"}};
        Json ship = person;
        ship.erase("email");
        int planted = 0;
        for (const auto& order : shop_.orders()) {
            if (order.at("status") != "completed" && order.at("status") != "processing") {
                continue;
            }
            Json change{
                {"billing", person},
                {"shipping", ship},
                {"customer_id", 0},
                {"customer_note", "Canarynote for the courier"}};
            if (planted == 1) {
                change["currency"] = "EUR";
            }
            shop_.control("POST", "/woocommerce/orders/" + order.at("id").dump(), change);
            orders_.push_back(order.at("id").dump());
            if (++planted == 4) {
                break;
            }
        }
        ASSERT_EQ(planted, 4);
        // As QuickBooks words it, with the customer's data in it.
        shop_.control(
            "POST",
            "/faults",
            {{"platform", "quickbooks"},
             {"method", "POST"},
             {"path", "/(customer|batch)"},
             {"times", nullptr},
             {"action",
              {{"status", 400},
               {"body",
                {{"Fault",
                  {{"Error",
                    {{{"Message", "Duplicate Name Exists Error"},
                      {"Detail",
                       "The name supplied already exists. : Canaryfirst Canarylast "
                       "<canary.person@pii-mail.example> +49 5550 193847"},
                      {"code", "6240"}}}},
                   {"type", "ValidationFault"}}}}}}}}
        );
        shop_.control(
            "POST",
            "/faults",
            {{"platform", "supabase"},
             {"method", "POST"},
             {"times", 1},
             {"action",
              {{"status", 400},
               {"body",
                {{"code", "22P02"},
                 {"message", "invalid input syntax for type json: \"Canaryfirst Canarylast\""},
                 {"details", "Failing row contains (canary.person@pii-mail.example)."}}}}}}
        );
        shop_.control(
            "POST",
            "/faults",
            {{"platform", "quickbooks"},
             {"method", "GET"},
             {"skip", 2},
             {"times", 1},
             {"action", {{"status", 401}, {"html", "<h1>token expired</h1>"}}}}
        );
    }
    void deliver_webhooks() {
        const std::string body =
            Json{
                {"id", std::stoi(orders_[0])},
                {"billing", {{"email", kMail}, {"last_name", "Canarylast"}}}}
                .dump();
        const auto post = [&](const std::string& sign, const std::string& topic) {
            return host_
                .raw(
                    "POST",
                    "/api/webhooks/woocommerce/shop",
                    body,
                    {{"X-WC-Webhook-Topic", topic},
                     {"X-WC-Webhook-ID", "7"},
                     {"X-WC-Webhook-Source", shop_.url()},
                     {"X-WC-Webhook-Signature", sign}}
                )
                .status;
        };
        EXPECT_EQ(post(shop_signature(body), "order.updated"), 200);
        EXPECT_EQ(post(shop_signature(body + " "), "order.updated"), 401);
    }
    void work() {
        ASSERT_EQ(host_.post("/api/sync/orders").status, 202);
        ASSERT_EQ(host_.unsettled(60), "");
        ASSERT_EQ(host_.post("/api/sync/dry-run/orders", {{"mode", "full"}}).status, 200);
        ASSERT_EQ(
            host_.post("/api/integrations/woocommerce/test", {{"connection", "shop"}}).status, 200
        );
    }
    // What somebody who errs is told.
    std::string error_pages() {
        std::string all;
        const std::string secret = kPostedSecret;
        const auto ask = [&](const char* method, const std::string& path, const Json& body) {
            const Answer answer = host_.call(method, path, body);
            EXPECT_GE(answer.status, 400) << method << " " << path;
            all += answer.text + "\n";
        };
        const std::string credentials = "/api/integrations/woocommerce/credentials";
        ask("POST", credentials, {{"store_url", "no url"}, {"consumer_secret", secret}});
        ask("POST", credentials, {{"consumer_secret", {{"is", secret}}}});
        ask("POST", credentials, {{"consumer_secrett", secret}});
        ask("POST", credentials, Json::array({secret}));
        ask("POST", "/api/integrations/nobody/credentials", {{"consumer_secret", secret}});
        ask("POST", "/api/integrations/woocommerce/webhook-secret", {{"secret", secret}});
        ask("PUT", "/api/connectors/none/config/validate", {{"consumer_secret", secret}});
        const auto raw = [&](const std::string& body, const std::string& bearer) {
            all += host_
                       .raw(
                           "POST",
                           credentials,
                           body,
                           {{"Authorization", "Bearer " + bearer},
                            {"Content-Type", "application/json"}}
                       )
                       .text;
        };
        raw("{\"consumer_secret\": \"" + secret + "\",", host_.token());
        raw("{}", secret);
        const Answer validated = host_.call(
            "PUT",
            "/api/connectors/woocommerce/config/validate",
            {{"store_url", "nothing"}, {"consumer_secret", secret}}
        );
        return all + validated.text;
    }
    // Every GET row of the route table, with everything its parameters can be.
    std::vector<std::string> get_paths() {
        std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/host/api/routes.cpp");
        std::stringstream text;
        text << file.rdbuf();
        const std::string table = text.str();
        std::set<std::string> paths;
        static const std::regex kRow(R"re(\{"GET",\s*"([^"]+)")re");
        for (std::sregex_iterator it(table.begin(), table.end(), kRow), end; it != end; ++it) {
            paths.insert((*it)[1]);
        }
        EXPECT_GT(paths.size(), 25U) << "the route table is written differently now";
        std::vector<std::string> filled;
        for (const auto& path : paths) {
            fill(path, filled);
        }
        return filled;
    }
    void fill(const std::string& path, std::vector<std::string>& filled) {
        const auto open = path.find('{');
        if (open == std::string::npos) {
            filled.push_back(path);
            return;
        }
        const auto close = path.find('}', open);
        const std::string name = path.substr(open + 1, close - open - 1);
        for (const auto& value : values_of(name)) {
            fill(path.substr(0, open) + value + path.substr(close + 1), filled);
        }
    }
    std::vector<std::string> values_of(const std::string& name) {
        DatabaseFile file(host_.database());
        if (name == "entity") {
            return {"orders", "customers"};
        }
        if (name == "source_id") {
            return orders_;
        }
        if (name == "platform") {
            return {"woocommerce", "quickbooks", "supabase"};
        }
        if (name == "name") {
            return file.column("SELECT name FROM flows");
        }
        if (name == "key") {
            return {"approval", "api_keys"};
        }
        if (name == "syncId") {
            return file.column("SELECT sync_id FROM sync_runs");
        }
        auto ids = file.column("SELECT id FROM sync_queue WHERE state = 'dead'");
        ids.insert(ids.end(), {"1", "2", "woocommerce"});
        return ids;
    }
    std::string answers(const std::string& credential) {
        std::string all;
        for (const auto& path : get_paths()) {
            const Answer answer = host_.raw(
                "GET", path, "", {{"Authorization", "Bearer " + credential}, {"Last-Event-ID", "0"}}
            );
            EXPECT_LT(answer.status, 500) << path << answer.text;
            all += path + ": " + answer.text + "\n";
        }
        return all;
    }
    std::string on_disk() {
        return canary_bytes(host_.database()) + canary_bytes(host_.database() + "-wal");
    }
    // Columns of text in which `canary` is to be found.
    std::set<std::string> columns_with(const std::string& canary) {
        DatabaseFile file(host_.database());
        std::set<std::string> found;
        for (const auto& column : file.column(
                 "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c "
                 "WHERE t.type = 'table' AND c.type = 'TEXT'"
             )) {
            const auto dot = column.find('.');
            const std::string query = "SELECT count(*) FROM " + column.substr(0, dot) +
                                      " WHERE instr(\"" + column.substr(dot + 1) + "\", '" +
                                      canary + "') > 0";
            if (file.value(query) != "0") {
                found.insert(column);
            }
        }
        return found;
    }

    DemoShop shop_;
    Canaries secrets_;
    const Canaries person_{
        {"a first name", "Canaryfirst"},
        {"a last name", "Canarylast"},
        {"a company", "Canarycompany"},
        {"a street", "Canarystreet"},
        {"a city", "Canaryville"},
        {"a postcode", "CNRY77"},
        {"a phone number", "193847"},
        {"a note", "Canarynote"}};
    const Canaries mail_{{"an e-mail address", "pii-mail.example"}};
    std::vector<std::string> orders_;
    HostProcess host_;
};

TEST_F(CanaryTest, SecretsAreNowhereAndPersonsOnlyWhereTheyBelong) {
    ASSERT_NO_FATAL_FAILURE(take_keys());
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync_before());
    ASSERT_NO_FATAL_FAILURE(plant());
    ASSERT_NO_FATAL_FAILURE(work());
    ASSERT_NO_FATAL_FAILURE(deliver_webhooks());
    ASSERT_EQ(host_.unsettled(60), "");
    // Otherwise there would be nothing to find.
    DatabaseFile file(host_.database());
    ASSERT_NE(file.value("SELECT count(*) FROM sync_queue WHERE state = 'dead'"), "0");
    ASSERT_NE(
        file.value("SELECT count(*) FROM sync_queue WHERE error_message LIKE '%already exists%'"),
        "0"
    );
    ASSERT_NE(file.value("SELECT count(*) FROM webhook_strays"), "0");
    ASSERT_FALSE(columns_with("pii-mail.example").empty());

    const std::string refused = error_pages();
    expect_no_canary(refused, secrets_, "an error page");
    const std::string viewed = answers(host_.token("default", "viewer"));
    EXPECT_NE(viewed.find("/api/events: retry: 3000\n\nid: "), std::string::npos);
    expect_no_canary(viewed, secrets_, "a viewer's answer");
    expect_no_canary(viewed, person_, "a viewer's answer");
    expect_no_canary(viewed, mail_, "a viewer's answer");
    expect_no_canary(answers(host_.token()), secrets_, "an admin's answer");
    expect_no_canary(on_disk(), secrets_, "the database file");
    expect_no_canary(on_disk(), person_, "the database file");
    const std::set<std::string> allowed{
        "sync_queue.lane",
        "sync_queue.waits_for",
        "lanes.lane",
        "id_mappings.identity_key",
        "id_mappings.source_id"};
    for (const auto& column : columns_with("pii-mail.example")) {
        EXPECT_EQ(allowed.count(column), 1U) << column << " holds an e-mail address in plain";
    }
    EXPECT_EQ(host_.stop(), 0);
    expect_no_canary(host_.log(), secrets_, "the log");
    expect_no_canary(host_.log(), person_, "the log");
    expect_no_canary(host_.log(), mail_, "the log");
    expect_no_canary(on_disk(), secrets_, "the database file after its end");
    expect_no_canary(on_disk(), person_, "the database file after its end");
}

TEST_F(CanaryTest, EveryOpeningOfACredentialIsInTheAuditLog) {
    host_.start();
    ASSERT_NO_FATAL_FAILURE(sync_before());
    ASSERT_NO_FATAL_FAILURE(plant());
    ASSERT_NO_FATAL_FAILURE(deliver_webhooks());
    ASSERT_NO_FATAL_FAILURE(work());
    ASSERT_EQ(host_.unsettled(60), "");
    DatabaseFile file(host_.database());
    std::set<std::string> opened;
    for (const auto& row : file.column(
             "SELECT object || ' ' || (detail ->> 'secret') || ' ' || (detail ->> 'purpose') "
             "FROM audit_log WHERE event = 'credential.opened' AND actor = 'host'"
         )) {
        opened.insert(row);
    }
    for (const char* expected :
         {"connection shop consumer_secret read",
          "connection shop consumer_secret check",
          "connection shop webhook_secret webhook",
          "connection books refresh_token refresh",
          "connection books client_secret refresh",
          "connection books access_token write",
          "connection books access_token find",
          "connection warehouse service_role_key write"}) {
        EXPECT_EQ(opened.count(expected), 1U) << expected;
    }
    // Nothing is noted of somebody who opened nothing, and nothing without a purpose.
    for (const auto& row : opened) {
        EXPECT_NE(row.back(), ' ') << row;
    }
    EXPECT_EQ(host_.stop(), 0) << host_.log();
}

}  // namespace
}  // namespace syncline::test
