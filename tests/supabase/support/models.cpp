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

Invoice make_invoice(const std::string& id) {
    Invoice invoice;
    invoice.id = id;
    invoice.number = "INV-" + id;
    invoice.order_id = "730";
    invoice.status = "open";
    invoice.currency = currency("USD");
    invoice.issued_on = "2026-11-01";
    invoice.due_on = "2026-11-15";
    invoice.tax_total = money("1.80", "USD");
    invoice.total = invoice.balance = money("24.30", "USD");
    invoice.raw = {{"Id", id}, {"TotalAmt", "24.30"}};
    return invoice;
}

IdMappingRecord make_mapping(const std::string& record_id) {
    IdMappingRecord mapping;
    mapping.source = "woocommerce:shop";
    mapping.entity = "order";
    mapping.record_id = record_id;
    mapping.target = "quickbooks:books";
    mapping.role = "invoice";
    mapping.target_entity = "invoice";
    mapping.target_id = "145";
    mapping.target_version = "3";
    mapping.created_at = Timestamp::parse("2026-11-01T00:00:00Z").value();
    mapping.updated_at = Timestamp::parse("2026-11-02T00:00:00Z").value();
    return mapping;
}

SyncLogRecord make_log(const std::string& id) {
    SyncLogRecord log;
    log.id = id;
    log.flow = "shop-books-orders";
    log.source = "woocommerce:shop";
    log.target = "quickbooks:books";
    log.entity = "order";
    log.mode = "incremental";
    log.status = "completed";
    log.read = log.created = 3;
    log.created_at = Timestamp::parse("2026-11-01T00:00:00Z").value();
    log.started_at = log.created_at;
    log.finished_at = Timestamp::parse("2026-11-01T00:01:00Z").value();
    return log;
}

}  // namespace syncline::test
