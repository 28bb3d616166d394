#include "woocommerce/resources/refunds.hpp"

#include <map>

#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/resources/orders.hpp"

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

ResourceNames names_for(Refunds::Scope scope) {
    ResourceNames names;
    names.collection = scope == Refunds::Scope::kAll ? "/refunds" : "/orders/{parent}/refunds";
    names.item_in_location = R"(/orders/(?P<order_id>[\d]+)/refunds)";  // as real shops print it
    names.missing_code = "woocommerce_rest_shop_order_refund_invalid_id";
    names.missing_message = "Invalid ID.";
    names.post_type = "shop_order_refund";
    names.untrashable = "Refunds";
    names.total_past_the_end = false;
    return names;
}

Parameters listing() {
    Parameters own = kRecordListParameters;
    own.push_back({"dp", Type::kInteger});
    return list_parameters({"date", "id", "include", "title", "slug", "modified"}, own);
}

Parameters writing() {
    return {
        {"amount", Type::kString},
        {"reason", Type::kString},
        {"api_refund", Type::kBoolean},
        {"api_restock", Type::kBoolean},
        {"line_items", Type::kList, {}, Type::kObject},
        {"meta_data", Type::kList, {}, Type::kObject},
    };
}

// Refund controllers pass a bare number where WordPress wants an object, so the status becomes 500.
[[noreturn]] void fail_with_number(int number, const char* code, const char* message) {
    throw RestError{500, code, message, number};
}

[[noreturn]] void refuse(const char* message) {
    fail_with_number(500, "woocommerce_rest_cannot_create_order_refund", message);
}

const Json& order_line(const Json& order, std::int64_t id) {
    for (const Json& line : member(order, "line_items"))
        if (integer_of(line, "id") == id)
            return line;
    refuse("Invalid line item ID.");
}

// The refund's line: the order's, with what is given back as negative numbers.
Json refund_line(
    Shop& shop, const Json& order, const Json& posted, std::map<std::int64_t, Decimal>& taxes
) {
    Json line = order_line(order, integer_of(posted, "id"));
    const std::string original = std::to_string(integer_of(line, "id"));
    const Decimal total = amount_of(posted, "refund_total");
    Decimal tax;
    line["taxes"] = Json::array();
    for (const Json& part : member(posted, "refund_tax")) {
        const Decimal amount = amount_of(part, "refund_total");
        const std::string shown = amount_text(-amount);
        line["taxes"].push_back(
            {{"id", integer_of(part, "id")}, {"total", shown}, {"subtotal", shown}}
        );
        taxes[integer_of(part, "id")] += amount;
        tax += amount;
    }
    line["id"] = shop.ids.item++;
    line["quantity"] = -integer_of(posted, "quantity");
    line["subtotal"] = line["total"] = amount_text(-total);
    line["subtotal_tax"] = line["total_tax"] = amount_text(-tax);
    line["meta_data"] = Json::array({{
        {"id", shop.ids.meta++},
        {"key", "_refunded_item_id"},
        {"value", original},
        {"display_key", "_refunded_item_id"},
        {"display_value", original},
    }});
    const std::int64_t quantity = integer_of(posted, "quantity");
    line["price"] = quantity == 0 ? Json(0) : number_json(total / Decimal::from_integer(quantity));
    return line;
}

Decimal refunded_so_far(const Shop& shop, std::int64_t order) {
    Decimal sum;
    for (const std::int64_t id : shop.refunds_of(order))
        sum += amount_of(*shop.refunds.at(id).document, "amount");
    return sum;
}

// The amount as asked for; without one, what the lines add up to; nothing at all stays "".
std::string refund_amount(const Json& body) {
    if (body.contains("amount") && !body["amount"].is_null())
        return amount_text(amount_of(body, "amount"));
    const Json& lines = member(body, "line_items");
    if (lines.empty())
        return "";
    Decimal sum;
    for (const Json& line : lines) {
        sum += amount_of(line, "refund_total");
        for (const Json& tax : member(line, "refund_tax")) sum += amount_of(tax, "refund_total");
    }
    return amount_text(sum);
}

Json new_refund(const Shop& shop, std::int64_t id, std::int64_t order, const Json& body) {
    const std::string now = shop.time.now_gmt();
    return {
        {"id", id},
        {"parent_id", order},
        {"date_created", nullptr},
        {"date_created_gmt", now},
        {"amount", refund_amount(body)},
        {"reason", text_of(body, "reason")},
        {"refunded_by", 1},
        {"refunded_payment", member(body, "api_refund") != false},
        {"meta_data", Json::array()},
        {"line_items", Json::array()},
        {"shipping_lines", Json::array()},
        {"tax_lines", Json::array()},
        {"fee_lines", Json::array()},
    };
}

}  // namespace

Refunds::Refunds(Shop& shop, Scope scope)
    : Resource(shop, names_for(scope), listing(), writing()), scope_(scope) {}

Refunds::Matcher Refunds::matcher(const Call& call) const {
    const bool all = scope_ == Scope::kAll;
    return [all, order = call.id()](const Record& record) { return all || record.parent == order; };
}

std::string Refunds::search_text(const Record& record) const {
    return text_of(*record.document, "reason");
}

std::string Refunds::sort_text(const Record& record, const std::string&) const {
    return record.created;
}

void Refunds::add_link_defaults(Json& query, bool any_rows) const {
    if (any_rows && !query.contains("dp"))
        query["dp"] = shop_.decimals;
}

Json Refunds::present(const Record& record, const Call& call) const {
    Json refund = document_of(record);
    if (scope_ == Scope::kOfAnOrder)
        refund.erase("parent_id");
    show_amounts(refund, wanted_decimals(shop_, call));
    return refund;
}

Json Refunds::links_of(const Record& record, const Call& call) const {
    const std::string order = call.api_url("/orders/" + std::to_string(record.parent));
    const std::string collection = order + "/refunds";
    Json all = links(collection + "/" + std::to_string(record.id), collection, {"GET", "DELETE"});
    all["up"] = Json::array({{{"href", order}}});
    return all;
}

void Refunds::check_parent(const Call& call) const {
    if (scope_ == Scope::kOfAnOrder && shop_.orders.count(call.id()) == 0)
        fail_with_number(404, "woocommerce_rest_invalid_order", "Invalid order ID.");
}

std::int64_t Refunds::insert(Call& call) {
    Record& parent = shop_.orders.at(call.id());
    Json order = document_of(parent);
    const Decimal total = amount_of(order, "total");
    const Decimal amount = Decimal::parse_or_zero(refund_amount(call.body));
    const Decimal refunded = refunded_so_far(shop_, parent.id);
    if (amount < Decimal() || amount > total - refunded)
        refuse("Invalid refund amount.");
    const std::int64_t id = shop_.ids.post++;  // spent even when the gateway refuses
    const bool by_gateway = member(call.body, "api_refund") != false;
    if (by_gateway && !(shop_.odd.gateway_refunds && !order["date_paid_gmt"].is_null()))
        refuse("The payment gateway for this order does not exist.");
    Json refund = new_refund(shop_, id, parent.id, call.body);
    std::map<std::int64_t, Decimal> taxes;
    for (const Json& posted : member(call.body, "line_items"))
        refund["line_items"].push_back(refund_line(shop_, order, posted, taxes));
    for (const auto& [rate, tax] : taxes)
        refund["tax_lines"].push_back(tax_line(shop_, rate, -tax, Decimal(), shop_.ids.item++));
    const bool full = amount > Decimal() && refunded + amount >= total;
    refund["meta_data"].push_back(
        {{"id", shop_.ids.meta++}, {"key", "_refund_type"}, {"value", full ? "full" : "partial"}}
    );
    shop_.add_refund(make_record(std::move(refund)));
    if (full)
        parent.status = "refunded";
    parent.modified = shop_.time.modified_now_gmt();
    return id;
}

// The order is not touched: nothing but a comparison tells that the refund is gone.
void Refunds::discard(Record& record, bool) {
    shop_.erase_refund(record.id);
}

}  // namespace sandbox::woo
