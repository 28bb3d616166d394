#include "quickbooks/settings.hpp"

#include <algorithm>

#include "quickbooks/webhooks.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::string_view kProduction = "https://quickbooks.api.intuit.com";
constexpr std::string_view kSandbox = "https://sandbox-quickbooks.api.intuit.com";
constexpr auto kAuthorizeUrl = "https://appcenter.intuit.com/connect/oauth2";
constexpr auto kTokenUrl = "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer";
constexpr auto kRevokeUrl = "https://developer.api.intuit.com/v2/oauth2/tokens/revoke";

template <class E>
std::vector<std::string> names_of() {
    std::vector<std::string> names;
    for (const auto& [value, name] : EnumNames<E>::kNames) {
        names.emplace_back(name);
    }
    return names;
}

Setting setting(std::string name, SettingType type, std::string help) {
    Setting result;
    result.name = std::move(name);
    result.type = type;
    result.help = std::move(help);
    return result;
}

Setting required(Setting result) {
    result.required = true;
    return result;
}

Setting one_of(Setting result, std::vector<std::string> choices) {
    result.choices = std::move(choices);
    return result;
}

void add_account_settings(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(required(setting(
        "realm_id",
        Type::kString,
        "The company's id, as it came with the redirect (15 to 19 digits)."
    )));
    all.push_back(required(setting(
        "client_id", Type::kString, "Client id of the Intuit app the company is connected to."
    )));
    all.push_back(required(setting("client_secret", Type::kSecret, "Client secret of the same app.")
    ));
    all.push_back(required(setting(
        "refresh_token", Type::kSecret, "Refresh token; kept up to date by the host from then on."
    )));
    all.push_back(
        setting("access_token", Type::kSecret, "Access token, if there is one that is good.")
    );
    all.push_back(
        setting("webhook_verifier_token", Type::kSecret, "Verifier token of the app's webhooks.")
    );
    all.push_back(setting(
        "webhook_verifier_token_former",
        Type::kSecret,
        "The verifier token before it, while it may still be used."
    ));
    all.push_back(one_of(
        setting(
            "environment", Type::kString, "Which of Intuit's environments the company lives in."
        ),
        {"production", "sandbox"}
    ));
    all.back().default_value = "production";
    all.push_back(
        setting("api_base_url", Type::kUrl, "Base URL of the API, if not that of the environment.")
    );
    all.push_back(setting("token_url", Type::kUrl, "Token endpoint, if not Intuit's."));
    all.push_back(setting("authorize_url", Type::kUrl, "Authorization page, if not Intuit's."));
    all.push_back(setting("revoke_url", Type::kUrl, "Revocation endpoint, if not Intuit's."));
}

void add_document_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(setting(
        "document_choice",
        Type::kObject,
        "What a paid order becomes, by gateway: sales_receipt (default), invoice or "
        "invoice_and_payment."
    ));
    all.push_back(setting(
        "doc_number_format",
        Type::kString,
        "Number of a document, when the company numbers its own; {number} is the order's."
    ));
    all.push_back(one_of(
        setting("txn_date", Type::kString, "Which of the order's times dates its sales receipt."),
        names_of<DateChoice>()
    ));
    all.push_back(one_of(
        setting(
            "closed_books",
            Type::kString,
            "A document dated in the closed books: hold it, or date it on the first open day."
        ),
        names_of<ClosedBooksChoice>()
    ));
    all.push_back(setting("time_zone", Type::kString, "IANA time zone, if not the company's own."));
    all.push_back(setting(
        "deposit_accounts",
        Type::kObject,
        "Account that takes the money, by gateway or gateway:currency (id or name); else "
        "Undeposited Funds."
    ));
    all.push_back(setting(
        "payment_methods",
        Type::kObject,
        "Payment method by gateway (id or name); else the one of the gateway's own name."
    ));
    all.push_back(setting(
        "terms",
        Type::kObject,
        "Payment term of unpaid orders by gateway (id or name); else the company's."
    ));
    all.push_back(setting(
        "other_statuses",
        Type::kObject,
        "What to do with the shop's own order statuses: post or skip."
    ));
    all.push_back(setting(
        "post_zero_total", Type::kBoolean, "Post orders of 0.00 too, so that their stock moves."
    ));
}

// What happens to an order around and after its sale.
void add_life_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(one_of(
        setting(
            "cancelled",
            Type::kString,
            "A cancelled order that was posted: hold it, or void its unpaid invoice or its sales "
            "receipt."
        ),
        names_of<CancelledChoice>()
    ));
    all.push_back(setting(
        "manual_refunds",
        Type::kObject,
        "What a refund becomes whose money the gateway did not return itself, by gateway: "
        "refund_receipt (default), credit_memo or hold."
    ));
    all.push_back(one_of(
        setting(
            "refunded_without_refund",
            Type::kString,
            "An order that is refunded without a refund: hold it, or post a refund of all of it."
        ),
        names_of<RefundedChoice>()
    ));
    all.push_back(setting(
        "payment_confirmed",
        Type::kObject,
        "When the money of an order is there, by gateway: paid (default), completed (cash on "
        "delivery) or by_hand (never by itself)."
    ));
    all.push_back(setting(
        "product_items",
        Type::kObject,
        "Item for a product's lines, by its SKU or name; for gift cards an item of a liability "
        "account."
    ));
}

void add_discount_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(one_of(
        setting(
            "discounts",
            Type::kString,
            "Coupons: inside the lines' amounts (net), or taken off by one discount line (line)."
        ),
        names_of<DiscountChoice>()
    ));
    all.push_back(setting(
        "discount_account",
        Type::kString,
        "Account of the discount line (id or name), if not the company's own for discounts."
    ));
}

void add_tax_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(setting(
        "tax_code_mappings",
        Type::kObject,
        "Tax code (id or name) by the shop's tax rate: its id, ids levied together (2+3), or "
        "country:state:percent."
    ));
    all.push_back(setting(
        "default_tax_code_id",
        Type::kString,
        "Tax code (id or name) of rates without a mapping, if its percentages are theirs."
    ));
    all.push_back(setting(
        "zero_tax_code_id",
        Type::kString,
        "Tax code (id or name) of lines without tax, outside the US."
    ));
    all.push_back(setting(
        "sales_tax_item",
        Type::kString,
        "Item that takes the tax when sales tax is off in QuickBooks; else such orders are held."
    ));
}

void add_party_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(one_of(
        setting("customers", Type::kString, "Which buyers get a customer of their own."),
        names_of<CustomerChoice>()
    ));
    all.push_back(setting(
        "web_sales_customer", Type::kString, "Customer for buyers without one of their own."
    ));
    all.push_back(one_of(
        setting("item_type", Type::kString, "Type of the items made for products."),
        names_of<ItemType>()
    ));
    all.push_back(
        setting("income_account", Type::kString, "Income account of new items (id or name).")
    );
    all.push_back(setting(
        "fallback_item",
        Type::kString,
        "Item for products that were deleted in the shop (id:42, sku:X or name:X); else such "
        "orders "
        "are held."
    ));
    all.push_back(setting(
        "shipping_item",
        Type::kString,
        "Item for shipping, when the company's shipping line is off."
    ));
    all.push_back(setting("fee_items", Type::kObject, "Item for a fee, by the fee's name."));
    all.push_back(setting("rounding_item", Type::kString, "Item for rounding differences."));
}

void add_rule_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(setting(
        "default_payment_terms_days",
        Type::kInteger,
        "Days until an unpaid order is due that no rule and no gateway gives a term; else the "
        "company's term."
    ));
    all.back().min = 0;
    all.back().max = 3'650;
    all.push_back(setting(
        "term_rules",
        Type::kObject,
        "Payment term of unpaid orders by rules, before terms: {\"when\": {...}, \"use\": \"Net "
        "60\"} by a name of yours, tried in the order of the names."
    ));
    all.push_back(setting(
        "class_rules", Type::kObject, "Class of sales by rules, where the company tracks classes."
    ));
    all.push_back(setting(
        "location_rules",
        Type::kObject,
        "Location of sales by rules, where the company tracks locations."
    ));
    all.push_back(setting(
        "custom_field_mappings",
        Type::kObject,
        "What the custom fields of sales hold, by definition id: number, billing.company, meta:KEY."
    ));
    all.push_back(setting(
        "exchange_rate_meta",
        Type::kString,
        "Metadata of an order that has its exchange rate, in home units for one of the order's; "
        "else QuickBooks takes its own."
    ));
    all.push_back(setting(
        "start_date",
        Type::kString,
        "Orders from before this day (2026-11-21) are left out, unless they were posted already; "
        "else those from before the day the company was connected."
    ));
}

void add_matching_choices(std::vector<Setting>& all) {
    using Type = SettingType;
    all.push_back(setting(
        "shipping_item_id", Type::kString, "The same as shipping_item, by the item's id alone."
    ));
    all.push_back(one_of(
        setting("missing_customers", Type::kString, "A buyer QuickBooks has no customer for."),
        names_of<MissingChoice>()
    ));
    all.push_back(one_of(
        setting("missing_items", Type::kString, "A product QuickBooks has no item for."),
        names_of<MissingChoice>()
    ));
    all.push_back(one_of(
        setting(
            "inactive_records",
            Type::kString,
            "Customers and items that are inactive in QuickBooks: hold, or make active again."
        ),
        names_of<InactiveChoice>()
    ));
}

std::string url_at(const Json& settings, std::string_view name, std::string_view fallback) {
    std::string url = text_at(settings, name);
    while (!url.empty() && url.back() == '/') {
        url.pop_back();
    }
    return url.empty() ? std::string(fallback) : url;
}

Result<void> check_item_choice(const std::string& setting_name, const std::string& item) {
    for (const std::string_view prefix : {"id:", "sku:", "name:"}) {
        if (item.rfind(prefix, 0) == 0 && item.size() > prefix.size()) {
            return {};
        }
    }
    if (item.empty()) {
        return {};
    }
    return Error{
        ErrorCode::kConfig,
        "/" + setting_name + ": '" + item +
            "' names no item; write id:42, sku:GIFT-WRAP or name:Gift wrap",
        "settings.invalid"};
}

Result<void> check_items(const Choices& choices) {
    SYNCLINE_RETURN_IF_ERROR(check_item_choice("fallback_item", choices.fallback_item));
    SYNCLINE_RETURN_IF_ERROR(check_item_choice("shipping_item", choices.shipping_item));
    SYNCLINE_RETURN_IF_ERROR(check_item_choice("rounding_item", choices.rounding_item));
    SYNCLINE_RETURN_IF_ERROR(check_item_choice("sales_tax_item", choices.sales_tax_item));
    for (const auto& [fee, item] : choices.fee_items) {
        SYNCLINE_RETURN_IF_ERROR(check_item_choice("fee_items/" + fee, item));
    }
    for (const auto& [product, item] : choices.product_items) {
        SYNCLINE_RETURN_IF_ERROR(check_item_choice("product_items/" + product, item));
    }
    const std::string& shipping = choices.shipping_item_id;
    if (!shipping.empty() && shipping.find_first_not_of("0123456789") != std::string::npos) {
        return Error{
            ErrorCode::kConfig,
            "/shipping_item_id: '" + shipping +
                "' is no id of an item; write 42, or use "
                "shipping_item",
            "settings.invalid"};
    }
    if (!shipping.empty() && !choices.shipping_item.empty() &&
        choices.shipping_item != "id:" + shipping) {
        return Error{
            ErrorCode::kConfig,
            "/shipping_item_id: '" + shipping + "' is not the item of shipping_item ('" +
                choices.shipping_item + "'); leave one of them out",
            "settings.invalid"};
    }
    return {};
}

OAuthSpec oauth_spec() {
    OAuthSpec oauth;
    oauth.authorize_url = kAuthorizeUrl;
    oauth.token_url = kTokenUrl;
    oauth.revoke_url = kRevokeUrl;
    oauth.scopes = {"com.intuit.quickbooks.accounting"};
    oauth.revoke_takes_json = true;
    oauth.account_parameter = "realmId";
    oauth.account_setting = "realm_id";
    oauth.token_headers = {kAsksHardExpiry + std::string(": true")};
    oauth.refresh_expires_member = kRefreshExpires;
    oauth.hard_expires_member = kHardExpires;
    return oauth;
}

}  // namespace

Spec connector_spec() {
    Spec spec;
    spec.title = "QuickBooks Online";
    spec.summary =
        "Writes customers, items, invoices, sales receipts, payments and refunds to a QuickBooks "
        "Online company, and reads them.";
    spec.auth = AuthKind::kOAuth2;
    spec.hosts = {
        "quickbooks.api.intuit.com",
        "sandbox-quickbooks.api.intuit.com",
        "oauth.platform.intuit.com",
        "developer.api.intuit.com"};
    spec.host_settings = {"api_base_url", "token_url", "authorize_url", "revoke_url"};
    spec.write_safety = WriteSafety::kRequestId;
    spec.limits.read_page_max = 1000;  // reads are metered
    spec.limits.write_batch_max = static_cast<std::int64_t>(kBatchMax);
    spec.limits.find_batch_max = static_cast<std::int64_t>(kBatchMax);
    spec.limits.in_flight_max = 8;
    // Intuit's are 500 and 40; a person works in the same company.
    spec.limits.requests_per_minute = 450;
    spec.limits.batches_per_minute = 35;
    spec.limits.batch_path = "/batch";
    spec.limits.reads_per_month = 500'000;  // of Intuit's free tier
    spec.limits.read_overlap_s = 5 * 60;
    spec.webhooks = webhook_spec();
    spec.oauth = oauth_spec();

    add_account_settings(spec.settings);
    add_document_choices(spec.settings);
    add_life_choices(spec.settings);
    add_discount_choices(spec.settings);
    add_tax_choices(spec.settings);
    add_party_choices(spec.settings);
    add_matching_choices(spec.settings);
    add_rule_choices(spec.settings);
    const Json defaults = to_json(Choices{});
    for (auto& one : spec.settings) {
        const auto found = defaults.find(one.name);
        const bool set = found != defaults.end() && *found != Json("") && *found != Json::object();
        if (set) {
            one.default_value = *found;
        }
    }
    return spec;
}

Addresses addresses_of(const Json& settings) {
    const bool sandbox = text_at(settings, "environment") == "sandbox";
    return Addresses{
        Endpoint{
            url_at(settings, "api_base_url", sandbox ? kSandbox : kProduction),
            text_at(settings, "realm_id")},
        url_at(settings, "token_url", kTokenUrl)};
}

Result<Choices> choices_of(const Json& connection_settings, const Json& flow_settings) {
    Json merged = connection_settings.is_object() ? connection_settings : Json::object();
    if (flow_settings.is_object()) {
        merged.update(flow_settings);
    }
    auto choices = from_json<Choices>(merged);
    if (!choices) {
        return Error{ErrorCode::kConfig, "setting " + choices.error().message, "settings.invalid"};
    }
    if (const auto checked = check_items(*choices); !checked) {
        return Error{ErrorCode::kConfig, "setting " + checked.error().message, "settings.invalid"};
    }
    if (choices->shipping_item.empty() && !choices->shipping_item_id.empty()) {
        choices->shipping_item = "id:" + choices->shipping_item_id;
    }
    return choices;
}

Result<Choices> tenant_choices(const Json& tenant_settings) {
    auto choices = from_json<Choices>(tenant_settings, Unknown::kRefuse);
    if (!choices) {
        return Error{ErrorCode::kConfig, choices.error().message, "settings.invalid"};
    }
    SYNCLINE_RETURN_IF_ERROR(check_items(*choices));
    return choices;
}

}  // namespace syncline::quickbooks
