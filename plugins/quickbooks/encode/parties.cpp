#include "quickbooks/encode/parties.hpp"

#include <algorithm>

#include "quickbooks/customer_key.hpp"
#include "quickbooks/encode/countries.hpp"
#include "quickbooks/encode/currency.hpp"
#include "quickbooks/encode/text.hpp"

namespace syncline::quickbooks {
namespace {

std::string joined_name(const std::string& first, const std::string& last) {
    return name_text(first + " " + last);
}

// What people call the customer; may be shared by several.
std::string base_name(const Scope& scope, const Customer& customer) {
    for (const auto& candidate :
         {name_text(customer.company),
          joined_name(customer.first_name, customer.last_name),
          name_text(customer.billing.company),
          joined_name(customer.billing.first_name, customer.billing.last_name),
          name_text(normalized_email(customer.email)),
          name_text(customer.username)}) {
        if (!candidate.empty()) {
            return candidate;
        }
    }
    return name_text(scope.choices.web_sales_customer);
}

// " (EUR)" of a customer that is kept in another currency than the books.
std::string currency_suffix(const Scope& scope, const Buyer& customer) {
    const bool foreign = customer.currency && !(*customer.currency == scope.home);
    return foreign ? currency_key_suffix(*customer.currency) : std::string();
}

std::vector<std::string> display_names(const Scope& scope, const Buyer& customer) {
    const std::string base = base_name(scope, customer);
    const std::string email = normalized_email(customer.email);
    const std::string unique =
        " #W" + (customer.id.empty() ? short_hash(email.empty() ? base : email) : customer.id);
    std::vector<std::string> suffixes{""};
    if (!email.empty() && email != base) {
        suffixes.push_back(" (" + name_text(email) + ")");
    }
    suffixes.push_back(unique);
    if (email.empty() && !customer.id.empty()) {
        suffixes = {unique};  // its name is all we can find it by: it must be its own
    }
    std::vector<std::string> names;
    const std::string currency = currency_suffix(scope, customer);
    for (const auto& suffix : suffixes) {
        std::string name = with_suffix(scope.host, base, suffix + currency, limits::kDisplayName);
        if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

Customer web_sales(const Scope& scope) {
    Customer customer;
    customer.guest = true;
    customer.company = scope.choices.web_sales_customer;
    return customer;
}

Customer buyer_of(const Scope& scope, const Order& order) {
    const bool guest = order.customer_id.empty();
    const bool together = scope.choices.customers == CustomerChoice::kAllTogether ||
                          (scope.choices.customers == CustomerChoice::kGuestsTogether && guest);
    const std::string email = normalized_email(order.billing.email);
    if (together || (guest && email.empty())) {
        return web_sales(scope);
    }
    Customer customer;
    customer.id = order.customer_id;
    customer.guest = guest;
    customer.email = email;
    customer.first_name = order.billing.first_name;
    customer.last_name = order.billing.last_name;
    customer.company = order.billing.company;
    customer.phone = order.billing.phone;
    customer.billing = order.billing;
    customer.shipping = order.shipping;
    return customer;
}

}  // namespace

std::string customer_key(const Scope& scope, const Buyer& customer) {
    std::string email = normalized_email(customer.email);
    return email.empty() ? "name:" + display_names(scope, customer).front()
                         : email + currency_suffix(scope, customer);
}

Need customer_need(const Scope& scope, const Order& order) {
    const Buyer buyer{buyer_of(scope, order), foreign_currency(scope, order)};
    Need need;
    need.entity = "customer";
    need.natural_key = customer_key(scope, buyer);
    need.key = "customer:" + need.natural_key;
    // The shop's customer stands for the one in the books' own currency.
    need.source_id = buyer.currency ? std::string() : buyer.id;
    const bool ours = buyer.id.empty() && normalized_email(buyer.email).empty();
    if (scope.choices.missing_customers == MissingChoice::kCreate || ours) {
        need.record = to_json(static_cast<const Customer&>(buyer));
        if (buyer.currency) {
            need.record[std::string(kCurrencyMember)] = buyer.currency->code();
        }
        mark_inactive_choice(scope, need.record);
    }
    return need;
}

Json address_of(const Scope& scope, Draft& draft, const Address& address) {
    Json json = Json::object();
    const auto put = [&](std::string_view member, std::uint32_t limit, const std::string& text) {
        put_text(scope, draft, json, {member, limit}, one_line(text));
    };
    if (address.empty()) {
        return json;
    }
    put("Line1", limits::kAddressLine, address.line1);
    put("Line2", limits::kAddressLine, address.line2);
    put("City", limits::kAddressPart, address.city);
    put("CountrySubDivisionCode", limits::kAddressPart, address.state);
    put("PostalCode", limits::kPostalCode, address.postcode);
    put("Country", limits::kAddressPart, country_name(address.country));
    return json;
}

Encoded encode_customer(const Scope& scope, const Buyer& customer) {
    Draft draft;
    Document document;
    document.role = "customer";
    document.entity = "customer";
    document.natural_key = customer_key(scope, customer);
    Json& body = document.body;

    std::vector<std::string> names = display_names(scope, customer);
    body["DisplayName"] = names.front();
    names.erase(names.begin());
    if (!names.empty()) {
        body["$alternatives"] = names;
    }
    const auto put = [&](std::string_view member, std::uint32_t limit, const std::string& text) {
        put_text(scope, draft, body, {member, limit}, name_text(text));
    };
    put("GivenName", limits::kPersonName, customer.first_name);
    put("FamilyName", limits::kPersonName, customer.last_name);
    put("CompanyName", limits::kCompanyName, customer.company);

    const std::string email = normalized_email(customer.email);
    if (code_points(email) > limits::kEmail) {
        draft.warn("EMAIL_TOO_LONG", "the e-mail is longer than QuickBooks takes and was left out");
    } else if (!email.empty()) {
        body["PrimaryEmailAddr"] = {{"Address", email}};
    }
    Json phone = Json::object();
    const std::string& number = customer.phone.empty() ? customer.billing.phone : customer.phone;
    put_text(scope, draft, phone, {"FreeFormNumber", limits::kPhone}, one_line(number));
    if (!phone.empty()) {
        body["PrimaryPhone"] = phone;
    }
    if (Json billing = address_of(scope, draft, customer.billing); !billing.empty()) {
        body["BillAddr"] = std::move(billing);
    }
    if (Json shipping = address_of(scope, draft, customer.shipping); !shipping.empty()) {
        body["ShipAddr"] = std::move(shipping);
    }
    if (scope.company.multi_currency) {
        const Currency currency = customer.currency.value_or(scope.home);
        body["CurrencyRef"] = {{"value", std::string(currency.code())}};
    }
    mark_inactive_choice(scope, body);
    return draft.finish({std::move(document)});
}

}  // namespace syncline::quickbooks
