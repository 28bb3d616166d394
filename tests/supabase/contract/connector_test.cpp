// The connector over real HTTP, on the simulator and on a real PostgREST with the same
// expectations.
#include <algorithm>

#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>

#include "../support/connector_fixture.hpp"

namespace syncline::test {
namespace {

using KeyStyle = Connected::KeyStyle;
using Lines = std::vector<std::string>;

class SupabaseConnectorOn : public testing::TestWithParam<const char*> {
protected:
    SupabaseConnectorOn() : project_(project()) { project_.clear(); }

    static Project& project() {
        if (std::string(GetParam()) == "Simulator") {
            return simulated_project();
        }
        return real_project();
    }

    // Tables that differ from the documented ones, until the test's end.
    void load_changed(const std::string& what, const std::string& by) {
        std::string sql = schema_sql();
        const auto at = sql.find(what);
        ASSERT_NE(at, std::string::npos) << what;
        for (auto i = at; i != std::string::npos; i = sql.find(what, i + by.size())) {
            sql.replace(i, what.size(), by);
        }
        changed_ = true;
        project_.load_schema(sql);
    }
    void TearDown() override {
        if (changed_) {
            project_.load_schema(schema_sql());
        }
    }

    Project& project_;
    bool changed_ = false;
};

std::vector<Json> orders(int count, int lines) {
    std::vector<Json> records;
    for (int i = 0; i < count; ++i) {
        records.push_back(to_json(make_order(std::to_string(700 + i), lines)));
    }
    return records;
}

void expect_all_done(const Connected::Outcome& outcome, std::size_t count) {
    EXPECT_TRUE(outcome.whole) << outcome.whole.error().message;
    for (const auto& [index, error] : outcome.failed) {
        ADD_FAILURE() << index << ": " << error.message;
    }
    EXPECT_EQ(outcome.done.size(), count);
}

TEST_P(SupabaseConnectorOn, ChecksAndDiscoversWithBothStylesOfKeys) {
    for (const auto style : {KeyStyle::kSecret, KeyStyle::kJwt}) {
        Connected connected(project_, style);
        const auto report = connected.connector().check(connected.call());
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->remote_identity, project_.url() + "/public");
        EXPECT_TRUE(report->warnings.empty());
        const auto catalog = connected.connector().discover(connected.call());
        ASSERT_TRUE(catalog) << catalog.error().message;
        EXPECT_EQ(catalog->entities.size(), 4U);
        EXPECT_EQ(catalog->facts["tables"].size(), 5U);
        EXPECT_TRUE(project_.get("/orders?select=id").empty());
    }
}

TEST_P(SupabaseConnectorOn, RefusesKeysThatAreNotTheServicesOwn) {
    const std::tuple<std::string, ErrorCode, std::string> keys[] = {
        {"sb_secret_wrong", ErrorCode::kAuth, "supabase.401"},
        {project_.keys().anon, ErrorCode::kConfig, "supabase.wrong_key"},
        {"sb_publishable_x", ErrorCode::kConfig, "supabase.wrong_key"},
    };
    for (const auto& [key, code, name] : keys) {
        Connected connected(project_);
        connected.host().secrets["service_role_key"] = key;
        const auto report = connected.connector().check(connected.call());
        ASSERT_FALSE(report) << key;
        EXPECT_EQ(report.error().code, code) << report.error().message;
        EXPECT_EQ(report.error().name, name);
        EXPECT_EQ(report.error().message.find(key), std::string::npos);
    }
}

TEST_P(SupabaseConnectorOn, NamesTheStatementForAMissingColumn) {
    load_changed("    stock_quantity     numeric,\n", "");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find("ALTER TABLE public.products ADD COLUMN stock_quantity numeric"
        ),
        std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, NamesTheFileForAMissingTable) {
    load_changed("invoices", "bills");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(catalog.error().message.find("docs/supabase-schema.sql"), std::string::npos);
    EXPECT_NE(catalog.error().message.find("CREATE TABLE public.invoices"), std::string::npos);
}

TEST_P(SupabaseConnectorOn, NamesTheStatementForAMissingUniqueKey) {
    load_changed(
        "constraint customers_source_key unique (tenant_id, source_system, source_id)",
        "constraint customers_source_key unique (tenant_id, source_id)"
    );
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find("ALTER TABLE public.customers ADD UNIQUE"), std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, NamesTheGrantForAMissingRight) {
    load_changed("grant select, insert, update, delete on", "grant select on");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find("GRANT SELECT, INSERT, UPDATE, DELETE ON public.customers"),
        std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, SaysThatASchemaIsNotExposed) {
    Connected connected(project_, KeyStyle::kSecret, {{"schema", "private"}});
    const auto report = connected.connector().check(connected.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_NE(report.error().message.find("'private'"), std::string::npos);
}

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
    EXPECT_NE(outcome.whole.error().message.find("ADD COLUMN loyalty"), std::string::npos);
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

TEST_P(SupabaseConnectorOn, FindsWhatIsThereInTheFormItWouldBeWritten) {
    Connected connected(project_);
    const auto items = connected.encode("order", {to_json(make_order("700", 2))});
    const auto written = connected.write(items);
    FindRequest request;
    request.entity = "order";
    request.keys = {
        {"by id", "", "", written.done.at(0).remote_id, nullptr},
        {"by body", items[0].natural_key, "", "", items[0].body},
        {"by natural key", "woocommerce:shop:700", "", "", nullptr},
        {"nowhere", "woocommerce:shop:701", "", "", nullptr},
        {"nobody", "", "", "999999", nullptr},
    };
    const auto found = connected.connector().find(connected.call(), request);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 3U);
    for (const auto& one : *found) {
        EXPECT_EQ(one.remote_id, written.done.at(0).remote_id) << one.key;
        EXPECT_EQ(one.owned, items[0].body) << one.key;
        EXPECT_EQ(one.version, written.done.at(0).version);
    }
    request.entity = "order_lines";
    request.keys = {
        {"by body", "", "", "", items[1].body},
        {"by id", "", "", written.done.at(1).remote_id, nullptr},
    };
    const auto lines = connected.connector().find(connected.call(), request);
    ASSERT_TRUE(lines) << lines.error().message;
    ASSERT_EQ(lines->size(), 2U);
    EXPECT_EQ((*lines)[0].owned, items[1].body);
    EXPECT_EQ((*lines)[1].remote_id, written.done.at(1).remote_id);
}

TEST_P(SupabaseConnectorOn, HoldsANaturalKeyThatTwoTenantsHave) {
    Connected connected(project_);
    auto items = connected.encode("customer", {{{"id", "7"}}, {{"id", "7"}}});
    items[1].body["tenant_id"] = "globex";
    expect_all_done(connected.write(items), 2);
    FindRequest request;
    request.entity = "customer";
    request.keys = {{"it", "woocommerce:shop:7", "", "", nullptr}};
    const auto found = connected.connector().find(connected.call(), request);
    ASSERT_EQ(found->size(), 1U);
    ASSERT_TRUE((*found)[0].hold);
    EXPECT_EQ((*found)[0].hold->code, "AMBIGUOUS");
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

TEST_P(SupabaseConnectorOn, ReadsBackTheOrdersItWrote) {
    Connected connected(project_);
    const Order order = make_order("700", 2);
    Customer customer;
    customer.id = "7";
    customer.email = "ann@shop.example";
    Order known = order;
    known.customer_id = "7";
    known.lines[0].product_id = "10";
    known.lines[0].variation_id = "11";
    expect_all_done(connected.write(connected.encode("customer", {to_json(customer)})), 1);
    expect_all_done(
        connected.write(connected.encode("product", {to_json(make_product("10", {"11"}))})), 2
    );
    expect_all_done(connected.write(connected.encode("order", {to_json(known)})), 2);
    ReadRequest request;
    request.entity = "order";
    const auto page = connected.connector().read(connected.call(), request);
    ASSERT_TRUE(page) << page.error().message;
    ASSERT_EQ(page->records.size(), 1U);
    EXPECT_TRUE(page->more);
    EXPECT_GT(page->source_time.ms, 0);
    const auto back = from_json<Order>(parse_json(page->records[0].json).value());
    ASSERT_TRUE(back) << back.error().message;
    EXPECT_EQ(back->id, page->records[0].key);
    EXPECT_EQ(back->total, order.total);
    EXPECT_EQ(back->tax_total, order.tax_total);
    EXPECT_EQ(back->created_at, order.created_at);
    ASSERT_EQ(back->lines.size(), 2U);
    ASSERT_EQ(back->shipping_lines.size(), 1U);
    EXPECT_EQ(back->lines[0].total, order.lines[0].total);
    EXPECT_EQ(back->lines[0].taxes[0].amount, order.lines[0].taxes[0].amount);
    EXPECT_TRUE(back->issues.empty());
    const auto id_of = [&](const std::string& path) {
        return dump_json(project_.get(path)[0]["id"]);
    };
    EXPECT_EQ(back->customer_id, id_of("/customers?select=id"));
    EXPECT_EQ(back->lines[0].product_id, id_of("/products?select=id&source_id=eq.10"));
    EXPECT_EQ(back->lines[0].variation_id, id_of("/products?select=id&source_id=eq.11"));
    EXPECT_EQ(back->lines[1].product_id, "");  // nobody has delivered that product
}

TEST_P(SupabaseConnectorOn, ScansAWindowToItsEnd) {
    Connected connected(project_);
    std::vector<Json> customers;
    for (int i = 0; i < 25; ++i) {
        customers.push_back({{"id", std::to_string(i)}});
    }
    expect_all_done(connected.write(connected.encode("customer", customers)), 25);
    ReadRequest request;
    request.entity = "customer";
    request.limit = 10;
    std::vector<std::string> keys;
    int pages = 0;
    for (bool more = true; more; ++pages) {
        const auto page = connected.connector().read(connected.call(), request);
        ASSERT_TRUE(page) << page.error().message;
        for (const auto& record : page->records) {
            keys.push_back(record.key);
        }
        more = page->more;
        request.after_id = page->last_id;
        request.window.to = page->source_time;  // rows changed from now on are another scan's
        request.window.to->ms += 60'000;
    }
    EXPECT_EQ(pages, 4);
    EXPECT_EQ(keys.size(), 25U);
    EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end(), id_less));
    request.after_id.clear();
    request.window.from = *request.window.to;
    EXPECT_TRUE(connected.connector().read(connected.call(), request)->records.empty());
    request.ids = {keys[3], keys[7], "999999", "not-a-number"};
    const auto some = connected.connector().read(connected.call(), request);
    ASSERT_TRUE(some) << some.error().message;
    EXPECT_EQ(some->records.size(), 2U);
    EXPECT_FALSE(some->more);
}

TEST_P(SupabaseConnectorOn, ReadsOnlyTheTenantItIsToldTo) {
    Connected writer(project_);
    auto items = writer.encode("customer", {{{"id", "1"}}, {{"id", "2"}}});
    items[1].body["tenant_id"] = "globex";
    expect_all_done(writer.write(items), 2);
    Connected reader(project_, KeyStyle::kSecret, {{"read_tenant", "globex"}});
    ReadRequest request;
    request.entity = "customer";
    const auto page = reader.connector().read(reader.call(), request);
    ASSERT_EQ(page->records.size(), 1U);
    EXPECT_NE(page->records[0].json.find("globex"), std::string::npos);
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

INSTANTIATE_TEST_SUITE_P(
    ,
    SupabaseConnectorOn,
    testing::Values("Simulator", "Postgrest"),
    [](const auto& each) { return std::string(each.param); }
);

}  // namespace
}  // namespace syncline::test
