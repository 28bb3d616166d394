#include "quickbooks/books/life_cycle.hpp"

#include <algorithm>

#include "quickbooks/books/bill.hpp"
#include "quickbooks/books/lists.hpp"
#include "quickbooks/books/payment.hpp"
#include "quickbooks/books/sale.hpp"
#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

bool is_document(Entity entity) {
    return info(entity).family == Family::kSale || info(entity).family == Family::kOther;
}

// What a document adds to what its customer or vendor owes.
Decimal owed(Entity entity, const Record& record) {
    if (record.deleted)
        return {};
    if (entity == Entity::kInvoice || entity == Entity::kBill)
        return number_at(record.doc, "Balance");
    if (entity == Entity::kCreditMemo)
        return -number_at(record.doc, "RemainingCredit");
    return entity == Entity::kPayment ? -number_at(record.doc, "UnappliedAmt") : Decimal();
}

void add_to_balance(Company& company, Entity entity, const Record& record, int sign) {
    const Decimal amount = owed(entity, record) * Decimal(sign);
    const bool bill = entity == Entity::kBill;
    Record* party = company.find(
        bill ? Entity::kVendor : Entity::kCustomer,
        text_at(record.doc, bill ? "VendorRef.value" : "CustomerRef.value")
    );
    if (!party || amount.is_zero())
        return;
    for (const char* name : {"Balance", "BalanceWithJobs"})
        if (party->doc.contains(name))
            party->doc[name] = number(number_at(party->doc, name) + amount);
}

// The one way a document changes: what it did to stock and balances is undone and done anew.
void replace_document(Company& company, Entity entity, std::int64_t id, Record next) {
    const auto before = company.table(entity).find(id);
    const bool sale = info(entity).family == Family::kSale;
    if (before != company.table(entity).end()) {
        add_to_balance(company, entity, before->second, -1);
        if (sale)
            move_stock(company, entity, before->second.doc, +1);
    }
    add_to_balance(company, entity, next, +1);
    if (sale && !next.deleted)
        move_stock(company, entity, next.doc, -1);
    company.put(entity, id, std::move(next));
}

// Gives linked documents the balance that follows from the payments now applied.
void refresh_links(
    Company& company, std::vector<std::pair<Entity, std::int64_t>> linked, Millis now
) {
    std::sort(linked.begin(), linked.end());
    linked.erase(std::unique(linked.begin(), linked.end()), linked.end());
    for (const auto& [entity, id] : linked) {
        Record next = company.table(entity).at(id);
        const Json before = next.doc;
        fill_balance(company, entity, id, next.doc);
        if (next.doc == before)
            continue;
        if (next.doc.contains("HomeBalance"))
            next.doc["HomeBalance"] =
                number((number_at(next.doc, "Balance") * number_at(next.doc, "ExchangeRate"))
                           .rounded(currency_places(company.home_currency())));
        renew(next.doc, now);
        next.changed = now;
        replace_document(company, entity, id, std::move(next));
    }
}

void relink(
    Company& company, std::int64_t payment_id, const Record* before, const Record* after, Millis now
) {
    std::vector<std::pair<Entity, std::int64_t>> linked;
    for (const Record* record : {before, after}) {
        if (!record)
            continue;
        const auto documents = linked_documents(record->doc);
        linked.insert(linked.end(), documents.begin(), documents.end());
    }
    company.take_back(payment_id);
    if (after)
        note_application(company, payment_id, after->doc);
    refresh_links(company, std::move(linked), now);
}

// One write under way.
struct Job {
    Company& company;
    const Write& write;
    Millis now;
    Record before{};  // empty for a new object
    std::int64_t id = 0;
    Errors errors{};

    const Record* old() const { return write.action == Action::kCreate ? nullptr : &before; }
    bool fail(Error error) {
        errors.push_back(std::move(error));
        return false;
    }
};

// Finds what is to be changed and whether the caller may.
bool find_target(Job& job) {
    const Json& body = job.write.body;
    const Json* id = member(body, "Id");
    if (!id)
        return job.fail(missing("Id"));
    if (!id->is_string() || !parse_id(id->get<std::string>()))
        return job.fail(invalid_id(print(*id)));
    const Record* found = job.company.find(job.write.entity, id->get<std::string>());
    if (!found)
        return job.fail(object_not_found());
    job.before = *found;
    job.id = *parse_id(id->get<std::string>());
    if (job.write.by_hand)
        return true;
    const Json* token = member(body, "SyncToken");
    if (!token)
        return job.fail(missing("SyncToken"));
    if (!token->is_string())
        return job.fail(unknown_property("SyncToken"));
    if (token->get<std::string>() != text_at(found->doc, "SyncToken"))
        return job.fail(stale_object());
    if (found->deposited)
        return job.fail(deposited());
    if (is_document(job.write.entity) &&
        in_closed_period(job.company, text_at(found->doc, "TxnDate")))
        return job.fail(period_closed());
    return true;
}

bool is_sparse(const Write& write) {
    return write.by_hand || flag_at(write.body, "sparse", false);
}

// The members the object shall have: all of the body, or over the old ones what the body brings.
Json wanted_members(const Job& job) {
    if (!job.old() || !is_sparse(job.write))
        return job.write.body;
    Json merged = job.before.doc;
    for (const auto& [name, value] : job.write.body.items())
        if (!value.is_null())
            merged[name] = value;
    return merged;
}

// The tax to honour: the caller's, or the caller's of before while the lines stay as they are.
Json tax_to_honour(const Job& job) {
    const Json& body = job.write.body;
    if (const Json* given = member(body, "TxnTaxDetail"))
        return *given;
    const bool kept =
        job.old() && is_sparse(job.write) && !body.contains("Line") && job.before.tax_given;
    return kept ? job.before.doc.value("TxnTaxDetail", Json()) : Json();
}

void complete(Job& job, Json& doc, bool& tax_given) {
    const Entity entity = job.write.entity;
    if (!is_document(entity)) {
        complete_list_object(job.company, entity, job.id, job.old(), doc, job.errors);
        return;
    }
    DocumentDraft draft{
        job.company,
        entity,
        job.id,
        job.old(),
        doc,
        job.now,
        job.write.by_hand,
        // Sales documents have no way round a duplicate number.
        job.write.duplicate_number_ok && entity == Entity::kBill,
        job.errors};
    if (entity == Entity::kPayment)
        return complete_payment(draft);
    if (entity == Entity::kBill)
        return complete_bill(draft);
    const Json tax = tax_to_honour(job);
    complete_sale(draft, tax.is_null() ? nullptr : &tax, tax_given);
}

Json with_header(const Job& job, Json doc) {
    const std::string created =
        job.old() ? text_at(job.before.doc, "MetaData.CreateTime") : server_time(job.now);
    const auto version = parse_id(text_at(job.before.doc, "SyncToken"));
    Json whole{
        {"domain", "QBO"},
        {"sparse", false},
        {"Id", std::to_string(job.id)},
        {"SyncToken", std::to_string(version ? *version + 1 : 0)},
        {"MetaData", {{"CreateTime", created}, {"LastUpdatedTime", server_time(job.now)}}}};
    whole.update(doc);
    return whole;
}

void store(Job& job, Record next) {
    next.changed = job.now;
    if (!is_document(job.write.entity)) {
        job.company.put(job.write.entity, job.id, std::move(next));
        return;
    }
    const Record after = next;
    replace_document(job.company, job.write.entity, job.id, std::move(next));
    if (job.write.entity == Entity::kPayment)
        relink(job.company, job.id, job.old(), after.deleted ? nullptr : &after, job.now);
}

void apply_new_credit(Job& job) {
    if (job.write.entity != Entity::kCreditMemo || job.old() ||
        !flag_at(job.company.preferences(), "SalesFormsPrefs.AutoApplyCredit", false))
        return;
    const Json body = credit_application(
        job.company, job.id, job.company.table(Entity::kCreditMemo).at(job.id).doc
    );
    if (!body.is_null())
        carry_out(
            job.company, Write{Action::kCreate, Entity::kPayment, body, false, true}, job.now
        );
}

Outcome save(Job& job) {
    const Entity entity = job.write.entity;
    Json doc = checked_members(
        job.company, entity, wanted_members(job), job.old() ? &job.before.doc : nullptr, job.errors
    );
    bool tax_given = false;
    complete(job, doc, tax_given);
    if (job.errors.empty() && job.before.voided && !number_at(doc, "TotalAmt").is_zero())
        job.fail(business_rule("A voided transaction cannot get amounts again."));
    if (!job.errors.empty())
        return {Json(), std::move(job.errors)};
    if (!job.old())
        job.id = job.company.next_id(entity);
    Record next = job.before;
    next.doc = with_header(job, std::move(doc));
    next.tax_given = tax_given;
    store(job, std::move(next));
    apply_new_credit(job);
    return {job.company.table(entity).at(job.id).doc, {}};
}

Outcome erase(Job& job) {
    const EntityInfo& entity = info(job.write.entity);
    if (!is_document(entity.entity))
        return Outcome::fault(unsupported_operation("delete of " + std::string(entity.name)));
    if (!find_target(job))
        return {Json(), std::move(job.errors)};
    if (!job.company.applied_to(job.id).empty())
        return Outcome::fault(business_rule(
            "The transaction is linked to a payment and cannot be deleted; delete or unlink the "
            "payment first."
        ));
    Record next = job.before;
    next.deleted = true;
    renew(next.doc, job.now);
    store(job, std::move(next));
    return {{{"status", "Deleted"}, {"domain", "QBO"}, {"Id", std::to_string(job.id)}}, {}};
}

// Whether an invoice with payments can be voided is UNCONFIRMED; it cannot be deleted, so it is
// refused here too.
Outcome make_void(Job& job) {
    if (!find_target(job))
        return {Json(), std::move(job.errors)};
    if (!job.company.applied_to(job.id).empty())
        return Outcome::fault(
            business_rule("The transaction is linked to a payment and cannot be voided.")
        );
    Record next = job.before;
    next.voided = true;
    next.tax_given = false;
    if (job.write.entity == Entity::kPayment)
        void_payment(job.company, next.doc);
    else
        void_sale(job.company, next.doc);
    renew(next.doc, job.now);
    store(job, next);
    return {next.doc, {}};
}

}  // namespace

void renew(Json& doc, Millis now) {
    const auto version = parse_id(text_at(doc, "SyncToken")).value_or(0);
    doc["SyncToken"] = std::to_string(version + 1);
    doc["MetaData"]["LastUpdatedTime"] = server_time(now);
}

Outcome carry_out(Company& company, const Write& write, Millis now) {
    const EntityInfo& entity = info(write.entity);
    if (entity.family == Family::kReadOnly)
        return Outcome::fault(unsupported_operation("write of " + std::string(entity.name)));
    if (!write.body.is_object())
        return Outcome::fault(unknown_property(entity.name));
    Job job{company, write, now};
    switch (write.action) {
        case Action::kCreate:
            return save(job);
        case Action::kUpdate:
            return find_target(job) ? save(job) : Outcome{Json(), std::move(job.errors)};
        case Action::kDelete:
            return erase(job);
        case Action::kVoid:
            break;
    }
    return make_void(job);
}

void change_preferences(Company& company, const Json& changes, Millis now) {
    Record record = company.table(Entity::kPreferences).at(1);
    record.doc.merge_patch(changes);
    renew(record.doc, now);
    record.changed = now;
    company.put(Entity::kPreferences, 1, std::move(record));
}

}  // namespace sandbox::quickbooks
