#include "woocommerce/routes.hpp"

#include <algorithm>

#include "woocommerce/resources/coupons_taxes.hpp"
#include "woocommerce/resources/customers.hpp"
#include "woocommerce/resources/orders.hpp"
#include "woocommerce/resources/products.hpp"
#include "woocommerce/resources/refunds.hpp"
#include "woocommerce/resources/site.hpp"
#include "woocommerce/resources/webhooks.hpp"

namespace sandbox::woo {
namespace {

constexpr auto kNamespace = "/wc/v3";

std::vector<std::string> segments(const std::string& path) {
    std::vector<std::string> parts;
    std::string part;
    for (const char c : path + "/") {
        if (c != '/') {
            part += c;
        } else if (!part.empty()) {
            parts.push_back(part);
            part.clear();
        }
    }
    return parts;
}

bool fits(const std::string& pattern, const std::string& text) {
    if (pattern == "{name}")
        return true;
    if (pattern == "{id}")
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return pattern == text;
}

bool has(const std::vector<std::string>& methods, const std::string& method) {
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

}  // namespace

RestError Route::refusal(const std::string& method) const {
    const std::string prefix = "woocommerce_rest_cannot_";
    if (pattern.find("/batch") != std::string::npos)
        return {
            401, prefix + "batch", "Sorry, you are not allowed to batch manipulate this resource."};
    if (method == "GET")
        return {
            401,
            prefix + "view",
            single ? "Sorry, you cannot view this resource." : "Sorry, you cannot list resources."};
    if (!single)
        return {401, prefix + "create", "Sorry, you are not allowed to create resources."};
    const std::string verb = method == "DELETE" ? "delete" : "edit";
    return {401, prefix + verb, "Sorry, you are not allowed to " + verb + " this resource."};
}

Routes::Routes(Shop& shop) : shop_(shop) {
    add(
        "", [this](const Call& call) { return site_index(shop_, call); }, false
    );
    add(
        kNamespace, [this](const Call&) { return namespace_index(); }, false
    );
    add_resource("/orders", std::make_unique<Orders>(shop));
    add_resource(
        "/orders/{id}/refunds", std::make_unique<Refunds>(shop, Refunds::Scope::kOfAnOrder)
    );
    add_resource("/refunds", std::make_unique<Refunds>(shop, Refunds::Scope::kAll));
    add_resource("/products", std::make_unique<Products>(shop, Products::Kind::kProduct));
    add_resource(
        "/products/{id}/variations", std::make_unique<Products>(shop, Products::Kind::kVariation)
    );
    add_resource("/customers", std::make_unique<Customers>(shop));
    add_resource("/coupons", std::make_unique<Coupons>(shop));
    add_resource("/taxes", std::make_unique<Taxes>(shop));
    add_resource("/webhooks", std::make_unique<Webhooks>(shop));
    const auto own = [](const std::string& path) { return kNamespace + path; };
    add(own("/taxes/classes"), [this](const Call& call) { return tax_classes(shop_, call); });
    add(own("/system_status"), [this](const Call&) { return system_status(shop_); });
    add(own("/settings"), [this](const Call& call) { return settings_groups(shop_, call); });
    add(own("/settings/{name}"),
        [this](const Call& call) { return settings_of_group(shop_, call); });
    add(own("/settings/{name}/{name}"),
        [this](const Call& call) { return one_setting(shop_, call); });
    add(own("/data/currencies/{name}"), [this](const Call& call) { return currency(shop_, call); });
    add(own("/reports/orders/totals"), [this](const Call&) { return order_totals(shop_); });
}

Json Routes::namespace_index() const {
    Json listed = Json::object();
    for (const Route& route : routes_)
        if (!route.pattern.empty())
            listed[route.pattern] = {{"namespace", "wc/v3"}, {"methods", route.methods}};
    return {{"namespace", "wc/v3"}, {"routes", listed}};
}

void Routes::add(std::string pattern, std::function<Json(const Call&)> read, bool needs_key) {
    const bool setting = pattern.find("/settings/{name}/") != std::string::npos;
    Route route;
    route.methods = setting ? std::vector<std::string>{"GET", "POST", "PUT", "PATCH"}
                            : std::vector<std::string>{"GET"};
    route.pattern = std::move(pattern);
    route.needs_key = needs_key;
    route.handle = [read = std::move(read)](Call& call) { return Reply{200, read(call), {}}; };
    routes_.push_back(std::move(route));
}

void Routes::add_resource(const std::string& path, std::unique_ptr<Resource> owned) {
    Resource* resource = owned.get();
    resources_.push_back(std::move(owned));
    const bool refunds = path.find("refunds") != std::string::npos;
    const std::string base = kNamespace + path;
    Route collection{base, {"GET", "POST"}, [resource](Call& call) {
                         return call.method == "GET" ? resource->list(call)
                                                     : resource->create(call);
                     }};
    if (path == "/refunds")
        collection.methods = {"GET"};
    routes_.push_back(std::move(collection));
    if (path == "/refunds")
        return;
    Route item{base + "/{id}", kEditable, [resource](Call& call) {
                   if (call.method == "GET")
                       return resource->get(call);
                   return call.method == "DELETE" ? resource->remove(call) : resource->update(call);
               }};
    item.single = true;
    if (refunds)
        item.methods = {"GET", "DELETE"};
    routes_.push_back(std::move(item));
    if (!refunds)
        routes_.push_back({base + "/batch", {"POST", "PUT", "PATCH"}, [resource](Call& call) {
                               return resource->batch(call);
                           }});
}

const Route* Routes::match(const std::string& address, std::vector<std::string>& path) const {
    const auto parts = segments(address);
    for (const Route& route : routes_) {
        const auto pattern = segments(route.pattern);
        if (pattern.size() != parts.size() ||
            !std::equal(pattern.begin(), pattern.end(), parts.begin(), fits))
            continue;
        path.clear();
        for (std::size_t i = 0; i < parts.size(); ++i)
            if (pattern[i].front() == '{')
                path.push_back(parts[i]);
        return &route;
    }
    return nullptr;
}

const Route* Routes::find(Call& call) const {
    const Route* route = match(call.route, call.path);
    return route && has(route->methods, call.method) ? route : nullptr;
}

std::string Routes::allow_header(const Call& call) const {
    std::vector<std::string> path;
    const Route* route = match(call.route, path);
    if (!route || !has(route->methods, call.method) || (route->needs_key && !call.authenticated))
        return "";
    std::string allow;
    for (const std::string& method : route->methods) allow += (allow.empty() ? "" : ", ") + method;
    return allow;
}

}  // namespace sandbox::woo
