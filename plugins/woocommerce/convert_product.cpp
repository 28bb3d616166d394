#include <algorithm>

#include "woocommerce/convert.hpp"
#include "woocommerce/convert_parts.hpp"
#include "woocommerce/html.hpp"

namespace syncline::woocommerce {
namespace {

// A product lists `options`, a variation has its one `option`.
std::vector<ProductAttribute> read_attributes(const SourceObject& source) {
    std::vector<ProductAttribute> attributes;
    for (const auto& item : source.list("attributes")) {
        std::string option = item.title("option");
        const Json& options = item.member("options");
        for (std::size_t i = 0; options.is_array() && i < options.size(); ++i) {
            const std::string one =
                options[i].is_string() ? decode_entities(options[i].get<std::string>()) : "";
            option += (option.empty() || one.empty() ? "" : ", ") + one;
        }
        attributes.push_back({item.title("name"), std::move(option)});
    }
    return attributes;
}

std::string joined_options(const std::vector<ProductAttribute>& attributes) {
    std::string text;
    for (const auto& attribute : attributes) {
        if (!attribute.option.empty()) {
            text += (text.empty() ? "" : ", ") + attribute.option;
        }
    }
    return text;
}

// What products and variations have in common.
Product read_sellable(const SourceObject& source) {
    Product product;
    product.id = source.id("id");
    product.parent_id = source.id("parent_id");
    product.sku = source.text("sku");
    product.name = source.title("name");
    product.type = source.text("type");
    product.status = source.text("status");
    product.active = product.status == "publish" || product.status == "private";
    product.description = plain_text(source.text("description"));
    product.price = source.price("price");
    product.regular_price = source.price("regular_price");
    product.sale_price = source.price("sale_price");
    product.taxable = source.text("tax_status") != "none";
    product.tax_class = source.text("tax_class");
    product.manage_stock = source.flag("manage_stock");
    if (!source.text("stock_quantity").empty()) {
        product.stock_quantity = source.decimal("stock_quantity");
    }
    product.attributes = read_attributes(source);
    product.created_at = source.time("date_created");
    product.updated_at = source.time("date_modified");
    return product;
}

// Named as the shop names it in order lines: "Shirt - L, Red".
Product to_variant(Json source, const Product& parent, const ShopFacts& shop) {
    Json form = stable_form(std::move(source));
    Reading reading{shop.currency, shop.gmt_offset_minutes, {}};
    const SourceObject object(form, reading);
    Product variant = read_sellable(object);
    const std::string own =
        variant.name.empty() ? joined_options(variant.attributes) : variant.name;
    variant.name = own.empty() ? parent.name : parent.name + " - " + own;
    variant.type = variant.type.empty() ? "variation" : variant.type;
    variant.parent_id = parent.id;
    // "parent": the stock is counted on the product for all its variations.
    if (object.text("manage_stock") == "parent") {
        variant.manage_stock = parent.manage_stock;
        variant.stock_quantity = parent.stock_quantity;
    }
    variant.issues = std::move(reading.issues);
    variant.raw = std::move(form);
    return variant;
}

}  // namespace

Product to_product(Json source, std::vector<Json> variations, const ShopFacts& shop) {
    Json form = stable_form(std::move(source));
    Reading reading{shop.currency, shop.gmt_offset_minutes, {}};
    const SourceObject object(form, reading);
    if (shop.currency.empty()) {
        object.note("CURRENCY_UNKNOWN", "price", object.text("price"));
    }
    Product product = read_sellable(object);
    std::stable_sort(variations.begin(), variations.end(), source_id_less);
    for (auto& variation : variations) {
        product.variants.push_back(to_variant(std::move(variation), product, shop));
    }
    product.issues = std::move(reading.issues);
    product.raw = std::move(form);
    return product;
}

}  // namespace syncline::woocommerce
