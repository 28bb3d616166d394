#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "core/mapping/program.hpp"
#include "quickbooks/company.hpp"
#include "quickbooks/connector.hpp"
#include "quickbooks/entities.hpp"
#include "quickbooks/remote/mappable.hpp"
#include "supabase/encode.hpp"
#include "woocommerce/convert.hpp"

namespace syncline::mapping {
namespace {

namespace fs = std::filesystem;

Json read_json(const fs::path& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    auto parsed = parse_json(text.str());
    EXPECT_TRUE(parsed) << path << (parsed ? "" : parsed.error().message);
    return parsed ? *parsed : Json();
}

std::vector<fs::path> shipped_files() {
    std::vector<fs::path> files;
    for (const auto& entry :
         fs::directory_iterator(fs::path(SYNCLINE_SOURCE_DIR) / "config/mappings")) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

quickbooks::CompanyFacts us_company() {
    quickbooks::CompanyFacts facts;
    facts.name = "Harbour Traders";
    facts.country = "US";
    facts.time_zone = "America/Chicago";
    facts.home_currency = "USD";
    facts.tax_mode = quickbooks::TaxMode::kUsAst;
    facts.allow_shipping = true;
    facts.allow_discount = true;
    facts.custom_txn_numbers = true;
    facts.accounts = {
        {"79", "Sales of Product Income", "Income", "SalesOfProductIncome", "USD"},
        {"4", "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "USD"}};
    facts.terms = {{"3", "Net 30", 30, 0, 0}};
    facts.payment_methods = {{"7", "Stripe"}};
    return facts;
}

// As the connectors' discover() tells it.
Catalog quickbooks_catalog() {
    Catalog catalog;
    catalog.facts = to_json(us_company());
    for (const auto& facts : quickbooks::entities()) {
        CatalogEntity& entity = catalog.entities.emplace_back();
        entity.name = facts.entity;
        entity.write = {"create"};
        entity.owned_paths.assign(facts.owned_paths.begin(), facts.owned_paths.end());
        entity.mappable = quickbooks::mappable_paths(facts.entity, catalog.facts);
    }
    return catalog;
}

Catalog supabase_catalog() {
    Catalog catalog;
    for (const char* name : {"order", "customer", "product", "invoice"}) {
        CatalogEntity& entity = catalog.entities.emplace_back();
        entity.name = name;
        entity.write = {"create"};
        entity.owned_paths = supabase::owned_paths(name);
    }
    return catalog;
}

// An entity that the connector has no row for yet is taken as what it is documented to take.
TargetSchema schema_for(const Definition& definition) {
    const bool books = definition.target == "com.syncline.quickbooks";
    Catalog catalog = books ? quickbooks_catalog() : supabase_catalog();
    auto schema = target_schema(catalog, definition.target_entity);
    if (!schema && books) {
        CatalogEntity& entity = catalog.entities.emplace_back();
        entity.name = definition.target_entity;
        entity.write = {"create"};
        entity.mappable = quickbooks::mappable_paths(entity.name, catalog.facts);
        EXPECT_FALSE(entity.mappable.empty()) << entity.name;
        schema = target_schema(catalog, definition.target_entity);
    }
    EXPECT_TRUE(schema) << definition.name;
    return *schema;
}

Program shipped(const std::string& name) {
    const auto definition = parse_definition(
        read_json(fs::path(SYNCLINE_SOURCE_DIR) / "config/mappings" / (name + ".json"))
    );
    EXPECT_TRUE(definition) << name << (definition ? "" : definition.error().message);
    auto program = compile(*definition, schema_for(*definition));
    EXPECT_TRUE(program) << name << (program ? "" : program.error().message);
    return *program;
}

TEST(ShippedMapping, EachCompilesAgainstItsConnectorAndPassesItsTests) {
    const auto files = shipped_files();
    EXPECT_GE(files.size(), 10u);
    for (const auto& file : files) {
        const std::string name = file.stem().string();
        ASSERT_EQ(file.extension(), ".json") << file;
        const Program program = shipped(name);
        EXPECT_EQ(program.definition().name, name);
        EXPECT_FALSE(program.definition().description.empty()) << name;
        const auto results = run_tests(program);
        EXPECT_GE(results.size(), 2u) << name;
        for (const auto& result : results) {
            EXPECT_TRUE(result.passed)
                << name << ": " << result.name << ": " << result.problem << "\n"
                << result.differences.dump(1) << "\n"
                << result.actual.dump(1);
        }
    }
}

TEST(ShippedMapping, EachRuleIsSeenAtWorkInATest) {
    for (const auto& file : shipped_files()) {
        const Program whole = shipped(file.stem().string());
        for (std::size_t rule = 0; rule < whole.definition().rules.size(); ++rule) {
            Definition without = whole.definition();
            without.rules.erase(without.rules.begin() + static_cast<std::ptrdiff_t>(rule));
            const auto program = compile(without, whole.target());
            ASSERT_TRUE(program) << program.error().message;
            bool all_pass = true;
            for (const auto& result : run_tests(*program)) {
                all_pass = all_pass && result.passed;
            }
            EXPECT_FALSE(all_pass) << file.stem() << " without /rules/" << rule;
        }
    }
}

std::vector<Json> recorded_orders() {
    const woocommerce::ShopFacts facts{*Currency::parse("USD"), -300};
    std::vector<Json> orders;
    for (const auto& source :
         read_json(fs::path(SYNCLINE_TEST_DATA) / "woocommerce" / "orders.json")) {
        orders.push_back(to_json(woocommerce::to_order(source, facts)));
    }
    return orders;
}

// Orders encoded by the real QuickBooks connector.
std::vector<Encoded> quickbooks_documents(const std::vector<Json>& orders, const Json& settings) {
    plugin::testing::FakeHost host;
    host.on_local_date = [](const std::string&, Timestamp at) {
        return Timestamp{at.ms - 6 * 3'600'000}.to_string().substr(0, 10);
    };
    plugin::testing::FakeCall call{"5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b"};
    quickbooks::QuickBooks connector(
        host.handle(),
        {{"realm_id", "9130350000000001"}, {"client_id", "app"}, {"environment", "sandbox"}}
    );
    EncodeRequest request;
    request.context.entity = "order";
    request.context.source = "woocommerce:shop";
    request.context.settings = settings;
    request.context.facts = to_json(us_company());
    request.records = orders;
    auto encoded = connector.encode(call.call(), request);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    return encoded ? *encoded : std::vector<Encoded>{};
}

void expect_same_money(const TargetSchema& schema, const Document& before, const Document& after) {
    for (const auto& owned : schema.owned_paths) {
        const Json::json_pointer place(owned);
        ASSERT_EQ(before.body.contains(place), after.body.contains(place)) << owned;
        if (before.body.contains(place)) {
            EXPECT_EQ(before.body.at(place), after.body.at(place)) << owned;
        }
    }
    ASSERT_EQ(before.money.has_value(), after.money.has_value());
    if (before.money) {
        EXPECT_EQ(before.money->total, after.money->total);
        EXPECT_EQ(before.money->tax, after.money->tax);
    }
}

// How many documents the mapping changed; none may be held for it.
int adjust_all(const Program& program, const std::vector<Json>& orders, std::vector<Encoded> all) {
    int changed = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const Encoded before = all[i];
        apply(program, orders[i], all[i]);
        EXPECT_EQ(before.hold.has_value(), all[i].hold.has_value())
            << (all[i].hold ? all[i].hold->message : "");
        for (std::size_t d = 0; d < before.documents.size(); ++d) {
            expect_same_money(program.target(), before.documents[d], all[i].documents[d]);
            changed += before.documents[d].body == all[i].documents[d].body ? 0 : 1;
        }
    }
    return changed;
}

TEST(ShippedMapping, AdjustsTheInvoicesOfTheRecordedShopAndKeepsTheirMoney) {
    const auto orders = recorded_orders();
    ASSERT_EQ(orders.size(), 61u);
    const Json invoices{{"document_choice", {{"*", "invoice_and_payment"}}}};
    EXPECT_GT(
        adjust_all(shipped("woo-to-qbo-invoice"), orders, quickbooks_documents(orders, invoices)),
        20
    );
    EXPECT_GT(
        adjust_all(
            shipped("woo-to-qbo-sales-receipt"),
            orders,
            quickbooks_documents(orders, Json::object())
        ),
        10
    );
}

TEST(ShippedMapping, AdjustsTheRowsOfTheRecordedShopAndKeepsTheirMoney) {
    const auto orders = recorded_orders();
    EncodeRequest request;
    request.context.entity = "order";
    request.context.source = "woocommerce:shop";
    request.context.tenant = "acme";
    request.records = orders;
    const auto rows = supabase::encode_records(request);
    ASSERT_TRUE(rows) << rows.error().message;
    for (const auto& row : *rows) {
        ASSERT_TRUE(row.hold || row.documents.size() == 2u);
    }
    adjust_all(shipped("woo-to-supabase-order"), orders, *rows);
}

TEST(MappablePaths, AreNeverOwnedByTheConnector) {
    for (const auto& entity : quickbooks_catalog().entities) {
        for (const auto& mappable : entity.mappable) {
            std::string path = mappable.path;
            if (const auto end = path.find("=]"); end != std::string::npos) {
                path.insert(end + 1, "1");
            }
            Definition definition;
            definition.name = definition.target = "m";
            definition.source_entity = "customer";
            definition.target_entity = entity.name;
            Rule& rule = definition.rules.emplace_back();
            rule.target = path;
            rule.default_value = nullptr;
            const auto schema = target_schema(quickbooks_catalog(), entity.name);
            ASSERT_TRUE(schema) << schema.error().message;
            const auto program = compile(definition, *schema);
            EXPECT_TRUE(program) << entity.name << " " << path << ": " << program.error().message;
        }
    }
}

TEST(MappablePaths, OfferAsManyCustomFieldsAsTheCompanyHas) {
    Json facts = to_json(us_company());
    const auto has_field = [&](const char* id) {
        for (const auto& one : quickbooks::mappable_paths("invoice", facts)) {
            const bool listed = one.keys.empty() ||
                                std::find(one.keys.begin(), one.keys.end(), id) != one.keys.end();
            if (one.path.rfind("CustomField", 0) == 0 && listed) {
                return true;
            }
        }
        return false;
    };
    facts["custom_fields"] = Json::array();
    EXPECT_FALSE(has_field("1"));
    facts["custom_fields"] = {{{"id", "1"}, {"name", "PO"}}, {{"id", "2"}, {"name", "Rep"}}};
    EXPECT_TRUE(has_field("1"));
    EXPECT_TRUE(has_field("2"));
    EXPECT_FALSE(has_field("3"));
}

TEST(MappablePaths, ReferencesAreThoseTheCompanyHas) {
    const auto definition = parse_definition(
        {{"name", "m"},
         {"source_entity", "order"},
         {"target", "com.syncline.quickbooks"},
         {"target_entity", "invoice"},
         {"rules", {{{"target", "SalesTermRef.value"}, {"default", "4"}}}}}
    );
    ASSERT_TRUE(definition);
    const auto refused = compile(*definition, schema_for(*definition));
    ASSERT_FALSE(refused);
    EXPECT_NE(
        refused.error().message.find("the target has no '4' to refer to (there are: 3)"),
        std::string::npos
    ) << refused.error().message;
}

}  // namespace
}  // namespace syncline::mapping
