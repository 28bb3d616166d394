#include "engine/deliver_stages.hpp"

#include <algorithm>

#include "core/flow.hpp"

namespace syncline::engine {
namespace {

using Kind = storage::JobOutcome::Kind;

storage::JobOutcome outcome_for(const storage::Job& job, Kind kind) {
    storage::JobOutcome outcome;
    outcome.job = job.id;
    outcome.version = job.version;
    outcome.kind = kind;
    return outcome;
}

// Spreads retries of one batch; need not be random, only different from job to job.
std::uint32_t spread(const storage::Job& job) {
    return static_cast<std::uint32_t>((job.id.value * 7919 + job.attempts * 104729) % 1'000'000);
}

bool needs_writing(const PlannedDocument& document) {
    return document.action == PlanAction::kCreate || document.action == PlanAction::kUpdate;
}

bool siblings_ready(const Work& work, const PlannedDocument& document) {
    return std::all_of(document.siblings.begin(), document.siblings.end(), [&](const auto& role) {
        return work.ids.count("document:" + role) != 0;
    });
}

WriteTask to_task(const Work& work, const PlannedDocument& planned, Json body) {
    WriteTask task;
    task.item.role = planned.document.role;
    task.item.entity = planned.document.entity;
    task.item.operation = planned.document.operation;
    task.item.remote_id = planned.remote_id;
    task.item.version = planned.version;
    task.item.natural_key = planned.document.natural_key;
    task.item.marker = planned.document.marker;
    task.item.body = std::move(body);
    task.item.money = planned.document.money;
    task.target = {
        work.job.id.value,
        work.job.entity,
        work.job.source_id,
        work.identity,
        planned.document.role,
        planned.hash,
        false,
        planned.to_keep,
        planned.conflict};
    task.lane = work.job.lane;
    return task;
}

storage::JobOutcome outcome_as(
    ErrorClass as, const storage::Job& job, const Error& error, const RetryPolicy& policy
) {
    const Failures failures{
        static_cast<int>(job.attempts) + 1, std::chrono::milliseconds(job.failing_for_ms)};
    const RetryDecision decision = decide_retry_as(as, error, failures, policy, spread(job));
    storage::JobOutcome outcome = outcome_for(job, Kind::kDead);
    outcome.error = error;
    outcome.error_class = as;
    outcome.delay_ms = decision.delay.count();
    switch (decision.verdict) {
        case Verdict::kRetry:
            outcome.kind = Kind::kRetry;
            break;
        case Verdict::kWait:
            outcome.kind = Kind::kWait;
            break;
        case Verdict::kDead:
            outcome.result = "failed";
            break;
        case Verdict::kHeld:
            outcome.result = "held";
            break;
        case Verdict::kConflict:
            outcome.result = "conflict";
            break;
    }
    return outcome;
}

}  // namespace

storage::Place record_place(TenantId tenant, FlowId flow, const std::string& source_id) {
    return {tenant, {}, "record:" + std::to_string(flow.value) + ":" + source_id};
}

storage::Place detail_place(TenantId tenant, JobId job) {
    return {tenant, {}, "detail:" + std::to_string(job.value)};
}

std::int64_t claim_limit(const Spec& target) {
    return std::clamp<std::int64_t>(target.limits.write_batch_max * 4, 30, 500);
}

std::vector<Work> to_works(std::vector<storage::Job> jobs, const RetryPolicy& retry) {
    std::vector<Work> works(jobs.size());
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        works[i].job = std::move(jobs[i]);
        works[i].retry = &retry;
    }
    return works;
}

Result<std::string> identity_of_record(
    const std::string& entity, const std::string& source_id, const std::string& record
) {
    if (record.empty() || (entity != "customer" && entity != "product")) {
        return identity_key(entity, source_id, Json::object());
    }
    auto parsed = parse_json(record);
    if (!parsed) {
        return Error{
            ErrorCode::kData, "the record is " + parsed.error().message, "record.not_json"};
    }
    return identity_key(entity, source_id, *parsed);
}

std::vector<KnownDocument> known_documents(const std::vector<WrittenBefore>& before) {
    std::vector<KnownDocument> known;
    for (const auto& written : before) {
        known.push_back({written.role, written.entity, written.remote_id, written.owned});
    }
    return known;
}

void settle_without_write(Work& work) {
    if (work.outcome) {
        return;
    }
    const Reason reason = work.planned.reason.value_or(Reason{});
    switch (work.planned.action) {
        case PlanAction::kSkip:
            work.outcome = settled_outcome(work);
            break;
        case PlanAction::kHold:
            work.outcome = outcome_for(work.job, Kind::kDead);
            work.outcome->result = "held";
            work.outcome->error = Error{ErrorCode::kHold, reason.message, reason.code};
            break;
        case PlanAction::kError:
            work.outcome = outcome_for(work.job, Kind::kDead);
            work.outcome->result = "failed";
            work.outcome->error = Error{ErrorCode::kBug, reason.message, reason.code};
            break;
        case PlanAction::kCreate:
        case PlanAction::kUpdate:
        case PlanAction::kConflict:
            for (const auto& document : work.planned.documents) {
                if (document.action == PlanAction::kSkip) {
                    work.ids["document:" + document.document.role] = document.remote_id;
                }
            }
            break;
    }
}

Wave next_wave(std::vector<Work>& works) {
    Wave wave;
    for (auto& work : works) {
        for (auto& document : work.planned.documents) {
            if (work.outcome || !needs_writing(document) || !siblings_ready(work, document)) {
                continue;
            }
            auto body = document.merged ? Result<Json>(*document.merged)
                                        : substitute(document.document.body, work.ids);
            if (!body) {
                work.outcome = outcome_for(work.job, Kind::kDead);
                work.outcome->result = "failed";
                work.outcome->error = body.error();
                continue;
            }
            wave.tasks.push_back(to_task(work, document, std::move(*body)));
            wave.works.push_back(&work);
            wave.documents.push_back(&document);
        }
    }
    return wave;
}

std::vector<Work*> note_results(
    Wave& wave, const std::vector<std::size_t>& places, const Writer::Results& results
) {
    std::vector<Work*> complete;
    for (std::size_t i = 0; i < places.size(); ++i) {
        Work& work = *wave.works[places[i]];
        PlannedDocument& document = *wave.documents[places[i]];
        if (!results[i]) {
            continue;
        }
        work.ids["document:" + document.document.role] = results[i]->remote_id;
        const bool created = document.action == PlanAction::kCreate;
        work.job.written = created || work.job.written == "created" ? "created" : "updated";
        document.action = PlanAction::kSkip;
        const auto& documents = work.planned.documents;
        const bool open = !work.outcome || work.outcome->kind == Kind::kSettled;
        if (open && std::none_of(documents.begin(), documents.end(), needs_writing)) {
            work.outcome = settled_outcome(work);
            complete.push_back(&work);
        }
    }
    return complete;
}

storage::JobOutcome requeue(const storage::Job& job, std::int64_t delay_ms) {
    storage::JobOutcome outcome = outcome_for(job, Kind::kRequeue);
    outcome.delay_ms = delay_ms;
    return outcome;
}

storage::JobOutcome settled_outcome(const Work& work) {
    storage::JobOutcome outcome = outcome_for(work.job, Kind::kSettled);
    outcome.result = work.job.written.empty() ? "skipped" : work.job.written;
    return outcome;
}

storage::JobOutcome outcome_of_error(
    const storage::Job& job, const Error& error, const RetryPolicy& policy
) {
    return outcome_as(class_of(error.code), job, error, policy);
}

storage::JobOutcome outcome_of_need(
    const storage::Job& job, const Need& need, const Error& error, const RetryPolicy& policy
) {
    const Error why = need_error(need, error);
    const bool missing = why.code == ErrorCode::kHold;
    storage::JobOutcome outcome =
        outcome_as(missing ? ErrorClass::kNeedsData : class_of(why.code), job, why, policy);
    // While nobody knows whether it is there it is tried again, as after any lost answer; when that
    // is over, its arrival is what clears the cause.
    const bool in_doubt = why.name == "intent.open" && outcome.kind == Kind::kDead;
    if (in_doubt) {
        outcome.error_class = ErrorClass::kNeedsData;
        outcome.result = "held";
    }
    if (missing || in_doubt) {
        outcome.waits_for = need_lane(need);
    }
    return outcome;
}

storage::JobOutcome outcome_of_whole(
    const storage::Job& job, const Error& error, const RetryPolicy& policy
) {
    const bool may_pass = error.code == ErrorCode::kTransient ||
                          error.code == ErrorCode::kRateLimited ||
                          error.code == ErrorCode::kStorage || error.code == ErrorCode::kCancelled;
    // What is refused for good would wait for credentials that nobody changes. A plugin's breach of
    // its contract pauses its connection, and its jobs go on with that.
    const bool for_good = error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kData;
    return outcome_of_error(
        job,
        may_pass || for_good
            ? error
            : Error{ErrorCode::kAuth, error.message, error.name, error.http_status},
        policy
    );
}

bool cannot_void(const WriteTask& task, const Error& error) {
    return error.code == ErrorCode::kUnsupported && task.item.operation == DocumentOperation::kVoid;
}

void fail(Work& work, const Error& error, Json detail) {
    work.outcome = outcome_of_error(work.job, error, *work.retry);
    work.detail = std::move(detail);
}

void decide_all(std::vector<Work>& works, const Error& error) {
    for (auto& work : works) {
        if (!work.outcome) {
            work.outcome = outcome_of_whole(work.job, error, *work.retry);
        }
    }
}

Error need_error(const Need& need, const Error& error) {
    Error result = error;
    result.message = "waits for its " + need.entity + ": " + error.message;
    // What is wrong with the other record is not this one's fault: it stays visible as held.
    if (error.code == ErrorCode::kData || error.code == ErrorCode::kConflict ||
        error.code == ErrorCode::kBug) {
        result.code = ErrorCode::kHold;
    }
    return result;
}

}  // namespace syncline::engine
