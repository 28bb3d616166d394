#include "woocommerce/convert_parts.hpp"

#include <algorithm>

#include <syncline/record.hpp>

namespace syncline::woocommerce {
namespace {

Money signed_money(const SourceObject& source, std::string_view name, Sign sign) {
    const Money amount = source.money(name);
    return sign == Sign::kNegated ? -amount : amount;
}

Decimal signed_decimal(const Decimal& number, Sign sign) {
    return sign == Sign::kNegated ? number.negated() : number;
}

std::vector<LineTax> read_line_taxes(const SourceObject& source, Sign sign) {
    std::vector<LineTax> taxes;
    for (const auto& tax : source.list("taxes")) {
        taxes.push_back({tax.id("id"), signed_decimal(tax.decimal("total"), sign)});
    }
    return taxes;
}

std::string id_text(const Json& object) {
    const auto id = object.is_object() ? object.find("id") : object.end();
    if (!object.is_object() || id == object.end()) {
        return {};
    }
    return id->is_string() ? id->get<std::string>() : dump_json(*id);
}

}  // namespace

Address read_address(const SourceObject& source) {
    Address address;
    address.first_name = source.title("first_name");
    address.last_name = source.title("last_name");
    address.company = source.title("company");
    address.line1 = source.title("address_1");
    address.line2 = source.title("address_2");
    address.city = source.title("city");
    address.state = source.text("state");
    address.postcode = source.text("postcode");
    address.country = source.text("country");
    address.phone = source.text("phone");
    address.email = source.text("email");
    return address;
}

std::vector<LineItem> read_lines(const SourceObject& source, Sign sign) {
    std::vector<LineItem> lines;
    for (const auto& item : source.list("line_items")) {
        LineItem line;
        line.id = item.id("id");
        line.product_id = item.id("product_id");
        line.variation_id = item.id("variation_id");
        line.sku = item.text("sku");
        line.name = item.title("name");
        line.parent_name = item.title("parent_name");
        line.quantity = signed_decimal(item.decimal("quantity"), sign);
        // Its sign in a refund line differs between versions of the shop.
        line.unit_price =
            sign == Sign::kNegated ? item.derived("price").abs() : item.derived("price");
        line.subtotal = signed_money(item, "subtotal", sign);
        line.subtotal_tax = signed_money(item, "subtotal_tax", sign);
        line.total = signed_money(item, "total", sign);
        line.total_tax = signed_money(item, "total_tax", sign);
        line.tax_class = item.text("tax_class");
        line.taxes = read_line_taxes(item, sign);
        lines.push_back(std::move(line));
    }
    return lines;
}

std::vector<ShippingLine> read_shipping_lines(const SourceObject& source, Sign sign) {
    std::vector<ShippingLine> lines;
    for (const auto& item : source.list("shipping_lines")) {
        lines.push_back(
            {item.id("id"),
             item.text("method_id"),
             item.title("method_title"),
             signed_money(item, "total", sign),
             signed_money(item, "total_tax", sign),
             read_line_taxes(item, sign)}
        );
    }
    return lines;
}

std::vector<FeeLine> read_fees(const SourceObject& source, Sign sign) {
    std::vector<FeeLine> fees;
    for (const auto& item : source.list("fee_lines")) {
        fees.push_back(
            {item.id("id"),
             item.title("name"),
             signed_money(item, "total", sign),
             signed_money(item, "total_tax", sign),
             read_line_taxes(item, sign)}
        );
    }
    return fees;
}

std::vector<TaxLine> read_tax_lines(const SourceObject& source, Sign sign) {
    std::vector<TaxLine> lines;
    for (const auto& item : source.list("tax_lines")) {
        lines.push_back(
            {item.id("rate_id"),
             item.title("label"),
             item.derived("rate_percent"),
             item.flag("compound"),
             signed_money(item, "tax_total", sign),
             signed_money(item, "shipping_tax_total", sign)}
        );
    }
    return lines;
}

bool source_id_less(const Json& a, const Json& b) {
    return id_less(id_text(a), id_text(b));
}

Json stable_form(Json source) {
    if (!source.is_object()) {
        return source;
    }
    source.erase("_links");
    source.erase("related_ids");
    const auto refunds = source.find("refunds");
    if (refunds != source.end() && refunds->is_array()) {
        std::stable_sort(refunds->begin(), refunds->end(), source_id_less);
    }
    return source;
}

}  // namespace syncline::woocommerce
