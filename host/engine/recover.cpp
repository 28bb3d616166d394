#include "engine/recover.hpp"

#include <algorithm>

#include "core/failpoint.hpp"
#include "core/log.hpp"
#include "core/plan.hpp"
#include "engine/failure_detail.hpp"
#include "engine/store_outcome.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kIntentsPerLook = 20;
// The platform's clock may be behind ours.
constexpr std::int64_t kSearchBackMs = 5 * 60'000;

Written adopted(const Found& found) {
    Written written;
    written.remote_id = found.remote_id;
    written.version = found.version;
    written.owned = found.owned;
    written.adopted = true;
    return written;
}

// Whether what was found shows that our request was done: a document we meant to create is there,
// with whatever money; one we meant to update looks as we wanted it.
bool shows_done(const WriteItem& item, const Found& found) {
    if (item.operation != DocumentOperation::kUpsert) {
        return false;
    }
    return item.remote_id.empty() || (found.differs.empty() && covers(found.owned, item.body));
}

}  // namespace

Result<std::vector<ConnectionId>> Recoverer::due() const {
    return stores_.intents.due_connections(clock_.now().ms);
}

Result<std::size_t> Recoverer::recover_due(ConnectionId connection, const std::atomic<bool>* stop) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto intents, stores_.intents.due(connection, clock_.now().ms, kIntentsPerLook)
    );
    for (const auto& intent : intents) {
        bool answered = intent.answered;
        const Result<void> recovered = recover(intent, answered, stop);
        if (!recovered) {
            SYNCLINE_RETURN_IF_ERROR(give_up_or_wait(intent, recovered.error(), answered));
        }
    }
    return intents.size();
}

Result<void> Recoverer::recover(
    const storage::Intent& intent, bool& answered, const std::atomic<bool>* stop
) {
    if (intent.request.empty()) {
        return Error{
            ErrorCode::kData, "its stored request cannot be read any more", "intent.unreadable"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(intent.connection, stop));
    SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.by_id(intent.flow));
    Progress progress;
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(intent.request));
    SYNCLINE_ASSIGN_OR_RETURN(progress.stored, from_json<StoredWrite>(json));
    const Error unknown{ErrorCode::kTransient, "its outcome is not known yet", "intent.open"};
    progress.outcomes.assign(progress.stored.request.items.size(), Result<Written>(unknown));
    progress.open.assign(progress.stored.request.items.size(), false);
    for (const auto& item : intent.items) {
        progress.open.at(static_cast<std::size_t>(item.item)) = item.open;
    }
    const WriteContext context{intent.tenant, intent.flow, flow.source, 0};
    if (session->spec().write_safety != WriteSafety::kNaturalKey) {
        SYNCLINE_RETURN_IF_ERROR(find_done(*session, intent, progress));
        SYNCLINE_ASSIGN_OR_RETURN(const bool settled, store(intent, context, progress, stop));
        if (settled) {
            return {};
        }
    }
    SYNCLINE_RETURN_IF_ERROR(send_again(*session, intent, progress, answered));
    SYNCLINE_ASSIGN_OR_RETURN(const bool settled, store(intent, context, progress, stop));
    if (settled) {
        return {};
    }
    for (std::size_t i = 0; i < progress.outcomes.size(); ++i) {
        if (progress.open[i] && !progress.outcomes[i]) {
            return progress.outcomes[i].error();
        }
    }
    return unknown;
}

Result<void> Recoverer::find_done(
    ConnectionSession& session, const storage::Intent& intent, Progress& progress
) {
    std::map<std::string, FindRequest> by_entity;
    for (std::size_t i = 0; i < progress.open.size(); ++i) {
        if (!progress.open[i]) {
            continue;
        }
        const WriteItem& item = progress.stored.request.items[i];
        FindRequest& request = by_entity[item.entity];
        request.entity = item.entity;
        request.since = Timestamp{intent.created_at_ms - kSearchBackMs};
        request.keys.push_back(
            {std::to_string(i),
             item.natural_key,
             item.marker,
             item.remote_id,
             item.body,
             item.money}
        );
    }
    SYNCLINE_FAILPOINT("recover.before_find");
    for (const auto& [entity, request] : by_entity) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto found, session.find(request));
        for (const auto& one : found) {
            const auto i = static_cast<std::size_t>(std::stoul(one.key));
            if (!one.hold && shows_done(progress.stored.request.items[i], one)) {
                progress.outcomes[i] = adopted(one);
                ++progress.found;
                if (!one.differs.empty()) {
                    // Ours, but not as it was sent. Linked and not written: its job goes on with an
                    // update, whose answer is compared again.
                    progress.stored.targets[i].hash.clear();
                }
            }
        }
    }
    return {};
}

Result<void> Recoverer::send_again(
    ConnectionSession& session, const storage::Intent& intent, Progress& progress, bool& answered
) {
    WriteRequest request;
    std::vector<std::size_t> places;
    // What goes out is what went out last: under its first key everything, under a later one what
    // was open when that key was taken.
    const bool whole =
        progress.found == 0 && !intent.answered &&
        (intent.epoch > 0 ||
         std::all_of(progress.open.begin(), progress.open.end(), [](bool b) { return b; }));
    for (std::size_t i = 0; i < progress.open.size(); ++i) {
        if (progress.open[i] && !progress.outcomes[i]) {
            request.items.push_back(progress.stored.request.items[i]);
            places.push_back(i);
        }
    }
    std::int64_t epoch = intent.epoch;
    if (!whole && session.spec().write_safety != WriteSafety::kNaturalKey) {
        // A part of it was done. The rest may still be under way over there.
        // When the request of a later key went out is not on record: the whole wait, once.
        const std::int64_t age = intent.epoch > 0 ? 0 : clock_.now().ms - intent.created_at_ms;
        if (!intent.answered && age < config_.in_doubt_wait_ms) {
            answered = intent.epoch > 0;
            return Error{
                ErrorCode::kTransient,
                "waits until the request cannot be under way any more",
                "intent.in_doubt",
                0,
                std::chrono::milliseconds(config_.in_doubt_wait_ms - age)};
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.intents.next_epoch(intent.id));
        ++epoch;
        answered = false;
    }
    SYNCLINE_FAILPOINT("recover.before_send");
    SYNCLINE_ASSIGN_OR_RETURN(auto results, session.write(request, writer_.key(intent.id, epoch)));
    SYNCLINE_FAILPOINT("recover.after_answer");
    for (std::size_t i = 0; i < places.size(); ++i) {
        answered = answered || results[i] || !outcome_unknown(results[i].error());
        progress.outcomes[places[i]] = std::move(results[i]);
    }
    return {};
}

Result<bool> Recoverer::store(
    const storage::Intent& intent,
    const WriteContext& context,
    Progress& progress,
    const std::atomic<bool>* stop
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed,
        writer_.seal_owned(intent.tenant, intent.connection, progress.stored, progress.outcomes)
    );
    return store_outcome(stores_.database, stop, [&](storage::Sql& sql) -> Result<bool> {
        // Items settled earlier are told apart by an unknown outcome that is not open.
        SYNCLINE_ASSIGN_OR_RETURN(
            const bool settled,
            writer_.settle(
                sql,
                context,
                intent.connection,
                intent.id,
                progress.stored,
                progress.outcomes,
                sealed
            )
        );
        if (settled) {
            for (const auto& item : intent.items) {
                stores_.jobs.requeue_after_intent(sql, item.job, clock_.now().ms);
            }
        }
        return settled;
    });
}

Json Recoverer::doubt_about(const storage::Intent& intent, JobId job, const Error& error) {
    const auto json = parse_json(intent.request);
    const auto stored = json ? from_json<StoredWrite>(*json) : Result<StoredWrite>(json.error());
    const auto mine = std::find_if(
        intent.items.begin(),
        intent.items.end(),
        [&](const storage::IntentItem& item) {
            return item.open && item.job == job && stored &&
                   static_cast<std::size_t>(item.item) < stored->request.items.size();
        }
    );
    return mine == intent.items.end()
               ? failure_detail("write", error)
               : failure_detail(stored->request.items[static_cast<std::size_t>(mine->item)], error);
}

Result<void> Recoverer::give_up_or_wait(
    const storage::Intent& intent, const Error& error, bool answered
) {
    const std::int64_t now = clock_.now().ms;
    const auto flow = stores_.flows.by_id(intent.flow);
    const RetryDecision decision = decide_retry(
        error,
        Failures{
            static_cast<int>(intent.attempts) + 1,
            std::chrono::milliseconds(std::max<std::int64_t>(now - intent.created_at_ms, 0))},
        flow ? retry_policy(flow->definition.retry) : RetryPolicy{},
        static_cast<std::uint32_t>(intent.id.value * 7919 % 1'000'000)
    );
    const bool give_up = decision.verdict != Verdict::kRetry && decision.verdict != Verdict::kWait;
    if (give_up) {
        log::error(
            "intent given up",
            {{"intent", intent.id.value},
             {"attempts", intent.attempts + 1},
             {"reason", error.message}}
        );
    }
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        stores_.intents.leave_open(
            sql,
            intent.id,
            answered,
            decision.verdict == Verdict::kWait ? storage::IntentStore::Attempt::kNone
                                               : storage::IntentStore::Attempt::kUsedUp,
            give_up ? storage::kIntentGivenUp : now + decision.delay.count(),
            error.message
        );
        if (give_up) {
            stores_.jobs.give_up(
                sql,
                intent.id,
                Error{
                    ErrorCode::kTransient,
                    "it is not known whether the target did it: " + error.message +
                        "; retry looks again before anything is sent",
                    "intent.outcome_unknown"},
                [&](JobId job) {
                    return sealed_detail(
                        stores_.vault, intent.tenant, job, doubt_about(intent, job, error)
                    );
                },
                now
            );
        }
        return {};
    });
}

}  // namespace syncline::engine
