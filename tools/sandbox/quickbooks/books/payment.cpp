#include "quickbooks/books/payment.hpp"

#include <algorithm>

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

// One line of a payment under check.
struct Link {
    Entity entity = Entity::kInvoice;
    std::int64_t id = 0;
    Decimal amount;
};

// What other payments leave of a document.
Decimal open_amount(const Company& company, const Link& link, std::int64_t payment_id) {
    Decimal open = number_at(company.table(link.entity).at(link.id).doc, "TotalAmt");
    for (const auto& [payment, amount] : company.applied_to(link.id))
        if (payment != payment_id)
            open -= amount;
    return open;
}

void check_target(DocumentDraft& draft, const Record& target) {
    if (text_at(target.doc, "CustomerRef.value") != text_at(draft.doc, "CustomerRef.value"))
        draft.errors.push_back(business_rule("The linked transaction belongs to another customer.")
        );
    if (text_at(target.doc, "CurrencyRef.value") != text_at(draft.doc, "CurrencyRef.value"))
        draft.errors.push_back(business_rule("The linked transaction is in another currency."));
}

std::optional<Link> checked_link(DocumentDraft& draft, const Json& line, int places) {
    const Json* links = member(line, "LinkedTxn");
    if (!links || !links->is_array() || links->size() != 1) {
        draft.errors.push_back(missing("Line.LinkedTxn"));
        return std::nullopt;
    }
    const Json* amount = member(line, "Amount");
    if (!amount || !is_number(*amount)) {
        draft.errors.push_back(missing("Line.Amount"));
        return std::nullopt;
    }
    const Decimal value = decimal(*amount).value_or(Decimal());
    if (value.is_negative() || value.places() > places)
        draft.errors.push_back(invalid_number("Line.Amount", value.text()));
    const std::string type = text_at(links->front(), "TxnType");
    const std::string id = text_at(links->front(), "TxnId");
    const EntityInfo* linked = entity_named(type);
    if (!linked || (linked->entity != Entity::kInvoice && linked->entity != Entity::kCreditMemo)) {
        draft.errors.push_back(other_fault(
            620, "Txn ID Cannot Be Linked", "A payment cannot be linked to " + type + " " + id
        ));
        return std::nullopt;
    }
    const Record* target = draft.company.find(linked->entity, id);
    if (!target) {
        draft.errors.push_back(object_not_found());
        return std::nullopt;
    }
    check_target(draft, *target);
    return Link{linked->entity, *parse_id(id), value};
}

std::vector<Link> checked_links(DocumentDraft& draft, int places) {
    std::vector<Link> links;
    const Json* lines = member(draft.doc, "Line");
    for (const Json& line : lines && lines->is_array() ? *lines : Json::array()) {
        const auto link = checked_link(draft, line, places);
        if (!link)
            continue;
        const bool twice = std::any_of(links.begin(), links.end(), [&](const Link& other) {
            return other.id == link->id;
        });
        if (twice)
            draft.errors.push_back(business_rule("A payment names the same transaction twice."));
        links.push_back(*link);
    }
    return links;
}

Json line_of(const Link& link) {
    const std::string id = std::to_string(link.id);
    const Json noise{
        {"any",
         Json::array(
             {{{"name", "{http://schema.intuit.com/finance/v3}NameValue"},
               {"nil", false},
               {"value", {{"Name", "txnId"}, {"Value", id}}},
               {"declaredType", "com.intuit.schema.finance.v3.NameValue"},
               {"scope", "javax.xml.bind.JAXBElement$GlobalScope"},
               {"globalScope", true},
               {"typeSubstituted", false}}}
         )}};
    return {
        {"Amount", number(link.amount)},
        {"LinkedTxn", Json::array({{{"TxnId", id}, {"TxnType", info(link.entity).name}}})},
        {"LineEx", noise}};
}

// Clips each line to what is open, and finds what is left over.
void settle_application(DocumentDraft& draft, std::vector<Link> links) {
    const Decimal total = number_at(draft.doc, "TotalAmt");
    Decimal asked;
    Decimal left = total;
    Json lines = Json::array();
    for (Link& link : links) {
        const bool credit = link.entity == Entity::kCreditMemo;
        asked += credit ? -link.amount : link.amount;
        link.amount = std::min(link.amount, open_amount(draft.company, link, draft.id));
        left += credit ? link.amount : -link.amount;
        if (!link.amount.is_zero())
            lines.push_back(line_of(link));
    }
    if (asked > total)
        draft.errors.push_back(business_rule(
            "The lines apply " + asked.text() + ", more than the payment of " + total.text() + "."
        ));
    else if (left.is_negative())
        draft.errors.push_back(
            business_rule("The credit that is left does not cover what the lines apply.")
        );
    draft.doc["Line"] = std::move(lines);
    draft.doc["UnappliedAmt"] = number(left);
}

}  // namespace

void complete_payment(DocumentDraft& draft) {
    settle_date(draft);
    const int places = settle_document_currency(draft, Entity::kCustomer, "CustomerRef");
    check_account_currency(draft, "DepositToAccountRef");
    const Decimal total = number_at(draft.doc, "TotalAmt");
    if (total.is_negative() || total.places() > places)
        draft.errors.push_back(invalid_number("TotalAmt", total.text()));
    std::vector<Link> links = checked_links(draft, places);
    if (!draft.errors.empty())
        return;
    settle_application(draft, std::move(links));
    if (!draft.doc.contains("ProcessPayment"))
        draft.doc["ProcessPayment"] = false;
    if (!draft.doc.contains("DepositToAccountRef"))
        for (const auto& [id, account] : draft.company.table(Entity::kAccount))
            if (text_at(account.doc, "AccountSubType") == "UndepositedFunds")
                draft.doc["DepositToAccountRef"] = {{"value", std::to_string(id)}};
    fill_home_amounts(draft);
}

std::vector<std::pair<Entity, std::int64_t>> linked_documents(const Json& payment) {
    std::vector<std::pair<Entity, std::int64_t>> linked;
    for (const Json& line : payment.value("Line", Json::array()))
        for (const Json& link : line.value("LinkedTxn", Json::array()))
            linked.emplace_back(
                entity_named(text_at(link, "TxnType"))->entity, *parse_id(text_at(link, "TxnId"))
            );
    return linked;
}

void note_application(Company& company, std::int64_t payment_id, const Json& payment) {
    company.take_back(payment_id);
    for (const Json& line : payment.value("Line", Json::array()))
        for (const Json& link : line.value("LinkedTxn", Json::array()))
            company.apply(*parse_id(text_at(link, "TxnId")), payment_id, number_at(line, "Amount"));
}

Json credit_application(const Company& company, std::int64_t memo_id, const Json& memo) {
    const std::string customer = text_at(memo, "CustomerRef.value");
    Decimal left = number_at(memo, "RemainingCredit");
    const Decimal credit = left;
    Json lines = Json::array();
    const auto add = [&](Entity entity, std::int64_t id, const Decimal& amount) {
        lines.push_back(
            {{"Amount", number(amount)},
             {"LinkedTxn",
              Json::array({{{"TxnId", std::to_string(id)}, {"TxnType", info(entity).name}}})}}
        );
    };
    for (const auto& [id, invoice] : company.table(Entity::kInvoice)) {
        const Decimal balance = number_at(invoice.doc, "Balance");
        if (invoice.deleted || text_at(invoice.doc, "CustomerRef.value") != customer ||
            balance <= Decimal() || left <= Decimal())
            continue;
        const Decimal amount = std::min(balance, left);
        add(Entity::kInvoice, id, amount);
        left -= amount;
    }
    if (lines.empty())
        return nullptr;
    add(Entity::kCreditMemo, memo_id, credit - left);
    return {{"CustomerRef", {{"value", customer}}}, {"TotalAmt", 0}, {"Line", std::move(lines)}};
}

void void_payment(const Company& company, Json& doc) {
    for (const char* name : {"TotalAmt", "UnappliedAmt", "HomeTotalAmt"})
        if (doc.contains(name))
            doc[name] = 0;
    doc["Line"] = Json::array();
    const std::string note = text_at(doc, "PrivateNote");
    const bool keep = company.options().void_keeps_note && !note.empty();
    doc["PrivateNote"] = keep ? "Voided - " + note : std::string("Voided");
}

}  // namespace sandbox::quickbooks
