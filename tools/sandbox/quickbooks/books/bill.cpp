#include "quickbooks/books/bill.hpp"

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

Json checked_detail_ref(DocumentDraft& draft, const Json& detail, const char* name, Entity target) {
    const Json* ref = member(detail, name);
    if (!ref) {
        draft.errors.push_back(missing(name));
        return nullptr;
    }
    return checked_reference(draft.company, target, *ref, name, "", draft.errors);
}

// Refs and figures of a line's detail, completed.
Json checked_detail(DocumentDraft& draft, const Json& line, const std::string& type, int places) {
    const Json* given = member(line, type);
    if (!given || !given->is_object()) {
        draft.errors.push_back(missing("Line." + type));
        return Json::object();
    }
    Json detail = *given;
    if (type == "AccountBasedExpenseLineDetail")
        detail["AccountRef"] = checked_detail_ref(draft, detail, "AccountRef", Entity::kAccount);
    else
        detail["ItemRef"] = checked_detail_ref(draft, detail, "ItemRef", Entity::kItem);
    const Decimal amount = number_at(line, "Amount");
    const Decimal quantity = member(detail, "Qty") ? number_at(detail, "Qty") : Decimal(1);
    if (member(detail, "UnitPrice") &&
        (quantity * number_at(detail, "UnitPrice")).rounded(places) != amount)
        draft.errors.push_back(wrong_amount(amount.text()));
    if (!detail.contains("BillableStatus"))
        detail["BillableStatus"] = "NotBillable";
    return detail;
}

void read_line(DocumentDraft& draft, const Json& line, int places, Json& lines) {
    const std::string type = text_at(line, "DetailType");
    if (type != "AccountBasedExpenseLineDetail" && type != "ItemBasedExpenseLineDetail") {
        draft.errors.push_back(invalid_enumeration("Line.DetailType", type));
        return;
    }
    const Json* amount = member(line, "Amount");
    if (!amount || !is_number(*amount)) {
        draft.errors.push_back(missing("Line.Amount"));
        return;
    }
    const std::string position = std::to_string(lines.size() + 1);
    Json kept{{"Id", position}, {"LineNum", lines.size() + 1}};
    if (const Json* description = member(line, "Description")) {
        check_text(*description, "Line.Description", 4000, draft.errors);
        kept["Description"] = *description;
    }
    kept["Amount"] = *amount;
    kept["DetailType"] = type;
    kept[type] = checked_detail(draft, line, type, places);
    lines.push_back(std::move(kept));
}

}  // namespace

void complete_bill(DocumentDraft& draft) {
    settle_date(draft);
    settle_number(draft);
    const int places = settle_document_currency(draft, Entity::kVendor, "VendorRef");
    const Json given = draft.doc.value("Line", Json::array());
    if (!given.is_array() || given.empty())
        draft.errors.push_back(missing("Line"));
    Json lines = Json::array();
    Decimal total;
    for (const Json& line : given) {
        read_line(draft, line, places, lines);
        total += number_at(line, "Amount");
    }
    settle_due_date(draft);
    if (total.is_negative())
        draft.errors.push_back(business_rule("The total of a transaction must be 0 or more."));
    if (!draft.doc.contains("APAccountRef"))
        for (const auto& [id, account] : draft.company.table(Entity::kAccount))
            if (text_at(account.doc, "AccountType") == "Accounts Payable")
                draft.doc["APAccountRef"] = {
                    {"value", std::to_string(id)}, {"name", text_at(account.doc, "Name")}};
    draft.doc["Line"] = std::move(lines);
    draft.doc["TotalAmt"] = number(total);
    draft.doc["Balance"] = number(total);
    fill_home_amounts(draft);
}

}  // namespace sandbox::quickbooks
