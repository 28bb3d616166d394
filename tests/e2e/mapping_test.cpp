// Mappings with the real program: files on the command line, and a flow whose documents one
// adjusts.
#include <fstream>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

constexpr const char* kFlow = "shop-warehouse-noted";

// An order's row whose note is made of `source`.
Json note_from(const std::string& source) {
    Json mapping = {
        {"name", "noted"},
        {"source_entity", "order"},
        {"target", "com.syncline.supabase"},
        {"target_entity", "order"},
        {"role", "order"}};
    mapping["rules"] = Json::array();
    mapping["rules"].push_back(
        {{"source", source},
         {"target", "customer_note"},
         {"transform", Json::array({{{"template", "from {@}"}}})}}
    );
    return mapping;
}

class MappingTest : public ::testing::Test {
protected:
    // Only the flow of the test.
    static Json without_flows(Json config) {
        config["flows"] = Json::array();
        return config;
    }
    void TearDown() override {
        if (host_.running()) {
            EXPECT_EQ(host_.stop(), 0) << host_.log();
        }
    }
    Answer put(const std::string& path, const Json& body) { return host_.call("PUT", path, body); }
    Answer publish() { return host_.post("/api/mappings/noted/publish"); }
    void sync() {
        EXPECT_EQ(host_.post("/api/sync/orders", {{"flow", kFlow}, {"mode", "full"}}).status, 202);
        EXPECT_EQ(host_.unsettled(), "");
    }
    // Of every row whose order has the member: its note is "from <member>".
    std::string wrong_notes(const std::string& member) {
        std::string wrong;
        const Json rows = shop_.rows("orders");
        for (const auto& row : rows) {
            const std::string expected = "from " + row.at(member).get<std::string>();
            if (row.at("customer_note") != expected) {
                wrong +=
                    row.at("source_id").dump() + " has " + row.at("customer_note").dump() + "\n";
            }
        }
        return rows.empty() ? "there is no order" : wrong;
    }
    std::string write(const std::string& name, const Json& json) {
        const std::string file = host_.file(name);
        std::ofstream(file) << json.dump(2);
        return file;
    }
    void expect_run(const std::vector<std::string>& arguments, int status, const Words& words) {
        const auto done = host_.run(
            arguments, {"SYNCLINE_URL=" + host_.url(), "SYNCLINE_TOKEN=" + host_.token()}
        );
        EXPECT_EQ(done.status, status) << done.output;
        expect_words(done.output, words);
    }

    DemoShop shop_;
    HostProcess host_{without_flows(shop_.config())};
};

TEST_F(MappingTest, AFlowsDocumentsAreAdjustedAndARollbackBringsTheEarlierOnesBack) {
    host_.start();
    ASSERT_EQ(host_.post("/api/mappings", note_from("number")).status, 201);
    const Answer first = publish();
    ASSERT_EQ(first.status, 200) << first.text;
    const Answer flow =
        put(std::string("/api/flows/") + kFlow,
            {{"entity", "order"},
             {"source", {{"connection", "shop"}}},
             {"target", {{"connection", "warehouse"}}},
             {"mapping", "noted"},
             {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}});
    ASSERT_EQ(flow.status, 201) << flow.text;
    sync();
    EXPECT_EQ(wrong_notes("number"), "");

    ASSERT_EQ(put("/api/mappings/noted", note_from("status")).status, 200);
    ASSERT_EQ(publish().status, 200);
    sync();
    EXPECT_EQ(wrong_notes("status"), "");

    Json broken = note_from("no_such_member");
    broken["rules"].push_back({{"source", "number"}, {"target", "total"}});
    ASSERT_EQ(put("/api/mappings/noted", broken).status, 200);
    const Answer refused = publish();
    EXPECT_EQ(refused.status, 422) << refused.text;
    EXPECT_EQ(refused.json.value("type", ""), "/errors/mapping.invalid");
    std::vector<std::string> places;
    for (const auto& error : refused.json.value("errors", Json::array())) {
        places.push_back(error.at("pointer"));
    }
    EXPECT_EQ(places, (std::vector<std::string>{"/rules/0/source", "/rules/1/target"}));

    const Answer back =
        host_.post("/api/mappings/noted/rollback", {{"reason", "the number was better"}});
    ASSERT_EQ(back.status, 200) << back.text;
    sync();
    EXPECT_EQ(wrong_notes("number"), "");
}

TEST_F(MappingTest, TheCommandLineWorksOnFilesWithoutAHost) {
    Json good = note_from("number");
    good["tests"] = Json::array();
    good["tests"].push_back(
        {{"name", "the number"},
         {"input", {{"number", "7"}}},
         {"document", Json::object()},
         {"expected", {{"customer_note", "from 7"}}}}
    );
    Json failing = good;
    failing["tests"][0]["expected"]["customer_note"] = "from 8";
    Json broken = good;
    broken["rules"][0]["source"] = "no_such_member";
    const std::string good_file = write("good.json", good);
    const std::string failing_file = write("failing.json", failing);
    const std::string broken_file = write("broken.json", broken);
    expect_run({"mapping", "lint", good_file, failing_file}, 0, {"good.json: sound"});
    expect_run(
        {"mapping", "lint", good_file, broken_file},
        1,
        {"good.json: sound", "broken.json: /rules/0/source"}
    );
    expect_run({"mapping", "test", good_file}, 0, {"1 of 1 tests passed"});
    expect_run({"mapping", "test", failing_file}, 1, {"'the number' failed", "0 of 1 tests"});
    expect_run({"mapping", "diff", good_file, good_file}, 0, {"they are the same"});
    expect_run(
        {"mapping", "diff", good_file, failing_file},
        1,
        {"/tests/0/expected/customer_note: \"from 7\" -> \"from 8\""}
    );
    expect_run({"mapping", "lint", host_.file("nowhere.json")}, 1, {"nowhere.json", "cannot"});
    expect_run({"mapping", "lint"}, 2, {"expected: mapping lint FILE"});
    expect_run({"mapping", "dance"}, 2, {"expected lint, test, diff"});
    const std::string catalog = write(
        "catalog.json",
        Json::parse(R"({"entities": [{"name": "order", "read": [], "write": ["create"],
                                      "owned_paths": ["/customer_note"]}]})")
    );
    expect_run(
        {"mapping", "lint", good_file, "--catalog", catalog},
        1,
        {"/rules/0/target", "customer_note"}
    );
}

TEST_F(MappingTest, TheCommandLinePublishesAndPreviews) {
    host_.start();
    const std::string file = write("noted.json", note_from("number"));
    ASSERT_EQ(
        put(std::string("/api/flows/") + kFlow,
            {{"entity", "order"},
             {"source", {{"connection", "shop"}}},
             {"target", {{"connection", "warehouse"}}}}
        ).status,
        201
    );
    const std::string order = shop_.orders().at(0).at("id").dump();
    expect_run(
        {"mapping",
         "preview",
         "--file",
         file,
         "--flow",
         kFlow,
         "--source-id",
         order,
         "--explain",
         "customer_note"},
        0,
        {"/customer_note: ", "from ", "rule /rules/0 sets customer_note"}
    );
    EXPECT_EQ(shop_.rows("orders").size(), 0U);
    expect_run({"mapping", "import", file}, 0, {"the draft of noted is stored"});
    expect_run({"mapping", "publish", "noted", "--reason", "first"}, 0, {"version 1 of noted"});
    expect_run({"mapping", "list"}, 0, {"noted", "tenant", "woo-to-qbo-invoice", "shipped"});
    expect_run({"mapping", "show", "noted"}, 0, {"in_force: 1", "first"});
    expect_run({"mapping", "rollback", "noted"}, 1, {"no version before"});
    expect_run({"mapping", "preview", "noted"}, 2, {"--record FILE or --source-id ID"});
}

}  // namespace
}  // namespace syncline::test
