// The connector as the host drives it, against a scripted shop that holds the recorded records.
#include <gtest/gtest.h>

#include <syncline/record.hpp>

#include "woocommerce/recorded.hpp"
#include "woocommerce/scripted_shop.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce {
namespace {

using plugin::testing::FakeCall;
using plugin::testing::FakeHost;
using testing::html_answer;
using testing::json_answer;
using testing::ParsedUrl;
using testing::recorded;
using testing::ScriptedShop;

std::vector<Json> rows_of(const Json& list) {
    return {list.begin(), list.end()};
}

struct World {
    FakeHost host;
    ScriptedShop shop;
    FakeCall call;
    WooCommerce connector{
        host.handle(), with_defaults(WooCommerce::spec(), {{"store_url", "https://shop.example"}})};

    explicit World() {
        shop.serve(host);
        for (const auto* name : {"orders", "customers", "products", "refunds"}) {
            shop.lists[name] = rows_of(recorded("woocommerce/" + std::string(name) + ".json"));
        }
        const Json variations = recorded("woocommerce/variations.json");
        for (const auto& entry : variations.items()) {
            shop.lists["products/" + entry.key() + "/variations"] = rows_of(entry.value());
        }
        shop.fixed["data/currencies/current"] = json_answer({{"code", "USD"}, {"symbol", "&#36;"}});
        shop.fixed["system_status"] = json_answer(recorded("woocommerce/system_status.json"));
        shop.fixed["settings/tax"] = json_answer(recorded("woocommerce/settings_tax.json"));
    }

    Result<Page> read(const ReadRequest& request) { return connector.read(call.call(), request); }

    // Every page of a window scan, put together.
    Page read_all(ReadRequest request) {
        Page all;
        for (bool more = true; more;) {
            auto page = read(request);
            EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
            if (!page) {
                break;
            }
            EXPECT_LE(page->records.size(), static_cast<std::size_t>(request.limit));
            all.source_time = page->source_time;
            std::move(page->records.begin(), page->records.end(), std::back_inserter(all.records));
            request.after_id = all.last_id = page->last_id;
            request.next = page->next;
            more = page->more;
        }
        return all;
    }

    std::size_t requests_to(const std::string& path) const {
        std::size_t count = 0;
        for (const auto& request : host.requests) {
            count += ParsedUrl(request.url).base == shop.root + "wc/v3/" + path ? 1U : 0U;
        }
        return count;
    }
};

ReadRequest everything(const std::string& entity) {
    ReadRequest request;
    request.entity = entity;
    return request;
}

ReadRequest given(const std::string& entity, std::vector<std::string> ids) {
    ReadRequest request = everything(entity);
    request.ids = std::move(ids);
    return request;
}

template <class Model>
Model model_of(const Record& record) {
    return from_json<Model>(parse_json(record.json).value(), Unknown::kRefuse).value();
}

// ---- check and discover ------------------------------------------------------------------------

TEST(Check, NamesTheShop) {
    World world;
    const auto report = world.connector.check(world.call.call());
    ASSERT_TRUE(report.has_value()) << report.error().message;
    EXPECT_EQ(report->account, "Peer & Shop (https://shop.example)");
    EXPECT_EQ(report->remote_identity, "shop.example");
    EXPECT_TRUE(report->warnings.empty());
}

TEST(Check, AsksInTheOrderThatTellsCausesApart) {
    World world;
    ASSERT_TRUE(world.connector.check(world.call.call()).has_value());
    ASSERT_EQ(world.host.requests.size(), 3U);
    EXPECT_EQ(ParsedUrl(world.host.requests[0].url).base, "https://shop.example/wp-json/");
    EXPECT_EQ(
        world.host.requests[1].url,
        "https://shop.example/wp-json/wc/v3/orders?_fields=id&per_page=1"
    );
    EXPECT_EQ(
        world.host.requests[2].url, "https://shop.example/wp-json/wc/v3/data/currencies/current"
    );
    EXPECT_TRUE(
        world.host.requests[0].headers.size() == 1
    );  // no credentials where none are needed
}

TEST(Check, ASiteWithoutWooCommerceIsNamed) {
    World world;
    world.shop.index["namespaces"] = {"wp/v2"};
    const auto report = world.connector.check(world.call.call());
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_EQ(report.error().name, "woo.not_active");
}

TEST(Check, WrongKeySecretAndRightsAreToldApart) {
    const std::pair<plugin::HttpResponse, const char*> cases[] = {
        {json_answer(testing::error_body("woocommerce_rest_cannot_view", 401), 401),
         "does not know"},
        {json_answer(testing::error_body("woocommerce_rest_authentication_error", 401), 401),
         "secret does not belong"},
        {json_answer(testing::error_body("woocommerce_rest_cannot_view", 403), 403),
         "lacks the right"},
    };
    for (const auto& [answer, says] : cases) {
        World world;
        world.shop.fixed["orders"] = answer;
        const auto report = world.connector.check(world.call.call());
        ASSERT_FALSE(report.has_value());
        EXPECT_EQ(report.error().code, ErrorCode::kAuth);
        EXPECT_NE(report.error().message.find(says), std::string::npos) << report.error().message;
        EXPECT_EQ(report.error().message.find("Nicht erlaubt"), std::string::npos);
    }
}

TEST(Check, WarnsOfWhatWillHurtLater) {
    World world;
    world.shop.index["home"] = "https://other.example";
    world.shop.fixed["data/currencies/current"] = json_answer({{"code", "BTC"}});
    world.shop.fixed["orders"] = html_answer(200, "<b>Notice</b>: x<br />\n[]");
    const auto report = world.connector.check(world.call.call());
    ASSERT_TRUE(report.has_value());
    ASSERT_EQ(report->warnings.size(), 3U);
    EXPECT_NE(report->warnings[0].find("other.example"), std::string::npos);
    EXPECT_NE(report->warnings[1].find("WP_DEBUG_DISPLAY"), std::string::npos);
    EXPECT_NE(report->warnings[2].find("BTC"), std::string::npos);
}

TEST(Discover, TellsEntitiesAndFacts) {
    World world;
    const auto catalog = world.connector.discover(world.call.call());
    ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
    std::vector<std::string> names;
    for (const auto& entity : catalog->entities) {
        names.push_back(entity.name);
        EXPECT_TRUE(entity.write.empty());
    }
    EXPECT_EQ(names, (std::vector<std::string>{"order", "customer", "product", "refund"}));
    EXPECT_EQ(catalog->entities[1].read, (std::vector<std::string>{"sweep", "ids"}));
    EXPECT_EQ(catalog->entities[0].read.front(), "window");
    const Json expected{
        {"currency", "USD"},
        {"decimals", 2},
        {"time_zone", "America/New_York"},
        {"gmt_offset_minutes", -300},
        {"home", "https://shop.example"},
        {"version", "11.0.1"},
        {"hpos", true},
        {"prices_include_tax", false},
        {"tax_round_at_subtotal", false},
        {"modified_after", true},
        {"dates_are_gmt", true}};
    EXPECT_EQ(catalog->facts, expected);
}

TEST(Discover, WithoutRightsToSettingsTheWindowIsProbed) {
    for (const bool knows : {true, false}) {
        World world;
        world.shop.knows_modified_after = knows;
        const auto refused =
            json_answer(testing::error_body("woocommerce_rest_cannot_view", 403), 403);
        world.shop.fixed["system_status"] = refused;
        world.shop.fixed["settings/tax"] = refused;
        world.shop.fixed["settings/general/woocommerce_price_num_decimals"] =
            json_answer({{"id", "woocommerce_price_num_decimals"}, {"value", "3"}});
        const auto catalog = world.connector.discover(world.call.call());
        ASSERT_TRUE(catalog.has_value()) << catalog.error().message;
        EXPECT_EQ(catalog->facts["modified_after"], knows);
        EXPECT_EQ(catalog->facts["dates_are_gmt"], knows);
        EXPECT_EQ(catalog->facts["decimals"], 3);
        EXPECT_FALSE(catalog->facts.contains("version"));
        EXPECT_FALSE(catalog->facts.contains("prices_include_tax"));
    }
}

TEST(Discover, OldVersionsAreKnown) {
    for (const auto& [version, windows, gmt] :
         {std::tuple("5.7.2", false, true),
          std::tuple("5.3.0", false, false),
          std::tuple("5.8.0", true, true),
          std::tuple("10.8.1", true, true)}) {
        World world;
        world.shop.fixed["system_status"] = json_answer({{"environment", {{"version", version}}}});
        const auto catalog = world.connector.discover(world.call.call());
        ASSERT_TRUE(catalog.has_value());
        EXPECT_EQ(catalog->facts["modified_after"], windows) << version;
        EXPECT_EQ(catalog->facts["dates_are_gmt"], gmt) << version;
    }
}

TEST(Discover, AShopThatDoesNotAnswerIsNoShopWithoutFacts) {
    World world;
    world.shop.fixed["system_status"] = html_answer(502, "<h1>Bad gateway</h1>");
    const auto catalog = world.connector.discover(world.call.call());
    ASSERT_FALSE(catalog.has_value());
    EXPECT_EQ(catalog.error().code, ErrorCode::kTransient);
}

// ---- window scans
// --------------------------------------------------------------------------------

TEST(ReadWindow, OrdersComeInOrderOfIds) {
    World world;
    const Page page = world.read_all(everything("order"));
    ASSERT_EQ(page.records.size(), 61U);
    for (std::size_t i = 1; i < page.records.size(); ++i) {
        EXPECT_TRUE(id_less(page.records[i - 1].key, page.records[i].key));
    }
    EXPECT_EQ(page.last_id, "125");
    EXPECT_EQ(page.source_time.to_string(), "2026-11-21T10:00:00.000Z");
    EXPECT_EQ(page.records[3].changed_at.to_string(), "2026-11-21T07:34:26.000Z");
    EXPECT_EQ(model_of<Order>(page.records[3]).total.to_string(), "3.96");
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("status"), "any");
    EXPECT_EQ(url.get("orderby"), "id");
    EXPECT_EQ(url.get("order"), "asc");
    EXPECT_EQ(url.get("dp", "absent"), "absent");
    EXPECT_EQ(url.get("page", "absent"), "absent");
    EXPECT_EQ(url.get("modified_after", "absent"), "absent");
}

TEST(ReadWindow, SmallPagesGiveTheSameRecords) {
    World world;
    const Page whole = world.read_all(everything("order"));
    ReadRequest request = everything("order");
    request.limit = 7;
    const Page pieces = world.read_all(request);
    ASSERT_EQ(pieces.records.size(), whole.records.size());
    for (std::size_t i = 0; i < whole.records.size(); ++i) {
        EXPECT_EQ(pieces.records[i].json, whole.records[i].json);
    }
}

TEST(ReadWindow, TheWindowIsSentOneSecondEarlyInNaiveUtc) {
    World world;
    ReadRequest request = everything("order");
    request.window.from = Timestamp::parse("2026-11-21T07:34:26.250Z").value();
    request.window.to = Timestamp::parse("2026-11-21T08:00:00Z").value();
    const Page page = world.read_all(request);
    EXPECT_FALSE(page.records.empty());
    EXPECT_LT(page.records.size(), 61U);
    for (const auto& record : page.records) {
        EXPECT_GE(record.changed_at.to_string(), "2026-11-21T07:34:26.000Z");
    }
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("modified_after"), "2026-11-21T07:34:25");
    EXPECT_EQ(url.get("dates_are_gmt"), "true");
    EXPECT_EQ(url.get("modified_before", "absent"), "absent");
}

TEST(ReadWindow, ReachesBackWhenTheShopsClocksRepeatAnHour) {
    // New York leaves daylight saving time on 2026-11-01 at 06:00 UTC.
    const auto new_york = [](const std::string& zone, Timestamp at) -> std::string {
        const auto change = Timestamp::parse("2026-11-01T06:00:00Z").value();
        const std::int64_t offset_h = at < change ? -4 : -5;
        return zone == "America/New_York"
                   ? Timestamp{at.ms + offset_h * 3'600'000}.to_string().substr(0, 10)
                   : "";
    };
    const std::pair<const char*, const char*> cases[] = {
        {"2026-11-01T03:59:59Z", "2026-11-01T03:59:58"},  // 23:59 the day before
        {"2026-11-01T04:00:00Z", "2026-11-01T02:59:59"},
        {"2026-11-01T06:30:00Z", "2026-11-01T05:29:59"},
        {"2026-11-02T04:59:59Z", "2026-11-02T03:59:58"},
        {"2026-11-02T05:00:00Z", "2026-11-02T04:59:59"},  // 00:00 the day after
        {"2026-11-21T07:00:00Z", "2026-11-21T06:59:59"},
    };
    for (const auto& [from, sent] : cases) {
        World world;
        world.host.on_local_date = new_york;
        ReadRequest request = everything("order");
        request.window.from = Timestamp::parse(from).value();
        ASSERT_TRUE(world.read(request).has_value());
        EXPECT_EQ(ParsedUrl(world.host.requests.back().url).get("modified_after"), sent) << from;
    }
    World unknown;
    unknown.host.on_local_date = [](const std::string&, Timestamp) { return std::string(); };
    ReadRequest request = everything("order");
    request.window.from = Timestamp::parse("2026-11-01T06:30:00Z").value();
    ASSERT_TRUE(unknown.read(request).has_value());
    EXPECT_EQ(
        ParsedUrl(unknown.host.requests.back().url).get("modified_after"), "2026-11-01T06:29:59"
    );
}

TEST(ReadWindow, WhatChangedAfterItsEndIsLeftOut) {
    World world;
    ReadRequest request = everything("order");
    request.window.to = Timestamp::parse("2026-11-21T07:34:26Z").value();
    const Page page = world.read_all(request);
    EXPECT_LT(page.records.size(), 61U);
    EXPECT_GT(page.records.size(), 40U);
    EXPECT_EQ(page.last_id, "125");
    for (const auto& record : page.records) {
        EXPECT_LT(record.changed_at, *request.window.to);
    }
}

TEST(ReadWindow, TheFlowsFilterDoesNotNarrowWhatIsRead) {
    World world;
    ReadRequest request = everything("order");
    request.filters = {{"status", {"completed"}}};
    EXPECT_EQ(world.read_all(request).records.size(), 61U);
}

TEST(ReadWindow, DraftsAreDroppedAndStillAdvanceTheScan) {
    World world;
    world.shop.lists["orders"].clear();
    for (int id = 1; id <= 30; ++id) {
        world.shop.lists["orders"].push_back(
            {{"id", id},
             {"status",
              id % 3 == 0   ? "completed"
              : id % 3 == 1 ? "auto-draft"
                            : "draft"}}
        );
    }
    ReadRequest request = everything("order");
    request.limit = 2;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value());
    EXPECT_TRUE(first->records.empty());
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->last_id, "2");
    const Page all = world.read_all(request);
    ASSERT_EQ(all.records.size(), 10U);
    EXPECT_EQ(all.records[9].key, "30");
}

TEST(ReadWindow, CustomersOfEveryRoleAreSweptWhateverTheWindow) {
    World world;
    ReadRequest request = everything("customer");
    request.window.from = Timestamp::parse("2099-01-01T00:00:00Z").value();
    const Page page = world.read_all(request);
    ASSERT_EQ(page.records.size(), 21U);
    EXPECT_EQ(model_of<Customer>(page.records[0]).role, "administrator");
    const ParsedUrl url(world.host.requests.back().url);
    EXPECT_EQ(url.get("role"), "all");
    EXPECT_EQ(url.get("modified_after", "absent"), "absent");
}

TEST(ReadWindow, ProductsCarryTheirVariations) {
    World world;
    const Page page = world.read_all(everything("product"));
    ASSERT_EQ(page.records.size(), recorded("woocommerce/products.json").size());
    std::size_t variants = 0;
    for (const auto& record : page.records) {
        variants += model_of<Product>(record).variants.size();
    }
    EXPECT_EQ(variants, 15U);
    EXPECT_EQ(world.requests_to("data/currencies/current"), 1U);
    EXPECT_EQ(world.requests_to("products/30/variations"), 1U);
    EXPECT_EQ(world.requests_to("products/10/variations"), 0U);

    world.shop.fixed["data/currencies/current"] = json_answer({{"code", "EUR"}});
    const Page later = world.read_all(everything("product"));  // a new scan asks anew
    EXPECT_EQ(model_of<Product>(later.records[0]).price->currency().code(), "EUR");
}

TEST(ReadWindow, ManyVariationsArePaged) {
    World world;
    auto& variations = world.shop.lists["products/30/variations"];
    variations.clear();
    for (int id = 1000; id < 1230; ++id) {
        variations.push_back(
            {{"id", id}, {"parent_id", 30}, {"status", "publish"}, {"price", "1.00"}}
        );
    }
    const auto page = world.read(given("product", {"30"}));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(model_of<Product>(page->records.at(0)).variants.size(), 230U);
}

TEST(ReadWindow, AProductDeletedMeanwhileIsLeftOut) {
    World world;
    world.shop.lists.erase("products/30/variations");
    world.shop.fixed["products/30/variations"] =
        json_answer(testing::error_body("woocommerce_rest_product_invalid_id", 404), 404);
    const Page page = world.read_all(everything("product"));
    EXPECT_EQ(page.records.size(), recorded("woocommerce/products.json").size() - 1);
}

TEST(ReadWindow, RefundsHaveTheCurrencyOfTheirOrders) {
    World world;
    for (auto& order : world.shop.lists["orders"]) {
        if (order["id"] == 58) {
            order["currency"] = "EUR";
        } else if (order["id"] == 62) {
            order["status"] = "trash";
        } else if (order["id"] == 78) {
            order["status"] = "checkout-draft";
        }
    }
    auto& refunds = world.shop.lists["refunds"];
    refunds.push_back({{"id", 500}, {"parent_id", 99999}, {"amount", "1.00"}});
    const Page page = world.read_all(everything("refund"));
    ASSERT_EQ(page.records.size(), 11U);
    EXPECT_EQ(model_of<Refund>(page.records[0]).amount.currency().code(), "USD");
    const Refund in_euro = model_of<Refund>(page.records[1]);
    EXPECT_EQ(in_euro.order_id, "58");
    EXPECT_EQ(in_euro.amount.currency().code(), "EUR");
    EXPECT_EQ(model_of<Refund>(page.records[2]).amount.currency().code(), "USD");
    EXPECT_EQ(model_of<Refund>(page.records[3]).amount.currency().code(), "USD");
    EXPECT_EQ(model_of<Refund>(page.records[10]).issues.at(0).code, "CURRENCY_UNKNOWN");
}

TEST(ReadWindow, OldShopsGiveRefundsOrderByOrder) {
    World world;
    std::map<std::string, std::vector<Json>> by_order;
    for (Json refund : world.shop.lists["refunds"]) {
        const std::string order = dump_json(refund["parent_id"]);
        refund.erase("parent_id");
        by_order["orders/" + order + "/refunds"].push_back(refund);
    }
    world.shop.lists.erase("refunds");
    world.shop.lists.insert(by_order.begin(), by_order.end());
    world.shop
        .fixed["orders/55/refunds"] =  // deleted meanwhile; the status stands in a bare number
        json_answer(recorded("woocommerce-samples/woo_error_refund_int_data.json"), 500);

    ReadRequest request = everything("refund");
    request.window.from = Timestamp::parse("2026-11-25T00:00:00Z").value();
    request.limit = 20;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value()) << first.error().message;
    EXPECT_TRUE(first->more);
    EXPECT_EQ(first->last_id, "order:74");
    const Page page = world.read_all(request);
    ASSERT_EQ(page.records.size(), 9U);  // found 30 days back
    EXPECT_EQ(model_of<Refund>(page.records[0]).order_id, "58");
    EXPECT_EQ(model_of<Refund>(page.records[8]).id, "124");

    const auto by_id = world.read(given("refund", {"116"}));
    ASSERT_FALSE(by_id.has_value());
    EXPECT_EQ(by_id.error().code, ErrorCode::kUnsupported);
}

TEST(ReadWindow, AnAnswerWithoutTheShopsClockIsRefused) {
    World world;
    world.shop.sends_date = false;
    const auto page = world.read(everything("order"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().name, "woo.no_date");
}

TEST(ReadWindow, StopsBetweenRequestsWhenCancelled) {
    World world;
    world.shop.before_request = [&] { world.call.cancelled = world.host.requests.size() >= 3; };
    const auto page = world.read(everything("product"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(world.host.requests.size(), 3U);
}

TEST(ReadWindow, AnObjectInPlaceOfAListIsTransient) {
    World world;
    world.shop.fixed["orders"] = json_answer({{"0", {{"id", 1}}}});
    const auto page = world.read(everything("order"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kTransient);
    EXPECT_EQ(page.error().name, "woo.not_a_list");
}

TEST(ReadWindow, UnknownEntitiesAreNamed) {
    World world;
    const auto page = world.read(everything("invoice"));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kUnsupported);
    EXPECT_NE(page.error().message.find("'invoice'"), std::string::npos);
    EXPECT_TRUE(world.host.requests.empty());
}

TEST(ReadWindow, RowsThatMoveBetweenPagesAreNotMissed) {
    World world;
    ReadRequest request = everything("order");
    request.limit = 20;
    const auto first = world.read(request);
    ASSERT_TRUE(first.has_value());
    auto& orders = world.shop.lists["orders"];
    orders.erase(orders.begin(), orders.begin() + 15);
    request.after_id = first->last_id;
    request.next = first->next;
    const Page rest = world.read_all(request);
    EXPECT_EQ(first->records.size() + rest.records.size(), 61U);
    EXPECT_EQ(rest.records.front().key, "75");
}

// ---- given ids
// -----------------------------------------------------------------------------------

TEST(ReadIds, GivesRecordsTrashAndTombstones) {
    World world;
    for (auto& order : world.shop.lists["orders"]) {
        if (order["id"] == 60) {
            order["status"] = "trash";
        } else if (order["id"] == 61) {
            order["status"] = "checkout-draft";
        }
    }
    const auto page = world.read(given("order", {"99999", "58", "61", "60", "0057"}));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 4U);
    EXPECT_EQ(page->records[0].key, "57");
    EXPECT_EQ(page->records[1].key, "58");
    EXPECT_EQ(page->records[2].key, "60");
    EXPECT_EQ(model_of<Order>(page->records[2]).status, OrderStatus::kTrash);
    EXPECT_EQ(page->records[3].key, "99999");
    EXPECT_EQ(page->records[3].operation, RecordOperation::kDelete);
    EXPECT_TRUE(page->records[3].json.empty());
    EXPECT_FALSE(page->more);
}

TEST(ReadIds, AsksForAHundredAtATime) {
    World world;
    std::vector<std::string> ids;
    world.shop.lists["orders"].clear();
    for (int id = 1; id <= 250; ++id) {
        world.shop.lists["orders"].push_back({{"id", id}, {"status", "completed"}});
        ids.push_back(std::to_string(id));
    }
    const auto page = world.read(given("order", ids));
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->records.size(), 250U);
    EXPECT_EQ(world.requests_to("orders"), 3U);
}

TEST(ReadIds, OnlyWhatTheShopCallsMissingIsGone) {
    World world;
    world.shop.fixed["orders/99999"] = html_answer(503, "<h1>Busy</h1>");
    const auto page = world.read(given("order", {"58", "99999"}));
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kTransient);
}

TEST(ReadIds, CustomersAndRefundsCanBeGoneToo) {
    World world;
    const auto customers = world.read(given("customer", {"1", "777"}));
    ASSERT_TRUE(customers.has_value()) << customers.error().message;
    ASSERT_EQ(customers->records.size(), 2U);
    EXPECT_EQ(customers->records[1].operation, RecordOperation::kDelete);
    const auto refunds = world.read(given("refund", {"116", "777"}));
    ASSERT_TRUE(refunds.has_value()) << refunds.error().message;
    ASSERT_EQ(refunds->records.size(), 2U);
    EXPECT_EQ(model_of<Refund>(refunds->records[0]).order_id, "58");
    EXPECT_EQ(refunds->records[1].operation, RecordOperation::kDelete);
}

TEST(ReadIds, TheIdOfAVariationGivesItsProduct) {
    World world;
    world.shop.fixed["products/32"] =
        json_answer({{"id", 32}, {"type", "variation"}, {"parent_id", 30}});
    const auto page = world.read(given("product", {"32"}));
    ASSERT_TRUE(page.has_value()) << page.error().message;
    ASSERT_EQ(page->records.size(), 1U);
    EXPECT_EQ(page->records[0].key, "30");
    EXPECT_EQ(model_of<Product>(page->records[0]).variants.size(), 3U);
}

TEST(ReadIds, TextThatIsNoIdIsNamed) {
    for (const auto* id : {"abc", "", "-1", "1,2", "1e3"}) {
        World world;
        const auto page = world.read(given("order", {"58", id}));
        ASSERT_FALSE(page.has_value()) << id;
        EXPECT_EQ(page.error().code, ErrorCode::kData);
        EXPECT_NE(page.error().message.find("'" + std::string(id) + "'"), std::string::npos);
    }
}

// ---- what it says of itself
// ----------------------------------------------------------------------

TEST(Spec, TheExampleConfigurationIsValid) {
    const std::string path = std::string(SYNCLINE_SOURCE_DIR) + "/plugins/woocommerce/";
    std::ifstream file(path + "config.example.json");
    std::ostringstream text;
    text << file.rdbuf();
    const auto example = parse_json(text.str());
    ASSERT_TRUE(example.has_value());
    EXPECT_TRUE(check_settings(WooCommerce::spec(), *example).empty());
}

TEST(Spec, TheReadmeListsEverySetting) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/plugins/woocommerce/README.md");
    std::ostringstream text;
    text << file.rdbuf();
    for (const auto& setting : WooCommerce::spec().settings) {
        const std::string fallback = setting.default_value.is_null() ? ""
                                     : setting.default_value.is_string()
                                         ? "`" + setting.default_value.get<std::string>() + "`"
                                         : "`" + dump_json(setting.default_value) + "`";
        const std::string row =
            "| `" + setting.name + "` | " + std::string(enum_name(setting.type)) + " | " +
            (setting.required ? "yes" : "no") + " | " + (fallback.empty() ? "" : fallback + " ") +
            "| " + setting.help + " |";
        EXPECT_NE(text.str().find(row), std::string::npos) << row;
    }
}

TEST(Spec, ConnectsToNothingButTheShop) {
    const Spec spec = WooCommerce::spec();
    EXPECT_TRUE(spec.hosts.empty());
    EXPECT_EQ(spec.host_settings, std::vector<std::string>{"store_url"});
    EXPECT_EQ(spec.auth, AuthKind::kKey);
}

TEST(Spec, HasNoOperationOfATarget) {
    const syncline_connector& connector = plugin::kConnector<WooCommerce>;
    EXPECT_NE(connector.check, nullptr);
    EXPECT_NE(connector.discover, nullptr);
    EXPECT_NE(connector.read, nullptr);
    EXPECT_EQ(connector.encode, nullptr);
    EXPECT_EQ(connector.find, nullptr);
    EXPECT_EQ(connector.write, nullptr);
}

}  // namespace
}  // namespace syncline::woocommerce
