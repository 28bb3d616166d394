#include "engine/deliver.hpp"

#include <algorithm>

#include "core/flow.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"
#include "engine/approval.hpp"
#include "engine/arbiter.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/echoes.hpp"
#include "engine/encode.hpp"
#include "engine/encode_refused.hpp"
#include "engine/failure_detail.hpp"
#include "engine/store_outcome.hpp"
#include "engine/transformer.hpp"
#include "engine/unreadable.hpp"
#include "engine/written_before.hpp"
#include "storage/run_trace.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kBusyLaneMs = 200;

// Whose the record is may be known only now that it was fetched. Another lane's delivery may be at
// work on the same documents.
void move_to_its_lane(const Flow& flow, Work& work) {
    if (work.outcome || work.record.empty()) {
        return;
    }
    std::string lane = lane_name(flow.definition.entity, work.identity);
    if (lane != work.job.lane) {
        work.outcome = requeue(work.job, 0);
        work.outcome->lane = std::move(lane);
    }
}

void fail_fetch(const std::vector<Work*>& works, const Error& error) {
    for (Work* work : works) {
        if (!work->outcome && work->record.empty()) {
            work->outcome = outcome_of_whole(work->job, error, *work->retry);
        }
    }
}

Result<void> fetch_batch(
    ConnectionSession& source, const Flow& flow, const std::vector<Work*>& works
) {
    ReadRequest request;
    request.entity = flow.definition.entity;
    std::map<std::string, Work*> by_id;
    for (Work* work : works) {
        request.ids.push_back(work->job.source_id);
        by_id[work->job.source_id] = work;
    }
    request.limit = static_cast<std::int64_t>(request.ids.size());
    SYNCLINE_ASSIGN_OR_RETURN(const Page page, source.read(request));
    std::map<std::string, Work*> missing = by_id;
    for (const auto& record : page.records) {
        const auto wanted = by_id.find(record.key);
        if (wanted != by_id.end()) {
            wanted->second->record = record.json;
            missing.erase(record.key);
        }
    }
    fail_unreadable(page.unreadable, by_id, missing);
    return {};  // what did not come back is gone at the source: its record stays empty
}

// A data error is that of a record: the others of its batch are fetched without it.
Result<void> fetch_isolating(
    ConnectionSession& source, const Flow& flow, const std::vector<Work*>& works
) {
    const auto all = fetch_batch(source, flow, works);
    if (all || all.error().code != ErrorCode::kData) {
        return all;
    }
    for (Work* work : works) {
        const auto one = works.size() == 1 ? all : fetch_batch(source, flow, {work});
        if (!one && one.error().code != ErrorCode::kData) {
            return one;
        }
        if (!one) {
            fail(*work, one.error(), failure_detail("read", one.error()));
        }
    }
    return {};
}

}  // namespace

Deliverer::Deliverer(
    Stores& stores, ConnectionPool& pool, Writer& writer, const Clock& clock, EngineConfig config
)
    : stores_(stores),
      pool_(pool),
      writer_(writer),
      needs_(stores, writer),
      arbiter_(std::make_unique<Arbiter>(stores, writer, clock)),
      clock_(clock),
      config_(config),
      // Tokens only have to differ from those of leases that are still held.
      next_token_(clock.now().ms * 1000) {}

Deliverer::~Deliverer() = default;

Result<std::size_t> Deliverer::deliver(
    const Flow& flow, const std::atomic<bool>* stop, storage::JobKinds kinds
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(flow.target, stop));
    SYNCLINE_ASSIGN_OR_RETURN(const Json facts, session->facts());
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(flow.source));
    const auto encoding = encoding_for(stores_, *session, flow, source, facts);
    if (!encoding) {
        // Before anything is claimed: the jobs wait as they are until somebody mends it.
        return encode_refused(stores_, flow, {}, encoding.error(), clock_.now().ms).error();
    }

    const std::int64_t token = ++next_token_;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto jobs,
        stores_.jobs.claim(
            flow, {claim_limit(session->spec()), kinds}, token, clock_.now().ms, config_.lease_ms
        )
    );
    if (jobs.empty()) {
        return std::size_t{0};
    }
    const TraceScope traced(storage::trace_of_jobs(stores_.database, jobs));
    const WriteContext writing{flow.tenant, flow.id, flow.source, token};
    const RetryPolicy retry = retry_policy(flow.definition.retry);
    std::vector<Work> works = to_works(std::move(jobs), retry);

    Result<void> done = open_records(flow, works, stop);
    done = done ? settle_echoes(stores_, flow, works) : done;
    done = done ? encode_and_plan(*session, *encoding, flow, works) : done;
    if (done) {
        resolve_needs(*session, *encoding, writing, works);
        done = write_documents(*session, flow, writing, works);
    }
    if (!done) {
        decide_all(works, done.error());
    }
    SYNCLINE_RETURN_IF_ERROR(finish(flow, works, token, session->stop()));
    return works.size();
}

Result<void> Deliverer::open_records(
    const Flow& flow, std::vector<Work>& works, const std::atomic<bool>* stop
) {
    std::vector<Work*> stale;
    for (auto& work : works) {
        auto opened = work.job.record ? stores_.vault.open(
                                            record_place(flow.tenant, flow.id, work.job.source_id),
                                            *work.job.record
                                        )
                                      : Result<std::string>(invalid("no copy"));
        if (opened) {
            work.record = std::move(*opened);
        } else {
            work.job.record.reset();
            stale.push_back(&work);  // an unreadable copy is fetched anew as well
        }
    }
    refetch(flow, stale, stop);
    for (auto& work : works) {
        if (work.outcome) {
            continue;
        }
        auto identity = identity_of_record(flow.definition.entity, work.job.source_id, work.record);
        if (identity) {
            work.identity = std::move(*identity);
        } else {
            fail(work, identity.error(), failure_detail("read", identity.error()));
        }
    }
    for (Work* work : stale) {
        move_to_its_lane(flow, *work);
    }
    return {};
}

void Deliverer::refetch(
    const Flow& flow, const std::vector<Work*>& works, const std::atomic<bool>* stop
) {
    if (works.empty()) {
        return;
    }
    const auto source = pool_.open(flow.source, stop);
    if (!source) {
        fail_fetch(works, source.error());
        return;
    }
    const auto batch =
        static_cast<std::size_t>(std::max<std::int64_t>(1, (*source)->spec().limits.read_page_max));
    for (std::size_t at = 0; at < works.size(); at += batch) {
        const auto begin = works.begin() + static_cast<std::ptrdiff_t>(at);
        const auto size = static_cast<std::ptrdiff_t>(std::min(batch, works.size() - at));
        const auto fetched = fetch_isolating(**source, flow, {begin, begin + size});
        if (!fetched) {  // nor would the others be answered
            fail_fetch({begin, works.end()}, fetched.error());
            return;
        }
    }
}

Result<void> Deliverer::encode_and_plan(
    ConnectionSession& session,
    const EncodeContext& context,
    const Flow& flow,
    std::vector<Work>& works
) {
    std::vector<std::string> ids;
    for (const auto& work : works) {
        ids.push_back(work.job.source_id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto before, stores_.id_mappings.written_before(flow, ids));
    std::vector<Work*> open;
    EncodeBatch batch;
    for (auto& work : works) {
        work.before = before[work.job.source_id];
        if (work.before.empty() && !work.outcome) {
            SYNCLINE_ASSIGN_OR_RETURN(
                work.before, written_by_identity(stores_, flow, work.job.source_id, work.identity)
            );
        }
    }
    SYNCLINE_RETURN_IF_ERROR(arbiter_->mark(flow, works));
    for (auto& work : works) {
        if (work.outcome) {
            continue;
        }
        if (work.record.empty()) {
            work.planned = plan_deleted(flow.definition.delete_policy, work.before);
            continue;
        }
        open.push_back(&work);
        batch.records.push_back(work.record);
        batch.known.push_back(known_documents(work.before));
    }
    if (open.empty()) {
        return {};
    }
    const auto mapped = encode_mapped(stores_, session, flow, context, batch);
    if (!mapped) {
        return encode_refused(stores_, flow, open, mapped.error(), clock_.now().ms);
    }
    for (std::size_t i = 0; i < open.size(); ++i) {
        Work& work = *open[i];
        const Result<Encoded>& encoded = mapped->records[i];
        if (encoded) {
            work.mapping = mapped->mapping;
            work.planned = plan_record(*encoded, work.before);
        } else {
            fail(work, encoded.error(), failure_detail("encode", encoded.error()));
        }
    }
    return {};
}

void Deliverer::resolve_needs(
    ConnectionSession& session,
    const EncodeContext& encode_context_value,
    const WriteContext& context,
    std::vector<Work>& works
) {
    std::vector<WantedNeed> wanted;
    for (auto& work : works) {
        park_unapproved(work);
        settle_without_write(work);
        for (const auto& need : work.planned.needs) {
            if (!work.outcome) {
                wanted.push_back({need, work.job.id});
            }
        }
    }
    if (wanted.empty()) {
        return;
    }
    auto states = needs_.look_up(session, context, wanted, true);
    Result<void> made = states ? Result<void>() : Result<void>(states.error());
    if (states) {
        made = needs_.make_missing(session, encode_context_value, context, wanted, *states);
    }
    for (auto& work : works) {
        for (const auto& need : work.planned.needs) {
            if (work.outcome) {
                break;
            }
            const NeedState state = states ? states->at(need.key) : NeedState{};
            if (state.kind == NeedState::Kind::kKnown) {
                work.ids[need.key] = state.remote_id;
            } else if (state.kind == NeedState::Kind::kBusy) {
                work.outcome = requeue(work.job, kBusyLaneMs);
            } else if (state.kind == NeedState::Kind::kFailed) {
                work.outcome = outcome_of_need(work.job, need, state.error, *work.retry);
                work.detail = failure_detail(need, state.error, work.planned);
            } else if (made) {
                fail(work, Error{ErrorCode::kTransient, "a need is not there yet"}, {});
            } else {
                work.outcome = outcome_of_whole(work.job, made.error(), *work.retry);
            }
        }
    }
}

Result<void> Deliverer::write_documents(
    ConnectionSession& session,
    const Flow& flow,
    const WriteContext& context,
    std::vector<Work>& works
) {
    for (Wave wave = next_wave(works); !wave.tasks.empty(); wave = next_wave(works)) {
        SYNCLINE_RETURN_IF_ERROR(arbiter_->look_first(session, flow, context, wave));
        if (wave.tasks.empty()) {
            continue;
        }
        SYNCLINE_RETURN_IF_ERROR(
            stores_.jobs.extend_lease(context.token, clock_.now().ms + config_.lease_ms)
        );
        const auto finish_complete = [&](storage::Sql& sql,
                                         const std::vector<std::size_t>& places,
                                         const Writer::Results& results) -> Result<void> {
            std::vector<Work*> complete = note_results(wave, places, results);
            for (Work* work : complete) {
                SYNCLINE_RETURN_IF_ERROR(finish_job(sql, flow, *work, *work->outcome, context.token)
                );
            }
            return {};
        };
        auto results = writer_.write(session, context, wave.tasks, finish_complete);
        if (!results) {
            return results.error();
        }
        SYNCLINE_RETURN_IF_ERROR(decide_refused(session, flow, context, wave, *results));
    }
    return {};
}

Result<void> Deliverer::decide_refused(
    ConnectionSession& session,
    const Flow& flow,
    const WriteContext& context,
    Wave& wave,
    const Writer::Results& results
) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        Work& work = *wave.works[i];
        if (results[i] || work.outcome) {
            continue;
        }
        WriteTask& task = wave.tasks[i];
        const Error& error = results[i].error();
        if (error.code == ErrorCode::kConflict && !task.item.remote_id.empty()) {
            SYNCLINE_RETURN_IF_ERROR(
                arbiter_->after_refusal(session, flow, context, work, *wave.documents[i], task)
            );
        } else if (cannot_void(task, error)) {
            wave.documents[i]->document.operation = DocumentOperation::kDelete;  // the next wave
        } else {
            fail(work, error, failure_detail(task.item, error));
        }
    }
    return {};
}

Result<void> Deliverer::finish(
    const Flow& flow, std::vector<Work>& works, std::int64_t token, const std::atomic<bool>* stop
) {
    seal_dead_letters(stores_.vault, works);
    mask_persons(works);
    SYNCLINE_RETURN_IF_ERROR(arbiter_->seal(works));
    return store_outcome(stores_.database, stop, [&](storage::Sql& sql) -> Result<void> {
        for (auto& work : works) {
            SYNCLINE_RETURN_IF_ERROR(finish_job(
                sql, flow, work, work.outcome ? *work.outcome : settled_outcome(work), token
            ));
        }
        return {};
    });
}

Result<void> Deliverer::finish_job(
    storage::Sql& sql,
    const Flow& flow,
    const Work& work,
    const storage::JobOutcome& outcome,
    std::int64_t token
) {
    const auto finished = stores_.jobs.finish(sql, outcome, token, clock_.now().ms);
    if (finished) {
        arbiter_->store(sql, flow, work, outcome);
        if (outcome.kind == storage::JobOutcome::Kind::kSettled) {
            stores_.own_writes.delivered(sql, flow, {work.job.source_id, sha256_hex(work.record)});
        }
    }
    // Finished with its documents already, or another delivery's now: what the remote did is true
    // either way.
    return finished || finished.error().name == "job.lease_lost" ? Result<void>() : finished;
}

}  // namespace syncline::engine
