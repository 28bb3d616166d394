#include "engine/webhook_intake.hpp"

#include <algorithm>
#include <map>

#include "core/approval.hpp"
#include "core/log.hpp"
#include "engine/record_parts.hpp"
#include "engine/webhook_inbox.hpp"

namespace syncline::engine {
namespace {

constexpr std::chrono::milliseconds kTick{1000};
constexpr std::int64_t kBatch = 100;
constexpr int kWebhookPriority = 1;
constexpr std::int64_t kDelayMs = 5'000;
constexpr std::int64_t kDelayMaxMs = 600'000;

// The delivery itself is at fault, or what it names: another try would end the same way.
bool is_final(const Error& error) {
    return error.code == ErrorCode::kData || error.code == ErrorCode::kInvalid ||
           error.code == ErrorCode::kUnsupported || error.code == ErrorCode::kBug ||
           error.name == "vault.unreadable" || error.name == "webhook.unreadable";
}

// A read that several ids share may fail for one of them.
bool is_of_one_record(const Error& error) {
    return error.code == ErrorCode::kData || error.code == ErrorCode::kUnsupported;
}

std::int64_t delay_after(std::int64_t attempts, const Error& error) {
    if (error.code == ErrorCode::kRateLimited && error.retry_after) {
        return std::clamp<std::int64_t>(error.retry_after->count(), 100, kDelayMaxMs);
    }
    return std::min(kDelayMs << std::min<std::int64_t>(attempts, 10), kDelayMaxMs);
}

}  // namespace

// Deliveries of one connection that are handled together.
struct WebhookIntake::Batch {
    storage::Connection connection;
    std::vector<Flow> flows;  // that read this connection
    struct Item {
        storage::ReceivedWebhook event;
        std::vector<WebhookChange> changes;  // that some flow takes
        storage::WebhookOutcome outcome;
        bool decided = false;
    };
    std::vector<Item> items;
    std::int64_t read_ms = 0;
    bool answered = true;
    std::int64_t last_event_ms = 0;                                // of those that were understood
    std::map<std::string, std::map<std::string, Record>> records;  // by entity and id
    std::map<std::string, std::vector<UnreadableRecord>> unreadable;

    static void decide(Item& item, const std::string& state, const Error& why) {
        item.outcome.state = state;
        item.outcome.reason_code = why.name;
        item.outcome.reason = why.message;
        item.outcome.delay_ms = state == "stored" ? delay_after(item.event.attempts, why) : 0;
        item.decided = true;
    }
    std::set<std::pair<std::string, std::string>> asked_for() const {
        std::set<std::pair<std::string, std::string>> ids;
        for (const auto& item : items) {
            for (const auto& change : item.changes) {
                ids.emplace(change.entity, change.id);
            }
        }
        return ids;
    }
    // Deliveries that name the record.
    void fail(const std::string& entity, const std::string& id, const Error& why) {
        for (auto& item : items) {
            const bool names_it = std::any_of(
                item.changes.begin(),
                item.changes.end(),
                [&](const WebhookChange& change) {
                    return change.entity == entity && change.id == id;
                }
            );
            if (names_it && !item.decided) {
                decide(item, "failed", why);
            }
        }
    }
    bool takes(const std::string& entity) const {
        return std::any_of(flows.begin(), flows.end(), [&](const Flow& flow) {
            return flow.definition.entity == entity;
        });
    }
};

WebhookIntake::~WebhookIntake() {
    stop();
}

void WebhookIntake::start() {
    workers_ = std::make_unique<WorkerPool>(IntakeTurns::kAtOnce);
    thread_ = std::thread([this] { run(); });
}

void WebhookIntake::wake() {
    {
        const std::lock_guard lock(mutex_);
        awake_ = true;
    }
    woken_.notify_one();
}

void WebhookIntake::stop() {
    stopping_ = true;
    wake();
    if (thread_.joinable()) {
        thread_.join();
    }
    workers_.reset();
}

void WebhookIntake::run() {
    while (!stopping_) {
        const auto due = stores_.webhook_events.due_connections(clock_.now().ms);
        if (!due) {
            log::warn("webhook events were not looked at", {{"reason", due.error().message}});
        }
        while (const auto next = turns_.with([&](IntakeTurns& turns) {
            return due ? turns.choose(*due) : std::optional<storage::DueConnection>();
        })) {
            workers_->submit([this, one = *next] { take_turn(one); });
        }
        std::unique_lock lock(mutex_);
        woken_.wait_for(lock, kTick, [&] { return awake_ || stopping_; });
        awake_ = false;
    }
}

void WebhookIntake::take_turn(const storage::DueConnection& due) {
    const auto handled = stopping_ ? Result<Handled>(Handled()) : handle(due.connection);
    if (!handled) {
        log::warn("webhook events were not handled", {{"reason", handled.error().message}});
    }
    turns_.with([&](IntakeTurns& turns) { turns.end(due, !handled || handled->answered); });
    if (handled) {
        wake();  // others may wait for the thread
    }
}

Result<std::size_t> WebhookIntake::step() {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto due, stores_.webhook_events.due_connections(clock_.now().ms)
    );
    std::size_t handled = 0;
    for (const auto& one : due) {
        SYNCLINE_ASSIGN_OR_RETURN(const Handled some, handle(one.connection));
        handled += some.deliveries;
    }
    return handled;
}

Result<WebhookIntake::Handled> WebhookIntake::handle(ConnectionId id) {
    Batch batch;
    SYNCLINE_ASSIGN_OR_RETURN(batch.connection, stores_.connections.by_id(id));
    SYNCLINE_ASSIGN_OR_RETURN(auto events, stores_.webhook_events.due(id, clock_.now().ms, kBatch));
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, stores_.flows.list(batch.connection.tenant));
    std::copy_if(
        flows.begin(),
        flows.end(),
        std::back_inserter(batch.flows),
        [&](const Flow& flow) { return flow.source == id && flow.definition.enabled; }
    );
    for (auto& event : events) {
        Batch::Item item;
        item.outcome.id = event.id;
        item.outcome.came = event.came();
        item.event = std::move(event);
        batch.items.push_back(std::move(item));
    }
    understand(batch);
    SYNCLINE_RETURN_IF_ERROR(read_records(batch));
    decide_found(batch);
    SYNCLINE_RETURN_IF_ERROR(store(batch));
    return Handled{batch.items.size(), batch.answered};
}

void WebhookIntake::understand(Batch& batch) {
    for (auto& item : batch.items) {
        const auto text = stores_.vault.open(
            webhook_place(item.event.tenant, item.event.connection, item.event.identity),
            item.event.sealed
        );
        const auto parsed = text ? parse_webhook_text(*text) : Result<WebhookText>(text.error());
        if (!parsed) {
            Batch::decide(item, is_final(parsed.error()) ? "failed" : "stored", parsed.error());
            continue;
        }
        auto event = pool_.parse_webhook(batch.connection, parsed->delivery, parsed->body);
        if (!event) {
            Batch::decide(item, is_final(event.error()) ? "failed" : "stored", event.error());
            continue;
        }
        item.outcome.topic = event->topic;
        const auto parts = parts_before(batch, *event);
        if (!parts) {
            Batch::decide(item, "stored", parts.error());
            continue;
        }
        Json changes = Json::array();
        for (auto& change : event->changes) {
            changes.push_back(to_json(change));
            if (batch.takes(change.entity)) {
                item.changes.push_back(std::move(change));
            }
        }
        item.outcome.changes = dump_json(changes);
        item.changes.insert(item.changes.end(), parts->begin(), parts->end());
        if (item.changes.empty()) {
            const Reason reason = event->ignored.value_or(Reason{
                "NO_FLOW", "no flow takes such records of this connection"});
            Batch::decide(item, "ignored", Error{ErrorCode::kData, reason.message, reason.code});
        }
    }
}

// What the orders had before, and are not announced to have now: they may be gone.
Result<std::vector<WebhookChange>> WebhookIntake::parts_before(
    const Batch& batch, const WebhookEvent& event
) const {
    std::vector<WebhookChange> changes;
    if (!batch.takes(kPartEntity)) {
        return changes;
    }
    const storage::PartStore parts(stores_.database);
    for (const auto& change : event.changes) {
        if (change.entity != kWholeEntity) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto known, parts.of(batch.connection.id, kPartEntity, change.id)
        );
        for (const auto& id : known) {
            const bool announced = std::any_of(
                event.changes.begin(),
                event.changes.end(),
                [&](const WebhookChange& one) { return one.entity == kPartEntity && one.id == id; }
            );
            if (!announced) {
                changes.push_back({kPartEntity, id, false, {}});
            }
        }
    }
    return changes;
}

Result<void> WebhookIntake::read_records(Batch& batch) {
    std::set<std::string> entities;
    for (const auto& item : batch.items) {
        for (const auto& change : item.changes) {
            if (!item.decided) {
                entities.insert(change.entity);
            }
        }
    }
    if (entities.empty()) {
        return {};
    }
    batch.read_ms = clock_.now().ms;
    Result<void> done;
    {
        const auto session = pool_.open(batch.connection.id, &stopping_);
        done = session ? Result<void>() : Result<void>(session.error());
        for (const auto& entity : entities) {
            done = done ? read_entity(**session, batch, entity) : done;
        }
    }
    batch.answered = done.has_value();
    for (auto& item : batch.items) {
        if (!done && !item.decided) {
            Batch::decide(item, "stored", done.error());
        }
    }
    return {};
}

Result<void> WebhookIntake::read_entity(
    ConnectionSession& session, Batch& batch, const std::string& entity
) {
    std::set<std::string> wanted;
    for (const auto& item : batch.items) {
        for (const auto& change : item.changes) {
            if (!item.decided && change.entity == entity) {
                wanted.insert(change.id);
            }
        }
    }
    const std::vector<std::string> all(wanted.begin(), wanted.end());
    const auto page =
        static_cast<std::size_t>(std::max<std::int64_t>(1, session.spec().limits.read_page_max));
    for (std::size_t at = 0; at < all.size(); at += page) {
        const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
        const auto end = begin + static_cast<std::ptrdiff_t>(std::min(page, all.size() - at));
        const auto together = read_ids(session, batch, entity, {begin, end});
        if (!together && !is_of_one_record(together.error())) {
            return together;
        }
        // Which of them it is.
        for (auto id = begin; !together && id != end; ++id) {
            const auto alone = read_ids(session, batch, entity, {*id});
            if (!alone && !is_of_one_record(alone.error())) {
                return alone;
            }
            if (!alone) {
                batch.fail(entity, *id, alone.error());
            }
        }
    }
    return {};
}

Result<void> WebhookIntake::read_ids(
    ConnectionSession& session,
    Batch& batch,
    const std::string& entity,
    std::vector<std::string> ids
) {
    ReadRequest request;
    request.entity = entity;
    request.limit = static_cast<std::int64_t>(ids.size());
    request.ids = std::move(ids);
    SYNCLINE_ASSIGN_OR_RETURN(Page page, session.read(request));
    for (auto& record : page.records) {
        batch.records[entity].insert_or_assign(record.key, std::move(record));
    }
    auto& unreadable = batch.unreadable[entity];
    std::move(page.unreadable.begin(), page.unreadable.end(), std::back_inserter(unreadable));
    return {};
}

void WebhookIntake::decide_found(Batch& batch) {
    const auto asked_for = batch.asked_for();
    for (auto& item : batch.items) {
        if (item.decided) {
            continue;
        }
        bool any = false;
        for (const auto& change : item.changes) {
            auto& records = batch.records[change.entity];
            const bool unreadable = !batch.unreadable[change.entity].empty();
            // Announced as gone, and not there when it was looked for: not even unreadably.
            if (change.deleted && records.count(change.id) == 0 && !unreadable) {
                records[change.id] = {
                    change.entity, change.id, RecordOperation::kDelete, Timestamp{}, {}};
            }
            // A record may be found under another id: a product by the id of its variation.
            any = any || unreadable ||
                  std::any_of(records.begin(), records.end(), [&](const auto& entry) {
                      return entry.first == change.id ||
                             asked_for.count({change.entity, entry.first}) == 0;
                  });
        }
        item.outcome.state = "raised";
        batch.last_event_ms = std::max(batch.last_event_ms, item.event.received_at_ms);
        if (!any) {
            Batch::decide(
                item,
                "ignored",
                Error{ErrorCode::kData, "the source shows no such record", "NOT_THERE"}
            );
        }
    }
}

Result<RecordJobs> WebhookIntake::jobs_for(const Flow& flow, const Batch& batch) {
    ReadRecords read;
    read.read_ms = batch.read_ms;
    std::vector<std::string> gone;
    const auto found = batch.records.find(flow.definition.entity);
    if (found != batch.records.end()) {
        for (const auto& [id, record] : found->second) {
            (void)id;
            read.records.push_back(record);
            if (record.operation == RecordOperation::kDelete) {
                gone.push_back(record.key);
            }
        }
    }
    const auto unreadable = batch.unreadable.find(flow.definition.entity);
    if (unreadable != batch.unreadable.end()) {
        read.unreadable = unreadable->second;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto known, stores_.jobs.known_ids(flow.id, gone));
    std::erase_if(read.records, [&](const Record& record) {
        return record.operation == RecordOperation::kDelete &&
               std::find(known.begin(), known.end(), record.key) == known.end();
    });
    RaiseRules rules;
    rules.priority = kWebhookPriority;
    if (!flow.definition.approval.exempts(Starter::kWebhook)) {
        rules.approved.emplace();  // nothing, until somebody confirms it
    }
    return jobs_of(stores_, flow, read, rules);
}

Result<void> WebhookIntake::store(Batch& batch) {
    std::vector<std::pair<const Flow*, RecordJobs>> read;
    for (const auto& flow : batch.flows) {
        SYNCLINE_ASSIGN_OR_RETURN(auto jobs, jobs_for(flow, batch));
        read.emplace_back(&flow, std::move(jobs));
    }
    const std::int64_t now = clock_.now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::int64_t pending,
        stores_.database.write([&](storage::Sql& sql) -> Result<std::int64_t> {
            std::int64_t raised = 0;
            for (auto& [flow, jobs] : read) {
                raised += raise(sql, stores_, *flow, jobs, std::nullopt, now).pending;
            }
            for (const auto& item : batch.items) {
                stores_.webhook_events.finish(sql, item.outcome, now);
            }
            if (batch.last_event_ms > 0) {
                stores_.webhook_endpoints.note_event(
                    sql, batch.connection.tenant, batch.connection.id, batch.last_event_ms
                );
            }
            return raised;
        })
    );
    if (pending > 0) {
        wake_dispatcher_();
    }
    return {};
}

}  // namespace syncline::engine
