#include "woocommerce/shop_facts.hpp"

#include <charconv>

#include "woocommerce/convert.hpp"
#include "woocommerce/shop_lists.hpp"

namespace syncline::woocommerce {
namespace {

// Nothing, where the key's user may not ask, or the shop does not have it.
Result<std::optional<Json>> get_if_allowed(
    plugin::Call& call, Shop& shop, const std::string& path, const QueryParameters& query
) {
    auto answer = get(call, shop, path, query);
    if (answer) {
        return std::optional<Json>(std::move(answer->body));
    }
    const Error& error = answer.error();
    const bool stops = error.code == ErrorCode::kCancelled || error.code == ErrorCode::kTransient ||
                       error.code == ErrorCode::kRateLimited;
    return stops ? Result<std::optional<Json>>(error) : std::optional<Json>();
}

// Not the whole status: that makes the shop send requests to the world.
Result<void> add_status(plugin::Call& call, Shop& shop, Json& facts) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto status,
        get_if_allowed(
            call,
            shop,
            "system_status",
            {{"_fields", "environment.version,settings.number_of_decimals,settings.HPOS_enabled"}}
        )
    );
    Reading reading;
    const Json body = status.value_or(Json());
    const SourceObject object(body, reading);
    const std::string version = object.object("environment").text("version");
    if (!version.empty()) {
        facts["version"] = version;
    }
    const Json decimals = object.object("settings").member("number_of_decimals");
    if (decimals.is_number_integer()) {
        facts["decimals"] = decimals;
    }
    const Json hpos = object.object("settings").member("HPOS_enabled");
    if (hpos.is_boolean()) {
        facts["hpos"] = hpos;
    }
    return {};
}

Result<void> add_decimals(plugin::Call& call, Shop& shop, Json& facts) {
    if (facts.contains("decimals")) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto setting,
        get_if_allowed(call, shop, "settings/general/woocommerce_price_num_decimals", {})
    );
    Reading reading;
    const Json body = setting.value_or(Json());
    if (const auto decimals = parse_id(SourceObject(body, reading).text("value"))) {
        facts["decimals"] = *decimals;
    }
    return {};
}

Result<void> add_tax_settings(plugin::Call& call, Shop& shop, Json& facts) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto settings, get_if_allowed(call, shop, "settings/tax", {}));
    Reading reading;
    const Json wrapped{{"settings", settings.value_or(Json::array())}};
    for (const auto& setting : SourceObject(wrapped, reading).list("settings")) {
        const std::string id = setting.text("id");
        if (id == "woocommerce_prices_include_tax") {
            facts["prices_include_tax"] = setting.flag("value");
        } else if (id == "woocommerce_tax_round_at_subtotal") {
            facts["tax_round_at_subtotal"] = setting.flag("value");
        }
    }
    return {};
}

// WordPress ignores parameters it does not know, so an old shop answers a far future date with
// rows.
Result<bool> knows_modified_after(plugin::Call& call, Shop& shop, const Json& facts) {
    if (facts.contains("version")) {
        return version_at_least(facts["version"].get<std::string>(), 5, 8);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows,
        get_if_allowed(
            call,
            shop,
            "orders",
            {{"status", "any"},
             {"modified_after", "2099-01-01T00:00:00"},
             {"dates_are_gmt", "true"},
             {"per_page", "1"},
             {"_fields", "id"}}
        )
    );
    return rows && rows->is_array() && rows->empty();
}

}  // namespace

bool version_at_least(const std::string& version, int major, int minor) {
    int found_major = 0;
    int found_minor = 0;
    const char* end = version.data() + version.size();
    const auto first = std::from_chars(version.data(), end, found_major);
    if (first.ec != std::errc()) {
        return false;
    }
    if (first.ptr != end && *first.ptr == '.') {
        std::from_chars(first.ptr + 1, end, found_minor);
    }
    return found_major > major || (found_major == major && found_minor >= minor);
}

Result<std::string> read_currency_code(plugin::Call& call, Shop& shop) {
    SYNCLINE_ASSIGN_OR_RETURN(const Answer answer, get(call, shop, "data/currencies/current", {}));
    Reading reading;
    return SourceObject(answer.body, reading).text("code");
}

Result<Json> read_facts(plugin::Call& call, Shop& shop, const Site& site) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string currency, read_currency_code(call, shop));
    Json facts{
        {"currency", currency},
        {"time_zone", site.zone},
        {"gmt_offset_minutes", site.gmt_offset_minutes},
        {"home", site.home}};
    SYNCLINE_RETURN_IF_ERROR(add_status(call, shop, facts));
    SYNCLINE_RETURN_IF_ERROR(add_decimals(call, shop, facts));
    SYNCLINE_RETURN_IF_ERROR(add_tax_settings(call, shop, facts));
    SYNCLINE_ASSIGN_OR_RETURN(const bool windows, knows_modified_after(call, shop, facts));
    facts["modified_after"] = windows;
    // Came with 5.4, and without modified_after there is no date to send.
    facts["dates_are_gmt"] = facts.contains("version")
                                 ? version_at_least(facts["version"].get<std::string>(), 5, 4)
                                 : windows;
    return facts;
}

}  // namespace syncline::woocommerce
