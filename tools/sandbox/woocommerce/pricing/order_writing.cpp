#include "woocommerce/pricing/order_writing.hpp"

#include <algorithm>
#include <random>

#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/wire/rest.hpp"

namespace sandbox::woo {
namespace {

Json empty_address(bool billing) {
    Json address = Json::object();
    for (const char* name :
         {"first_name",
          "last_name",
          "company",
          "address_1",
          "address_2",
          "city",
          "state",
          "postcode",
          "country"})
        address[name] = "";
    if (billing)
        address["email"] = "";
    address["phone"] = "";
    return address;
}

std::string order_key() {
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    static std::mt19937_64 random{std::random_device{}()};
    std::string key = "wc_order_";
    for (int i = 0; i < 13; ++i) key += kLetters[random() % kLetters.size()];
    return key;
}

const Record* posted_product(const Shop& shop, const Json& posted) {
    for (const char* name : {"variation_id", "product_id"})
        if (const std::int64_t id = integer_of(posted, name); id != 0)
            return shop.product_or_variation(id);
    return shop.product_of_sku(text_of(posted, "sku"));
}

// What so many of a product cost without tax, by the shop's own place.
Decimal net_price(const Shop& shop, const Json& product, Decimal quantity) {
    const Decimal gross = amount_of(product, "price") * quantity;
    if (!shop.prices_include_tax() || text_of(product, "tax_status") != "taxable")
        return gross;
    const auto rates = tax_rates_for(shop, text_of(product, "tax_class"), base_place(shop));
    return gross - sum_of(tax_within_gross(gross, rates));
}

Json attribute_meta(Shop& shop, const Json& variation) {
    Json list = Json::array();
    for (const Json& attribute : member(variation, "attributes")) {
        const std::string option = text_of(attribute, "option");
        list.push_back({
            {"id", shop.ids.meta++},
            {"key", text_of(attribute, "slug")},
            {"value", option},
            {"display_key", text_of(attribute, "name")},
            {"display_value", option},
        });
    }
    return list;
}

Json line_without_product(std::int64_t id) {
    return {
        {"id", id},
        {"name", ""},
        {"product_id", 0},
        {"variation_id", 0},
        {"quantity", 1},
        {"tax_class", ""},
        {"subtotal", "0.000000"},
        {"subtotal_tax", "0.000000"},
        {"total", "0.000000"},
        {"total_tax", "0.000000"},
        {"taxes", Json::array()},
        {"meta_data", Json::array()},
        {"sku", nullptr},
        {"global_unique_id", nullptr},
        {"price", 0},
        {"image", {{"id", 0}, {"src", ""}}},
        {"parent_name", nullptr},
    };
}

void set_product(Shop& shop, Json& line, const Record& product, Decimal quantity) {
    const Json& document = *product.document;
    const bool variation = product.parent != 0;
    line["name"] = text_of(document, "name");
    line["product_id"] = variation ? product.parent : product.id;
    line["variation_id"] = variation ? product.id : 0;
    line["tax_class"] = text_of(document, "tax_class");
    line["sku"] = text_of(document, "sku");
    line["global_unique_id"] = text_of(document, "global_unique_id");
    line["total"] = line["subtotal"] = amount_text(net_price(shop, document, quantity));
    if (!variation) {
        line["image"]["id"] = "";
        return;
    }
    const auto parent = shop.products.find(product.parent);
    if (parent != shop.products.end()) {
        const std::string parent_name = text_of(*parent->second.document, "name");
        line["name"] = parent_name + " - " + text_of(document, "name");
        line["parent_name"] = parent_name;
    }
    line["meta_data"] = attribute_meta(shop, document);
}

void write_amount(Json& line, const Json& posted, const char* name) {
    if (posted.contains(name) && !posted[name].is_null())
        line[name] = amount_text(amount_of(posted, name));
}

void write_as_is(Json& line, const Json& posted, std::initializer_list<const char*> names) {
    for (const char* name : names)
        if (posted.contains(name) && !posted[name].is_null())
            line[name] = posted[name];
}

void write_line_item(Shop& shop, Json& line, const Json& posted, bool is_new) {
    const Decimal quantity =
        posted.contains("quantity") ? amount_of(posted, "quantity") : Decimal::from_integer(1);
    const Record* product = posted_product(shop, posted);
    if (is_new && product)
        set_product(shop, line, *product, quantity);
    write_as_is(line, posted, {"name", "quantity", "tax_class"});
    write_amount(line, posted, "subtotal");
    write_amount(line, posted, "total");
    if (amount_of(line, "subtotal") < amount_of(line, "total"))
        line["subtotal"] = line["total"];
}

Json new_line(Shop& shop, const std::string& kind) {
    const std::int64_t id = shop.ids.item++;
    if (kind == "line_items")
        return line_without_product(id);
    if (kind == "shipping_lines")
        return {
            {"id", id},
            {"method_title", ""},
            {"method_id", ""},
            {"instance_id", ""},
            {"total", "0.000000"},
            {"total_tax", "0.000000"},
            {"taxes", Json::array()},
            {"tax_status", "taxable"},
            {"meta_data", Json::array()},
        };
    return {
        {"id", id},
        {"name", ""},
        {"tax_class", ""},
        {"tax_status", "taxable"},
        {"amount", ""},
        {"total", "0.000000"},
        {"total_tax", "0.000000"},
        {"taxes", Json::array()},
        {"meta_data", Json::array()},
    };
}

// The property that makes a line what it is; null in a request removes the line.
const char* identity_of(const std::string& kind) {
    if (kind == "line_items")
        return "product_id";
    return kind == "shipping_lines" ? "method_id" : "name";
}

bool removes(const Json& posted, const std::string& kind) {
    const char* identity = identity_of(kind);
    return (posted.contains(identity) && posted[identity].is_null()) ||
           (kind == "line_items" && posted.contains("quantity") && posted["quantity"] == 0);
}

void write_line(Shop& shop, Json& lines, const Json& posted, const std::string& kind) {
    const std::int64_t id = integer_of(posted, "id");
    const auto same = std::find_if(lines.begin(), lines.end(), [&](const Json& line) {
        return integer_of(line, "id") == id;
    });
    if (removes(posted, kind)) {
        if (same != lines.end())
            lines.erase(same);
        return;
    }
    if (id != 0 && same == lines.end())
        fail(
            400,
            "woocommerce_rest_invalid_item_id",
            "Order item ID provided is not associated with order."
        );
    const bool is_new = id == 0;
    if (is_new)
        lines.push_back(new_line(shop, kind));
    Json& line = is_new ? lines.back() : *same;
    if (kind == "line_items")
        write_line_item(shop, line, posted, is_new);
    else if (kind == "shipping_lines")
        write_as_is(line, posted, {"method_id", "method_title", "instance_id"});
    else
        write_as_is(line, posted, {"name", "tax_class", "tax_status", "amount"});
    if (kind != "line_items")
        write_amount(line, posted, "total");
    write_meta_data(shop, line["meta_data"], member(posted, "meta_data"));
}

bool is_paid_status(const std::string& status) {
    return status == "processing" || status == "completed";
}

}  // namespace

Json new_order(const Shop& shop, std::int64_t id) {
    const std::string now = shop.time.now_gmt();
    return {
        {"id", id},
        {"parent_id", 0},
        {"status", "pending"},
        {"currency", shop.currency},
        {"version", text_of(shop.system_status["environment"], "version")},
        {"prices_include_tax", shop.prices_include_tax()},
        {"date_created", nullptr},
        {"date_modified", nullptr},
        {"discount_total", "0"},
        {"discount_tax", "0"},
        {"shipping_total", "0"},
        {"shipping_tax", "0"},
        {"cart_tax", "0"},
        {"total", "0"},
        {"total_tax", "0"},
        {"customer_id", 0},
        {"order_key", order_key()},
        {"billing", empty_address(true)},
        {"shipping", empty_address(false)},
        {"payment_method", ""},
        {"payment_method_title", ""},
        {"transaction_id", ""},
        {"customer_ip_address", ""},
        {"customer_user_agent", ""},
        {"created_via", "rest-api"},
        {"customer_note", ""},
        {"date_completed", nullptr},
        {"date_paid", nullptr},
        {"cart_hash", ""},
        {"number", std::to_string(id)},
        {"meta_data", Json::array()},
        {"line_items", Json::array()},
        {"tax_lines", Json::array()},
        {"shipping_lines", Json::array()},
        {"fee_lines", Json::array()},
        {"coupon_lines", Json::array()},
        {"refunds", Json::array()},
        {"payment_url", ""},
        {"is_editable", true},
        {"needs_payment", false},
        {"needs_processing", false},
        {"date_created_gmt", now},
        {"date_modified_gmt", now},
        {"date_completed_gmt", nullptr},
        {"date_paid_gmt", nullptr},
        {"currency_symbol", currency_sign(shop.currency)},
    };
}

void write_order(Shop& shop, Json& order, const Json& body) {
    write_as_is(
        order,
        body,
        {"parent_id",
         "currency",
         "customer_id",
         "customer_note",
         "payment_method",
         "payment_method_title",
         "transaction_id",
         "created_via"}
    );
    if (body.contains("currency"))
        order["currency_symbol"] = currency_sign(text_of(order, "currency"));
    for (const char* address : {"billing", "shipping"})
        for (const auto& [name, value] : member(body, address).items())
            if (order[address].contains(name))
                order[address][name] = value.is_null() ? Json("") : value;
    for (const char* kind : {"line_items", "shipping_lines", "fee_lines"})
        for (const Json& posted : member(body, kind))
            if (posted.is_object())
                write_line(shop, order[kind], posted, kind);
    write_meta_data(shop, order["meta_data"], member(body, "meta_data"));
}

void set_order_status(const Shop& shop, Json& order, const std::string& status) {
    order["status"] = status;
    if (is_paid_status(status) && order["date_paid_gmt"].is_null())
        order["date_paid_gmt"] = shop.time.now_gmt();
    if (status == "completed" && order["date_completed_gmt"].is_null())
        order["date_completed_gmt"] = shop.time.now_gmt();
}

void complete_payment(const Shop& shop, Json& order, const std::string& transaction_id) {
    if (!transaction_id.empty())
        order["transaction_id"] = transaction_id;
    const std::string status = text_of(order, "status");
    if (status == "pending" || status == "on-hold" || status == "failed" || status == "cancelled")
        set_order_status(shop, order, needs_processing(shop, order) ? "processing" : "completed");
}

bool needs_processing(const Shop& shop, const Json& order) {
    for (const Json& line : member(order, "line_items")) {
        const std::int64_t variation = integer_of(line, "variation_id");
        const Record* product =
            shop.product_or_variation(variation != 0 ? variation : integer_of(line, "product_id"));
        if (product && !(member(*product->document, "virtual") == true &&
                         member(*product->document, "downloadable") == true))
            return true;
    }
    return false;
}

void write_meta_data(Shop& shop, Json& meta_data, const Json& posted) {
    for (const Json& entry : posted) {
        if (!entry.is_object())
            continue;
        const std::int64_t id = integer_of(entry, "id");
        auto same = std::find_if(meta_data.begin(), meta_data.end(), [&](const Json& known) {
            return id != 0 ? integer_of(known, "id") == id
                           : text_of(known, "key") == text_of(entry, "key");
        });
        const Json& value = member(entry, "value");
        if (value.is_null()) {
            if (same != meta_data.end())
                meta_data.erase(same);
            continue;
        }
        if (same == meta_data.end()) {
            meta_data.push_back({{"id", shop.ids.meta++}, {"key", text_of(entry, "key")}});
            same = meta_data.end() - 1;
        }
        (*same)["value"] = value;
    }
}

}  // namespace sandbox::woo
