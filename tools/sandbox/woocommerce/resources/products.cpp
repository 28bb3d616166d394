#include "woocommerce/resources/products.hpp"

#include <algorithm>
#include <sstream>

#include "woocommerce/pricing/order_totals.hpp"
#include "woocommerce/pricing/order_writing.hpp"
#include "woocommerce/resources/listing.hpp"

namespace sandbox::woo {
namespace {

using Type = Parameter::Type;

ResourceNames names_for(Products::Kind kind) {
    ResourceNames names;
    const bool product = kind == Products::Kind::kProduct;
    names.collection = product ? "/products" : "/products/{parent}/variations";
    names.item_in_location =
        product ? "/products" : R"(/products/(?P<product_id>[\d]+)/variations)";
    names.missing_code = product ? "woocommerce_rest_product_invalid_id"
                                 : "woocommerce_rest_product_variation_invalid_id";
    names.missing_message = "Invalid ID.";
    names.post_type = product ? "product" : "product_variation";
    return names;
}

Parameters listing() {
    Parameters own = kRecordListParameters;
    const Parameters more{
        {"status",
         Type::kString,
         {"any", "future", "trash", "draft", "pending", "private", "publish"}},
        {"type", Type::kString, {"simple", "grouped", "external", "variable"}},
        {"sku", Type::kString},
        {"slug", Type::kString},
        {"category", Type::kString},
        {"stock_status", Type::kString, {"instock", "outofstock", "onbackorder"}},
        {"on_sale", Type::kBoolean},
        {"featured", Type::kBoolean},
        {"min_price", Type::kString},
        {"max_price", Type::kString},
    };
    own.insert(own.end(), more.begin(), more.end());
    return list_parameters(
        {"date",
         "id",
         "include",
         "title",
         "slug",
         "modified",
         "price",
         "popularity",
         "rating",
         "menu_order"},
        own
    );
}

Parameters writing() {
    return {
        {"name", Type::kString},
        {"type", Type::kString, {"simple", "grouped", "external", "variable"}},
        {"status", Type::kString, {"draft", "pending", "private", "publish", "future"}},
        {"sku", Type::kString},
        {"regular_price", Type::kString},
        {"sale_price", Type::kString},
        {"tax_status", Type::kString, {"taxable", "shipping", "none"}},
        {"tax_class", Type::kString},
        {"stock_quantity", Type::kInteger},
        {"categories", Type::kList, {}, Type::kObject},
        {"attributes", Type::kList, {}, Type::kObject},
        {"meta_data", Type::kList, {}, Type::kObject},
    };
}

// The fields of products and variations, each kind in its own order.
Json new_document(bool product) {
    static const Json kProduct = Json::parse(R"json({
"id":0,"name":"","slug":"","permalink":"","date_created":null,"date_created_gmt":null,
"date_modified":null,"date_modified_gmt":null,"type":"simple","status":"publish","featured":false,
"catalog_visibility":"visible","description":"","short_description":"","sku":"","price":"",
"regular_price":"","sale_price":"","date_on_sale_from":null,"date_on_sale_from_gmt":null,
"date_on_sale_to":null,"date_on_sale_to_gmt":null,"on_sale":false,"purchasable":false,
"total_sales":0,"virtual":false,"downloadable":false,"downloads":[],"download_limit":-1,
"download_expiry":-1,"external_url":"","button_text":"","tax_status":"taxable","tax_class":"",
"manage_stock":false,"stock_quantity":null,"backorders":"no","backorders_allowed":false,
"backordered":false,"low_stock_amount":null,"sold_individually":false,"weight":"",
"dimensions":{"length":"","width":"","height":""},"shipping_required":true,"shipping_taxable":true,
"shipping_class":"","shipping_class_id":0,"reviews_allowed":true,"average_rating":"0.00",
"rating_count":0,"upsell_ids":[],"cross_sell_ids":[],"parent_id":0,"purchase_note":"",
"categories":[{"id":15,"name":"Uncategorized","slug":"uncategorized"}],"brands":[],"tags":[],
"images":[],"attributes":[],"default_attributes":[],"variations":[],"grouped_products":[],
"menu_order":0,"price_html":"","related_ids":[],"meta_data":[],"stock_status":"instock",
"has_options":false,"post_password":"","global_unique_id":""})json");
    static const Json kVariation = Json::parse(R"json({
"id":0,"type":"variation","date_created":null,"date_created_gmt":null,"date_modified":null,
"date_modified_gmt":null,"description":"","permalink":"","sku":"","global_unique_id":"","price":"",
"regular_price":"","sale_price":"","date_on_sale_from":null,"date_on_sale_from_gmt":null,
"date_on_sale_to":null,"date_on_sale_to_gmt":null,"on_sale":false,"status":"publish",
"purchasable":false,"virtual":false,"downloadable":false,"downloads":[],"download_limit":-1,
"download_expiry":-1,"tax_status":"taxable","tax_class":"","manage_stock":false,
"stock_quantity":null,"stock_status":"instock","backorders":"no","backorders_allowed":false,
"backordered":false,"low_stock_amount":null,"weight":"",
"dimensions":{"length":"","width":"","height":""},"shipping_class":"","shipping_class_id":0,
"image":null,"gallery_image_ids":[],"attributes":[],"menu_order":0,"meta_data":[],"name":"",
"parent_id":0})json");
    return product ? kProduct : kVariation;
}

bool is_read_only(const std::string& field) {
    static const std::vector<std::string> kReadOnly{
        "id",
        "permalink",
        "date_created",
        "date_created_gmt",
        "date_modified",
        "date_modified_gmt",
        "price",
        "on_sale",
        "purchasable",
        "total_sales",
        "backorders_allowed",
        "backordered",
        "shipping_required",
        "shipping_taxable",
        "shipping_class_id",
        "average_rating",
        "rating_count",
        "variations",
        "price_html",
        "related_ids",
        "has_options",
        "meta_data",
        "stock_quantity",
        "parent_id",
    };
    return std::find(kReadOnly.begin(), kReadOnly.end(), field) != kReadOnly.end();
}

std::string slug_of(const std::string& name) {
    std::string slug;
    for (const char c : lower_case(name)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            slug += c;
        else if (!slug.empty() && slug.back() != '-')
            slug += '-';
    }
    while (!slug.empty() && slug.back() == '-') slug.pop_back();
    return slug;
}

void write_stock(Json& document, const Json& body) {
    if (member(document, "manage_stock") != true) {
        document["stock_quantity"] = nullptr;
        return;
    }
    if (body.contains("stock_quantity"))
        document["stock_quantity"] = body["stock_quantity"];
    if (body.contains("inventory_delta"))
        document["stock_quantity"] =
            integer_of(document, "stock_quantity") + integer_of(body, "inventory_delta");
    const bool any = integer_of(document, "stock_quantity") > 0;
    if (body.contains("stock_quantity") || body.contains("inventory_delta"))
        document["stock_status"] = any ? "instock" : "outofstock";
}

// Products alone show the fields in the order in which `_fields` names them.
Json in_order_of_fields(Json product, const std::string& fields) {
    Json ordered = Json::object();
    std::istringstream stream(fields);
    for (std::string field; std::getline(stream, field, ',');)
        if (product.contains(field))
            ordered[field] = product[field];
    for (auto& [field, value] : product.items())
        if (!ordered.contains(field))
            ordered[field] = std::move(value);
    return ordered;
}

bool contains_text(const std::string& comma_list, const std::string& text) {
    std::istringstream stream(comma_list);
    for (std::string entry; std::getline(stream, entry, ',');)
        if (entry == text)
            return true;
    return false;
}

bool in_category(const Json& product, const std::string& category) {
    const Json& all = member(product, "categories");
    return std::any_of(all.begin(), all.end(), [&](const Json& one) {
        return text_of(one, "id") == category;
    });
}

}  // namespace

Products::Products(Shop& shop, Kind kind)
    : Resource(shop, names_for(kind), listing(), writing()), kind_(kind) {}

Records& Products::records() {
    return kind_ == Kind::kProduct ? shop_.products : shop_.variations;
}

Products::Matcher Products::matcher(const Call& call) const {
    return [this, &call](const Record& record) { return matches(record, call); };
}

bool Products::matches(const Record& record, const Call& call) const {
    const Json& product = *record.document;
    const std::string status = text_of(call.query, "status");
    if (kind_ == Kind::kVariation && record.parent != call.id())
        return false;
    if (status.empty() || status == "any" ? record.status == "trash" : record.status != status)
        return false;
    for (const char* name : {"type", "slug", "stock_status"})
        if (call.query.contains(name) && text_of(call.query, name) != text_of(product, name))
            return false;
    for (const char* name : {"on_sale", "featured"})
        if (call.query.contains(name) && call.query[name] != member(product, name))
            return false;
    const Decimal price = amount_of(product, "price");
    return (!call.query.contains("sku") ||
            contains_text(text_of(call.query, "sku"), text_of(product, "sku"))) &&
           (!call.query.contains("category") ||
            in_category(product, text_of(call.query, "category"))) &&
           (!call.query.contains("min_price") || price >= amount_of(call.query, "min_price")) &&
           (!call.query.contains("max_price") || price <= amount_of(call.query, "max_price"));
}

std::string Products::search_text(const Record& record) const {
    const Json& product = *record.document;
    return text_of(product, "name") + " " + text_of(product, "description") + " " +
           text_of(product, "short_description") + " " + text_of(product, "sku");
}

std::string Products::sort_text(const Record& record, const std::string& orderby) const {
    const Json& product = *record.document;
    if (orderby == "title")
        return lower_case(text_of(product, "name"));
    if (orderby == "slug")
        return text_of(product, "slug");
    const char* number = orderby == "price"        ? "price"
                         : orderby == "popularity" ? "total_sales"
                         : orderby == "rating"     ? "average_rating"
                                                   : "menu_order";
    const std::string text = amount_of(product, number).to_string(2);
    return std::string(20 - std::min<std::size_t>(20, text.size()), '0') + text;
}

Json Products::present(const Record& record, const Call& call) const {
    Json product = document_of(record);
    const std::string permalink = text_of(product, "permalink");
    const auto path = permalink.find("/product/");
    if (path != std::string::npos)
        product["permalink"] = call.site + permalink.substr(path);
    if (kind_ == Kind::kVariation)
        return product;
    if (product["related_ids"].empty())
        product["related_ids"] = related_ids(record);
    const std::string fields = text_of(call.query, "_fields");
    return fields.empty() ? product : in_order_of_fields(std::move(product), fields);
}

Json Products::related_ids(const Record& record) const {
    Json related = Json::array();
    for (const Json& category : member(*record.document, "categories"))
        for (const auto& [id, other] : shop_.products)
            if (id != record.id && related.size() < 5 &&
                in_category(*other.document, text_of(category, "id")))
                related.push_back(id);
    return related;
}

Json Products::links_of(const Record& record, const Call& call) const {
    Json all = Resource::links_of(record, call);
    if (kind_ == Kind::kVariation)
        all["up"] =
            Json::array({{{"href", call.api_url("/products/" + std::to_string(record.parent))}}});
    return all;
}

void Products::check_sku(const std::string& sku, std::int64_t own_id) const {
    const Record* holder = shop_.product_of_sku(sku);
    if (!holder || holder->id == own_id)
        return;
    int suffix = 1;
    while (shop_.product_of_sku(sku + "-" + std::to_string(suffix))) ++suffix;
    throw RestError{
        400,
        "product_invalid_sku",
        "Invalid or duplicated SKU.",
        {{"status", 400},
         {"resource_id", holder->id},
         {"unique_sku", sku + "-" + std::to_string(suffix)}}};
}

void Products::write(Json& document, const Json& body) {
    check_sku(text_of(body, "sku"), integer_of(document, "id"));
    for (const auto& [field, value] : body.items())
        if (document.contains(field) && !is_read_only(field) && !value.is_null())
            document[field] = value;
    if (body.contains("name") && text_of(document, "slug").empty())
        document["slug"] = slug_of(text_of(document, "name"));
    const std::string sale = text_of(document, "sale_price");
    document["price"] = sale.empty() ? document["regular_price"] : document["sale_price"];
    document["on_sale"] = !sale.empty();
    document["purchasable"] = !text_of(document, "price").empty();
    write_stock(document, body);
    write_meta_data(shop_, document["meta_data"], member(body, "meta_data"));
}

std::int64_t Products::insert(Call& call) {
    Json document = new_document(kind_ == Kind::kProduct);
    write(document, call.body);
    const std::int64_t id = shop_.ids.post++;
    document["id"] = id;
    document["date_created_gmt"] = shop_.time.now_gmt();
    document["date_modified_gmt"] = shop_.time.modified_now_gmt();
    document["permalink"] = "/product/" + text_of(document, "slug") + "/";
    if (kind_ == Kind::kVariation) {
        document["parent_id"] = call.id();
        const auto parent = shop_.products.find(call.id());
        if (parent == shop_.products.end())
            fail(404, "woocommerce_rest_product_invalid_id", "Invalid ID.");
        Json changed = document_of(parent->second);
        changed["variations"].push_back(id);
        parent->second = make_record(std::move(changed));
    }
    records()[id] = make_record(std::move(document));
    return id;
}

void Products::change(Record& record, Call& call) {
    Json document = document_of(record);
    write(document, call.body);
    document["date_modified_gmt"] = shop_.time.modified_now_gmt();
    record = make_record(std::move(document));
}

void Products::discard(Record& record, bool force) {
    if (kind_ == Kind::kVariation || !force) {
        Resource::discard(record, force);
        return;
    }
    for (auto it = shop_.variations.begin(); it != shop_.variations.end();)
        it = it->second.parent == record.id ? shop_.variations.erase(it) : std::next(it);
    Resource::discard(record, true);
}

}  // namespace sandbox::woo
