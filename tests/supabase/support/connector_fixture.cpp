#include "connector_fixture.hpp"

namespace syncline::test {

Connected::Connected(const Project& project, KeyStyle style, Json settings) {
    host_.secrets["service_role_key"] =
        style == KeyStyle::kSecret ? project.keys().secret : project.keys().service_role;
    host_.on_http = [](const plugin::HttpRequest& request) { return exchange(request); };
    settings["project_url"] = project.url() + "/rest/v1/";
    connector_ = std::make_unique<supabase::SupabaseConnector>(host_.handle(), settings);
}

std::vector<WriteItem> Connected::encode(
    const std::string& entity, const std::vector<Json>& records
) {
    EncodeRequest request;
    request.context.entity = entity;
    request.context.tenant = "acme";
    request.context.source = "woocommerce:shop";
    request.records = records;
    const auto encoded = connector_->encode(call(), request);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    std::vector<WriteItem> items;
    for (const auto& one : encoded ? *encoded : std::vector<Encoded>{}) {
        EXPECT_FALSE(one.documents.empty());
        for (const auto& document : one.documents) {
            WriteItem item;
            item.index = static_cast<std::int64_t>(items.size());
            item.role = document.role;
            item.entity = document.entity;
            item.operation = document.operation;
            item.natural_key = document.natural_key;
            item.body = document.body;
            item.money = document.money;
            items.push_back(std::move(item));
        }
    }
    return items;
}

Connected::Outcome Connected::write(const std::vector<WriteItem>& items) {
    plugin::testing::FakeOutcomes outcomes;
    auto whole = connector_->write(call(), WriteRequest{items}, outcomes.outcomes());
    return {std::move(outcomes.done), std::move(outcomes.failed), std::move(whole)};
}

std::vector<std::string> Connected::requests() {
    std::vector<std::string> lines;
    for (const auto& request : host_.requests) {
        const auto table = request.url.find("/rest/v1/") + 9;
        lines.push_back(
            request.method + " " + request.url.substr(table, request.url.find('?') - table)
        );
    }
    host_.requests.clear();
    return lines;
}

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
