// Ways of keeping sales tax other than automated, against the running sandbox.
#include "sandbox_company.hpp"
#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

// The first realm, founded anew with another way of keeping tax.
void found(Company& company, const std::string& profile, const std::string& currency) {
    const std::string realm = company.books.settings.at("realm_id");
    Company::control_qbo("POST", "/realms", {{"realm", realm}, {"profile", profile}});
    Company::control_qbo(
        "POST", "/preferences", {{"CurrencyPrefs", {{"HomeCurrency", {{"value", currency}}}}}}
    );
    company.books.settings["document_choice"] = {{"*", "invoice"}};
    company.books.host.on_local_date = [](const std::string&, Timestamp instant) {
        return instant.to_string().substr(0, 10);
    };
    company.refresh();
    company.discover();
}

std::string add_code(const std::string& name, const Json& rates) {
    return Company::control_qbo("POST", "/tax-codes", {{"name", name}, {"rates", rates}}).at("id");
}

// Writes the shop's orders and compares each document in the books with the shop's own texts.
std::size_t posted_orders(Company& company, const std::string& shop, std::string_view currency) {
    std::vector<Encoded> encoded;
    std::map<std::string, Json> sources;
    for (const auto& [source, order] : recorded_orders(shop, currency)) {
        encoded.push_back(company.books.order(order));
        const std::string code = Books::hold_code(encoded.back());
        EXPECT_TRUE(code.empty() || code == "FOREIGN_CURRENCY") << code << " " << order.id;
        if (!encoded.back().documents.empty()) {
            sources[encoded.back().documents.front().marker] = source;
        }
    }
    company.write_all(company.prepare(encoded), [&](const WriteItem& item, const Written& written) {
        EXPECT_EQ(written.owned, item.body) << Json::diff(item.body, written.owned).dump(1);
    });
    const Json ledger = Company::control_qbo("GET", "/ledger");
    for (const auto& row : ledger.at("documents")) {
        const Json& source = sources.at(row.at("marker"));
        EXPECT_EQ(row.at("total"), source.at("total")) << row.at("doc_number");
        EXPECT_EQ(row.at("tax"), source.at("total_tax")) << row.at("doc_number");
    }
    EXPECT_EQ(ledger.at("documents").size(), sources.size());
    return sources.size();
}

TEST(ContractTax, OutsideTheUsTheRecordedShopIsInTheBooksToTheCent) {
    Company company;
    found(company, "non_us", "EUR");
    EXPECT_EQ(company.books.facts.tax_mode, TaxMode::kNonUs);
    EXPECT_EQ(company.books.facts.tax_code("19.0%")->rates.at(0).percent, decimal("19"));
    company.books.settings["tax_code_mappings"] = {
        {"1", "19.0%"}, {"2", "7.0%"}, {"4", "20.0% S"}, {"5", "10.0% GST"}};
    company.books.settings["zero_tax_code_id"] = "0.0% Z";
    EXPECT_EQ(posted_orders(company, "woocommerce-inclusive", "EUR"), 35u);
}

TEST(ContractTax, KeptByHandTheRecordedShopIsInTheBooksToTheCent) {
    Company company;
    found(company, "us_manual", "USD");
    add_code("New York", Json::array({"8.875"}));
    add_code("California", Json::array({"7.25", "1.25"}));
    add_code("Twenty", Json::array({"20"}));
    add_code("Nineteen", Json::array({"19"}));
    company.discover();
    EXPECT_EQ(company.books.facts.tax_mode, TaxMode::kUsManual);
    company.books.settings["tax_code_mappings"] = {
        {"1", "New York"}, {"2+3", "California"}, {"6", "Twenty"}, {"7", "Nineteen"}};
    EXPECT_EQ(posted_orders(company, "woocommerce", "USD"), 45u);
}

}  // namespace
}  // namespace syncline::quickbooks
