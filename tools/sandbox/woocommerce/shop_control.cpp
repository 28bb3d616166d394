#include "woocommerce/shop_control.hpp"

#include <cstdlib>
#include <stdexcept>

#include "woocommerce/pricing/order_totals.hpp"

namespace sandbox::woo {
namespace {

Response answer(int status, const Json& body) {
    return json_response(status, body.dump() + "\n");
}

Json parsed(const std::string& body) {
    Json json = body.empty() ? Json::object() : Json::parse(body, nullptr, false);
    if (!json.is_object())
        throw std::invalid_argument("the body must be a JSON object");
    return json;
}

Json summary(const Shop& shop) {
    Json list = Json::array();
    for (const auto& [id, record] : shop.orders) {
        const Json order = document_of(record);
        list.push_back({
            {"id", id},
            {"status", record.status},
            {"currency", text_of(order, "currency")},
            {"total", amount_of(order, "total").to_string(shop.decimals)},
            {"total_tax", amount_of(order, "total_tax").to_string(shop.decimals)},
            {"customer_id", record.customer},
            {"email", text_of(member(order, "billing"), "email")},
            {"date_created_gmt", record.created},
            {"date_modified_gmt", record.modified},
        });
    }
    return list;
}

// RFC 7396: null removes a member; of a date it makes "never".
void merge(Json& into, const Json& patch) {
    if (!patch.is_object()) {
        into = patch;
        return;
    }
    if (!into.is_object())
        into = Json::object();
    for (const auto& [key, value] : patch.items()) {
        if (!value.is_null())
            merge(into[key], value);
        else if (key.rfind("date_", 0) == 0)
            into[key] = nullptr;
        else
            into.erase(key);
    }
}

Response patch_order(Shop& shop, std::int64_t id, const Request& request) {
    const auto it = shop.orders.find(id);
    if (it == shop.orders.end())
        return control_error(404, "the shop has no order " + std::to_string(id));
    Json patch = parsed(request.body);
    const std::string* touch = request.parameter("touch");
    const bool dated = patch.contains("date_modified_gmt") || (touch && *touch == "0");
    Json order = document_of(it->second);
    merge(order, patch);
    if (!dated)
        order["date_modified_gmt"] = shop.time.modified_now_gmt();
    order["id"] = id;
    it->second = make_record(std::move(order));
    return answer(200, document_of(it->second));
}

// Fields that the body leaves out come from the shop's newest order.
Response insert_order(Shop& shop, const Request& request) {
    const Json posted = parsed(request.body);
    if (shop.orders.empty())
        return control_error(409, "there is no order left to take the other fields from");
    Json order = document_of(shop.orders.rbegin()->second);
    const std::int64_t asked = integer_of(posted, "id");
    const std::int64_t id = asked != 0 ? asked : shop.ids.post;
    order["number"] = std::to_string(id);
    order["order_key"] = "wc_order_sandbox" + std::to_string(id);
    for (const char* name : {"date_created_gmt", "date_modified_gmt"})
        order[name] = shop.time.now_gmt();
    merge(order, posted);
    order["id"] = id;
    shop.ids.post = std::max(shop.ids.post, id + 1);
    shop.orders[id] = make_record(std::move(order));
    return answer(201, document_of(shop.orders[id]));
}

Response delete_order(Shop& shop, std::int64_t id) {
    if (shop.orders.count(id) == 0)
        return control_error(404, "the shop has no order " + std::to_string(id));
    shop.erase_order(id);
    return answer(200, {{"deleted", id}});
}

template <typename Set>
void read_set(const Json& list, Set& into) {
    into.clear();
    for (const Json& value : list) into.insert(value.get<typename Set::value_type>());
}

Json shop_json(const Shop& shop) {
    const Oddities& odd = shop.odd;
    return {
        {"timezone_string", shop.time.zone_name()},
        {"next_id", shop.ids.post},
        {"next_item_id", shop.ids.item},
        {"next_webhook_id", shop.ids.webhook},
        {"ignored_parameters", odd.ignored_parameters},
        {"dropped_headers", odd.dropped_headers},
        {"unreadable", odd.unreadable},
        {"strip_authorization", odd.strip_authorization},
        {"any_shows_drafts", odd.any_shows_drafts},
        {"shuffle_ties", odd.shuffle_ties},
        {"shuffle_refunds", odd.shuffle_refunds},
        {"query_keys_over_http", odd.query_keys_over_http},
        {"gateway_refunds", odd.gateway_refunds},
        {"broken_batches", odd.broken_batches},
    };
}

void set_one(Shop& shop, const std::string& name, const Json& value) {
    Oddities& odd = shop.odd;
    if (name == "timezone_string")
        shop.time = SiteTime(shop.clock, value.get<std::string>());
    else if (name == "next_id")
        shop.ids.post = value;
    else if (name == "next_item_id")
        shop.ids.item = value;
    else if (name == "next_webhook_id")
        shop.ids.webhook = value;
    else if (name == "ignored_parameters")
        read_set(value, odd.ignored_parameters);
    else if (name == "dropped_headers")
        read_set(value, odd.dropped_headers);
    else if (name == "unreadable")
        read_set(value, odd.unreadable);
    else if (name == "strip_authorization")
        odd.strip_authorization = value;
    else if (name == "any_shows_drafts")
        odd.any_shows_drafts = value;
    else if (name == "shuffle_ties")
        odd.shuffle_ties = value;
    else if (name == "shuffle_refunds")
        odd.shuffle_refunds = value;
    else if (name == "query_keys_over_http")
        odd.query_keys_over_http = value;
    else if (name == "gateway_refunds")
        odd.gateway_refunds = value;
    else if (name == "broken_batches")
        odd.broken_batches = value;
    else
        throw std::invalid_argument("the shop has no setting '" + name + "'");
}

Response control_settings(Shop& shop, const Request& request) {
    const Json changes = request.method == "POST" ? parsed(request.body) : Json::object();
    for (const auto& [name, value] : changes.items()) set_one(shop, name, value);
    return answer(200, shop_json(shop));
}

Response delete_product(Shop& shop, std::int64_t id) {
    const auto gone = shop.products.erase(id) + shop.variations.erase(id);
    return gone == 0 ? control_error(404, "the shop has no product " + std::to_string(id))
                     : answer(200, {{"deleted", id}});
}

}  // namespace

Response control_shop(Shop& shop, const Request& request) {
    const std::string& path = request.path;
    const auto slash = path.find('/', 1);
    const std::string what = path.substr(0, slash);
    const std::int64_t id = slash == std::string::npos ? 0 : std::atoll(path.c_str() + slash + 1);
    if (what == "/orders" && id == 0 && request.method == "GET")
        return answer(200, summary(shop));
    if (what == "/orders" && id == 0 && request.method == "POST")
        return insert_order(shop, request);
    if (what == "/orders" && request.method == "POST")
        return patch_order(shop, id, request);
    if (what == "/orders" && id != 0 && request.method == "DELETE")
        return delete_order(shop, id);
    if (what == "/products" && id != 0 && request.method == "DELETE")
        return delete_product(shop, id);
    if (what == "/shop" && (request.method == "GET" || request.method == "POST"))
        return control_settings(shop, request);
    return control_error(404, "woocommerce control has no " + request.method + " " + path);
}

}  // namespace sandbox::woo
