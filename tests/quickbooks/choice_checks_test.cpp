// A tenant's choices against what the company has: nothing that is missing there gets through.
#include "quickbooks/choice_checks.hpp"

#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "books.hpp"

namespace syncline::quickbooks {
namespace {

CompanyFacts full_company() {
    CompanyFacts facts = company();
    facts.accounts.push_back({"91", "Stripe EUR", "Bank", "Checking", "EUR"});
    facts.accounts.push_back({"92", "Freight", "Expense", "ShippingFreightDelivery", "USD"});
    facts.custom_fields = {{"1", "Web order"}, {"3", "PO"}};
    facts.classes_per_document = true;
    facts.tracks_locations = true;
    facts.classes = {{"200", "Online"}};
    facts.locations = {{"300", "Duluth"}};
    return facts;
}

// What encode() says of the settings, as the host asks.
std::vector<std::string> problems_of(const Json& settings, const CompanyFacts& facts) {
    Books books;
    books.facts = facts;
    EncodeRequest request = books.request(std::string(kTenantSettings));
    request.records.push_back(settings);
    const auto encoded = books.connector().encode(books.call.call(), request);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    std::vector<std::string> problems;
    if (encoded) {
        for (const auto& warning : encoded->front().warnings) {
            problems.push_back(warning.message);
        }
        EXPECT_TRUE(encoded->front().documents.empty());
        EXPECT_EQ(encoded->front().hold.has_value(), !problems.empty());
        EXPECT_EQ(encoded->front().skip.has_value(), problems.empty());
    }
    return problems;
}

Json good_settings() {
    return parsed(R"json({
        "document_choice": {"stripe": "sales_receipt", "*": "invoice_and_payment"},
        "deposit_accounts": {"stripe": "Stripe clearing", "stripe:EUR": "Stripe EUR", "*": "4"},
        "payment_methods": {"stripe": "Stripe"}, "terms": {"bacs": "Net 30"},
        "default_payment_terms_days": 14, "income_account": "79", "shipping_item_id": "12",
        "term_rules": {"10 wholesale": {"when": {"meta": {"_b2b": "*"}}, "use": "15th"}},
        "class_rules": {"all": {"use": "Online"}},
        "location_rules": {"us": {"when": {"countries": ["US"], "currencies": ["USD"]}, "use": "300"}},
        "custom_field_mappings": {"1": "number", "3": "meta:_po_number"},
        "exchange_rate_meta": "_rate", "missing_customers": "hold", "missing_items": "create",
        "inactive_records": "reactivate", "start_date": "2026-11-01", "time_zone": "UTC"
    })json");
}

TEST(TenantChoices, WhatTheCompanyHasCanBeChosen) {
    EXPECT_EQ(problems_of(good_settings(), full_company()), std::vector<std::string>());
    EXPECT_EQ(problems_of(Json::object(), company()), std::vector<std::string>());
}

TEST(TenantChoices, WhatItDoesNotHaveIsRefusedWithItsPlace) {
    struct Case {
        const char* settings;
        const char* place;
        const char* says;
    };
    for (const auto& one : std::vector<Case>{
             {R"({"deposit_accounts": {"stripe": "Strip"}})",
              "/deposit_accounts/stripe: ",
              "no account 'Strip'"},
             {R"({"deposit_accounts": {"a/b": "Nope"}})", "/deposit_accounts/a~1b: ", "no account"},
             {R"({"deposit_accounts": {"stripe": "Stripe EUR"}})",
              "/deposit_accounts/stripe: ",
              "kept in EUR"},
             {R"({"deposit_accounts": {"stripe:GBP": "Stripe EUR"}})",
              "/deposit_accounts/stripe:GBP: ",
              "stripe:EUR"},
             {R"({"deposit_accounts": {"stripe:EURO": "4"}})",
              "/deposit_accounts/stripe:EURO: ",
              "no currency"},
             {R"({"deposit_accounts": {"stripe": "79"}})",
              "/deposit_accounts/stripe: ",
              "of the type Income"},
             {R"({"income_account": "92"})", "/income_account: ", "of the type Expense"},
             {R"({"discount_account": "86"})", "/discount_account: ", "no account '86'"},
             {R"({"payment_methods": {"stripe": "Card"}})",
              "/payment_methods/stripe: ",
              "no payment method"},
             {R"({"terms": {"bacs": "Net 31"}})", "/terms/bacs: ", "no term 'Net 31'"},
             {R"({"term_rules": {"a": {"use": "9"}}})", "/term_rules/a/use: ", "no term '9'"},
             {R"({"term_rules": {"a": {"when": {"currencies": ["euro"]}, "use": "3"}}})",
              "/term_rules/a/when/currencies/0: ",
              "no currency"},
             {R"({"class_rules": {"a": {"when": {"countries": ["usa"]}, "use": "200"}}})",
              "/class_rules/a/when/countries/0: ",
              "two letters"},
             {R"({"class_rules": {"a": {"use": "Shop"}}})",
              "/class_rules/a/use: ",
              "no class 'Shop'"},
             {R"({"location_rules": {"a": {"use": "Bristol"}}})",
              "/location_rules/a/use: ",
              "no location"},
             {R"({"custom_field_mappings": {"2": "number"}})",
              "/custom_field_mappings/2: ",
              "no custom field"},
             {R"({"custom_field_mappings": {"1": "totals"}})",
              "/custom_field_mappings/1: ",
              "no text of an order"},
             {R"({"custom_field_mappings": {"1": "meta:"}})",
              "/custom_field_mappings/1: ",
              "no text of an order"},
             {R"({"default_payment_terms_days": -1})",
              "/default_payment_terms_days: ",
              "0 to 3650"},
             {R"({"start_date": "2026-02-30"})", "/start_date: ", "no date"},
             {R"({"time_zone": "Mars/Base"})", "/time_zone: ", "no IANA time zone"},
             {R"({"doc_number_format": "WOO"})", "/doc_number_format: ", "{number}"},
             {R"({"web_sales_customer": " "})", "/web_sales_customer: ", "1 to 100"},
             {R"({"shipping_item_id": "id:5"})", "/shipping_item_id: ", "no id"},
             {R"({"shipping_item_id": "5", "shipping_item": "sku:S"})",
              "/shipping_item_id: ",
              "leave one of them"},
             {R"({"fallback_item": "Old"})", "/fallback_item: ", "names no item"},
             {R"({"txn_date": "never"})", "/txn_date: ", "one of"},
             {R"({"terms": "Net 30"})", "/terms: ", "an object"},
             {R"({"realm_id": "1"})", "/realm_id: ", "unknown"},
             {R"({"environment": "sandbox"})", "/environment: ", "unknown"},
             {R"({"term_rules": {"a": {"user": "3"}}})", "/term_rules/a/user: ", "unknown"},
         }) {
        const auto problems = problems_of(parsed(one.settings), full_company());
        ASSERT_EQ(problems.size(), 1u) << one.settings;
        EXPECT_EQ(problems.front().rfind(one.place, 0), 0u) << problems.front();
        EXPECT_NE(problems.front().find(one.says), std::string::npos) << problems.front();
    }
}

TEST(TenantChoices, ItemsNamedByTheirIdsMustBeThereAndActive) {
    CompanyFacts facts = full_company();
    facts.active_items = ",12,112,";
    facts.inactive_items = ",9,";
    for (const char* good :
         {R"({"shipping_item_id": "12", "fallback_item": "id:112"})",
          R"({"fee_items": {"Gift wrap": "sku:NONE", "*": "name:Nothing yet"}})"}) {
        EXPECT_EQ(problems_of(parsed(good), facts), std::vector<std::string>()) << good;
    }
    const std::vector<std::pair<const char*, const char*>> places{
        {R"({"shipping_item_id": "%"})", "/shipping_item_id: "},
        {R"({"shipping_item": "id:%"})", "/shipping_item: "},
        {R"({"fallback_item": "id:%"})", "/fallback_item: "},
        {R"({"rounding_item": "id:%"})", "/rounding_item: "},
        {R"({"sales_tax_item": "id:%"})", "/sales_tax_item: "},
        {R"({"fee_items": {"a/b": "id:%"}})", "/fee_items/a~1b: "},
        {R"({"product_items": {"GIFT": "id:%"}})", "/product_items/GIFT: "}};
    for (const auto& [settings, place] : places) {
        for (const auto& [id, says] :
             {std::pair<std::string, std::string>{"9", "is inactive"},
              {"2", "no item of the id '2'"}}) {
            std::string text = settings;
            text.replace(text.find('%'), 1, id);
            const auto problems = problems_of(parsed(text), facts);
            ASSERT_EQ(problems.size(), 1u) << text;
            EXPECT_EQ(problems.front().rfind(place, 0), 0u) << problems.front();
            EXPECT_NE(problems.front().find(says), std::string::npos) << problems.front();
        }
    }
    EXPECT_EQ(problems_of(parsed(R"({"fallback_item": "id:12,112"})"), facts).size(), 1u);
    facts.active_items = facts.inactive_items = "";  // too many to be known
    EXPECT_EQ(problems_of(parsed(R"({"fallback_item": "id:2"})"), facts).size(), 0u);
}

TEST(TenantChoices, TaxCodesMustBeThereWhereDocumentsHaveThem) {
    CompanyFacts facts = full_company();
    facts.tax_codes = {{"5", "20.0% S", {}}, {"6", "0.0% Z", {}}};
    const std::vector<std::pair<const char*, const char*>> places{
        {R"({"default_tax_code_id": "7"})", "/default_tax_code_id: "},
        {R"({"zero_tax_code_id": "10.0% R"})", "/zero_tax_code_id: "},
        {R"({"tax_code_mappings": {"GB::20": "5", "2+3": "55"}})", "/tax_code_mappings/2+3: "}};
    for (const TaxMode mode : {TaxMode::kUsManual, TaxMode::kNonUs}) {
        facts.tax_mode = mode;
        for (const auto& [settings, place] : places) {
            const auto problems = problems_of(parsed(settings), facts);
            ASSERT_EQ(problems.size(), 1u) << settings;
            EXPECT_EQ(problems.front().rfind(place, 0), 0u) << problems.front();
            EXPECT_NE(problems.front().find("20.0% S"), std::string::npos) << problems.front();
        }
        const Json good = parsed(
            R"({"default_tax_code_id": "5", "zero_tax_code_id": "0.0% z", "tax_code_mappings": {"1": "6"}})"
        );
        EXPECT_EQ(problems_of(good, facts), std::vector<std::string>());
    }
    facts.tax_mode = TaxMode::kUsAst;
    EXPECT_EQ(problems_of(parsed(places.front().first), facts), std::vector<std::string>());
}

TEST(TenantChoices, AllThatIsWrongIsSaidAtOnce) {
    EXPECT_EQ(
        problems_of(
            parsed(R"({"terms": {"a": "x", "b": "y"}, "deposit_accounts": {"c": "z"},
                       "start_date": "soon"})"),
            full_company()
        )
            .size(),
        4u
    );
}

TEST(TenantChoices, MoreCustomFieldsThanTheCompanyUsesAreRefused) {
    const auto problems = problems_of(
        parsed(R"({"custom_field_mappings": {"1": "number", "2": "id", "3": "number"}})"),
        full_company()
    );
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_NE(
        problems.front().find("names 3 custom fields, the company uses 2"), std::string::npos
    );
}

TEST(TenantChoices, RulesForWhatIsNotTrackedAreRefused) {
    CompanyFacts facts = full_company();
    facts.classes_per_document = facts.tracks_locations = false;
    const auto problems = problems_of(
        parsed(R"({"class_rules": {"a": {"use": "Online"}}, "location_rules": {"a": {"use": "x"}}})"
        ),
        facts
    );
    ASSERT_EQ(problems.size(), 2u);
    EXPECT_EQ(problems[0].rfind("/class_rules: QuickBooks does not track by class", 0), 0u);
    EXPECT_EQ(problems[1].rfind("/location_rules: ", 0), 0u);
    facts.classes_per_line = true;
    EXPECT_EQ(
        problems_of(parsed(R"({"class_rules": {"a": {"use": "Online"}}})"), facts).size(), 0u
    );
}

TEST(TenantChoices, NothingIsUsableWhileTheCompanyIsNotKnown) {
    Books books;
    EncodeRequest request = books.request(std::string(kTenantSettings));
    request.context.facts = Json::object();
    request.records.push_back(Json::object());
    const auto encoded = books.connector().encode(books.call.call(), request);
    ASSERT_FALSE(encoded);
    EXPECT_EQ(encoded.error().name, "qbo.no_facts");
}

// Whatever account is named, it is refused exactly when the company has none of that id or name.
RC_GTEST_PROP(TenantChoices, AnAccountIsRefusedExactlyWhenItIsNotThere, ()) {
    const auto wanted = *rc::gen::element<std::string>(
        "79", "35", "4", "Stripe clearing", "STRIPE CLEARING", "Stripe", "36", "", "Checking"
    );
    const auto gateway = *rc::gen::element<std::string>("stripe", "bacs", "*", "a~b/c");
    CompanyFacts facts = company();
    const bool there = facts.account(wanted) != nullptr;
    const bool can_take = there && facts.account(wanted)->type != "Income";
    const auto problems = problems_of(Json{{"deposit_accounts", {{gateway, wanted}}}}, facts);
    RC_ASSERT(problems.empty() == can_take);
}

TEST(TenantChoices, TheDocumentHasEveryMember) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/docs/connectors/transformer-config.md");
    std::stringstream text;
    text << file.rdbuf();
    std::set<std::string> settings;
    for (const auto& setting : connector_spec().settings) {
        settings.insert(setting.name);
    }
    for (const auto name : syncline::detail::kFieldNames<Choices>) {
        EXPECT_NE(text.str().find("`" + std::string(name) + "`"), std::string::npos) << name;
        EXPECT_EQ(settings.count(std::string(name)), 1u) << name << " is in no spec";
    }
}

TEST(CompanyFacts, CustomFieldsInUseAreThoseWithTheirNames) {
    const auto entry = [](const char* name, const Json& value, const char* member) {
        return Json{{"Name", std::string("SalesFormsPrefs.") + name}, {member, value}};
    };
    const Json groups = Json::array(
        {{{"CustomField",
           Json::array(
               {entry("UseSalesCustom1", true, "BooleanValue"),
                entry("UseSalesCustom2", false, "BooleanValue"),
                entry("UseSalesCustom3", true, "BooleanValue")}
           )}},
         {{"CustomField",
           Json::array(
               {entry("SalesCustomName2", "Old", "StringValue"),
                entry("SalesCustomName1", "Web order", "StringValue")}
           )}}}
    );
    const CompanyFacts facts = company_facts(
        Json::object(),
        {{"SalesFormsPrefs", {{"CustomField", groups}}},
         {"AccountingInfoPrefs", {{"ClassTrackingPerTxnLine", true}, {"TrackDepartments", true}}}}
    );
    ASSERT_EQ(facts.custom_fields.size(), 2u);
    EXPECT_EQ(facts.custom_fields[0].id, "1");
    EXPECT_EQ(facts.custom_fields[0].name, "Web order");
    EXPECT_EQ(facts.custom_fields[1].id, "3");
    EXPECT_FALSE(facts.classes_per_document);
    EXPECT_TRUE(facts.classes_per_line);
    EXPECT_TRUE(facts.tracks_locations);
}

}  // namespace
}  // namespace syncline::quickbooks
