#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class FlowRoutesTest : public ApiTest {
protected:
    static Json flow(const std::string& name) {
        return {
            {"name", name},
            {"entity", "customer"},
            {"source", {{"connection", "shop"}}},
            {"target", {{"connection", "books"}}}};
    }
    void declare(const std::string& name) {
        auto& stores = engine().stores;
        const Flow flow = stores.flows.find(tenant_, name).value();
        ASSERT_TRUE(stores.flows.put(tenant_, flow.definition, true, 1).has_value());
    }
};

TEST_F(FlowRoutesTest, AFlowIsDefinedShownChangedAndRemoved) {
    const Answer created = post("/api/flows", flow("shop-books-customers"));
    ASSERT_EQ(created.status, 201) << created.text;
    EXPECT_EQ(created.header("Location"), "/api/flows/shop-books-customers");
    EXPECT_EQ(created.json["state"], "RUNNING");
    EXPECT_EQ(created.json["managed_by"], "api");
    EXPECT_EQ(created.json["batch_size"], 1000);
    EXPECT_EQ(get("/api/flows").json["items"].size(), 2u);
    Json changed = flow("shop-books-customers");
    changed["batch_size"] = 10;
    changed["source"]["filters"] = {{"status", {"completed"}}};
    EXPECT_EQ(put("/api/flows/shop-books-customers", changed).status, 200);
    EXPECT_EQ(get("/api/flows/shop-books-customers").json["batch_size"], 10);
    EXPECT_EQ(remove("/api/flows/shop-books-customers").status, 204);
    EXPECT_EQ(get("/api/flows/shop-books-customers").status, 404);
}

TEST_F(FlowRoutesTest, PuttingAFlowThatIsNotThereMakesIt) {
    Json unnamed = flow("x");
    unnamed.erase("name");
    EXPECT_EQ(put("/api/flows/made-by-put", unnamed).status, 201);
    EXPECT_EQ(put("/api/flows/made-by-put", unnamed).status, 200);
}

TEST_F(FlowRoutesTest, EntitiesMayBeWrittenInThePlural) {
    Json plural = flow("plural");
    plural["entity"] = "customers";
    EXPECT_EQ(post("/api/flows", plural).json["entity"], "customer");
}

TEST_F(FlowRoutesTest, AFlowPausesResumesAndStops) {
    const std::string path = "/api/flows/shop-books-orders";
    EXPECT_EQ(put(path + "/pause").json["state"], "PAUSED");
    shop_.put(1, "10.00", "a@x.example");
    EXPECT_EQ(post("/api/sync/orders").json["type"], "/errors/flow.not_running");
    EXPECT_EQ(put(path + "/resume").json["state"], "RUNNING");
    EXPECT_EQ(post("/api/sync/orders").status, 202);
    EXPECT_EQ(put(path + "/stop").json["state"], "STOPPED");
    work();
    EXPECT_EQ(get("/api/sync/history").json["items"][0]["status"], "stopped");
    EXPECT_EQ(books_.count("invoice"), 0u);
    EXPECT_EQ(put(path + "/resume").json["state"], "RUNNING");
    EXPECT_EQ(post("/api/sync/orders").status, 202);
    work();
    EXPECT_EQ(books_.count("invoice"), 1u);
}

TEST_F(FlowRoutesTest, WhatTheFileDeclaresCanOnlyBePausedAndResumed) {
    declare("shop-books-orders");
    const std::string path = "/api/flows/shop-books-orders";
    Json same = flow("shop-books-orders");
    same["entity"] = "order";
    for (const Answer& refused : {put(path, same), remove(path), put(path + "/stop")}) {
        EXPECT_EQ(refused.status, 409);
        EXPECT_EQ(refused.json["type"], "/errors/managed_by_config");
    }
    EXPECT_EQ(put(path + "/pause").status, 200);
    EXPECT_EQ(put(path + "/resume").status, 200);
    EXPECT_EQ(get(path).json["managed_by"], "config");
}

TEST_F(FlowRoutesTest, BadFlowsAreRefusedWithTheirPlaces) {
    EXPECT_EQ(post("/api/flows", flow("shop-books-orders")).json["type"], "/errors/flow.exists");
    Json bad = flow("bad");
    bad["source"]["connection"] = "nowhere";
    EXPECT_EQ(post("/api/flows", bad).status, 400);
    EXPECT_EQ(post("/api/flows", bad).places(), std::vector<std::string>{"/source/connection"});
    bad = flow("bad");
    bad["entity"] = "widget";
    EXPECT_EQ(post("/api/flows", bad).places(), std::vector<std::string>{"/entity"});
    bad = flow("Bad Name");
    EXPECT_EQ(post("/api/flows", bad).places(), std::vector<std::string>{"/name"});
    bad = flow("bad");
    bad["mappings"] = "x";
    bad["source"]["filter"] = Json::object();
    EXPECT_EQ(
        post("/api/flows", bad).places(), (std::vector<std::string>{"/mappings", "/source/filter"})
    );
    EXPECT_EQ(put("/api/flows/one", flow("other")).places(), std::vector<std::string>{"/name"});
    const Answer moved = put("/api/flows/shop-books-orders", flow("shop-books-orders"));
    EXPECT_EQ(moved.json["type"], "/errors/flow.other_ends");
}

TEST_F(FlowRoutesTest, AFlowWithAnOpenRunIsNotRemoved) {
    post("/api/sync/orders");
    EXPECT_EQ(remove("/api/flows/shop-books-orders").json["type"], "/errors/flow.running");
}

}  // namespace
}  // namespace syncline::testing
