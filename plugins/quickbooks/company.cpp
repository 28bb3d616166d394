#include "quickbooks/company.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::string_view kCustomUsed = "SalesFormsPrefs.UseSalesCustom";
constexpr std::string_view kCustomName = "SalesFormsPrefs.SalesCustomName";

std::int64_t whole_number_at(const Json& object, std::string_view member) {
    const auto number = number_at(object, member);
    return number && number->scale() == 0 ? number->units() : 0;
}

TaxMode tax_mode_of(std::string_view country, const Json& tax_prefs) {
    if (!flag_at(tax_prefs, "UsingSalesTax", false)) {
        return TaxMode::kOff;
    }
    if (country != "US") {
        return TaxMode::kNonUs;
    }
    // Three states: absent means that automated sales tax was never offered to this company.
    if (!tax_prefs.contains("PartnerTaxEnabled")) {
        return TaxMode::kUsManual;
    }
    return flag_at(tax_prefs, "PartnerTaxEnabled", false) ? TaxMode::kUsAst
                                                          : TaxMode::kUsAstNotSetUp;
}

template <class T>
const T* by_id_or_name(const std::vector<T>& all, std::string_view id_or_name) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const T& one) {
        return one.id == id_or_name || same_ignoring_case(one.name, id_or_name);
    });
    return found == all.end() ? nullptr : &*found;
}

// The legacy fields of sales: whether the company uses one, and its name, each in an entry of its
// own.
std::vector<NamedId> custom_fields_of(const Json& sales) {
    std::map<std::string, NamedId> all;
    std::set<std::string> in_use;
    for (const auto& group : child_at(sales, "CustomField")) {
        for (const auto& entry : child_at(group, "CustomField")) {
            const std::string key = text_at(entry, "Name");
            if (key.rfind(kCustomUsed, 0) == 0 && flag_at(entry, "BooleanValue", false)) {
                in_use.insert(key.substr(kCustomUsed.size()));
            } else if (key.rfind(kCustomName, 0) == 0) {
                const std::string id = key.substr(kCustomName.size());
                all[id] = NamedId{id, text_at(entry, "StringValue")};
            }
        }
    }
    std::vector<NamedId> used;
    for (const auto& id : in_use) {
        const auto named = all.find(id);
        used.push_back(named == all.end() ? NamedId{id, id} : named->second);
    }
    return used;
}

// Accounts of a kind, the one made first wins, so that the choice stays.
const Account* first_account(
    const std::vector<Account>& accounts, std::string_view type, std::string_view sub_type
) {
    const Account* best = nullptr;
    for (const auto& account : accounts) {
        const bool fits =
            account.type == type && (sub_type.empty() || account.sub_type == sub_type);
        const bool older = best == nullptr || account.id.size() < best->id.size() ||
                           (account.id.size() == best->id.size() && account.id < best->id);
        best = fits && older ? &account : best;
    }
    return best;
}

}  // namespace

bool same_ignoring_case(std::string_view a, std::string_view b) {
    const auto lower = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) {
        return lower(x) == lower(y);
    });
}

const Account* CompanyFacts::account(std::string_view id_or_name) const {
    return by_id_or_name(accounts, id_or_name);
}

const Term* CompanyFacts::term(std::string_view id_or_name) const {
    return by_id_or_name(terms, id_or_name);
}

const NamedId* find_named(const std::vector<NamedId>& all, std::string_view id_or_name) {
    return by_id_or_name(all, id_or_name);
}

const NamedId* CompanyFacts::payment_method(std::string_view id_or_name) const {
    return by_id_or_name(payment_methods, id_or_name);
}

const TaxCode* CompanyFacts::tax_code(std::string_view id_or_name) const {
    return by_id_or_name(tax_codes, id_or_name);
}

const Account* CompanyFacts::default_income_account() const {
    const Account* of_products = first_account(accounts, "Income", "SalesOfProductIncome");
    return of_products != nullptr ? of_products : first_account(accounts, "Income", "");
}

const Account* CompanyFacts::undeposited_funds() const {
    return first_account(accounts, "Other Current Asset", "UndepositedFunds");
}

CompanyFacts company_facts(const Json& company_info, const Json& preferences) {
    const Json& sales = child_at(preferences, "SalesFormsPrefs");
    const Json& currency = child_at(preferences, "CurrencyPrefs");
    CompanyFacts facts;
    facts.name = text_at(company_info, "CompanyName");
    facts.country = text_at(company_info, "Country");
    facts.time_zone = text_at(company_info, "DefaultTimeZone");
    facts.home_currency = reference_at(currency, "HomeCurrency");
    facts.tax_mode = tax_mode_of(facts.country, child_at(preferences, "TaxPrefs"));
    facts.allow_shipping = flag_at(sales, "AllowShipping", false);
    facts.allow_discount = flag_at(sales, "AllowDiscount", false);
    facts.custom_txn_numbers = flag_at(sales, "CustomTxnNumbers", false);
    facts.multi_currency = flag_at(currency, "MultiCurrencyEnabled", false);
    const Json& accounting = child_at(preferences, "AccountingInfoPrefs");
    facts.book_close_date = text_at(accounting, "BookCloseDate");
    facts.classes_per_document = flag_at(accounting, "ClassTrackingPerTxn", false);
    facts.classes_per_line = flag_at(accounting, "ClassTrackingPerTxnLine", false);
    facts.tracks_locations = flag_at(accounting, "TrackDepartments", false);
    facts.custom_fields = custom_fields_of(sales);
    facts.default_term_id = reference_at(sales, "DefaultTerms");
    facts.discount_account_id = text_at(sales, "DefaultDiscountAccount");
    return facts;
}

void add_accounts(CompanyFacts& facts, const std::vector<Json>& rows) {
    for (const auto& row : rows) {
        const std::string full_name = text_at(row, "FullyQualifiedName");
        facts.accounts.push_back(Account{
            text_at(row, "Id"),
            full_name.empty() ? text_at(row, "Name") : full_name,
            text_at(row, "AccountType"),
            text_at(row, "AccountSubType"),
            reference_at(row, "CurrencyRef")});
    }
}

void add_terms(CompanyFacts& facts, const std::vector<Json>& rows) {
    for (const auto& row : rows) {
        facts.terms.push_back(Term{
            text_at(row, "Id"),
            text_at(row, "Name"),
            whole_number_at(row, "DueDays"),
            whole_number_at(row, "DayOfMonthDue"),
            whole_number_at(row, "DueNextMonthDays")});
    }
}

void add_tax_codes(
    CompanyFacts& facts, const std::vector<Json>& codes, const std::vector<Json>& rates
) {
    std::map<std::string, Decimal> percents;
    for (const auto& row : rates) {
        percents[text_at(row, "Id")] = number_at(row, "RateValue").value_or(Decimal{});
    }
    for (const auto& row : codes) {
        TaxCode code{text_at(row, "Id"), text_at(row, "Name"), {}};
        std::vector<std::pair<std::int64_t, SalesRate>> levied;
        for (const auto& detail : child_at(child_at(row, "SalesTaxRateList"), "TaxRateDetail")) {
            const std::string id = reference_at(detail, "TaxRateRef");
            const std::string on = text_at(detail, "TaxTypeApplicable");
            levied.emplace_back(
                whole_number_at(detail, "TaxOrder"),
                SalesRate{id, percents[id], on == "TaxOnAmountPlusTax"}
            );
        }
        std::stable_sort(levied.begin(), levied.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        for (auto& [order, rate] : levied) {
            code.rates.push_back(std::move(rate));
        }
        facts.tax_codes.push_back(std::move(code));
    }
}

void add_items(CompanyFacts& facts, const std::vector<Json>& rows) {
    constexpr std::size_t kItemsMax = 10'000;
    if (rows.size() > kItemsMax) {
        return;
    }
    facts.active_items = facts.inactive_items = ",";
    for (const auto& row : rows) {
        if (text_at(row, "Type") == "Category") {
            continue;  // no line can have it
        }
        (flag_at(row, "Active", true) ? facts.active_items : facts.inactive_items) +=
            text_at(row, "Id") + ",";
    }
}

std::vector<NamedId> named_ids(const std::vector<Json>& rows) {
    std::vector<NamedId> all;
    for (const auto& row : rows) {
        const std::string full_name = text_at(row, "FullyQualifiedName");
        all.push_back(NamedId{
            text_at(row, "Id"), full_name.empty() ? text_at(row, "Name") : full_name});
    }
    return all;
}

}  // namespace syncline::quickbooks
