// The canonical product. A variable product carries its variations in `variants`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/model/issue.hpp>

namespace syncline {

struct ProductAttribute {
    std::string name;
    std::string option;  // options of a parent are joined with ", "

    static constexpr auto fields() {
        return field_list(
            field("name", &ProductAttribute::name), field("option", &ProductAttribute::option)
        );
    }
};

struct Product {
    std::string id;
    std::string parent_id;  // of a variation
    std::string sku;        // empty: none
    std::string name;
    std::string type;    // the source's own word: "simple", "variable", "variation", "service"
    std::string status;  // the source's own word: "publish", "draft"
    bool active = true;
    std::string description;
    std::optional<Money> price;  // what a buyer pays now
    std::optional<Money> regular_price;
    std::optional<Money> sale_price;
    bool taxable = true;
    std::string tax_class;
    bool manage_stock = false;
    std::optional<Decimal> stock_quantity;
    std::vector<ProductAttribute> attributes;
    std::vector<Product> variants;
    std::optional<Timestamp> created_at;
    std::optional<Timestamp> updated_at;
    std::vector<Issue> issues;
    Json raw;  // the source's own form

    static constexpr auto fields() {
        return field_list(
            field("id", &Product::id),
            field("parent_id", &Product::parent_id),
            field("sku", &Product::sku),
            field("name", &Product::name),
            field("type", &Product::type),
            field("status", &Product::status),
            field("active", &Product::active),
            field("description", &Product::description),
            field("price", &Product::price),
            field("regular_price", &Product::regular_price),
            field("sale_price", &Product::sale_price),
            field("taxable", &Product::taxable),
            field("tax_class", &Product::tax_class),
            field("manage_stock", &Product::manage_stock),
            field("stock_quantity", &Product::stock_quantity),
            field("attributes", &Product::attributes),
            field("variants", &Product::variants),
            field("created_at", &Product::created_at),
            field("updated_at", &Product::updated_at),
            field("issues", &Product::issues),
            field("raw", &Product::raw)
        );
    }
};

}  // namespace syncline
