// What discover() learns about a company and encode() needs: Catalog::facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline::quickbooks {

// How the company computes sales tax (accounting.md 4.6 - 4.9).
enum class TaxMode {
    kUnknown,
    kUsAst,          // US, automated sales tax: codes TAX and NON, the total may be given
    kUsAstNotSetUp,  // US, switched to automated sales tax, but never set up
    kUsManual,       // US, one tax code per transaction
    kNonUs,          // a tax code per line
    kOff,            // sales tax is switched off
};

}  // namespace syncline::quickbooks

namespace syncline {

template <>
struct EnumNames<quickbooks::TaxMode> {
    static constexpr std::array<std::pair<quickbooks::TaxMode, std::string_view>, 6> kNames{{
        {quickbooks::TaxMode::kUnknown, "unknown"},
        {quickbooks::TaxMode::kUsAst, "us_ast"},
        {quickbooks::TaxMode::kUsAstNotSetUp, "us_ast_not_set_up"},
        {quickbooks::TaxMode::kUsManual, "us_manual"},
        {quickbooks::TaxMode::kNonUs, "non_us"},
        {quickbooks::TaxMode::kOff, "off"},
    }};
};

namespace quickbooks {

struct Account {
    std::string id;
    std::string name;      // fully qualified: "Assets:Stripe clearing"
    std::string type;      // "Other Current Asset"
    std::string sub_type;  // "UndepositedFunds"
    std::string currency;

    static constexpr auto fields() {
        return std::make_tuple(
            field("id", &Account::id),
            field("name", &Account::name),
            field("type", &Account::type),
            field("sub_type", &Account::sub_type),
            field("currency", &Account::currency)
        );
    }
};

struct Term {
    std::string id;
    std::string name;
    std::int64_t due_days = 0;         // after the document's date
    std::int64_t day_of_month = 0;     // due on that day of a month; 0: the term counts days
    std::int64_t next_month_days = 0;  // so close to that day, it is due a month later

    static constexpr auto fields() {
        return std::make_tuple(
            field("id", &Term::id),
            field("name", &Term::name),
            field("due_days", &Term::due_days),
            field("day_of_month", &Term::day_of_month),
            field("next_month_days", &Term::next_month_days)
        );
    }
};

struct NamedId {
    std::string id;
    std::string name;

    static constexpr auto fields() {
        return std::make_tuple(field("id", &NamedId::id), field("name", &NamedId::name));
    }
};

// A rate of a tax code, as sales use it.
struct SalesRate {
    std::string id;
    Decimal percent;      // 8.875 for 8.875 %
    bool on_tax = false;  // also on the tax of the code's rates before it

    static constexpr auto fields() {
        return field_list(
            field("id", &SalesRate::id),
            field("percent", &SalesRate::percent),
            field("on_tax", &SalesRate::on_tax)
        );
    }
};

struct TaxCode {
    std::string id;
    std::string name;
    std::vector<SalesRate> rates;  // in the order they are levied; none: the code has no rate

    static constexpr auto fields() {
        return field_list(
            field("id", &TaxCode::id),
            field("name", &TaxCode::name),
            field("rates", &TaxCode::rates)
        );
    }
};

struct CompanyFacts {
    std::string name;
    std::string country;    // "US"
    std::string time_zone;  // IANA
    std::string home_currency;
    TaxMode tax_mode = TaxMode::kUnknown;
    bool allow_shipping = false;
    bool allow_discount = false;
    bool custom_txn_numbers = false;
    bool multi_currency = false;
    std::string book_close_date;  // YYYY-MM-DD; empty: the books are open
    std::string default_term_id;
    std::string discount_account_id;
    std::vector<Account> accounts;
    std::vector<Term> terms;
    std::vector<NamedId> payment_methods;
    std::vector<TaxCode> tax_codes;
    std::vector<NamedId> custom_fields;  // of sales, in use; the id is the definition's
    std::string start_day;  // YYYY-MM-DD, of its connection; empty where that was not kept
    // Ids of the items, ",1,7,12,"; every encode() gets the facts, so no more than that. Both are
    // empty where they were not discovered, or are too many.
    std::string active_items;
    std::string inactive_items;
    bool classes_per_document = false;
    bool classes_per_line = false;
    bool tracks_locations = false;
    std::vector<NamedId> classes;    // empty unless the company tracks by them
    std::vector<NamedId> locations;  // "departments" in the API

    static constexpr auto fields() {
        return field_list(
            field("name", &CompanyFacts::name),
            field("country", &CompanyFacts::country),
            field("time_zone", &CompanyFacts::time_zone),
            field("home_currency", &CompanyFacts::home_currency),
            field("tax_mode", &CompanyFacts::tax_mode),
            field("allow_shipping", &CompanyFacts::allow_shipping),
            field("allow_discount", &CompanyFacts::allow_discount),
            field("custom_txn_numbers", &CompanyFacts::custom_txn_numbers),
            field("multi_currency", &CompanyFacts::multi_currency),
            field("book_close_date", &CompanyFacts::book_close_date),
            field("default_term_id", &CompanyFacts::default_term_id),
            field("discount_account_id", &CompanyFacts::discount_account_id),
            field("accounts", &CompanyFacts::accounts),
            field("terms", &CompanyFacts::terms),
            field("payment_methods", &CompanyFacts::payment_methods),
            field("tax_codes", &CompanyFacts::tax_codes),
            field("custom_fields", &CompanyFacts::custom_fields),
            field("start_day", &CompanyFacts::start_day),
            field("active_items", &CompanyFacts::active_items),
            field("inactive_items", &CompanyFacts::inactive_items),
            field("classes_per_document", &CompanyFacts::classes_per_document),
            field("classes_per_line", &CompanyFacts::classes_per_line),
            field("tracks_locations", &CompanyFacts::tracks_locations),
            field("classes", &CompanyFacts::classes),
            field("locations", &CompanyFacts::locations)
        );
    }

    // By id, or by name in any case; nullptr if there is none.
    const Account* account(std::string_view id_or_name) const;
    const Term* term(std::string_view id_or_name) const;
    const NamedId* payment_method(std::string_view id_or_name) const;
    const TaxCode* tax_code(std::string_view id_or_name) const;
    // Where what an item earns is booked, when the settings name no account.
    const Account* default_income_account() const;
    const Account* undeposited_funds() const;
};

// By id, or by name in any case; nullptr if there is none.
const NamedId* find_named(const std::vector<NamedId>& all, std::string_view id_or_name);

// `company_info` and `preferences` are the objects inside their envelopes.
CompanyFacts company_facts(const Json& company_info, const Json& preferences);
void add_accounts(CompanyFacts& facts, const std::vector<Json>& rows);
void add_terms(CompanyFacts& facts, const std::vector<Json>& rows);
// From the rows of TaxCode and TaxRate.
void add_tax_codes(
    CompanyFacts& facts, const std::vector<Json>& codes, const std::vector<Json>& rates
);
void add_items(CompanyFacts& facts, const std::vector<Json>& rows);
std::vector<NamedId> named_ids(const std::vector<Json>& rows);

// ASCII letters only.
bool same_ignoring_case(std::string_view a, std::string_view b);

}  // namespace quickbooks
}  // namespace syncline
