#include "models.hpp"

namespace syncline::test {

Currency currency(const std::string& code) {
    return Currency::parse(code).value();
}

Money money(const std::string& amount, const std::string& code) {
    return Money::parse(amount, currency(code)).value();
}

Order make_order(const std::string& id, int lines, const std::string& code) {
    Order order;
    order.id = id;
    order.number = "N" + id;
    order.status = OrderStatus::kCompleted;
    order.source_status = "completed";
    order.payment_status = PaymentStatus::kPaid;
    order.currency = currency(code);
    order.created_at = Timestamp::parse("2026-11-01T10:00:00Z").value();
    order.updated_at = Timestamp::parse("2026-11-02T10:00:00Z").value();
    order.paid_at = order.updated_at;
    order.billing.first_name = "Ann";
    order.billing.last_name = "Example";
    order.billing.email = " Ann@Shop.example";
    order.total = order.tax_total = order.discount_total = money("0.00", code);
    for (int i = 1; i <= lines; ++i) {
        LineItem line;
        line.id = id + std::to_string(i);
        line.product_id = std::to_string(100 + i);
        line.sku = "SKU-" + std::to_string(i);
        line.name = "Thing, \"no. " + std::to_string(i) + "\" (ä€)";
        line.quantity = Decimal{2, 0};
        line.unit_price = Decimal{500, 2};
        line.subtotal = line.total = money("10.00", code);
        line.subtotal_tax = line.total_tax = money("0.80", code);
        line.taxes = {{"1", Decimal{8000, 4}}};
        order.total += line.total + line.total_tax;
        order.tax_total += line.total_tax;
        order.lines.push_back(line);
    }
    ShippingLine shipping;
    shipping.id = id + "9";
    shipping.title = "Parcel";
    shipping.total = order.shipping_total = money("2.50", code);
    shipping.total_tax = money("0.20", code);
    order.total += shipping.total + shipping.total_tax;
    order.tax_total += shipping.total_tax;
    order.shipping_lines.push_back(shipping);
    order.raw = {{"id", std::stoi(id)}, {"note", "ä\"\\\n"}, {"total", order.total.to_string()}};
    return order;
}

Product make_product(const std::string& id, const std::vector<std::string>& variation_ids) {
    Product product;
    product.id = id;
    product.sku = "P-" + id;
    product.name = "Product " + id;
    product.type = variation_ids.empty() ? "simple" : "variable";
    product.price = money("19.90", "EUR");
    for (const auto& variation_id : variation_ids) {
        Product variation = make_product(variation_id, {});
        variation.parent_id = id;
        variation.type = "variation";
        product.variants.push_back(std::move(variation));
    }
    return product;
}

}  // namespace syncline::test
