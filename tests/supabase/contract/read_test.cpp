// What the connector finds and reads back of the rows it wrote.
#include <algorithm>

#include <syncline/model/customer.hpp>

#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

using KeyStyle = Connected::KeyStyle;

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

}  // namespace
}  // namespace syncline::test
