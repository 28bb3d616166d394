#include "quickbooks/books/sale.hpp"

#include <algorithm>

#include "quickbooks/books/sales_tax.hpp"
#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

void set_default(Json& doc, const char* name, Json value) {
    if (!doc.contains(name) && !value.is_null())
        doc[name] = std::move(value);
}

void check_parties(DocumentDraft& draft) {
    // Only a sales receipt may do without a customer.
    const bool complained = !draft.errors.empty();
    if (draft.entity != Entity::kSalesReceipt && !draft.doc.contains("CustomerRef") && !complained)
        draft.errors.push_back(missing("CustomerRef"));
    const Json* lines = member(draft.doc, "Line");
    if (!lines || !lines->is_array() || lines->empty())
        draft.errors.push_back(missing("Line"));
    if (draft.entity != Entity::kRefundReceipt)
        return;
    // Where the money of a refund leaves; required (UNCONFIRMED verbatim).
    if (!draft.doc.contains("DepositToAccountRef") && !complained)
        draft.errors.push_back(missing("DepositToAccountRef"));
}

Json customers_own(const DocumentDraft& draft, const char* name) {
    const Record* customer =
        draft.company.find(Entity::kCustomer, text_at(draft.doc, "CustomerRef.value"));
    const Json* own = customer ? member(customer->doc, name) : nullptr;
    return own ? *own : Json();
}

Json undeposited_funds(const Company& company) {
    for (const auto& [id, account] : company.table(Entity::kAccount))
        if (text_at(account.doc, "AccountSubType") == "UndepositedFunds")
            return {{"value", std::to_string(id)}, {"name", text_at(account.doc, "Name")}};
    return nullptr;
}

// What a new document takes over from its customer; a full update does not clear an address, it
// copies it again.
void fill_from_customer(DocumentDraft& draft) {
    set_default(draft.doc, "BillAddr", customers_own(draft, "BillAddr"));
    set_default(draft.doc, "ShipAddr", customers_own(draft, "ShipAddr"));
    if (draft.entity == Entity::kInvoice) {
        set_default(draft.doc, "SalesTermRef", customers_own(draft, "SalesTermRef"));
        const Json* terms = member(draft.company.preferences(), "SalesFormsPrefs.DefaultTerms");
        set_default(draft.doc, "SalesTermRef", terms ? *terms : Json());
        for (const char* name :
             {"AllowIPNPayment",
              "AllowOnlinePayment",
              "AllowOnlineCreditCardPayment",
              "AllowOnlineACHPayment"})
            set_default(draft.doc, name, false);
        settle_due_date(draft);
    }
    if (draft.entity == Entity::kSalesReceipt)
        set_default(draft.doc, "DepositToAccountRef", undeposited_funds(draft.company));
    set_default(draft.doc, "CustomField", Json::array());
    set_default(draft.doc, "FreeFormAddress", true);
    set_default(draft.doc, "ApplyTaxAfterDiscount", true);
    set_default(draft.doc, "PrintStatus", "NeedToPrint");
    set_default(draft.doc, "EmailStatus", "NotSet");
}

LineRules rules_of(DocumentDraft& draft, int places) {
    LineRules rules;
    rules.tax = draft.company.tax_mode();
    rules.places = places;
    if (rules.tax != TaxMode::kElsewhere) {
        draft.doc.erase("GlobalTaxCalculation");  // has no meaning in the US
        return rules;
    }
    const std::string calculation = text_at(draft.doc, "GlobalTaxCalculation");
    if (calculation.empty())
        draft.errors.push_back(missing("GlobalTaxCalculation"));
    rules.inclusive = calculation == "TaxInclusive";
    rules.not_applicable = calculation == "NotApplicable";
    return rules;
}

void check_stock_dates(DocumentDraft& draft) {
    const std::string date = text_at(draft.doc, "TxnDate");
    for (const Json& line : draft.doc["Line"]) {
        const Record* item =
            draft.company.find(Entity::kItem, text_at(line, "SalesItemLineDetail.ItemRef.value"));
        const std::string start = item ? text_at(item->doc, "InvStartDate") : "";
        if (item && text_at(item->doc, "Type") == "Inventory" && date < start)
            draft.errors.push_back(other_fault(
                6270,
                "Inventory transaction dated before item start date",
                text_at(item->doc, "Name") + " is tracked since " + start + "."
            ));
    }
}

void settle_total(DocumentDraft& draft, const SaleLines& lines) {
    const Decimal total = lines.subtotal - lines.discount + lines.shipping +
                          number_at(draft.doc, "TxnTaxDetail.TotalTax");
    draft.doc["TotalAmt"] = number(total);
    fill_balance(draft.company, draft.entity, draft.id, draft.doc);
    const bool overpaid = number_at(draft.doc, "Balance").is_negative() ||
                          number_at(draft.doc, "RemainingCredit").is_negative();
    if (total.is_negative())
        draft.errors.push_back(business_rule(
            "The total of a transaction must be 0 or more; this one is " + total.text() + "."
        ));
    else if (overpaid)
        draft.errors.push_back(
            business_rule("The total cannot be less than what payments already apply to it.")
        );
    fill_home_amounts(draft);
}

}  // namespace

void complete_sale(DocumentDraft& draft, const Json* tax, bool& tax_given) {
    check_parties(draft);
    settle_date(draft);
    settle_number(draft);
    const int places = settle_document_currency(draft, Entity::kCustomer, "CustomerRef");
    check_account_currency(draft, "DepositToAccountRef");
    fill_from_customer(draft);
    const LineRules rules = rules_of(draft, places);
    const Json* given_lines = member(draft.doc, "Line");
    if (!given_lines || !given_lines->is_array())
        return;
    SaleLines lines = checked_lines(
        draft.company,
        rules,
        *given_lines,
        draft.before ? &draft.before->doc : nullptr,
        draft.errors
    );
    if (!draft.errors.empty())
        return;
    draft.doc.erase("TxnTaxDetail");
    Json tax_detail =
        settle_tax(TaxCase{draft.company, rules, draft.doc, tax}, lines, tax_given, draft.errors);
    if (!tax_detail.is_null())
        draft.doc["TxnTaxDetail"] = std::move(tax_detail);
    draft.doc["Line"] = lines.lines;
    check_stock_dates(draft);
    settle_total(draft, lines);
}

void fill_balance(const Company& company, Entity entity, std::int64_t id, Json& doc) {
    if (entity == Entity::kEstimate)
        return;
    Decimal applied;
    Json links = Json::array();
    for (const auto& [payment, amount] : company.applied_to(id)) {
        applied += amount;
        links.push_back({{"TxnId", std::to_string(payment)}, {"TxnType", "Payment"}});
    }
    const Decimal open = number_at(doc, "TotalAmt") - applied;
    doc["Balance"] = entity == Entity::kInvoice ? number(open) : Json(0);
    if (entity == Entity::kCreditMemo)
        doc["RemainingCredit"] = number(open);
    if (entity == Entity::kInvoice || !links.empty())
        doc["LinkedTxn"] = std::move(links);
}

void void_sale(const Company& company, Json& doc) {
    for (Json& line : doc["Line"]) {
        if (line.contains("Amount"))
            line["Amount"] = 0;
        const auto detail = line.find("SalesItemLineDetail");
        if (detail == line.end())
            continue;
        for (const char* name : {"UnitPrice", "Qty", "TaxInclusiveAmt"})
            if (detail->contains(name))
                (*detail)[name] = 0;
    }
    if (doc.contains("TxnTaxDetail"))
        doc["TxnTaxDetail"] = {{"TotalTax", 0}};
    for (const char* name : {"TotalAmt", "Balance", "HomeTotalAmt", "HomeBalance"})
        if (doc.contains(name))
            doc[name] = 0;
    const std::string note = text_at(doc, "PrivateNote");
    const bool keep = company.options().void_keeps_note && !note.empty();
    doc["PrivateNote"] = keep ? "Voided - " + note : std::string("Voided");
}

void move_stock(Company& company, Entity entity, const Json& doc, int sign) {
    if (entity == Entity::kEstimate)
        return;
    const bool returns = entity == Entity::kCreditMemo || entity == Entity::kRefundReceipt;
    const Decimal direction(returns ? -sign : sign);
    for (const Json& line : doc.value("Line", Json::array())) {
        const Json* detail = member(line, "SalesItemLineDetail");
        Record* item =
            detail ? company.find(Entity::kItem, text_at(*detail, "ItemRef.value")) : nullptr;
        if (!item || text_at(item->doc, "Type") != "Inventory")
            continue;
        // Without a quantity one piece moves.
        const Json* given = member(*detail, "Qty");
        const Decimal quantity = given ? number_at(*detail, "Qty") : Decimal(1);
        item->doc["QtyOnHand"] = number(number_at(item->doc, "QtyOnHand") + quantity * direction);
    }
}

}  // namespace sandbox::quickbooks
