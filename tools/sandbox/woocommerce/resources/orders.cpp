#include "woocommerce/resources/orders.hpp"

#include <algorithm>

#include "woocommerce/pricing/order_coupons.hpp"
#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/pricing/order_writing.hpp"
#include "woocommerce/resources/listing.hpp"

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

std::vector<std::string> listed_statuses() {
    std::vector<std::string> all{"any", "trash"};
    all.insert(all.end(), kOrderStatuses.begin(), kOrderStatuses.end());
    return all;
}

Parameters listing() {
    Parameters own = kRecordListParameters;
    const Parameters more{
        {"status", Type::kList, listed_statuses()},
        {"customer", Type::kInteger},
        {"product", Type::kInteger},
        {"dp", Type::kInteger},
        {"created_via", Type::kList},
        {"order_item_display_meta", Type::kBoolean},
        {"include_meta", Type::kList},
        {"exclude_meta", Type::kList},
    };
    own.insert(own.end(), more.begin(), more.end());
    return list_parameters({"date", "id", "include", "title", "slug", "modified"}, own);
}

Parameters writing() {
    return {
        {"parent_id", Type::kInteger},
        {"status", Type::kString, kOrderStatuses},
        {"customer_id", Type::kInteger},
        {"customer_note", Type::kString},
        {"billing", Type::kObject},
        {"shipping", Type::kObject},
        {"payment_method", Type::kString},
        {"payment_method_title", Type::kString},
        {"transaction_id", Type::kString},
        {"meta_data", Type::kList, {}, Type::kObject},
        {"line_items", Type::kList, {}, Type::kObject},
        {"shipping_lines", Type::kList, {}, Type::kObject},
        {"fee_lines", Type::kList, {}, Type::kObject},
        {"coupon_lines", Type::kList, {}, Type::kObject},
        {"set_paid", Type::kBoolean},
    };
}

bool hidden_from_any(const std::string& status, const Oddities& odd) {
    return status == "trash" || status == "auto-draft" ||
           (status == "checkout-draft" && !odd.any_shows_drafts);
}

bool has_product(const Json& order, std::int64_t product) {
    const Json& lines = member(order, "line_items");
    return std::any_of(lines.begin(), lines.end(), [&](const Json& line) {
        return integer_of(line, "product_id") == product ||
               integer_of(line, "variation_id") == product;
    });
}

void show_amount(Json& object, const char* name, int decimals) {
    const auto it = object.find(name);
    Decimal amount;
    if (it != object.end() && it->is_string() &&
        Decimal::parse(it->get_ref<const std::string&>(), amount))
        *it = amount.to_string(decimals);
}

void show_line_amounts(Json& line, int decimals) {
    for (const char* name :
         {"subtotal", "subtotal_tax", "total", "total_tax", "tax_total", "shipping_tax_total"})
        show_amount(line, name, decimals);
    if (!line.contains("taxes"))
        return;
    for (Json& tax : line["taxes"])
        for (const char* name : {"total", "subtotal"}) show_amount(tax, name, decimals);
}

void keep_meta(Json& order, const Call& call) {
    const auto include = strings_of(call.query, "include_meta");
    const auto exclude = strings_of(call.query, "exclude_meta");
    Json kept = Json::array();
    for (const Json& entry : member(order, "meta_data")) {
        const std::string key = text_of(entry, "key");
        if ((include.empty() || include.count(key) != 0) && exclude.count(key) == 0)
            kept.push_back(entry);
    }
    order["meta_data"] = std::move(kept);
}

}  // namespace

const std::vector<std::string> kOrderStatuses{
    "auto-draft",
    "pending",
    "processing",
    "on-hold",
    "completed",
    "cancelled",
    "refunded",
    "failed",
    "checkout-draft",
};

int wanted_decimals(const Shop& shop, const Call& call) {
    const std::int64_t dp = integer_of(call.query, "dp", shop.decimals);
    return static_cast<int>(std::clamp<std::int64_t>(std::abs(dp), 0, 12));
}

void show_amounts(Json& document, int decimals) {
    for (const char* name :
         {"discount_total",
          "discount_tax",
          "shipping_total",
          "shipping_tax",
          "cart_tax",
          "total",
          "total_tax",
          "amount"})
        show_amount(document, name, decimals);
    for (const char* lines : {"line_items", "tax_lines", "shipping_lines", "fee_lines", "refunds"})
        if (document.contains(lines))
            for (Json& line : document[lines]) show_line_amounts(line, decimals);
}

Orders::Orders(Shop& shop)
    : Resource(
          shop,
          {"/orders",
           "/orders",
           "woocommerce_rest_shop_order_invalid_id",
           "Invalid ID.",
           "shop_order",
           "",
           false},
          listing(),
          writing()
      ) {}

Orders::Matcher Orders::matcher(const Call& call) const {
    const auto statuses = strings_of(call.query, "status");
    const bool any = statuses.empty() || statuses.count("any") != 0;
    const Json customer = member(call.query, "customer");
    const std::int64_t product = integer_of(call.query, "product");
    const auto via = strings_of(call.query, "created_via");
    return [=, this](const Record& record) {
        if (record.status == "auto-draft")  // listed by no filter, yet there by id
            return false;
        if (any ? hidden_from_any(record.status, shop_.odd) : statuses.count(record.status) == 0)
            return false;
        if (customer.is_number_integer() && customer != record.customer)
            return false;
        if (product != 0 && !has_product(*record.document, product))
            return false;
        return via.empty() || via.count(text_of(*record.document, "created_via")) != 0;
    };
}

std::string Orders::search_text(const Record& record) const {
    const Json order = document_of(record);
    std::string text = std::to_string(record.id) + " " + text_of(order, "transaction_id");
    for (const char* address : {"billing", "shipping"})
        for (const Json& value : member(order, address))
            text += " " + (value.is_string() ? value.get<std::string>() : std::string());
    for (const Json& line : member(order, "line_items")) text += " " + text_of(line, "name");
    return text;
}

// Orders have neither title nor slug of their own.
std::string Orders::sort_text(const Record& record, const std::string&) const {
    return record.created;
}

void Orders::add_link_defaults(Json& query, bool any_rows) const {
    Json status = query.contains("status") ? query["status"] : Json(Json::array({"any"}));
    query.erase("status");
    query["status"] = std::move(status);
    if (!any_rows)
        return;
    if (!query.contains("dp"))
        query["dp"] = shop_.decimals;
    if (!query.contains("context"))
        query["context"] = "view";
}

Json Orders::present(const Record& record, const Call& call) const {
    Json order = document_of(record);
    const std::string& status = record.status;
    const Decimal total = amount_of(order, "total");
    order["is_editable"] = status == "pending" || status == "on-hold" || status == "auto-draft";
    order["needs_payment"] = (status == "pending" || status == "failed") && total > Decimal();
    order["needs_processing"] = needs_processing(shop_, order);
    order["payment_url"] = call.site + "/checkout/order-pay/" + std::to_string(record.id) +
                           "/?pay_for_order=true&key=" + text_of(order, "order_key");
    order["refunds"] = refunds_json(record);
    keep_meta(order, call);
    show_amounts(order, wanted_decimals(shop_, call));
    return order;
}

Json Orders::refunds_json(const Record& record) const {
    Json list = Json::array();
    for (const std::int64_t id : shop_.refunds_of(record.id)) {
        const Json& refund = *shop_.refunds.at(id).document;
        Decimal tax;
        for (const Json& line : member(refund, "tax_lines"))
            tax += amount_of(line, "tax_total") + amount_of(line, "shipping_tax_total");
        list.push_back({
            {"id", id},
            {"reason", text_of(refund, "reason")},
            {"total", amount_text(-amount_of(refund, "amount"))},
            {"total_tax", amount_text(tax)},
        });
    }
    if (shop_.odd.shuffle_refunds && shop_.requests % 2 == 1)
        std::reverse(list.begin(), list.end());
    return list;
}

Json Orders::links_of(const Record& record, const Call& call) const {
    Json all = Resource::links_of(record, call);
    const std::string self = text_of(all["self"][0], "href");
    all["email_templates"] =
        Json::array({{{"embeddable", true}, {"href", self + "/actions/email_templates"}}});
    if (record.customer != 0)
        all["customer"] =
            Json::array({{{"href", call.api_url("/customers/" + std::to_string(record.customer))}}}
            );
    if (record.parent != 0)
        all["up"] =
            Json::array({{{"href", call.api_url("/orders/" + std::to_string(record.parent))}}});
    return all;
}

void Orders::check_customer(const Call& call) const {
    const std::int64_t customer = integer_of(call.body, "customer_id");
    if (customer != 0 && shop_.customers.count(customer) == 0)
        fail(400, "woocommerce_rest_invalid_customer_id", "Customer ID is invalid.");
}

std::int64_t Orders::insert(Call& call) {
    check_customer(call);
    const std::int64_t id = shop_.ids.post++;
    Json order = new_order(shop_, id);
    write_order(shop_, order, call.body);
    calculate_totals(shop_, order);
    if (call.body.contains("coupon_lines")) {
        try {
            apply_coupons(shop_, order, call.body["coupon_lines"]);
        } catch (RestError& error) {
            // The shop keeps what it had made so far, as a draft.
            order["status"] = "checkout-draft";
            shop_.orders[id] = make_record(std::move(order));
            error.data = {{"status", error.status}, {"new_draft_order_id", id}};
            throw;
        }
    }
    const std::string status = text_of(call.body, "status");
    set_order_status(shop_, order, status.empty() ? "pending" : status);
    if (member(call.body, "set_paid") == true)
        complete_payment(shop_, order, text_of(call.body, "transaction_id"));
    order["date_modified_gmt"] = shop_.time.modified_now_gmt();
    shop_.orders[id] = make_record(std::move(order));
    return id;
}

void Orders::change(Record& record, Call& call) {
    check_customer(call);
    Json order = document_of(record);
    write_order(shop_, order, call.body);
    for (const char* name :
         {"billing", "shipping", "line_items", "shipping_lines", "fee_lines", "coupon_lines"})
        if (call.body.contains(name)) {
            calculate_totals(shop_, order);
            break;
        }
    if (call.body.contains("coupon_lines"))
        apply_coupons(shop_, order, call.body["coupon_lines"]);
    if (const std::string status = text_of(call.body, "status"); !status.empty())
        set_order_status(shop_, order, status);
    if (member(call.body, "set_paid") == true)
        complete_payment(shop_, order, text_of(call.body, "transaction_id"));
    order["date_modified_gmt"] = shop_.time.modified_now_gmt();
    record = make_record(std::move(order));
}

void Orders::discard(Record& record, bool force) {
    if (force)
        shop_.erase_order(record.id);
    else
        Resource::discard(record, false);
}

}  // namespace sandbox::woo
