#include "woocommerce/resources/site.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace sandbox::woo {
namespace {

struct Currency {
    const char* code;
    const char* name;
    const char* symbol;
};

// Only what the recorded shops use and their neighbours; a real shop knows 160.
constexpr std::array kCurrencies{
    Currency{"USD", "United States (US) dollar", "&#36;"},
    Currency{"EUR", "Euro", "&euro;"},
    Currency{"GBP", "Pound sterling", "&pound;"},
    Currency{"CAD", "Canadian dollar", "&#36;"},
    Currency{"JPY", "Japanese yen", "&yen;"},
    Currency{"KWD", "Kuwaiti dinar", "&#x62f;.&#x643;"},
};

struct StatusName {
    const char* slug;
    const char* name;
};

constexpr std::array kStatusNames{
    StatusName{"pending", "Pending payment"},
    StatusName{"processing", "Processing"},
    StatusName{"on-hold", "On hold"},
    StatusName{"completed", "Completed"},
    StatusName{"cancelled", "Cancelled"},
    StatusName{"refunded", "Refunded"},
    StatusName{"failed", "Failed"},
    StatusName{"checkout-draft", "Draft"},
};

const Json& group(const Shop& shop, const std::string& name) {
    if (!shop.settings.contains(name))
        fail(404, "rest_setting_setting_group_invalid", "Invalid setting group.");
    return shop.settings[name];
}

Json shown_setting(const Json& setting, const std::string& group_name, const Call& call) {
    Json shown = setting;
    const std::string address = call.api_url("/settings/" + group_name);
    shown["_links"] =
        links(address + "/" + text_of(setting, "id"), address, {"GET", "POST", "PUT", "PATCH"});
    return shown;
}

}  // namespace

Json site_index(const Shop& shop, const Call& call) {
    const double offset = shop.time.offset_hours();
    const bool whole = offset == static_cast<double>(static_cast<int>(offset));
    return {
        {"name", text_of(shop.site, "name")},
        {"description", text_of(shop.site, "description")},
        {"url", call.site},
        {"home", call.site},
        {"gmt_offset", whole ? Json(static_cast<int>(offset)) : Json(offset)},
        {"timezone_string", shop.time.zone_name()},
        {"page_for_posts", 0},
        {"page_on_front", 0},
        {"show_on_front", "posts"},
        {"namespaces", shop.site["namespaces"]},
        {"authentication", Json::array()},
        {"routes", Json::object()},
    };
}

Json system_status(const Shop& shop) {
    return shop.system_status;
}

Json settings_groups(const Shop& shop, const Call& call) {
    Json list = Json::array();
    for (const auto& [name, settings] : shop.settings.items())
        list.push_back({
            {"id", name},
            {"label", name == "tax" ? "Tax" : "General"},
            {"description", ""},
            {"parent_id", ""},
            {"sub_groups", Json::array()},
            {"_links", {{"options", {{{"href", call.api_url("/settings/" + name)}}}}}},
        });
    return list;
}

Json settings_of_group(const Shop& shop, const Call& call) {
    Json list = Json::array();
    for (const Json& setting : group(shop, call.path.at(0)))
        list.push_back(shown_setting(setting, call.path[0], call));
    return list;
}

Json one_setting(const Shop& shop, const Call& call) {
    for (const Json& setting : group(shop, call.path.at(0)))
        if (text_of(setting, "id") == call.path.at(1))
            return shown_setting(setting, call.path[0], call);
    fail(404, "rest_setting_setting_invalid", "Invalid setting.");
}

Json currency(const Shop& shop, const Call& call) {
    const std::string code = call.path.at(0) == "current" ? shop.currency : call.path[0];
    const auto known = std::find_if(kCurrencies.begin(), kCurrencies.end(), [&](const auto& one) {
        return code == one.code;
    });
    if (known == kCurrencies.end())
        fail(
            404,
            "woocommerce_rest_data_invalid_currency",
            "There are no currencies matching these parameters."
        );
    const std::string all = call.api_url("/data/currencies");
    return {
        {"code", known->code},
        {"name", known->name},
        {"symbol", known->symbol},
        {"_links", links(all + "/" + code, all, {"GET"})},
    };
}

Json tax_classes(const Shop& shop, const Call& call) {
    Json list = Json::array();
    for (const Json& tax_class : shop.site["tax_classes"]) {
        Json shown = tax_class;
        shown["_links"]["collection"] = Json::array({{{"href", call.api_url("/taxes/classes")}}});
        list.push_back(std::move(shown));
    }
    return list;
}

Json order_totals(const Shop& shop) {
    std::map<std::string, int> counts;
    for (const auto& [id, order] : shop.orders) ++counts[order.status];
    Json list = Json::array();
    for (const StatusName& status : kStatusNames)
        list.push_back(
            {{"slug", status.slug}, {"name", status.name}, {"total", counts[status.slug]}}
        );
    return list;
}

}  // namespace sandbox::woo
