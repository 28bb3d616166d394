#include "engine/writer.hpp"

#include <algorithm>
#include <set>

#include "core/failpoint.hpp"
#include "core/redact.hpp"
#include "core/sha256.hpp"
#include "engine/store_outcome.hpp"

namespace syncline::engine {
namespace {

// First look of recovery at a request whose answer was lost.
constexpr std::int64_t kRecoveryDelayMs = 2'000;

storage::MappedRecord mapped_record(
    const WriteContext& context, ConnectionId target, const WriteTarget& whom
) {
    return {context.tenant, context.source, target, whom.entity, whom.source_id, whom.identity};
}

// What was removed may come back without one.
std::string remote_id_of(const WriteItem& item, const Written& written) {
    return written.remote_id.empty() ? item.remote_id : written.remote_id;
}

storage::LogEntry log_of(
    const WriteContext& context,
    ConnectionId target,
    const WriteItem& item,
    const WriteTarget& whom,
    const Result<Written>& outcome,
    std::int64_t now
) {
    storage::LogEntry entry;
    entry.tenant = context.tenant;
    entry.at_ms = now;
    entry.flow = context.flow;
    entry.connection = target;
    entry.entity = whom.entity;
    entry.source_id = whom.source_id.empty() ? "" : whom.source_id;
    if (outcome) {
        entry.event = item.operation == DocumentOperation::kDelete ? "deleted"
                      : item.operation == DocumentOperation::kVoid ? "voided"
                      : outcome->adopted                           ? "adopted"
                      : item.remote_id.empty()                     ? "created"
                                                                   : "updated";
        entry.message = whom.role + " " + item.entity + " " + remote_id_of(item, *outcome);
    } else {
        entry.level = "error";
        entry.event = "refused";
        entry.message =
            whom.role + ": " +
            without_values(outcome.error().message, personal_values_of_document(item.body));
    }
    return entry;
}

// Why a document is not sent: another one of its lane may be on its way.
Error in_doubt() {
    return Error{
        ErrorCode::kTransient,
        "it is not known yet whether the target has the document before it",
        "intent.open"};
}

}  // namespace

bool outcome_unknown(const Error& error) {
    // The plugin broke off or answered nonsense (ConnectorProxy: "plugin.contract"); what it had
    // sent by then nobody knows. Any other kBug is the remote's or the plugin's own word about one
    // item.
    const bool broke_off =
        error.code == ErrorCode::kBug &&
        (error.name == "plugin.contract" || error.name.rfind("connector.", 0) == 0);
    return broke_off || error.code == ErrorCode::kTransient || error.code == ErrorCode::kCancelled;
}

Result<std::vector<std::optional<std::string>>> Writer::seal_owned(
    TenantId tenant, ConnectionId target, const StoredWrite& stored, const Results& outcomes
) {
    std::vector<std::optional<std::string>> sealed;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const auto& outcome = outcomes[i];
        storage::MappedRecord record;
        record.tenant = tenant;
        record.target = target;
        SYNCLINE_ASSIGN_OR_RETURN(
            auto one,
            outcome ? stores_.id_mappings.seal_owned(record, outcome->owned, stored.targets[i].kept)
                    : Result<std::optional<std::string>>(std::nullopt)
        );
        sealed.push_back(std::move(one));
    }
    return sealed;
}

Result<bool> Writer::settle(
    storage::Sql& sql,
    const WriteContext& context,
    ConnectionId target,
    IntentId intent,
    const StoredWrite& stored,
    const Results& outcomes,
    const std::vector<std::optional<std::string>>& sealed
) {
    const std::int64_t now = clock_.now().ms;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const WriteItem& item = stored.request.items[i];
        const WriteTarget& whom = stored.targets[i];
        if (!outcomes[i] && outcome_unknown(outcomes[i].error())) {
            continue;
        }
        stores_.intents.settle_item(sql, intent, item.index);
        if (outcomes[i]) {
            const WrittenBefore written{
                whom.role,
                item.entity,
                remote_id_of(item, *outcomes[i]),
                outcomes[i]->version,
                whom.hash,
                {}};
            store_written(sql, context, target, whom, item, written, sealed[i]);
            note_own_write(sql, context, target, whom, item, *outcomes[i]);
            if (!whom.is_need) {
                stores_.jobs.mark_written(
                    sql, JobId{whom.job}, item.remote_id.empty() ? "created" : "updated"
                );
            }
        }
        stores_.log.append(sql, log_of(context, target, item, whom, outcomes[i], now));
    }
    SYNCLINE_FAILPOINT("write.in_settle");
    return stores_.intents.settle_if_complete(sql, intent, now);
}

void Writer::uncover_settled(
    storage::Sql& sql,
    IntentId intent,
    ConnectionId target,
    const std::vector<std::string>& lanes,
    const Results& outcomes
) {
    std::set<std::string> open;
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        if (!outcomes[i] && outcome_unknown(outcomes[i].error())) {
            open.insert(lanes[i]);
        }
    }
    for (const auto& lane : lanes) {
        if (open.count(lane) == 0) {
            stores_.intents.uncover(sql, intent, target, lane);
        }
    }
}

void Writer::store_written(
    storage::Sql& sql,
    const WriteContext& context,
    ConnectionId target,
    const WriteTarget& whom,
    const WriteItem& item,
    const WrittenBefore& written,
    const std::optional<std::string>& sealed
) {
    const std::int64_t now = clock_.now().ms;
    const storage::MappedRecord record = mapped_record(context, target, whom);
    if (item.operation == DocumentOperation::kDelete) {
        stores_.id_mappings.remove(sql, record, whom.role);
    } else {
        stores_.id_mappings.put(sql, record, written, sealed, now);
        announce(sql, record);
    }
    if (whom.conflict != 0) {
        stores_.conflicts.settle(sql, ConflictId{whom.conflict}, now);
    }
}

void Writer::note_own_write(
    storage::Sql& sql,
    const WriteContext& context,
    ConnectionId target,
    const WriteTarget& whom,
    const WriteItem& item,
    const Written& written
) {
    if (!whom.is_need) {
        stores_.own_writes.pass(sql, context.source, whom.source_id, target);
    }
    if (!written.read_back) {
        stores_.own_writes.forget(sql, target, remote_id_of(item, written));
        return;
    }
    stores_.own_writes.put(
        sql,
        {target,
         context.source,
         written.read_back->entity,
         written.read_back->key,
         sha256_hex(written.read_back->json),
         written.version,
         item.remote_id.empty() && !written.adopted,
         item.version,
         whom.source_id},
        clock_.now().ms
    );
}

void Writer::announce(storage::Sql& sql, const storage::MappedRecord& record) {
    stores_.jobs.dependency_arrived(sql, record, clock_.now().ms);
}

Result<void> Writer::adopt(
    const WriteContext& context,
    ConnectionId target,
    const WriteTask& task,
    const Found& found,
    Adopted how
) {
    const storage::MappedRecord record = mapped_record(context, target, task.target);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, stores_.id_mappings.seal_owned(record, found.owned, task.target.kept)
    );
    const WrittenBefore written{
        task.target.role, task.item.entity, found.remote_id, found.version, task.target.hash, {}};
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        store_written(sql, context, target, task.target, task.item, written, sealed);
        stores_.own_writes.forget(sql, target, found.remote_id);
        if (how == Adopted::kByUs) {
            stores_.jobs.mark_written(sql, JobId{task.target.job}, "updated");
        }
        return {};
    });
}

Result<Writer::Results> Writer::write(
    ConnectionSession& session,
    const WriteContext& context,
    const std::vector<WriteTask>& tasks,
    const Finish& finish
) {
    const auto batch_max =
        static_cast<std::size_t>(std::max<std::int64_t>(1, session.spec().limits.write_batch_max));
    Results all(tasks.size(), Result<Written>(in_doubt()));
    std::set<std::string> doubted;  // lanes that an open intent keeps
    for (std::size_t at = 0; at < tasks.size();) {
        std::vector<std::size_t> places;
        const std::size_t first = at;
        for (; at < tasks.size() && places.size() < batch_max; ++at) {
            if (doubted.count(tasks[at].lane) == 0) {
                places.push_back(at);
            }
        }
        if (places.empty()) {
            break;
        }
        auto results = write_batch(session, context, tasks, places, finish);
        if (!results && first == 0) {
            return results.error();
        }
        for (std::size_t i = 0; i < places.size(); ++i) {
            Result<Written>& result = all[places[i]];
            result = results ? std::move((*results)[i]) : Result<Written>(results.error());
            if (results && !result && outcome_unknown(result.error())) {
                doubted.insert(tasks[places[i]].lane);
            }
        }
        if (!results) {  // the batches before it are settled
            std::fill(all.begin() + static_cast<std::ptrdiff_t>(at), all.end(), results.error());
            break;
        }
    }
    return all;
}

Result<Writer::Results> Writer::write_batch(
    ConnectionSession& session,
    const WriteContext& context,
    const std::vector<WriteTask>& tasks,
    const std::vector<std::size_t>& places,
    const Finish& finish
) {
    const ConnectionId target = session.connection().id;
    StoredWrite stored;
    storage::NewIntent intent{context.tenant, target, context.flow, {}, {}, {}, context.token};
    for (const std::size_t place : places) {
        WriteItem item = tasks[place].item;
        item.index = static_cast<std::int64_t>(stored.request.items.size());
        stored.request.items.push_back(std::move(item));
        stored.targets.push_back(tasks[place].target);
        intent.jobs.push_back(JobId{tasks[place].target.job});
        intent.lanes.push_back(tasks[place].lane);
    }
    intent.request = dump_json(to_json(stored));
    SYNCLINE_FAILPOINT("intent.before_open");
    SYNCLINE_ASSIGN_OR_RETURN(const IntentId id, stores_.intents.open(intent, clock_.now().ms));
    SYNCLINE_FAILPOINT("intent.after_open");

    auto answered = session.write(stored.request, key(id, 0));
    SYNCLINE_FAILPOINT("write.after_answer");
    Results outcomes =
        answered ? std::move(*answered)
                 : Results(stored.request.items.size(), Result<Written>(answered.error()));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto sealed, seal_owned(context.tenant, target, stored, outcomes)
    );
    bool settled = false;
    SYNCLINE_RETURN_IF_ERROR(store_outcome(
        stores_.database,
        session.stop(),
        [&](storage::Sql& sql) -> Result<void> {
            SYNCLINE_ASSIGN_OR_RETURN(
                settled, settle(sql, context, target, id, stored, outcomes, sealed)
            );
            if (!settled) {
                uncover_settled(sql, id, target, intent.lanes, outcomes);
            }
            return finish(sql, places, outcomes);
        }
    ));
    if (!settled) {
        SYNCLINE_FAILPOINT("write.before_leave_open");
        const auto open = std::find_if(outcomes.begin(), outcomes.end(), [](const auto& one) {
            return !one && outcome_unknown(one.error());
        });
        const bool some_answered =
            std::any_of(outcomes.begin(), outcomes.end(), [](const Result<Written>& one) {
                return one || !outcome_unknown(one.error());
            });
        SYNCLINE_RETURN_IF_ERROR(store_outcome(
            stores_.database,
            session.stop(),
            [&](storage::Sql& sql) -> Result<void> {
                stores_.intents.leave_open(
                    sql,
                    id,
                    some_answered,
                    storage::IntentStore::Attempt::kUsedUp,
                    clock_.now().ms + kRecoveryDelayMs,
                    open == outcomes.end() ? "" : open->error().message
                );
                return {};
            }
        ));
    }
    return outcomes;
}

}  // namespace syncline::engine
