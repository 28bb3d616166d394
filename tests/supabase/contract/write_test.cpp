// Documents that the connector writes and deletes.
#include <algorithm>

#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

using KeyStyle = Connected::KeyStyle;
using Lines = std::vector<std::string>;

TEST_P(SupabaseConnectorOn, WritesAHundredOrdersWithTheirLinesInThreeRequests) {
    Connected connected(project_);
    const auto items = connected.encode("order", orders(100, 3));
    ASSERT_EQ(items.size(), 200U);
    expect_all_done(connected.write(items), 200);
    EXPECT_EQ(connected.requests(), (Lines{"POST orders", "POST order_lines", "GET order_lines"}));
    const auto rows = project_.get(
        "/orders?select=source_id,total::text,tax_total::text,customer_email,raw&source_id=eq.700"
    );
    EXPECT_EQ(
        rows,
        Json::parse(
            R"([{"source_id": "700", "total": "35.10", "tax_total": "2.60", "customer_email": "ann@shop.example",
                               "raw": {"id": 700, "note": "ä\"\\\n", "total": "35.10"}}])"
        )
    );
    const auto lines = project_.get(
        "/order_lines?select=source_id,line_type,position,name,total::text&order_source_id=eq.700&"
        "order=position"
    );
    ASSERT_EQ(lines.size(), 4U);
    EXPECT_EQ(lines[0]["source_id"], "700:item:7001");
    EXPECT_EQ(lines[0]["name"], "Thing, \"no. 1\" (ä€)");
    EXPECT_EQ(lines[3]["line_type"], "shipping");
    EXPECT_EQ(lines[3]["total"], "2.50");
}

TEST_P(SupabaseConnectorOn, WritesTheSameAgainWithoutChangingARow) {
    Connected connected(project_);
    const auto items = connected.encode("order", orders(5, 2));
    const auto first = connected.write(items);
    const auto second = connected.write(items);
    expect_all_done(second, 10);
    for (const auto& [index, written] : first.done) {
        EXPECT_EQ(second.done.at(index).remote_id, written.remote_id);
        EXPECT_EQ(second.done.at(index).version, written.version);
    }
    EXPECT_EQ(project_.get("/orders?select=id").size(), 5U);
    EXPECT_EQ(project_.get("/order_lines?select=id").size(), 15U);
}

TEST_P(SupabaseConnectorOn, RemovesLinesThatAreGoneFromTheOrderAndNoOthers) {
    Connected connected(project_);
    expect_all_done(connected.write(connected.encode("order", orders(2, 3))), 4);
    EncodeRequest other;
    other.context = {"order", "", "globex", "woocommerce:shop", Json::object(), Json::object()};
    other.records = orders(1, 3);
    const auto foreign = connected.connector().encode(connected.call(), other);
    std::vector<WriteItem> items(2);
    for (std::size_t i = 0; i < 2; ++i) {
        items[i].index = static_cast<std::int64_t>(i);
        items[i].entity = (*foreign)[0].documents[i].entity;
        items[i].body = (*foreign)[0].documents[i].body;
    }
    expect_all_done(connected.write(items), 2);
    connected.requests();

    Order shorter = make_order("700", 1);
    shorter.shipping_lines.clear();
    expect_all_done(connected.write(connected.encode("order", {to_json(shorter)})), 2);
    const auto requests = connected.requests();
    EXPECT_EQ(std::count(requests.begin(), requests.end(), "DELETE order_lines"), 2);
    const auto count = [&](const std::string& tenant, const std::string& order) {
        return project_
            .get("/order_lines?select=id&tenant_id=eq." + tenant + "&order_source_id=eq." + order)
            .size();
    };
    EXPECT_EQ(count("acme", "700"), 1U);
    EXPECT_EQ(count("acme", "701"), 4U);
    EXPECT_EQ(count("globex", "700"), 4U);

    Order empty = make_order("701", 0);
    empty.shipping_lines.clear();
    expect_all_done(connected.write(connected.encode("order", {to_json(empty)})), 2);
    EXPECT_EQ(count("acme", "701"), 0U);
    EXPECT_EQ(count("acme", "700"), 1U);
}

TEST_P(SupabaseConnectorOn, OneBadRowDoesNotTakeTheOthersWithIt) {
    Connected connected(project_);
    auto items = connected.encode("order", orders(30, 1));
    items[14].body["status"] = "lost";                         // order 707
    items[40].body["customer_note"] = std::string("a\0b", 3);  // order 720
    items[51].body["rows"][0]["currency"] = "dollars";         // a line of order 725
    const auto outcome = connected.write(items);
    EXPECT_TRUE(outcome.whole);
    ASSERT_EQ(outcome.failed.size(), 5U);
    EXPECT_EQ(outcome.done.size(), 55U);
    for (const std::int64_t index : {14, 15, 40, 41, 51}) {
        ASSERT_EQ(outcome.failed.count(index), 1U) << index;
        EXPECT_EQ(outcome.failed.at(index).code, ErrorCode::kData)
            << outcome.failed.at(index).message;
    }
    EXPECT_EQ(outcome.failed.at(14).name, "supabase.23514");
    EXPECT_EQ(outcome.failed.at(15).name, "supabase.parent_failed");
    EXPECT_EQ(outcome.failed.at(40).name, "supabase.22P05");
    EXPECT_EQ(outcome.failed.at(14).message.find("Failing row"), std::string::npos);
    EXPECT_EQ(project_.get("/orders?select=id").size(), 28U);
}

TEST_P(SupabaseConnectorOn, OfTwoDocumentsWithOneKeyTheLastWins) {
    Connected connected(project_);
    auto items =
        connected.encode("order", {to_json(make_order("700", 1)), to_json(make_order("700", 2))});
    expect_all_done(connected.write(items), 4);
    EXPECT_EQ(project_.get("/orders?select=total::text"), Json::parse(R"([{"total": "24.30"}])"));
    EXPECT_EQ(project_.get("/order_lines?select=id").size(), 3U);
}

TEST_P(SupabaseConnectorOn, AColumnThatMappingAddedAndTheTableLacksIsTheTablesFault) {
    Connected connected(project_);
    auto items = connected.encode("customer", {{{"id", "7"}, {"email", "ann@shop.example"}}});
    items[0].body["loyalty"] = "gold";
    const auto outcome = connected.write(items);
    ASSERT_FALSE(outcome.whole);
    EXPECT_EQ(outcome.whole.error().code, ErrorCode::kConfig);
    EXPECT_NE(outcome.whole.error().message.find("add column loyalty"), std::string::npos);
    EXPECT_TRUE(outcome.done.empty());
}

TEST_P(SupabaseConnectorOn, RowsWithDifferentColumnsGoInDifferentRequests) {
    Connected connected(project_);
    auto items = connected.encode("customer", {{{"id", "7"}}, {{"id", "8"}}, {{"id", "9"}}});
    items[1].body.erase("phone");
    expect_all_done(connected.write(items), 3);
    EXPECT_EQ(connected.requests(), (Lines{"POST customers", "POST customers"}));
    EXPECT_EQ(project_.get("/customers?select=id").size(), 3U);
}

TEST_P(SupabaseConnectorOn, KeepsProductsAndTheirVariationsInStep) {
    Connected connected(project_);
    const auto first = connected.encode(
        "product", {to_json(make_product("10", {"11", "12"})), to_json(make_product("20", {}))}
    );
    expect_all_done(connected.write(first), 4);
    EXPECT_EQ(
        project_.get(
            "/products?select=source_id,parent_source_id,price::text,currency&order=source_id"
        ),
        Json::parse(R"([
            {"source_id": "10", "parent_source_id": null, "price": "19.90", "currency": "EUR"},
            {"source_id": "11", "parent_source_id": "10", "price": "19.90", "currency": "EUR"},
            {"source_id": "12", "parent_source_id": "10", "price": "19.90", "currency": "EUR"},
            {"source_id": "20", "parent_source_id": null, "price": "19.90", "currency": "EUR"}])")
    );
    expect_all_done(
        connected.write(connected.encode("product", {to_json(make_product("10", {"12"}))})), 2
    );
    EXPECT_EQ(project_.get("/products?select=id&source_id=in.(11,12)").size(), 1U);
}

TEST_P(SupabaseConnectorOn, DeletesByIdByKeyAndAsASet) {
    Connected connected(project_);
    const auto items = connected.encode("order", orders(4, 2));
    const auto written = connected.write(items);
    connected.requests();
    std::vector<WriteItem> gone{items[0], items[2], items[5]};
    gone[0].remote_id = written.done.at(0).remote_id;
    gone[0].body = nullptr;
    gone[2].remote_id = written.done.at(5).remote_id;
    gone[2].body = nullptr;
    for (auto& item : gone) {
        item.operation = DocumentOperation::kDelete;
    }
    expect_all_done(connected.write(gone), 3);
    EXPECT_EQ(
        project_.get("/orders?select=source_id&order=source_id"),
        Json::parse(R"([{"source_id": "702"}, {"source_id": "703"}])")
    );
    EXPECT_EQ(project_.get("/order_lines?select=id").size(), 3U);
    expect_all_done(connected.write(gone), 3);  // what is gone already is done
    EXPECT_EQ(project_.get("/orders?select=id").size(), 2U);
}

TEST_P(SupabaseConnectorOn, ReadOnlyWritesNothing) {
    Connected connected(project_, KeyStyle::kSecret, {{"read_only", true}});
    const auto outcome = connected.write(connected.encode("order", orders(1, 1)));
    ASSERT_FALSE(outcome.whole);
    EXPECT_EQ(outcome.whole.error().code, ErrorCode::kConfig);
    EXPECT_EQ(outcome.whole.error().name, "supabase.read_only");
    EXPECT_TRUE(connected.requests().empty());
    const auto catalog = connected.connector().discover(connected.call());
    for (const auto& entity : catalog->entities) {
        EXPECT_TRUE(entity.write.empty());
    }
    for (const auto& request : connected.host().requests) {
        EXPECT_EQ(request.method, "GET");
    }
}

TEST_P(SupabaseConnectorOn, ReplacesMoreLinesThanOneAnswerHolds) {
    Connected connected(project_);
    std::vector<Json> many;
    for (int i = 0; i < 60; ++i) {
        many.push_back(to_json(make_order(std::to_string(100 + i), 20)));
    }
    expect_all_done(connected.write(connected.encode("order", many)), 120);
    EXPECT_EQ(project_.get("/order_lines?select=id&order=id.desc&limit=1").size(), 1U);
    for (auto& record : many) {
        record["lines"].erase(19);
    }
    expect_all_done(connected.write(connected.encode("order", many)), 120);
    plugin::HttpRequest count;
    count.url = project_.url() + "/rest/v1/order_lines?select=id&limit=1";
    count.header("Prefer", "count=exact");
    EXPECT_EQ(project_.send(count).header("Content-Range"), "0-0/1200");
}

}  // namespace
}  // namespace syncline::test
