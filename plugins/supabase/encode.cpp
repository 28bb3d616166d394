#include "supabase/encode.hpp"

#include <set>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>

#include "supabase/host_rows.hpp"
#include "supabase/own_table.hpp"
#include "supabase/payment_rows.hpp"
#include "supabase/row_parts.hpp"
#include "supabase/tables.hpp"

namespace syncline::supabase {
namespace {

std::string full_name(const Address& address) {
    const std::string name = address.first_name +
                             (address.first_name.empty() || address.last_name.empty() ? "" : " ") +
                             address.last_name;
    return name.empty() ? address.company : name;
}

Document rows_document(
    const EncodeContext& context,
    std::string role,
    std::string_view table,
    const std::string& parent,
    Json rows
) {
    Document document;
    document.role = std::move(role);
    document.entity = table;
    document.natural_key = context.source + ":" + parent;
    document.body = {
        {"tenant_id", context.tenant},
        {"source_system", context.source},
        {kParentMember, parent},
        {kRowsMember, std::move(rows)}};
    return document;
}

Encoded held(std::string code, std::string message) {
    Encoded encoded;
    encoded.hold = Reason{std::move(code), std::move(message)};
    return encoded;
}

// Figures that could not be read must not be taken for zero; rounded ones are worth a word.
std::optional<Reason> unreadable(const std::vector<Issue>& issues, std::vector<Reason>& warnings) {
    for (const auto& issue : issues) {
        const std::string where = issue.path + " is '" + issue.value.substr(0, 60) + "'";
        if (issue.code == "AMOUNT_UNREADABLE" || issue.code == "CURRENCY_UNKNOWN") {
            return Reason{issue.code, where + "; correct it at the source"};
        }
        warnings.push_back({issue.code, where});
    }
    return std::nullopt;
}

Result<Decimal> refunded_total(const Order& order) {
    Decimal sum{0, order.currency.exponent()};
    for (const auto& refund : order.refunds) {
        SYNCLINE_ASSIGN_OR_RETURN(sum, sum.plus(refund.amount.decimal()));
    }
    return sum;
}

Result<Json> order_row(const EncodeContext& context, const Order& order) {
    SYNCLINE_ASSIGN_OR_RETURN(const Decimal refunded, refunded_total(order));
    Json row = key_row(context, order.id);
    row.update({
        {"number", text_or_null(order.number)},
        {"status", std::string(enum_name(order.status))},
        {"source_status", text_or_null(order.source_status)},
        {"payment_status", std::string(enum_name(order.payment_status))},
        {"customer_source_id", text_or_null(order.customer_id)},
        {"customer_email", text_or_null(normalized_email(order.billing.email))},
        {"customer_name", text_or_null(full_name(order.billing))},
        {"billing", address_or_null(order.billing)},
        {"shipping", address_or_null(order.shipping)},
        {"currency", std::string(order.currency.code())},
        {"prices_include_tax", order.prices_include_tax},
        {"discount_total", order.discount_total.to_string()},
        {"shipping_total", order.shipping_total.to_string()},
        {"tax_total", order.tax_total.to_string()},
        {"total", order.total.to_string()},
        {"refunded_total", refunded.to_string()},
        {"payment_method", text_or_null(order.payment_method)},
        {"payment_title", text_or_null(order.payment_title)},
        {"transaction_id", text_or_null(order.transaction_id)},
        {"customer_note", text_or_null(order.customer_note)},
        {"discounts", json_list(order.discounts)},
        {"tax_lines", json_list(order.tax_lines)},
        {"refunds", json_list(order.refunds)},
        {"issues", json_list(order.issues)},
        {"raw", order.raw},
        {"paid_at", time_or_null(order.paid_at)},
        {"completed_at", time_or_null(order.completed_at)},
        {"source_created_at", order.created_at.to_string()},
        {"source_updated_at", order.updated_at.to_string()},
    });
    return row;
}

// The lines of one order as rows, numbered through from 1.
class LineRows {
public:
    LineRows(const EncodeContext& context, const Order& order) : context_(context), order_(order) {}

    Json all() {
        for (const auto& line : order_.lines) {
            add_item(line);
        }
        for (const auto& line : order_.shipping_lines) {
            add_charge("shipping", line.id, line.title, line.total, line.total_tax, line.taxes);
        }
        for (const auto& line : order_.fees) {
            add_charge("fee", line.id, line.name, line.total, line.total_tax, line.taxes);
        }
        return std::move(rows_);
    }

private:
    // The line's id may be missing or, with some sources, stand twice; its place tells it apart
    // then.
    Json begin(const std::string& type, const std::string& id) {
        const std::string prefix = order_.id + ":" + type + ":";
        const std::string position = std::to_string(rows_.size() + 1);
        std::string source_id = prefix + (id.empty() ? "at" + position : id);
        if (!ids_.insert(source_id).second) {
            source_id += ":at" + position;
        }
        Json row = key_row(context_, source_id);
        row.update({
            {"order_source_id", order_.id},
            {"line_type", type},
            {"position", rows_.size() + 1},
            {"currency", std::string(order_.currency.code())},
            {"source_created_at", order_.created_at.to_string()},
        });
        return row;
    }

    void add_item(const LineItem& line) {
        Json row = begin("item", line.id);
        row.update({
            {"product_source_id", text_or_null(line.product_id)},
            {"variation_source_id", text_or_null(line.variation_id)},
            {"sku", text_or_null(line.sku)},
            {"name", text_or_null(line.name)},
            {"quantity", line.quantity.to_string()},
            {"unit_price", line.unit_price.to_string()},
            {"subtotal", line.subtotal.to_string()},
            {"subtotal_tax", line.subtotal_tax.to_string()},
            {"total", line.total.to_string()},
            {"total_tax", line.total_tax.to_string()},
            {"tax_class", text_or_null(line.tax_class)},
            {"taxes", json_list(line.taxes)},
        });
        rows_.push_back(std::move(row));
    }

    void add_charge(
        const std::string& type,
        const std::string& id,
        const std::string& name,
        const Money& total,
        const Money& tax,
        const std::vector<LineTax>& taxes
    ) {
        Json row = begin(type, id);
        row.update({
            {"product_source_id", nullptr},
            {"variation_source_id", nullptr},
            {"sku", nullptr},
            {"name", text_or_null(name)},
            {"quantity", "1"},
            {"unit_price", total.to_string()},
            {"subtotal", nullptr},
            {"subtotal_tax", nullptr},
            {"total", total.to_string()},
            {"total_tax", tax.to_string()},
            {"tax_class", nullptr},
            {"taxes", json_list(taxes)},
        });
        rows_.push_back(std::move(row));
    }

    const EncodeContext& context_;
    const Order& order_;
    Json rows_ = Json::array();
    std::set<std::string> ids_;
};

Result<Encoded> encode_order(const EncodeContext& context, const Order& order) {
    if (order.id.empty()) {
        return held("NO_ID", "the order has no id at its source");
    }
    Encoded encoded;
    encoded.hold = unreadable(order.issues, encoded.warnings);
    if (encoded.hold) {
        return encoded;
    }
    if (order.currency.empty()) {
        return held("CURRENCY_UNKNOWN", "order " + order.id + " has no currency");
    }
    SYNCLINE_ASSIGN_OR_RETURN(Json row, order_row(context, order));
    encoded.documents.push_back(row_document(context, "order", "orders", std::move(row)));
    encoded.documents.back().money = DocumentMoney{order.total, order.tax_total};
    encoded.documents.push_back(rows_document(
        context, "order_lines", "order_lines", order.id, LineRows(context, order).all()
    ));
    return encoded;
}

Result<Encoded> encode_customer(const EncodeContext& context, const Customer& customer) {
    const std::string email = normalized_email(customer.email);
    if (customer.id.empty() && email.empty()) {
        return held("NO_IDENTITY", "the customer has neither an id nor an e-mail");
    }
    Json row = key_row(context, customer.id.empty() ? "guest:" + email : customer.id);
    row.update({
        {"email", text_or_null(email)},
        {"first_name", text_or_null(customer.first_name)},
        {"last_name", text_or_null(customer.last_name)},
        {"company", text_or_null(customer.company)},
        {"phone", text_or_null(customer.phone)},
        {"username", text_or_null(customer.username)},
        {"role", text_or_null(customer.role)},
        {"guest", customer.guest || customer.id.empty()},
        {"active", customer.active},
        {"billing", address_or_null(customer.billing)},
        {"shipping", address_or_null(customer.shipping)},
        {"issues", json_list(customer.issues)},
        {"raw", customer.raw},
        {"source_created_at", time_or_null(customer.created_at)},
        {"source_updated_at", time_or_null(customer.updated_at)},
    });
    Encoded encoded;
    encoded.documents.push_back(row_document(context, "customer", "customers", std::move(row)));
    return encoded;
}

Json product_row(const EncodeContext& context, const Product& product, const std::string& parent) {
    Json currency;
    for (const auto* price : {&product.price, &product.regular_price, &product.sale_price}) {
        if (*price && currency.is_null()) {
            currency = text_or_null(std::string((*price)->currency().code()));
        }
    }
    const auto amount = [](const std::optional<Money>& price) {
        return price ? Json(price->to_string()) : Json();
    };
    Json row = key_row(context, product.id);
    row.update({
        {"parent_source_id", text_or_null(parent)},
        {"sku", text_or_null(product.sku)},
        {"name", product.name},
        {"type", text_or_null(product.type)},
        {"status", text_or_null(product.status)},
        {"active", product.active},
        {"description", text_or_null(product.description)},
        {"currency", currency},
        {"price", amount(product.price)},
        {"regular_price", amount(product.regular_price)},
        {"sale_price", amount(product.sale_price)},
        {"taxable", product.taxable},
        {"tax_class", text_or_null(product.tax_class)},
        {"manage_stock", product.manage_stock},
        {"stock_quantity",
         product.stock_quantity ? Json(product.stock_quantity->to_string()) : Json()},
        {"attributes", json_list(product.attributes)},
        {"issues", json_list(product.issues)},
        {"raw", product.raw},
        {"source_created_at", time_or_null(product.created_at)},
        {"source_updated_at", time_or_null(product.updated_at)},
    });
    return row;
}

Result<Encoded> encode_product(const EncodeContext& context, const Product& product) {
    if (product.id.empty()) {
        return held(
            "NO_ID", "the product '" + product.name.substr(0, 60) + "' has no id at its source"
        );
    }
    Encoded encoded;
    encoded.hold = unreadable(product.issues, encoded.warnings);
    Json variations = Json::array();
    for (const auto& variation : product.variants) {
        if (!encoded.hold) {
            encoded.hold = unreadable(variation.issues, encoded.warnings);
        }
        variations.push_back(product_row(context, variation, product.id));
    }
    if (encoded.hold) {
        return encoded;
    }
    encoded.documents.push_back(row_document(
        context, "product", "products", product_row(context, product, product.parent_id)
    ));
    if (product.parent_id.empty()) {  // a variation that comes on its own has none below it
        encoded.documents.push_back(
            rows_document(context, "variations", "products", product.id, std::move(variations))
        );
    }
    return encoded;
}

Result<Encoded> encode_invoice(const EncodeContext& context, const Invoice& invoice) {
    if (invoice.id.empty()) {
        return held("NO_ID", "the invoice " + invoice.number + " has no id at its source");
    }
    Encoded encoded;
    encoded.hold = unreadable(invoice.issues, encoded.warnings);
    if (encoded.hold) {
        return encoded;
    }
    if (invoice.currency.empty()) {
        return held("CURRENCY_UNKNOWN", "invoice " + invoice.id + " has no currency");
    }
    Json row = key_row(context, invoice.id);
    row.update({
        {"number", text_or_null(invoice.number)},
        {"order_source_id", text_or_null(invoice.order_id)},
        {"status", invoice.status},
        {"customer_source_id", text_or_null(invoice.customer_id)},
        {"customer_name", text_or_null(invoice.customer_name)},
        {"customer_email", text_or_null(normalized_email(invoice.customer_email))},
        {"currency", std::string(invoice.currency.code())},
        {"issued_on", text_or_null(invoice.issued_on)},
        {"due_on", text_or_null(invoice.due_on)},
        {"lines", json_list(invoice.lines)},
        {"tax_total", invoice.tax_total.to_string()},
        {"total", invoice.total.to_string()},
        {"balance", invoice.balance.to_string()},
        {"issues", json_list(invoice.issues)},
        {"raw", invoice.raw},
        {"source_created_at", time_or_null(invoice.created_at)},
        {"source_updated_at", time_or_null(invoice.updated_at)},
    });
    encoded.documents.push_back(row_document(context, "invoice", "invoices", std::move(row)));
    encoded.documents.back().money = DocumentMoney{invoice.total, invoice.tax_total};
    return encoded;
}

template <class Model>
Result<std::vector<Encoded>> encode_all(
    const EncodeRequest& request,
    Result<Encoded> (*encode_one)(const EncodeContext& context, const Model& model)
) {
    std::vector<Encoded> all;
    for (const auto& record : request.records) {
        auto model = from_json<Model>(record);
        auto encoded = model ? encode_one(request.context, *model) : Result<Encoded>(model.error());
        if (!encoded) {
            return Error{
                ErrorCode::kData,
                request.context.entity + " number " + std::to_string(all.size() + 1) +
                    " of the batch: " + encoded.error().message,
                "record.unreadable"};
        }
        all.push_back(std::move(*encoded));
    }
    return all;
}

Error no_table(const EncodeContext& context) {
    const std::string& entity = context.entity;
    const std::string& wanted = context.target_entity;
    const std::string hint =
        entity == "refund"    ? "; refunds come with their order (refunds, refunded_total), or go "
                                "to a table of your own"
        : entity == "payment" ? "; payments go to a table of your own"
                              : "";
    return Error{
        ErrorCode::kUnsupported,
        "Supabase has no table for " + entity + " as " + (wanted.empty() ? entity : wanted) + hint,
        "supabase.no_table"};
}

Result<std::vector<Encoded>> encode_entity(const EncodeRequest& request) {
    const std::string& entity = request.context.entity;
    if (entity == "order") {
        return encode_all<Order>(request, encode_order);
    }
    if (entity == "customer") {
        return encode_all<Customer>(request, encode_customer);
    }
    if (entity == "product") {
        return encode_all<Product>(request, encode_product);
    }
    if (entity == "invoice") {
        return encode_all<Invoice>(request, encode_invoice);
    }
    if (entity == "refund") {
        return encode_all<Refund>(request, encode_refund);
    }
    if (entity == "payment") {
        return encode_all<Payment>(request, encode_payment);
    }
    if (entity == "id_mapping") {
        return encode_all<IdMappingRecord>(request, encode_id_mapping);
    }
    if (entity == "sync_log") {
        return encode_all<SyncLogRecord>(request, encode_sync_log);
    }
    return no_table(request.context);
}

}  // namespace

Result<std::vector<Encoded>> encode_records(const EncodeRequest& request) {
    const std::string& wanted = request.context.target_entity;
    SYNCLINE_ASSIGN_OR_RETURN(const auto own, own_table(request.context));
    const Table* table = find_table(request.context.entity);
    const bool is_entity = table != nullptr && table->entity == request.context.entity;
    const bool fits = own || (is_entity && (wanted.empty() || find_table(wanted) == table));
    if (!fits) {
        return no_table(request.context);
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto encoded, encode_entity(request));
    if (own) {
        for (auto& one : encoded) {
            one = for_own_table(*own, std::move(one));
        }
    }
    return encoded;
}

std::vector<std::string> owned_paths(std::string_view entity) {
    std::vector<std::string> paths{"/tenant_id", "/source_system", "/source_id", "/$key"};
    const Table* table = find_table(entity);
    if (table == nullptr) {
        paths.emplace_back("/amount");
        paths.emplace_back("/currency");
        return paths;
    }
    for (const auto& column : table->columns) {
        const bool whole = table->of_host || column.kind == ColumnKind::kNumber;
        if (whole || column.name == "currency") {
            paths.push_back("/" + std::string(column.name));
        }
    }
    if (entity == "order" || entity == "product") {
        paths.push_back(std::string("/") + kParentMember);
        paths.push_back(std::string("/") + kRowsMember);
    }
    return paths;
}

}  // namespace syncline::supabase
