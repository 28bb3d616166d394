#include "quickbooks/source/models.hpp"

#include <algorithm>
#include <utility>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>

#include "quickbooks/entities.hpp"
#include "quickbooks/remote/verify.hpp"
#include "quickbooks/source/reading.hpp"

namespace syncline::quickbooks {
namespace {

// What a transaction is worth nothing for: a target must not take its 0.00 for a sale.
void note_void(const Json& object, Reading& reading) {
    if (is_voided(object)) {
        reading.note("VOIDED", "/PrivateNote", text_at(object, "PrivateNote"));
    }
}

std::optional<Json> customer(const Json& object, Currency /*home*/) {
    Customer customer;
    customer.id = text_at(object, "Id");
    customer.email = first_email(object, "PrimaryEmailAddr");
    customer.first_name = text_at(object, "GivenName");
    customer.last_name = text_at(object, "FamilyName");
    customer.company = text_at(object, "CompanyName");
    if (customer.first_name.empty() && customer.last_name.empty() && customer.company.empty()) {
        customer.company = text_at(object, "DisplayName");
    }
    customer.phone = text_at(child_at(object, "PrimaryPhone"), "FreeFormNumber");
    customer.active = flag_at(object, "Active", true);
    customer.billing = address_of(child_at(object, "BillAddr"));
    customer.shipping = address_of(child_at(object, "ShipAddr"));
    customer.created_at = created_at(object);
    customer.updated_at = changed_at(object);
    customer.raw = object;
    return to_json(customer);
}

std::optional<Json> product(const Json& object, Currency home) {
    if (text_at(object, "Type") == "Category") {
        return std::nullopt;
    }
    Reading reading = reading_of(object, home);
    Product product;
    product.id = text_at(object, "Id");
    product.parent_id = reference_at(object, "ParentRef");
    product.sku = text_at(object, "Sku");
    product.name = text_at(object, "Name");
    product.type = text_at(object, "Type");
    product.active = flag_at(object, "Active", true);
    product.status = product.active ? "active" : "inactive";
    product.description = text_at(object, "Description");
    if (object.contains("UnitPrice")) {
        product.price = product.regular_price = reading.money(object, "UnitPrice", "/UnitPrice");
    }
    product.taxable = flag_at(object, "Taxable", false);
    product.manage_stock = flag_at(object, "TrackQtyOnHand", false);
    if (product.manage_stock) {
        product.stock_quantity = number_at(object, "QtyOnHand");
    }
    product.created_at = created_at(object);
    product.updated_at = changed_at(object);
    product.issues = std::move(reading.issues);
    product.raw = object;
    return to_json(product);
}

// Invoices and sales receipts; the latter are paid when they are made.
Invoice sale(const Json& object, Currency home) {
    Reading reading = reading_of(object, home);
    Invoice invoice;
    invoice.id = text_at(object, "Id");
    invoice.number = text_at(object, "DocNumber");
    invoice.order_id = marked_record(text_at(object, "PrivateNote"));
    invoice.customer_id = reference_at(object, "CustomerRef");
    invoice.customer_name = text_at(child_at(object, "CustomerRef"), "name");
    invoice.customer_email = first_email(object, "BillEmail");
    invoice.currency = reading.currency;
    invoice.issued_on = text_at(object, "TxnDate");
    invoice.due_on = text_at(object, "DueDate");
    invoice.lines = all_lines(sale_lines(object, reading));
    const Json& tax = child_at(object, "TxnTaxDetail");
    invoice.tax_total = reading.money(tax, "TotalTax", "/TxnTaxDetail/TotalTax");
    invoice.total = reading.money(object, "TotalAmt", "/TotalAmt");
    invoice.balance = reading.money(object, "Balance", "/Balance");
    invoice.created_at = created_at(object);
    invoice.updated_at = changed_at(object);
    invoice.status = is_voided(object) ? "void" : invoice.balance.is_zero() ? "paid" : "open";
    Money parts = invoice.tax_total;
    for (const auto& line : invoice.lines) {
        parts += line.total;
    }
    if (!(parts == invoice.total)) {
        reading.note("AMOUNT_MISMATCH", "/TotalAmt", invoice.total.to_string());
    }
    note_void(object, reading);
    invoice.issues = std::move(reading.issues);
    invoice.raw = object;
    return invoice;
}

std::optional<Json> invoice(const Json& object, Currency home) {
    return to_json(sale(object, home));
}

// A day in the company's zone as an instant that is on this day almost everywhere.
Timestamp noon_of(const std::string& day) {
    const auto noon = Timestamp::parse(day + "T12:00:00Z");
    return noon ? *noon : Timestamp{};
}

std::string first_invoice(const Json& object) {
    for (const auto& line : child_at(object, "Line")) {
        for (const auto& linked : child_at(line, "LinkedTxn")) {
            if (text_at(linked, "TxnType") == "Invoice") {
                return text_at(linked, "TxnId");
            }
        }
    }
    return {};
}

std::optional<Json> payment(const Json& object, Currency home) {
    Reading reading = reading_of(object, home);
    Payment payment;
    payment.id = text_at(object, "Id");
    payment.order_id = marked_record(text_at(object, "PrivateNote"));
    payment.invoice_id = first_invoice(object);
    payment.customer_id = reference_at(object, "CustomerRef");
    payment.amount = reading.money(object, "TotalAmt", "/TotalAmt");
    const std::string method = text_at(child_at(object, "PaymentMethodRef"), "name");
    payment.method = method.empty() ? reference_at(object, "PaymentMethodRef") : method;
    payment.transaction_id = text_at(object, "PaymentRefNum");
    payment.paid_at = noon_of(text_at(object, "TxnDate"));
    note_void(object, reading);
    payment.issues = std::move(reading.issues);
    payment.raw = object;
    return to_json(payment);
}

std::optional<Json> refund(const Json& object, Currency home) {
    Reading reading = reading_of(object, home);
    Refund refund;
    refund.id = text_at(object, "Id");
    const std::string note = text_at(object, "PrivateNote");
    refund.order_id = marked_record(note);
    refund.reason = text_at(child_at(object, "CustomerMemo"), "value");
    refund.amount = reading.money(object, "TotalAmt", "/TotalAmt");
    refund.payment_returned = !is_voided(object);
    refund.created_at = created_at(object).value_or(Timestamp{});
    SaleLines lines = sale_lines(object, reading);
    refund.lines = std::move(lines.items);
    refund.shipping_lines = std::move(lines.shipping);
    refund.tax_lines = tax_lines(object, reading);
    note_void(object, reading);
    refund.issues = std::move(reading.issues);
    refund.raw = object;
    return to_json(refund);
}

std::optional<Json> credit_memo(const Json& object, Currency home) {
    auto record = refund(object, home);
    (*record)["payment_returned"] = false;  // it is owed, or was taken off another invoice
    return record;
}

std::optional<Json> native(const Json& object, Currency /*home*/) {
    Json record{{"id", text_at(object, "Id")}, {"raw", object}};
    for (const char* member : {"DisplayName", "Name", "CompanyName", "DocNumber"}) {
        if (const std::string name = text_at(object, member); !name.empty()) {
            record["name"] = name;
            break;
        }
    }
    if (const auto changed = changed_at(object)) {
        record["updated_at"] = changed->to_string();
    }
    return record;
}

// The entities that have no model of ours, from their rows.
std::vector<SourceEntity> with_native(std::vector<SourceEntity> all) {
    for (const auto& facts : entities()) {
        if (facts.native) {
            all.push_back(
                {facts.canonical,
                 facts.type,
                 facts.transaction,
                 native,
                 facts.has_active,
                 facts.in_changes}
            );
        }
    }
    return all;
}

}  // namespace

bool is_deleted(const Json& object) {
    return text_at(object, "status") == "Deleted";
}

std::optional<std::string> record_text(
    const SourceEntity& entity, const Json& object, Currency home
) {
    if (is_deleted(object)) {
        return std::string();
    }
    const auto model = entity.record(object, home);
    return model ? std::optional(dump_json(*model)) : std::nullopt;
}

const std::vector<SourceEntity>& source_entities() {
    static const std::vector<SourceEntity> kEntities = with_native({
        {"customer", "Customer", false, customer},
        {"product", "Item", false, product},
        {"invoice", "Invoice", true, invoice},
        {"sales_receipt", "SalesReceipt", true, invoice},
        {"payment", "Payment", true, payment},
        {"refund", "RefundReceipt", true, refund},
        {"credit_memo", "CreditMemo", true, credit_memo},
    });
    return kEntities;
}

const SourceEntity* find_source_entity(std::string_view entity) {
    const auto& all = source_entities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const SourceEntity& one) {
        return one.entity == entity;
    });
    return found == all.end() ? nullptr : &*found;
}

}  // namespace syncline::quickbooks
