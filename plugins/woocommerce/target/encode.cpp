#include "woocommerce/target/encode.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <syncline/model/customer.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "woocommerce/target/entities.hpp"

namespace syncline::woocommerce {
namespace {

struct Scope {
    const EncodeContext& context;
    Json settings;

    bool flag(std::string_view name) const {
        const auto found = settings.find(name);
        return found != settings.end() && found->is_boolean() && found->get<bool>();
    }
};

Encoded held(std::string code, std::string message) {
    Encoded encoded;
    encoded.hold = Reason{std::move(code), std::move(message)};
    return encoded;
}

Encoded skipped(std::string code, std::string message) {
    Encoded encoded;
    encoded.skip = Reason{std::move(code), std::move(message)};
    return encoded;
}

Document document_of(std::string_view entity, std::string natural_key, std::string marker) {
    Document document;
    document.role = entity;
    document.entity = entity;
    document.natural_key = std::move(natural_key);
    document.marker = std::move(marker);
    return document;
}

std::string marker_of(const Scope& scope, const std::string& id) {
    return scope.context.source + ":" + id;
}

Json marker_meta(const std::string& marker) {
    return Json::array({{{"key", std::string(kMarkerKey)}, {"value", marker}}});
}

void put_text(Json& into, const char* member, const std::string& text) {
    if (!text.empty()) {
        into[member] = text;
    }
}

// ---- products -----------------------------------------------------------------------------------

// What the shop sells as one thing. A service of the books is such a thing, too.
bool is_simple(const Product& product) {
    static constexpr std::array<std::string_view, 5> kOthers{
        "variable", "variation", "grouped", "external", "Group"};
    return product.variants.empty() &&
           std::find(kOthers.begin(), kOthers.end(), product.type) == kOthers.end();
}

const Issue* amount_issue(const std::vector<Issue>& issues) {
    const auto found = std::find_if(issues.begin(), issues.end(), [](const Issue& issue) {
        return issue.code == "AMOUNT_UNREADABLE" || issue.code == "CURRENCY_UNKNOWN";
    });
    return found == issues.end() ? nullptr : &*found;
}

std::optional<Reason> price_problem(const Scope& scope, const Product& product) {
    if (const Issue* issue = amount_issue(product.issues)) {
        return Reason{
            issue->code,
            "the price of product " + product.id + " cannot be read: '" + issue->value + "' at " +
                issue->path + "; correct it at the source"};
    }
    const std::string shop = scope.context.facts.value("currency", std::string());
    for (const auto& price : {product.price, product.regular_price, product.sale_price}) {
        if (price && price->currency().code() != shop) {
            return Reason{
                "FOREIGN_CURRENCY",
                "product " + product.id + " is priced in " + std::string(price->currency().code()) +
                    ", the shop sells in '" + shop +
                    "'; test the connection if its currency changed, else price it there"};
        }
    }
    return std::nullopt;
}

Json product_body(const Scope& scope, const Product& product) {
    Json body{
        {"name", product.name},
        {"type", "simple"},
        {"status", product.active ? "publish" : "draft"},
        {"tax_status", product.taxable ? "taxable" : "none"},
        {"virtual", product.type == "Service" || product.type == "service"}};
    put_text(body, "sku", product.sku);
    put_text(body, "description", product.description);
    const auto& regular = product.regular_price ? product.regular_price : product.price;
    if (regular) {
        body["regular_price"] = regular->to_string();
        body["sale_price"] = product.sale_price ? product.sale_price->to_string() : "";
    }
    if (scope.flag("write_stock") && product.stock_quantity) {
        body["manage_stock"] = true;
        body["stock_quantity"] = product.stock_quantity->normalized().to_string();
    }
    return body;
}

Encoded encode_product(const Scope& scope, const Product& product) {
    if (!is_simple(product) || !product.parent_id.empty()) {
        return held(
            "PRODUCT_TYPE",
            "product " + product.id + " is '" + product.type +
                "', or a part of another product; only products that are sold as one thing are "
                "written"
        );
    }
    if (product.name.empty()) {
        return held(
            "NAME_MISSING", "product " + product.id + " has no name; name it at the source"
        );
    }
    if (const auto problem = price_problem(scope, product)) {
        return held(problem->code, problem->message);
    }
    const std::string marker = marker_of(scope, product.id);
    Document document = document_of("product", product.sku, marker);
    document.body = product_body(scope, product);
    const auto& quantity = product.stock_quantity;
    if (document.body.contains("stock_quantity") && quantity->normalized().scale() > 0) {
        return held(
            "STOCK_FRACTION",
            "the stock of product " + product.id + " is " + quantity->to_string() +
                "; the shop counts whole pieces: set write_stock to false"
        );
    }
    if (document.body.contains("stock_quantity")) {
        document.body["stock_quantity"] = quantity->normalized().units();
    }
    document.body["meta_data"] = marker_meta(marker);
    Encoded encoded;
    encoded.documents.push_back(std::move(document));
    return encoded;
}

// ---- customers ----------------------------------------------------------------------------------

Json address_body(const Address& address, const Customer& customer) {
    Json body = Json::object();
    const auto either = [](const std::string& own, const std::string& other) {
        return own.empty() ? other : own;
    };
    put_text(body, "first_name", either(address.first_name, customer.first_name));
    put_text(body, "last_name", either(address.last_name, customer.last_name));
    put_text(body, "company", either(address.company, customer.company));
    put_text(body, "address_1", address.line1);
    put_text(body, "address_2", address.line2);
    put_text(body, "city", address.city);
    put_text(body, "state", address.state);
    put_text(body, "postcode", address.postcode);
    put_text(body, "country", address.country);
    return body;
}

Encoded encode_customer(const Scope& scope, const Customer& customer) {
    if (customer.guest) {
        return skipped("GUEST", "a guest has no account in a shop");
    }
    const std::string email = normalized_email(customer.email);
    if (email.find('@') == std::string::npos) {
        return held(
            "EMAIL_MISSING",
            "customer " + customer.id +
                " has no e-mail address, which the shop knows its customers "
                "by; enter one at the source"
        );
    }
    if (!customer.active) {
        return skipped(
            "INACTIVE", "the customer is inactive at the source; a shop's stay as they are"
        );
    }
    const std::string marker = marker_of(scope, customer.id);
    Document document = document_of("customer", email, marker);
    document.body["email"] = email;
    put_text(document.body, "first_name", customer.first_name);
    put_text(document.body, "last_name", customer.last_name);
    Json billing = address_body(customer.billing, customer);
    put_text(billing, "phone", customer.phone.empty() ? customer.billing.phone : customer.phone);
    if (!billing.empty()) {
        document.body["billing"] = std::move(billing);
    }
    if (!customer.shipping.empty()) {
        document.body["shipping"] = address_body(customer.shipping, customer);
    }
    document.body["meta_data"] = marker_meta(marker);
    Encoded encoded;
    encoded.documents.push_back(std::move(document));
    return encoded;
}

// ---- orders -------------------------------------------------------------------------------------

// The shop's own id of an order that came from it into a table, as "orders_of" names the shop.
std::string shop_order_id(const Scope& scope, const Order& order) {
    const std::string wanted = text_in(scope.settings, "orders_of");
    const bool ours = !wanted.empty() && text_in(order.raw, "source_system") == wanted;
    return ours ? text_in(order.raw, "source_id") : std::string();
}

Encoded encode_order(const Scope& scope, const Order& order) {
    if (text_in(scope.settings, "orders_of").empty()) {
        return held(
            "ORDERS_OF_MISSING",
            "set the option orders_of to the source_system of this shop's orders, as "
            "woocommerce:shop"
        );
    }
    const std::string id = shop_order_id(scope, order);
    if (id.empty()) {
        return skipped("NOT_THIS_SHOP", "the order is not one of this shop's");
    }
    switch (order.status) {
        case OrderStatus::kPending:
        case OrderStatus::kOnHold:
        case OrderStatus::kProcessing:
        case OrderStatus::kCompleted:
        case OrderStatus::kCancelled:
        case OrderStatus::kFailed:
            break;
        case OrderStatus::kRefunded:
            return held(
                "REFUND_IN_SHOP",
                "order " + id +
                    " is refunded at the source; give the money back in the shop, which "
                    "sets the status itself"
            );
        case OrderStatus::kDraft:
        case OrderStatus::kTrash:
        case OrderStatus::kOther:
            return skipped(
                "STATUS_NOT_WRITTEN",
                "the status '" + order.source_status + "' is not one the shop is given"
            );
    }
    Document document = document_of("order", id, "");
    document.body["status"] = enum_name(order.status);
    Encoded encoded;
    encoded.documents.push_back(std::move(document));
    return encoded;
}

template <class Model>
std::vector<Encoded> encode_all(
    const Scope& scope,
    const std::vector<Json>& records,
    Encoded (*encode_one)(const Scope&, const Model&)
) {
    std::vector<Encoded> all;
    for (const auto& record : records) {
        const auto model = from_json<Model>(record);
        all.push_back(
            model ? encode_one(scope, *model)
                  : held(
                        "RECORD_UNREADABLE",
                        "the record is not in the canonical form: " + model.error().message
                    )
        );
    }
    return all;
}

}  // namespace

Result<std::vector<Encoded>> encode_records(const Json& settings, const EncodeRequest& request) {
    Scope scope{request.context, settings.is_object() ? settings : Json::object()};
    if (request.context.settings.is_object()) {
        scope.settings.update(request.context.settings);
    }
    const std::string& entity = request.context.entity;
    const std::string& wanted = request.context.target_entity;
    if (find_target(entity) == nullptr || (!wanted.empty() && wanted != entity)) {
        return Error{
            ErrorCode::kUnsupported,
            "WooCommerce takes products, customers and the status of orders, not " + entity +
                (wanted.empty() ? "" : " as " + wanted),
            "woo.entity"};
    }
    if (entity == "product") {
        return encode_all<Product>(scope, request.records, encode_product);
    }
    if (entity == "customer") {
        return encode_all<Customer>(scope, request.records, encode_customer);
    }
    return encode_all<Order>(scope, request.records, encode_order);
}

}  // namespace syncline::woocommerce
