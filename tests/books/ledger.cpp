#include "ledger.hpp"

#include <stdexcept>

#include "quickbooks/books/life_cycle.hpp"
#include "quickbooks/books/profile.hpp"

namespace books {

using namespace sandbox::quickbooks;

namespace {

constexpr Millis kNow = 1'795'262'400'000;  // 2026-11-21T12:00:00Z

const char* profile_of(Mode mode) {
    switch (mode) {
        case Mode::kUsAutomated:
            return "us_ast";
        case Mode::kUsManual:
            return "us_manual";
        case Mode::kElsewhere:
            return "non_us";
        case Mode::kOff:
            break;
    }
    return "tax_off";
}

Entity entity_of(const std::string& name) {
    for (int i = 0; i < static_cast<int>(kEntities); ++i) {
        const auto entity = static_cast<Entity>(i);
        if (info(entity).name == name) {
            return entity;
        }
    }
    throw std::invalid_argument("the books have no " + name);
}

Json parsed(const std::string& text) {
    std::string error;
    auto json = parse_exact(text, error);
    if (!json) {
        throw std::invalid_argument(error + ": " + text);
    }
    return *std::move(json);
}

std::string said(const Errors& errors) {
    std::string text;
    for (const auto& error : errors) {
        text += (text.empty() ? "" : "; ") + std::to_string(error.code) + " " + error.detail;
    }
    return text;
}

Posted posted(const Json& doc) {
    Posted result;
    result.id = text_at(doc, "Id");
    result.total = number_at(doc, "TotalAmt").text();
    result.tax = number_at(doc, "TxnTaxDetail.TotalTax").text();
    const Json* lines = member(doc, "TxnTaxDetail.TaxLine");
    for (const Json& line : lines ? *lines : Json::array()) {
        result.rates.push_back(
            {number_at(line, "TaxLineDetail.TaxPercent").text(),
             number_at(line, "Amount").text(),
             number_at(line, "TaxLineDetail.NetAmountTaxable").text()}
        );
    }
    return result;
}

}  // namespace

struct Ledger::Books {
    Company company;
};

const char* name_of(Mode mode) {
    return profile_of(mode);
}

Ledger::Ledger(Mode mode, const std::string& currency, bool shipping_line)
    : mode_(mode), books_(new Books{founded_company("9130350000000001", profile_of(mode), kNow)}) {
    Json changes = Json::object();
    changes["CurrencyPrefs"]["HomeCurrency"]["value"] = currency;
    // One customer buys everything here.
    changes["CurrencyPrefs"]["MultiCurrencyEnabled"] = false;
    changes["SalesFormsPrefs"]["AllowShipping"] = shipping_line;
    change_preferences(books_->company, changes, kNow);
    for (auto& [id, account] : books_->company.table(Entity::kAccount)) {
        account.doc["CurrencyRef"]["value"] = currency;
    }
    customer_ = made(
        "Customer", R"({"DisplayName": "Ines", "CurrencyRef": {"value": ")" + currency + R"("}})"
    );
    item_ = made(
        "Item", R"({"Name": "Thing", "Type": "Service", "IncomeAccountRef": {"value": "79"}})"
    );
}

Ledger::~Ledger() = default;

std::string Ledger::made(const std::string& entity, const std::string& body) {
    const Posted made = create(entity, body);
    if (!made.refused.empty()) {
        throw std::runtime_error("the books refuse the " + entity + ": " + made.refused);
    }
    return made.id;
}

std::string Ledger::add_code(const std::string& name, const std::vector<CodeRate>& rates) {
    std::vector<Decimal> percents;
    for (const auto& rate : rates) {
        percents.push_back(*Decimal::parse(rate.percent));
    }
    Company& company = books_->company;
    const std::int64_t id = add_tax_code(company, name, percents, kNow);
    Json& details = company.table(Entity::kTaxCode).at(id).doc["SalesTaxRateList"]["TaxRateDetail"];
    for (std::size_t i = 0; i < rates.size(); ++i) {
        details[i]["TaxOrder"] = i;
        if (rates[i].on_tax) {
            details[i]["TaxTypeApplicable"] = "TaxOnAmountPlusTax";
        }
    }
    return std::to_string(id);
}

std::string Ledger::company_info() const {
    return print(books_->company.table(Entity::kCompanyInfo).at(1).doc);
}

std::string Ledger::preferences() const {
    return print(books_->company.preferences());
}

std::vector<std::string> Ledger::list(const std::string& entity) const {
    std::vector<std::string> rows;
    for (const auto& [id, record] : books_->company.table(entity_of(entity))) {
        rows.push_back(print(record.doc));
    }
    return rows;
}

Posted Ledger::create(const std::string& entity, const std::string& body) {
    const Entity kind = entity_of(entity);
    Write write;
    write.entity = kind;
    write.body = parsed(body);
    const Outcome outcome = carry_out(books_->company, write, kNow);
    if (!outcome.ok()) {
        Posted result;
        result.refused = said(outcome.errors);
        return result;
    }
    Posted result = posted(outcome.value);
    const Record* record = books_->company.find(kind, result.id);
    result.own_tax = record != nullptr && record->tax_given;
    return result;
}

std::string Ledger::open_amount(const std::string& invoice) const {
    const Record* record = books_->company.find(Entity::kInvoice, invoice);
    return record == nullptr ? "-1" : number_at(record->doc, "Balance").text();
}

}  // namespace books
