#include "supabase/canonical.hpp"

#include "supabase/row_lookup.hpp"

namespace syncline::supabase {
namespace {

// Reads the members of one row; what is wrong with them goes to `issues`.
class RowReader {
public:
    RowReader(const Json& row, std::vector<Issue>& issues) : row_(row), issues_(issues) {
        const std::string code = text_of(row, "currency");
        const auto currency = Currency::parse(code);
        if (currency) {
            currency_ = *currency;
        } else if (!code.empty()) {
            issues_.push_back({"CURRENCY_UNKNOWN", "/currency", code});
        }
    }

    const Currency& currency() const { return currency_; }
    std::string text(std::string_view column) const { return text_of(row_, column); }

    bool flag(std::string_view column) const {
        const auto found = row_.find(column);
        return found != row_.end() && found->is_boolean() && found->get<bool>();
    }

    std::optional<Timestamp> time(std::string_view column) const {
        const auto time = Timestamp::parse(text(column));
        return time ? std::optional(*time) : std::nullopt;
    }

    Decimal decimal(std::string_view column) {
        const auto number = Decimal::parse(text(column));
        if (!number) {
            issues_.push_back({"AMOUNT_UNREADABLE", "/" + std::string(column), text(column)});
        }
        return number ? *number : Decimal{};
    }

    Money money(std::string_view column) {
        if (text(column).empty() || currency_.empty()) {
            return Money{0, currency_};
        }
        const Decimal amount = decimal(column);
        const auto exact = Money::from_decimal(amount, currency_);
        if (exact) {
            return *exact;
        }
        const auto rounded = Money::rounded(amount, currency_);
        issues_.push_back(
            {rounded ? "AMOUNT_PRECISION" : "AMOUNT_UNREADABLE",
             "/" + std::string(column),
             text(column)}
        );
        return rounded ? *rounded : Money{0, currency_};
    }

    std::optional<Money> price(std::string_view column) {
        return text(column).empty() ? std::nullopt : std::optional(money(column));
    }

    // A member that encode() wrote from a model, or whatever somebody else put there.
    template <class T>
    T model(std::string_view column) const {
        const auto found = row_.find(column);
        if (found == row_.end() || found->is_null()) {
            return T{};
        }
        T value{};
        const auto read =
            detail::decode_value(*found, value, detail::JsonPlace{}, Unknown::kIgnore);
        return read ? value : T{};
    }

private:
    const Json& row_;
    std::vector<Issue>& issues_;
    Currency currency_;
};

std::string referred(
    const std::map<RowKey, std::string>& ids, const Json& row, std::string_view column
) {
    const auto key = referred_key(row, column);
    const auto found = key ? ids.find(*key) : ids.end();
    return found == ids.end() ? std::string() : found->second;
}

LineItem item_from(const Json& row, const References& references, std::vector<Issue>& issues) {
    RowReader reader(row, issues);
    LineItem line;
    line.id = row_id(row);
    line.product_id = referred(references.products, row, "product_source_id");
    line.variation_id = referred(references.products, row, "variation_source_id");
    line.sku = reader.text("sku");
    line.name = reader.text("name");
    line.quantity = reader.decimal("quantity");
    line.unit_price = reader.text("unit_price").empty() ? Decimal{} : reader.decimal("unit_price");
    line.subtotal = reader.money("subtotal");
    line.subtotal_tax = reader.money("subtotal_tax");
    line.total = reader.money("total");
    line.total_tax = reader.money("total_tax");
    line.tax_class = reader.text("tax_class");
    line.taxes = reader.model<std::vector<LineTax>>("taxes");
    return line;
}

void add_line(Order& order, const Json& row, const References& references) {
    const std::string type = text_of(row, "line_type");
    if (type == "item") {
        order.lines.push_back(item_from(row, references, order.issues));
        return;
    }
    RowReader reader(row, order.issues);
    const auto taxes = reader.model<std::vector<LineTax>>("taxes");
    if (type == "shipping") {
        order.shipping_lines.push_back(
            {row_id(row),
             "",
             reader.text("name"),
             reader.money("total"),
             reader.money("total_tax"),
             taxes}
        );
    } else {
        order.fees.push_back(
            {row_id(row),
             reader.text("name"),
             reader.money("total"),
             reader.money("total_tax"),
             taxes}
        );
    }
}

}  // namespace

std::optional<RowKey> referred_key(const Json& row, std::string_view column) {
    RowKey key{text_of(row, "tenant_id"), text_of(row, "source_system"), text_of(row, column)};
    return key.source_id.empty() ? std::nullopt : std::optional(std::move(key));
}

Order order_from(const Json& row, const std::vector<Json>& lines, const References& references) {
    Order order;
    order.issues = RowReader(row, order.issues).model<std::vector<Issue>>("issues");
    RowReader reader(row, order.issues);
    order.id = row_id(row);
    order.number = reader.text("number");
    order.status = enum_from_name<OrderStatus>(reader.text("status")).value_or(OrderStatus::kOther);
    order.source_status = reader.text("source_status");
    order.payment_status = enum_from_name<PaymentStatus>(reader.text("payment_status"))
                               .value_or(PaymentStatus::kUnpaid);
    order.currency = reader.currency();
    order.created_at = reader.time("source_created_at").value_or(Timestamp{});
    order.updated_at = reader.time("updated_at").value_or(Timestamp{});
    order.paid_at = reader.time("paid_at");
    order.completed_at = reader.time("completed_at");
    order.customer_id = referred(references.customers, row, "customer_source_id");
    order.billing = reader.model<Address>("billing");
    order.shipping = reader.model<Address>("shipping");
    for (const auto& line : lines) {
        add_line(order, line, references);
    }
    order.discounts = reader.model<std::vector<Discount>>("discounts");
    order.tax_lines = reader.model<std::vector<TaxLine>>("tax_lines");
    order.prices_include_tax = reader.flag("prices_include_tax");
    order.discount_total = reader.money("discount_total");
    order.shipping_total = reader.money("shipping_total");
    order.tax_total = reader.money("tax_total");
    order.total = reader.money("total");
    order.payment_method = reader.text("payment_method");
    order.payment_title = reader.text("payment_title");
    order.transaction_id = reader.text("transaction_id");
    order.customer_note = reader.text("customer_note");
    order.refunds = reader.model<std::vector<RefundSummary>>("refunds");
    order.raw = row;
    return order;
}

Customer customer_from(const Json& row) {
    Customer customer;
    customer.issues = RowReader(row, customer.issues).model<std::vector<Issue>>("issues");
    const RowReader reader(row, customer.issues);
    customer.id = row_id(row);
    customer.email = reader.text("email");
    customer.first_name = reader.text("first_name");
    customer.last_name = reader.text("last_name");
    customer.company = reader.text("company");
    customer.phone = reader.text("phone");
    customer.username = reader.text("username");
    customer.role = reader.text("role");
    customer.guest = reader.flag("guest");
    customer.active = reader.flag("active");
    customer.billing = reader.model<Address>("billing");
    customer.shipping = reader.model<Address>("shipping");
    customer.created_at = reader.time("source_created_at");
    customer.updated_at = reader.time("updated_at");
    customer.raw = row;
    return customer;
}

Product product_from(const Json& row, const References& references) {
    Product product;
    product.issues = RowReader(row, product.issues).model<std::vector<Issue>>("issues");
    RowReader reader(row, product.issues);
    product.id = row_id(row);
    product.parent_id = referred(references.products, row, "parent_source_id");
    product.sku = reader.text("sku");
    product.name = reader.text("name");
    product.type = reader.text("type");
    product.status = reader.text("status");
    product.active = reader.flag("active");
    product.description = reader.text("description");
    product.price = reader.price("price");
    product.regular_price = reader.price("regular_price");
    product.sale_price = reader.price("sale_price");
    product.taxable = reader.flag("taxable");
    product.tax_class = reader.text("tax_class");
    product.manage_stock = reader.flag("manage_stock");
    if (!reader.text("stock_quantity").empty()) {
        product.stock_quantity = reader.decimal("stock_quantity");
    }
    product.attributes = reader.model<std::vector<ProductAttribute>>("attributes");
    product.created_at = reader.time("source_created_at");
    product.updated_at = reader.time("updated_at");
    product.raw = row;
    return product;
}

Invoice invoice_from(const Json& row, const References& references) {
    Invoice invoice;
    invoice.issues = RowReader(row, invoice.issues).model<std::vector<Issue>>("issues");
    RowReader reader(row, invoice.issues);
    invoice.id = row_id(row);
    invoice.number = reader.text("number");
    invoice.order_id = referred(references.orders, row, "order_source_id");
    invoice.status = reader.text("status");
    invoice.customer_id = referred(references.customers, row, "customer_source_id");
    invoice.customer_name = reader.text("customer_name");
    invoice.customer_email = reader.text("customer_email");
    invoice.currency = reader.currency();
    invoice.issued_on = reader.text("issued_on");
    invoice.due_on = reader.text("due_on");
    invoice.lines = reader.model<std::vector<LineItem>>("lines");
    invoice.tax_total = reader.money("tax_total");
    invoice.total = reader.money("total");
    invoice.balance = reader.money("balance");
    invoice.created_at = reader.time("source_created_at");
    invoice.updated_at = reader.time("updated_at");
    invoice.raw = row;
    return invoice;
}

}  // namespace syncline::supabase
