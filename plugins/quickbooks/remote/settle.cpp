#include <algorithm>

#include "quickbooks/remote/find.hpp"
#include "quickbooks/remote/job.hpp"
#include "quickbooks/remote/owned.hpp"
#include "quickbooks/remote/verify.hpp"

namespace syncline::quickbooks {
namespace {

Error amount_mismatch(const Job& job, const Json& object, const std::string& text) {
    return Error{
        ErrorCode::kData,
        job.what() + ": " + text + " (" + std::string(job.facts->type) + " " +
            text_at(object, "Id") + ")",
        "qbo.amount_mismatch"};
}

// The document is in QuickBooks already. What keeps us from finishing it is no refusal of it: the
// host would make it a second time.
Error unfinished(const Error& error) {
    Error unknown = error;
    unknown.code = ErrorCode::kTransient;
    return unknown;
}

// The tax once more: QuickBooks sometimes honours on an update what it ignored when it was created.
Result<Json> give_tax_again(const Api& api, const Job& job, const Json& object) {
    Json body = job.sent;
    for (const auto& member : job.facts->create_only) {
        body.erase(std::string(member));
    }
    body["Id"] = text_at(object, "Id");
    body["SyncToken"] = text_at(object, "SyncToken");
    body["sparse"] = true;
    SYNCLINE_ASSIGN_OR_RETURN(const Answer answer, follow_up(api, job, "", body, "t"));
    if (answer.fault) {
        return item_error(job, *answer.fault, answer.occasion);
    }
    return child_at(answer.body, job.facts->type);
}

// Voided, so that the books still show what happened; its number stays taken until somebody deletes
// it. What cannot be voided is deleted.
Result<std::string> take_back(const Api& api, const Job& job, const Json& object) {
    Json body{{"Id", text_at(object, "Id")}, {"SyncToken", text_at(object, "SyncToken")}};
    const bool deletes = job.facts->removal == Removal::kDelete;
    const std::string options = deletes ? kDeletes : void_options(*job.facts, body);
    const auto answer = follow_up(api, job, options, body, deletes ? "d" : "v");
    if (!answer && concerns_connection(answer.error())) {
        return unfinished(answer.error());
    }
    const bool gone = answer && (!answer->fault || answer->fault->code == "610");
    if (gone) {
        return std::string(
            deletes ? "; it was deleted again"
                    : "; it was voided; delete it in QuickBooks to post the order again"
        );
    }
    return std::string("; it could not be ") + (deletes ? "deleted" : "voided") +
           ", so do that in QuickBooks: " +
           (answer ? answer->error().message : answer.error().message);
}

// The document that has the number, wherever it is, and its type.
struct Holder {
    std::string type;
    Json row;
};

Result<std::optional<Holder>> holder_of(
    const Api& api,
    const std::string& number,
    const std::optional<std::string>& id,
    const std::string& marker
) {
    std::vector<Query> queries;
    for (const auto& type : numbered_types()) {
        queries.push_back(Query{std::string(type), is_one_of("DocNumber", {number}), ""});
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto results, api.queries(queries));
    std::optional<Holder> holder;
    for (std::size_t i = 0; i < results.size(); ++i) {
        for (const auto& row : results[i]) {
            const bool ours = text_at(row, "PrivateNote").find(marker) != std::string::npos;
            const bool named = id && text_at(row, "Id") == *id;
            if (named || (!id && (ours || !holder))) {
                holder = Holder{queries[i].type, row};
            }
        }
    }
    return holder;
}

Error number_taken(const Job& job, const std::string& by) {
    return Error{
        ErrorCode::kHold,
        job.what() + ": the number " + text_at(job.sent, "DocNumber") + " is taken by " + by +
            ", which is not ours; renumber it, or change doc_number_format",
        "DUPLICATE_DOC_NUMBER"};
}

// The credit memo that a payment's lines use; empty if they use none.
std::string used_credit(const Json& lines) {
    for (const auto& line : lines) {
        for (const auto& linked : child_at(line, "LinkedTxn")) {
            if (text_at(linked, "TxnType") == "CreditMemo") {
                return text_at(linked, "TxnId");
            }
        }
    }
    return {};
}

// QuickBooks did what our payment would do, as companies may have it do with every credit.
bool uses_same_credit(const Json& payment, const Json& lines) {
    const std::string credit = used_credit(lines);
    return !credit.empty() && credit == used_credit(child_at(payment, "Line"));
}

}  // namespace

Result<Written> accept(const Api& api, const Job& job, const Json& object) {
    if (!job.facts->transaction || !job.item->money) {
        return written_of(job, object);
    }
    auto differs = difference(object, job.sent, *job.item->money);
    if (!differs) {
        return written_of(job, object);
    }
    Json latest = object;
    if (differs->only_tax) {
        auto corrected = give_tax_again(api, job, object);
        if (!corrected && concerns_connection(corrected.error())) {
            return unfinished(corrected.error());
        }
        if (corrected) {
            latest = *std::move(corrected);
            differs = difference(latest, job.sent, *job.item->money);
        }
        if (!differs) {
            return written_of(job, latest);
        }
    }
    // Only what this write has made may be taken away.
    std::string end = "; correct it in QuickBooks";
    if (job.create()) {
        SYNCLINE_ASSIGN_OR_RETURN(end, take_back(api, job, latest));
    }
    return amount_mismatch(job, latest, differs->text + end);
}

Result<Written> adopt_numbered(
    const Api& api, const Job& job, const Fault& fault, const Occasion& at
) {
    const std::string number = text_at(job.sent, "DocNumber");
    if (number.empty() || job.item->marker.empty()) {
        return item_error(job, fault, at);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto holder, holder_of(api, number, number_holder(fault), job.item->marker)
    );
    if (!holder) {
        return item_error(job, fault, at);
    }
    const std::string name = holder->type + " " + text_at(holder->row, "Id");
    // Before its marker is looked for: a void may take that out of the note.
    if (is_voided(holder->row)) {
        return Error{
            ErrorCode::kHold,
            job.what() + ": " + name + ", which has the number " + number +
                ", was voided in QuickBooks; delete it there to post the order again",
            "VOIDED_IN_BOOKS"};
    }
    if (text_at(holder->row, "PrivateNote").find(job.item->marker) == std::string::npos) {
        return number_taken(job, name);
    }
    if (holder->type != job.facts->type) {
        return Error{
            ErrorCode::kHold,
            job.what() + ": the order is in QuickBooks already as " + name +
                "; link it to the order, or delete it there",
            "DOCUMENT_CHOICE_CHANGED"};
    }
    if (job.item->money) {
        if (const auto differs = difference(holder->row, job.sent, *job.item->money)) {
            return amount_mismatch(
                job,
                holder->row,
                "it is in QuickBooks already, but " + differs->text + "; correct or delete it there"
            );
        }
    }
    return written_of(job, holder->row, true);
}

Result<Written> resolve_name(
    const Api& api, const Job& job, const Fault& fault, const Occasion& at
) {
    if (job.create()) {
        FindRequest request;
        request.entity = job.facts->entity;
        request.keys.push_back(FindKey{"", job.item->natural_key, "", "", job.item->body});
        SYNCLINE_ASSIGN_OR_RETURN(const auto found, find(api, request));
        if (!found.empty() && found.front().hold) {
            return Error{
                ErrorCode::kHold,
                job.what() + ": " + found.front().hold->message,
                found.front().hold->code};
        }
        if (!found.empty()) {
            Written written;
            written.remote_id = found.front().remote_id;
            written.version = found.front().version;
            written.owned = found.front().owned;
            written.adopted = true;
            return written;
        }
    }
    const std::string member(job.facts->name_member);
    std::size_t step = 0;
    for (const auto& name : child_at(job.item->body, "$alternatives")) {
        Json body = job.sent;
        body[member] = name;
        SYNCLINE_ASSIGN_OR_RETURN(
            const Answer answer, follow_up(api, job, "", body, "n" + std::to_string(step++))
        );
        if (!answer.fault) {
            Written written = written_of(job, child_at(answer.body, job.facts->type));
            written.warnings.push_back(Reason{
                "NAME_TAKEN",
                "its name is taken in QuickBooks; it is called " + dump_json(name) + " there"});
            return written;
        }
        if (answer.fault->code != "6240") {
            return item_error(job, *answer.fault, answer.occasion);
        }
    }
    return item_error(job, fault, at);
}

Result<std::optional<Result<Written>>> check_void(const Api& api, const Job& job) {
    using Settled = std::optional<Result<Written>>;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto row, api.read(job.facts->entity, job.facts->type, job.item->remote_id)
    );
    if (!row) {
        return Settled();  // the void itself will be told so
    }
    if (is_voided(*row)) {
        return Settled(written_of(job, *row, true));
    }
    const auto balance = number_at(*row, "Balance");
    const auto total = number_at(*row, "TotalAmt");
    if (!balance || !total || *balance == *total) {
        return Settled();
    }
    return Settled(Error{
        ErrorCode::kHold,
        job.what() + ": of its total of " + plain(*total) + " only " + plain(*balance) +
            " is open; take its payments off in QuickBooks, or refund the order in the shop",
        "INVOICE_ALREADY_PAID"});
}

Result<std::optional<Written>> make_active(const Api& api, const Job& job) {
    FindRequest request;
    request.entity = job.facts->entity;
    Json body = job.item->body;
    body.erase(std::string(kInactiveMember));
    request.keys.push_back(FindKey{"", job.item->natural_key, "", "", std::move(body)});
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, find(api, request));
    if (found.empty() || !found.front().hold) {
        return std::optional<Written>();  // one that is active is no matter of ours
    }
    const Found& inactive = found.front();
    const Json change{
        {"Id", inactive.remote_id},
        {"SyncToken", inactive.version},
        {"sparse", true},
        {"Active", true}};
    SYNCLINE_ASSIGN_OR_RETURN(const Answer answer, follow_up(api, job, "", change, "r"));
    if (answer.fault) {
        return item_error(job, *answer.fault, answer.occasion);
    }
    Written written = written_of(job, child_at(answer.body, job.facts->type), true);
    written.warnings.push_back(Reason{
        "REACTIVATED",
        std::string(job.facts->type) + " " + inactive.remote_id +
            " was inactive in QuickBooks and was made active again"});
    return std::optional<Written>(std::move(written));
}

Result<std::optional<Written>> check_payment(const Api& api, const Job& job, const Json& invoice) {
    const auto balance = number_at(invoice, "Balance");
    const Json& lines = child_at(job.sent, "Line");
    const auto amount = lines.empty() ? std::nullopt : number_at(lines.front(), "Amount");
    if (!balance || !amount || *amount <= *balance) {
        return std::optional<Written>();
    }
    std::vector<std::string> ids;
    for (const auto& linked : child_at(invoice, "LinkedTxn")) {
        if (text_at(linked, "TxnType") == "Payment") {
            ids.push_back(text_at(linked, "TxnId"));
        }
    }
    if (!ids.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto payments, api.query(Query{"Payment", is_one_of("Id", ids), ""})
        );
        for (const auto& payment : payments) {
            const bool ours =
                !job.item->marker.empty() &&
                text_at(payment, "PrivateNote").find(job.item->marker) != std::string::npos;
            if (ours || uses_same_credit(payment, lines)) {
                return std::optional<Written>(written_of(job, payment, true));
            }
        }
    }
    return Error{
        ErrorCode::kHold,
        job.what() + ": invoice " + text_at(invoice, "Id") + " has only " + plain(*balance) +
            " left to pay, the payment is of " + plain(*amount) +
            "; it may have been entered by hand: link or remove that payment",
        "INVOICE_ALREADY_PAID"};
}

}  // namespace syncline::quickbooks
