#include "woocommerce/convert.hpp"
#include "woocommerce/convert_parts.hpp"

namespace syncline::woocommerce {

Customer to_customer(Json source, const ShopFacts& shop) {
    Customer customer;
    customer.raw = stable_form(std::move(source));
    Reading reading{shop.currency, shop.gmt_offset_minutes, {}};
    const SourceObject object(customer.raw, reading);
    customer.id = object.id("id");
    customer.billing = read_address(object.object("billing"));
    customer.shipping = read_address(object.object("shipping"));
    customer.email = object.text("email");
    if (customer.email.empty()) {
        customer.email = customer.billing.email;
    }
    customer.first_name = object.title("first_name");
    customer.last_name = object.title("last_name");
    customer.company = customer.billing.company;
    customer.phone = customer.billing.phone;
    customer.username = object.text("username");
    customer.role = object.text("role");
    customer.created_at = object.time("date_created");
    customer.updated_at = object.time("date_modified");
    customer.issues = std::move(reading.issues);
    return customer;
}

}  // namespace syncline::woocommerce
