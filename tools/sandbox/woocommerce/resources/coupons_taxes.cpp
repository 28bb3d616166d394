#include "woocommerce/resources/coupons_taxes.hpp"

#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/resources/listing.hpp"

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

Json new_coupon() {
    return Json::parse(R"json({
"id":0,"code":"","amount":"0.00","status":"publish","date_created":null,"date_created_gmt":null,
"date_modified":null,"date_modified_gmt":null,"discount_type":"fixed_cart","description":"",
"date_expires":null,"date_expires_gmt":null,"usage_count":0,"individual_use":false,
"product_ids":[],"excluded_product_ids":[],"usage_limit":null,"usage_limit_per_user":null,
"limit_usage_to_x_items":null,"free_shipping":false,"product_categories":[],
"excluded_product_categories":[],"exclude_sale_items":false,"minimum_amount":"0.00",
"maximum_amount":"0.00","email_restrictions":[],"used_by":[],"meta_data":[]})json");
}

Json new_tax() {
    return Json::parse(R"json({
"id":0,"country":"","state":"","postcode":"","city":"","rate":"0.0000","name":"","priority":1,
"compound":false,"shipping":true,"order":0,"class":"standard","postcodes":[],"cities":[]})json");
}

void write_known(Json& document, const Json& body) {
    for (const auto& [field, value] : body.items())
        if (field != "id" && document.contains(field) && !value.is_null())
            document[field] = value;
}

Parameters coupon_listing() {
    Parameters own = kRecordListParameters;
    own.push_back({"code", Type::kString});
    return list_parameters({"date", "id", "include", "title", "slug", "modified"}, own);
}

Parameters coupon_writing() {
    Parameter code{"code", Type::kString};
    code.required = true;
    return {
        code,
        {"amount", Type::kString},
        {"discount_type", Type::kString, {"percent", "fixed_cart", "fixed_product"}},
    };
}

void write_coupon(const Shop& shop, Json& coupon, const Json& body) {
    const std::string code = lower_case(text_of(body, "code"));
    for (const auto& [id, record] : shop.coupons)
        if (!code.empty() && id != integer_of(coupon, "id") &&
            text_of(*record.document, "code") == code)
            fail(
                400, "woocommerce_rest_coupon_code_already_exists", "The coupon code already exists"
            );
    write_known(coupon, body);
    if (!code.empty())
        coupon["code"] = code;
    coupon["amount"] = amount_of(coupon, "amount").to_string(shop.decimals);
}

}  // namespace

Coupons::Coupons(Shop& shop)
    : Resource(
          shop,
          {"/coupons",
           "/coupons",
           "woocommerce_rest_shop_coupon_invalid_id",
           "Invalid ID.",
           "shop_coupon",
           ""},
          coupon_listing(),
          coupon_writing()
      ) {}

Coupons::Matcher Coupons::matcher(const Call& call) const {
    const std::string code = lower_case(text_of(call.query, "code"));
    return [code](const Record& record) {
        return record.status != "trash" &&
               (code.empty() || text_of(*record.document, "code") == code);
    };
}

std::string Coupons::search_text(const Record& record) const {
    return text_of(*record.document, "code") + " " + text_of(*record.document, "description");
}

std::string Coupons::sort_text(const Record& record, const std::string&) const {
    return text_of(*record.document, "code");
}

Json Coupons::present(const Record& record, const Call&) const {
    return document_of(record);
}

std::int64_t Coupons::insert(Call& call) {
    Json coupon = new_coupon();
    write_coupon(shop_, coupon, call.body);
    const std::int64_t id = shop_.ids.post++;
    coupon["id"] = id;
    coupon["date_created_gmt"] = shop_.time.now_gmt();
    coupon["date_modified_gmt"] = shop_.time.modified_now_gmt();
    shop_.coupons[id] = make_record(std::move(coupon));
    return id;
}

void Coupons::change(Record& record, Call& call) {
    Json coupon = document_of(record);
    write_coupon(shop_, coupon, call.body);
    coupon["date_modified_gmt"] = shop_.time.modified_now_gmt();
    record = make_record(std::move(coupon));
}

Taxes::Taxes(Shop& shop)
    : Resource(
          shop,
          {"/taxes", "/taxes", "woocommerce_rest_invalid_id", "Invalid resource ID.", "", "Taxes"},
          list_parameters({"id", "order", "priority"}, {{"class", Type::kString}}),
          {{"country", Type::kString},
           {"state", Type::kString},
           {"rate", Type::kString},
           {"name", Type::kString},
           {"priority", Type::kInteger},
           {"compound", Type::kBoolean},
           {"shipping", Type::kBoolean},
           {"order", Type::kInteger},
           {"class", Type::kString}}
      ) {}

Taxes::Matcher Taxes::matcher(const Call& call) const {
    const std::string tax_class = text_of(call.query, "class");
    return [tax_class](const Record& record) {
        return tax_class.empty() || text_of(*record.document, "class") == tax_class;
    };
}

std::string Taxes::search_text(const Record& record) const {
    return text_of(*record.document, "name");
}

std::string Taxes::sort_text(const Record& record, const std::string& orderby) const {
    const std::int64_t key = integer_of(*record.document, orderby.c_str());
    return amount_text(Decimal::from_integer(key + 1'000'000));
}

Json Taxes::present(const Record& record, const Call&) const {
    return document_of(record);
}

std::int64_t Taxes::insert(Call& call) {
    Json tax = new_tax();
    write_known(tax, call.body);
    const std::int64_t id = shop_.taxes.empty() ? 1 : shop_.taxes.rbegin()->first + 1;
    tax["id"] = id;
    tax["rate"] = amount_of(tax, "rate").to_string(4);
    shop_.taxes[id] = make_record(std::move(tax));
    return id;
}

void Taxes::change(Record& record, Call& call) {
    Json tax = document_of(record);
    write_known(tax, call.body);
    tax["rate"] = amount_of(tax, "rate").to_string(4);
    record = make_record(std::move(tax));
}

}  // namespace sandbox::woo
