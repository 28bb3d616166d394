#include "quickbooks/remote/write.hpp"

#include <algorithm>
#include <map>

#include "quickbooks/remote/job.hpp"
#include "quickbooks/remote/original_rate.hpp"
#include "quickbooks/settings.hpp"
#include "quickbooks/source/home_currency.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::size_t kBatchKeyMax = 36;

class Writer {
public:
    Writer(const Api& api, std::string request_key, plugin::Outcomes& outcomes)
        : api_(api), request_key_(std::move(request_key)), outcomes_(outcomes) {}

    Result<void> run(const std::vector<WriteItem>& items);

private:
    std::vector<Job> prepare(const std::vector<WriteItem>& items);
    Result<void> check_payments(std::vector<Job>& jobs);
    Result<void> send_alone(const Job& job, const std::string& request_id);
    Result<void> send_batch(const std::vector<Job>& jobs);
    Result<void> settle_batch(const std::vector<Job>& jobs, const Answer& answer);
    Result<void> remove(const Job& job);
    // Refunds of sales in other currencies take the sale's rate.
    Result<void> take_rates(std::vector<Job>& jobs);
    // Takes those whose record is there, but inactive, when the tenant wants it active again.
    Result<void> reactivate(std::vector<Job>& jobs);
    void report(const Job& job, const Result<Written>& result);
    // What became of an item, from its own part of an answer.
    Result<Written> conclude(const Job& job, const Json& holder, const Occasion& occasion);

    const Api& api_;
    const std::string request_key_;
    plugin::Outcomes& outcomes_;
};

std::string batch_wire(const std::vector<Job>& jobs) {
    std::string text;
    for (const auto& job : jobs) {
        text += (text.empty() ? "{\"bId\":" : ",{\"bId\":") + dump_json(job.batch_id()) +
                ",\"operation\":\"" + (job.create() ? "create" : "update") + "\",\"" +
                std::string(job.facts->type) + "\":" + job.wire + "}";
    }
    return "{\"BatchItemRequest\":[" + text + "]}";
}

Error no_answer(const Job& job) {
    return Error{
        ErrorCode::kTransient, job.what() + ": QuickBooks answered nothing to it", "qbo.no_answer"};
}

void Writer::report(const Job& job, const Result<Written>& result) {
    if (result) {
        outcomes_.done(job.item->index, *result);
    } else {
        outcomes_.failed(job.item->index, result.error());
    }
}

Result<Written> Writer::conclude(const Job& job, const Json& holder, const Occasion& occasion) {
    if (const auto fault = fault_in(holder)) {
        if (fault->code == "6140" && job.create() && job.facts->transaction) {
            return adopt_numbered(api_, job, *fault, occasion);
        }
        if (fault->code == "6240" && !job.facts->transaction) {
            return resolve_name(api_, job, *fault, occasion);
        }
        return item_error(job, *fault, occasion);
    }
    const Json& object = child_at(holder, job.facts->type);
    return text_at(object, "Id").empty() ? Result<Written>(no_answer(job))
                                         : accept(api_, job, object);
}

std::vector<Job> Writer::prepare(const std::vector<WriteItem>& items) {
    std::vector<Job> jobs;
    const auto home = known_home_currency(api_.host());
    for (const auto& item : items) {
        auto job = make_job(item, request_key_);
        if (job) {
            job->home = home;
            jobs.push_back(*std::move(job));
        } else {
            outcomes_.failed(item.index, job.error());
        }
    }
    return jobs;
}

std::string paid_invoice(const Job& job) {
    const Json& lines = child_at(job.sent, "Line");
    const Json& linked = lines.empty() ? lines : child_at(lines.front(), "LinkedTxn");
    return linked.empty() ? std::string() : text_at(linked.front(), "TxnId");
}

// An invoice may have been paid by hand meanwhile; a payment on top would leave money unapplied.
Result<void> Writer::check_payments(std::vector<Job>& jobs) {
    std::vector<std::string> ids;
    for (const auto& job : jobs) {
        if (job.facts->type == "Payment" && job.create() && !paid_invoice(job).empty()) {
            ids.push_back(paid_invoice(job));
        }
    }
    if (ids.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto invoices, api_.query(Query{"Invoice", is_one_of("Id", ids), ""})
    );
    std::vector<Job> open;
    for (auto& job : jobs) {
        const auto invoice = std::find_if(invoices.begin(), invoices.end(), [&](const Json& row) {
            return job.facts->type == "Payment" && job.create() &&
                   text_at(row, "Id") == paid_invoice(job);
        });
        if (invoice == invoices.end()) {
            open.push_back(std::move(job));
            continue;
        }
        auto settled = check_payment(api_, job, *invoice);
        if (!settled && concerns_connection(settled.error())) {
            return std::move(settled).error();
        }
        if (settled && !*settled) {
            open.push_back(std::move(job));
        } else {
            report(job, settled ? Result<Written>(**settled) : Result<Written>(settled.error()));
        }
    }
    jobs = std::move(open);
    return {};
}

Result<void> Writer::reactivate(std::vector<Job>& jobs) {
    std::vector<Job> others;
    for (auto& job : jobs) {
        const bool wanted =
            job.create() && !job.facts->transaction &&
            text_at(job.item->body, kInactiveMember) == enum_name(InactiveChoice::kReactivate);
        auto settled =
            wanted ? make_active(api_, job) : Result<std::optional<Written>>(std::nullopt);
        if (!settled && concerns_connection(settled.error())) {
            return std::move(settled).error();
        }
        if (settled && !*settled) {
            others.push_back(std::move(job));
        } else {
            report(job, settled ? Result<Written>(**settled) : Result<Written>(settled.error()));
        }
    }
    jobs = std::move(others);
    return {};
}

Result<void> Writer::take_rates(std::vector<Job>& jobs) {
    std::vector<std::string> sales;
    for (const auto& job : jobs) {
        if (const std::string sale = sale_to_ask(job); !sale.empty()) {
            sales.push_back(sale);
        }
    }
    if (sales.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Rates rates, rates_of_sales(api_, sales));
    std::vector<Job> ready;
    for (auto& job : jobs) {
        if (const auto taken = take_rate(job, rates)) {
            ready.push_back(std::move(job));
        } else {
            report(job, taken.error());
        }
    }
    jobs = std::move(ready);
    return {};
}

Result<void> Writer::send_alone(const Job& job, const std::string& request_id) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Answer answer, api_.post(std::string(job.facts->entity), "", job.wire, request_id)
    );
    report(job, conclude(job, answer.body, answer.occasion));
    return {};
}

Result<void> Writer::settle_batch(const std::vector<Job>& jobs, const Answer& answer) {
    // The answers may come in any order.
    std::map<std::string, const Json*> by_id;
    for (const auto& item : child_at(answer.body, "BatchItemResponse")) {
        by_id[text_at(item, "bId")] = &item;
    }
    for (const auto& job : jobs) {
        const auto found = by_id.find(job.batch_id());
        static const Json kNothing = Json::object();
        report(
            job, conclude(job, found == by_id.end() ? kNothing : *found->second, answer.occasion)
        );
    }
    return {};
}

Result<void> Writer::send_batch(const std::vector<Job>& jobs) {
    if (request_key_.size() > kBatchKeyMax) {
        return Error{
            ErrorCode::kBug,
            "a batch's idempotency key has at most 36 characters",
            "qbo.request_key"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Answer answer, api_.post("batch", "", batch_wire(jobs), request_key_)
    );
    if (!answer.fault) {
        return settle_batch(jobs, answer);
    }
    // Refused as a whole, for the sake of one perhaps: each on its own.
    for (const auto& job : jobs) {
        SYNCLINE_RETURN_IF_ERROR(send_alone(job, job.follow_up_id("a")));
    }
    return {};
}

// Deletes, voids or deactivates; each is a call of its own.
Result<void> Writer::remove(const Job& job) {
    Json body{{"Id", job.item->remote_id}, {"SyncToken", job.item->version}};
    std::string options;
    const bool is_void = job.item->operation == DocumentOperation::kVoid;
    if (is_void && job.facts->removal == Removal::kDelete) {
        report(
            job,
            Error{
                ErrorCode::kUnsupported,
                job.what() + ": QuickBooks cannot void a " + std::string(job.facts->type),
                "qbo.no_void"}
        );
        return {};
    }
    if (is_void && job.facts->removal == Removal::kVoidOperation) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto settled, check_void(api_, job));
        if (settled) {
            report(job, *settled);
            return {};
        }
    }
    if (!job.facts->transaction) {
        body["sparse"] = true;
        body["Active"] = false;
    } else {
        options = is_void ? void_options(*job.facts, body) : kDeletes;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Answer answer, follow_up(api_, job, options, body, "x"));
    if (answer.fault) {
        report(job, item_error(job, *answer.fault, answer.occasion));
        return {};
    }
    const Json& object = child_at(answer.body, job.facts->type);
    report(
        job,
        text_at(object, "Id").empty() ? Result<Written>(no_answer(job)) : written_of(job, object)
    );
    return {};
}

Result<void> Writer::run(const std::vector<WriteItem>& items) {
    if (items.size() > kBatchMax) {
        return Error{
            ErrorCode::kBug,
            "a write has at most 30 items, this one has " + std::to_string(items.size()),
            "qbo.batch_size"};
    }
    std::vector<Job> jobs = prepare(items);
    const auto removals = std::stable_partition(jobs.begin(), jobs.end(), [](const Job& job) {
        return job.item->operation == DocumentOperation::kUpsert;
    });
    for (auto job = removals; job != jobs.end(); ++job) {
        SYNCLINE_RETURN_IF_ERROR(remove(*job));
    }
    jobs.erase(removals, jobs.end());
    SYNCLINE_RETURN_IF_ERROR(check_payments(jobs));
    SYNCLINE_RETURN_IF_ERROR(reactivate(jobs));
    SYNCLINE_RETURN_IF_ERROR(take_rates(jobs));
    if (jobs.empty()) {
        return {};
    }
    // By what was asked for, not by what is left: a repeated write must use the same address for
    // its key.
    return items.size() == 1 ? send_alone(jobs.front(), request_key_) : send_batch(jobs);
}

}  // namespace

Result<void> write(
    const Api& api, plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes
) {
    return Writer(api, std::string(call.idempotency_key()), outcomes).run(request.items);
}

}  // namespace syncline::quickbooks
