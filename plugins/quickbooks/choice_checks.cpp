#include "quickbooks/choice_checks.hpp"

#include <algorithm>

#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::int64_t kTermDaysMax = 3'650;

std::string token(std::string_view member) {
    return syncline::detail::pointer_token(member);
}

bool is_date(const std::string& text) {
    const auto parsed = Timestamp::parse(text + "T00:00:00Z");
    return parsed && parsed->to_string().substr(0, 10) == text;
}

template <class T>
std::string names_of_all(const std::vector<T>& all) {
    constexpr std::size_t kShown = 8;
    std::string names;
    for (std::size_t i = 0; i < std::min(all.size(), kShown); ++i) {
        names += (i == 0 ? "" : ", ") + all[i].name;
    }
    return all.empty() ? "none" : names + (all.size() > kShown ? ", ..." : "");
}

class Check {
public:
    Check(const plugin::Host& host, const Choices& choices, const CompanyFacts& company)
        : host_(host), choices_(choices), company_(company) {}

    std::vector<std::string> run() {
        accounts();
        items();
        tax_codes();
        lists();
        terms();
        dimensions();
        custom_fields();
        names_and_dates();
        return std::move(problems_);
    }

private:
    void complain(const std::string& place, const std::string& what) {
        problems_.push_back(place + ": " + what);
    }
    template <class T>
    void unknown(
        const std::string& place,
        const std::string& kind,
        const std::string& wanted,
        const std::vector<T>& all
    ) {
        complain(
            place,
            "QuickBooks has no " + kind + " '" + wanted + "' (there are: " + names_of_all(all) + ")"
        );
    }
    const Account* account(
        const std::string& place,
        const std::string& wanted,
        const std::vector<std::string_view>& types
    ) {
        const Account* found = company_.account(wanted);
        if (found == nullptr) {
            unknown(place, "account", wanted, company_.accounts);
        } else if (!found->type.empty() && std::find(types.begin(), types.end(), found->type) == types.end()) {
            std::string wanted_types;
            for (const auto type : types) {
                wanted_types += (wanted_types.empty() ? "" : " or ") + std::string(type);
            }
            complain(
                place,
                "the account '" + wanted + "' is of the type " + found->type + ", expected " +
                    wanted_types
            );
        }
        return found;
    }

    // Keys are a gateway and perhaps a currency: "stripe:EUR".
    void deposit_account(const std::string& key, const std::string& wanted) {
        const std::string place = "/deposit_accounts/" + token(key);
        const Account* found = account(place, wanted, {"Other Current Asset", "Bank"});
        const auto colon = key.rfind(':');
        const std::string code = colon == std::string::npos ? "" : key.substr(colon + 1);
        if (colon != std::string::npos && !Currency::parse(code)) {
            complain(place, "'" + code + "' is no currency; write a gateway, or gateway:EUR");
        }
        const bool foreign = found != nullptr && !found->currency.empty() &&
                             found->currency != company_.home_currency;
        if (foreign && found->currency != code) {
            complain(
                place,
                "the account '" + wanted + "' is kept in " + found->currency +
                    " and takes nothing else; name it for that currency: " + key.substr(0, colon) +
                    ":" + found->currency
            );
        }
    }

    void accounts() {
        for (const auto& [key, wanted] : choices_.deposit_accounts) {
            deposit_account(key, wanted);
        }
        if (!choices_.income_account.empty()) {
            account("/income_account", choices_.income_account, {"Income", "Other Income"});
        }
        if (!choices_.discount_account.empty()) {
            account(
                "/discount_account",
                choices_.discount_account,
                {"Income", "Other Income", "Expense", "Other Expense", "Cost of Goods Sold"}
            );
        }
    }

    void items() {
        item("/fallback_item", choices_.fallback_item);
        item("/shipping_item", choices_.shipping_item);
        item("/rounding_item", choices_.rounding_item);
        item("/sales_tax_item", choices_.sales_tax_item);
        if (!choices_.shipping_item_id.empty()) {
            item("/shipping_item_id", "id:" + choices_.shipping_item_id);
        }
        for (const auto& [fee, wanted] : choices_.fee_items) {
            item("/fee_items/" + token(fee), wanted);
        }
        for (const auto& [product, wanted] : choices_.product_items) {
            item("/product_items/" + token(product), wanted);
        }
    }
    // Others than ids are looked for at delivery, and may be made by then.
    void item(const std::string& place, const std::string& wanted) {
        if (wanted.rfind("id:", 0) != 0 || company_.active_items.empty()) {
            return;
        }
        const std::string id = wanted.substr(3);
        const std::string listed = "," + id + ",";
        const bool one = id.find(',') == std::string::npos;
        if (one && company_.active_items.find(listed) != std::string::npos) {
            return;
        }
        const bool inactive = one && company_.inactive_items.find(listed) != std::string::npos;
        complain(
            place,
            inactive ? "the item of the id '" + id +
                           "' is inactive in QuickBooks; make it active again, or name another one"
                     : "QuickBooks has no item of the id '" + id +
                           "'; if it is a new one, test the connection first"
        );
    }

    void tax_codes() {
        const TaxMode mode = company_.tax_mode;
        if (mode != TaxMode::kUsManual && mode != TaxMode::kNonUs) {
            return;  // no document has a code that the settings name
        }
        tax_code("/default_tax_code_id", choices_.default_tax_code_id);
        tax_code("/zero_tax_code_id", choices_.zero_tax_code_id);
        for (const auto& [rate, wanted] : choices_.tax_code_mappings) {
            tax_code("/tax_code_mappings/" + token(rate), wanted);
        }
    }
    // Only active ones are known.
    void tax_code(const std::string& place, const std::string& wanted) {
        if (!wanted.empty() && company_.tax_code(wanted) == nullptr) {
            unknown(place, "active tax code", wanted, company_.tax_codes);
        }
    }

    void lists() {
        for (const auto& [gateway, wanted] : choices_.payment_methods) {
            if (company_.payment_method(wanted) == nullptr) {
                unknown(
                    "/payment_methods/" + token(gateway),
                    "payment method",
                    wanted,
                    company_.payment_methods
                );
            }
        }
    }

    void terms() {
        for (const auto& [gateway, wanted] : choices_.terms) {
            term("/terms/" + token(gateway), wanted);
        }
        for (const auto& [name, rule] : choices_.term_rules) {
            const std::string place = "/term_rules/" + token(name);
            condition(place, rule.when);
            term(place + "/use", rule.use);
        }
        const auto& days = choices_.default_payment_terms_days;
        if (days && (*days < 0 || *days > kTermDaysMax)) {
            complain(
                "/default_payment_terms_days",
                "expected 0 to " + std::to_string(kTermDaysMax) + ", found " + std::to_string(*days)
            );
        }
    }
    void term(const std::string& place, const std::string& wanted) {
        if (company_.term(wanted) == nullptr) {
            unknown(place, "term", wanted, company_.terms);
        }
    }

    void dimensions() {
        const bool classes = company_.classes_per_document || company_.classes_per_line;
        rules("/class_rules", choices_.class_rules, company_.classes, classes, "class");
        rules(
            "/location_rules",
            choices_.location_rules,
            company_.locations,
            company_.tracks_locations,
            "location"
        );
    }
    void rules(
        const std::string& member,
        const Rules& all,
        const std::vector<NamedId>& known,
        bool tracked,
        const std::string& kind
    ) {
        if (!tracked && !all.empty()) {
            complain(
                member,
                "QuickBooks does not track by " + kind +
                    "; switch that on in its settings (the plan must have it), or leave this out"
            );
            return;
        }
        for (const auto& [name, rule] : all) {
            const std::string place = member + "/" + token(name);
            condition(place, rule.when);
            if (find_named(known, rule.use) == nullptr) {
                unknown(place + "/use", kind, rule.use, known);
            }
        }
    }
    void condition(const std::string& place, const Condition& when) {
        for (std::size_t i = 0; i < when.currencies.size(); ++i) {
            if (!Currency::parse(when.currencies[i])) {
                complain(
                    place + "/when/currencies/" + std::to_string(i),
                    "'" + when.currencies[i] + "' is no currency; write EUR"
                );
            }
        }
        for (std::size_t i = 0; i < when.countries.size(); ++i) {
            const std::string& code = when.countries[i];
            const bool upper =
                std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
            if (code.size() != 2 || !upper) {
                complain(
                    place + "/when/countries/" + std::to_string(i),
                    "'" + code + "' is no country; write its two letters, DE"
                );
            }
        }
    }

    // How many there can be is the plan's: what is not discovered cannot be used.
    void custom_fields() {
        const auto& wanted = choices_.custom_field_mappings;
        const std::size_t there = company_.custom_fields.size();
        if (wanted.size() > there) {
            complain(
                "/custom_field_mappings",
                "names " + std::to_string(wanted.size()) + " custom fields, the company uses " +
                    std::to_string(there)
            );
        }
        for (const auto& [id, source] : wanted) {
            const std::string place = "/custom_field_mappings/" + token(id);
            const bool known = std::any_of(
                company_.custom_fields.begin(),
                company_.custom_fields.end(),
                [&](const NamedId& field) { return field.id == id; }
            );
            if (!known) {
                complain(
                    place,
                    "QuickBooks uses no custom field of that definition id (there are: " +
                        names_of_all(company_.custom_fields) + ")"
                );
            }
            if (!is_order_text(source)) {
                complain(
                    place,
                    "'" + source +
                        "' is no text of an order; write number, billing.company or meta:KEY"
                );
            }
        }
    }

    void names_and_dates() {
        const std::string name = name_text(choices_.web_sales_customer);
        if (name.empty() || code_points(name) > limits::kDisplayName) {
            complain("/web_sales_customer", "expected a name of 1 to 100 characters");
        }
        if (!choices_.start_date.empty() && !is_date(choices_.start_date)) {
            complain("/start_date", "'" + choices_.start_date + "' is no date; write 2026-11-21");
        }
        if (!choices_.time_zone.empty() && !host_.local_date(choices_.time_zone, Timestamp{})) {
            complain("/time_zone", "'" + choices_.time_zone + "' is no IANA time zone");
        }
        if (choices_.doc_number_format.find("{number}") == std::string::npos) {
            complain("/doc_number_format", "{number} is missing, which makes numbers differ");
        }
    }

    const plugin::Host& host_;
    const Choices& choices_;
    const CompanyFacts& company_;
    std::vector<std::string> problems_;
};

}  // namespace

std::vector<std::string> choice_problems(
    const plugin::Host& host, const Choices& choices, const CompanyFacts& company
) {
    return Check(host, choices, company).run();
}

Encoded check_tenant_choices(
    const plugin::Host& host, const Json& tenant_settings, const CompanyFacts& company
) {
    const auto choices = tenant_choices(tenant_settings);
    const auto problems = choices ? choice_problems(host, *choices, company)
                                  : std::vector<std::string>{choices.error().message};
    Encoded encoded;
    for (const auto& problem : problems) {
        encoded.warnings.push_back(Reason{"SETTINGS_REFUSED", problem});
    }
    if (problems.empty()) {
        encoded.skip = Reason{"SETTINGS_USABLE", "the company has all of it"};
    } else {
        encoded.hold = Reason{"SETTINGS_REFUSED", "the company lacks some of it"};
    }
    return encoded;
}

}  // namespace syncline::quickbooks
