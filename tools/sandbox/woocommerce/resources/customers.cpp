#include "woocommerce/resources/customers.hpp"

#include "woocommerce/pricing/order_writing.hpp"
#include "woocommerce/resources/listing.hpp"

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

Parameters listing() {
    return list_parameters(
        {"id", "include", "name", "registered_date"},
        {
            {"email", Type::kString},
            {"role",
             Type::kString,
             {"all",
              "administrator",
              "editor",
              "author",
              "contributor",
              "subscriber",
              "customer",
              "shop_manager"}},
        }
    );
}

Parameters writing() {
    Parameter email{"email", Type::kString};
    email.required = true;
    return {
        email,
        {"first_name", Type::kString},
        {"last_name", Type::kString},
        {"username", Type::kString},
        {"password", Type::kString},
        {"billing", Type::kObject},
        {"shipping", Type::kObject},
        {"meta_data", Type::kList, {}, Type::kObject},
    };
}

Json new_customer() {
    return Json::parse(R"json({
"id":0,"date_created":null,"date_created_gmt":null,"date_modified":null,"date_modified_gmt":null,
"email":"","first_name":"","last_name":"","role":"customer","username":"",
"billing":{"first_name":"","last_name":"","company":"","address_1":"","address_2":"","city":"",
"postcode":"","country":"","state":"","email":"","phone":""},
"shipping":{"first_name":"","last_name":"","company":"","address_1":"","address_2":"","city":"",
"postcode":"","country":"","state":"","phone":""},
"is_paying_customer":false,"avatar_url":"https://secure.gravatar.com/avatar/0?s=96&d=mm&r=g",
"meta_data":[]})json");
}

std::string display_name(const Json& customer) {
    const std::string first = text_of(customer, "first_name");
    const std::string last = text_of(customer, "last_name");
    if (first.empty() && last.empty())
        return text_of(customer, "username");
    return first + " " + last;
}

void write(Shop& shop, Json& customer, const Json& body) {
    for (const char* name : {"email", "first_name", "last_name"})
        if (member(body, name).is_string())
            customer[name] = body[name];
    for (const char* address : {"billing", "shipping"})
        for (const auto& [name, value] : member(body, address).items())
            if (customer[address].contains(name) && !value.is_null())
                customer[address][name] = value;
    write_meta_data(shop, customer["meta_data"], member(body, "meta_data"));
}

}  // namespace

Customers::Customers(Shop& shop)
    : Resource(
          shop,
          {"/customers",
           "/customers",
           "woocommerce_rest_invalid_id",
           "Invalid resource ID.",
           "",
           "Customers"},
          listing(),
          writing()
      ) {}

Customers::Matcher Customers::matcher(const Call& call) const {
    const std::string asked = text_of(call.query, "role");
    const std::string role = asked.empty() ? "customer" : asked;
    const std::string email = lower_case(text_of(call.query, "email"));
    return [=](const Record& record) {
        if (role != "all" && text_of(*record.document, "role") != role)
            return false;
        return email.empty() || lower_case(text_of(document_of(record), "email")) == email;
    };
}

std::string Customers::search_text(const Record& record) const {
    const Json customer = document_of(record);
    return text_of(customer, "email") + " " + text_of(customer, "username") + " " +
           display_name(customer);
}

std::string Customers::sort_text(const Record& record, const std::string& orderby) const {
    return orderby == "registered_date" ? record.created
                                        : lower_case(display_name(document_of(record)));
}

Json Customers::present(const Record& record, const Call&) const {
    return document_of(record);
}

Json Customers::links_of(const Record& record, const Call& call) const {
    Json all = Resource::links_of(record, call);
    if (text_of(*record.document, "role") == "administrator")
        all["self"][0]["targetHints"]["allow"] = {"GET", "POST", "PUT", "PATCH"};
    return all;
}

void Customers::check_email(const std::string& email, std::int64_t own_id) const {
    for (const auto& [id, record] : shop_.customers)
        if (id != own_id && lower_case(text_of(document_of(record), "email")) == lower_case(email))
            fail(
                400,
                "registration-error-email-exists",
                "An account is already registered with " + email +
                    ". Please log in or use a different email address."
            );
}

std::int64_t Customers::insert(Call& call) {
    const std::string email = text_of(call.body, "email");
    if (email.find('@') == std::string::npos)
        fail(400, "customer_invalid_email", "Invalid email address");
    check_email(email, 0);
    Json customer = new_customer();
    const std::int64_t id = shop_.ids.user++;
    customer["id"] = id;
    customer["date_created_gmt"] = shop_.time.now_gmt();
    const std::string username = text_of(call.body, "username");
    customer["username"] = username.empty() ? email.substr(0, email.find('@')) : username;
    write(shop_, customer, call.body);
    shop_.customers[id] = make_record(std::move(customer));
    return id;
}

void Customers::change(Record& record, Call& call) {
    if (const std::string email = text_of(call.body, "email"); !email.empty())
        check_email(email, record.id);
    Json customer = document_of(record);
    write(shop_, customer, call.body);
    customer["date_modified_gmt"] = shop_.time.modified_now_gmt();
    record = make_record(std::move(customer));
}

}  // namespace sandbox::woo
