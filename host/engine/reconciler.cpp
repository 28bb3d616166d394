#include "engine/reconciler.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "core/reconcile_setting.hpp"
#include "engine/api_key_control.hpp"
#include "engine/reads_here.hpp"
#include "engine/reconciliation_report.hpp"
#include "engine/store_outcome.hpp"

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTick{500};
constexpr std::int64_t kNightsEveryMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::size_t kFindingsPerUnit = 200;

Error stopped() {
    return Error{ErrorCode::kCancelled, "it was stopped", "reconciliation.stopped"};
}

// How the reading slots know it: as a run that a person asked for, or as one that can wait.
storage::Run reader_of(const storage::Reconciliation& reconciliation) {
    storage::Run run;
    run.id = "reconciliation-" + std::to_string(reconciliation.id.value);
    run.tenant = reconciliation.tenant;
    run.mode = reconciliation.nightly ? SyncMode::kBackfill : SyncMode::kFull;
    run.requested_by = reconciliation.requested_by;
    return run;
}

std::int64_t metered(const ConnectionSession& session, const ReadsHere& reads) {
    return session.spec().limits.reads_per_month > 0 ? reads.of(session.connection().id) : 0;
}

bool wanted(const Flow& flow, const std::vector<std::string>& entities) {
    const std::string& entity = flow.definition.entity;
    return flow.definition.enabled && is_reconciled(entity) &&
           (entities.empty() ||
            std::find(entities.begin(), entities.end(), entity) != entities.end());
}

std::int64_t pages(std::int64_t rows, std::int64_t page_max) {
    return 1 + rows / std::max<std::int64_t>(1, page_max);
}

}  // namespace

Result<ReconciliationScope> reconciliation_scope(
    const Stores& stores,
    const ConnectorSource& connectors,
    TenantId tenant,
    const std::vector<std::string>& entities
) {
    ReconciliationScope scope;
    SYNCLINE_ASSIGN_OR_RETURN(const auto flows, stores.flows.list(tenant));
    for (const auto& flow : flows) {
        if (!wanted(flow, entities)) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto target, stores.connections.by_id(flow.target));
        const bool loaded = connectors.spec(target.platform) != nullptr;
        auto forms = posted_forms(target.facts);
        // What was never asked for is asked for when it is compared.
        if (!loaded || (forms.empty() && target.facts.is_object())) {
            scope.not_compared.push_back(
                {flow.definition.name,
                 loaded ? target.platform + " does not tell what its documents show"
                        : "no loaded plugin speaks to " + target.platform}
            );
            continue;
        }
        const auto pair =
            std::find_if(scope.pairs.begin(), scope.pairs.end(), [&](const ComparedPair& one) {
                return one.source == flow.source && one.target == flow.target;
            });
        if (pair == scope.pairs.end()) {
            scope.pairs.push_back({tenant, flow.source, flow.target, {flow}, std::move(forms)});
        } else {
            pair->flows.push_back(flow);
        }
    }
    return scope;
}

Result<std::int64_t> estimated_reads(
    const Stores& stores,
    const ConnectorSource& connectors,
    const ReconciliationScope& scope,
    const DayWindow& window
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Timestamp from, reading_begin(window));
    std::int64_t reads = 0;
    for (const auto& pair : scope.pairs) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto target, stores.connections.by_id(pair.target));
        SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores.connections.by_id(pair.source));
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto mapped,
            storage::ReconciliationStore(stores.database)
                .mapped_since(pair.source, pair.target, from.ms)
        );
        const Spec* books = connectors.spec(target.platform);
        const Spec* shop = connectors.spec(source.platform);
        std::int64_t documents = 0;
        const bool counted = books != nullptr && books->limits.reads_per_month > 0;
        for (const auto& [entity, form] : pair.forms) {
            const auto count = mapped.find(entity);
            const std::int64_t rows = count == mapped.end() ? 0 : count->second;
            documents += rows;
            reads += counted ? pages(rows, books->limits.read_page_max) : 0;
        }
        if (shop != nullptr && shop->limits.reads_per_month > 0) {
            reads += pages(documents, shop->limits.read_page_max);
        }
    }
    return reads;
}

// What was read and found so far, and whether somebody wants it to stop.
class Reconciler::Progress {
public:
    Progress(Reconciler& of, storage::Reconciliation& reconciliation, ReadingPace& reading_pace)
        : pace(reading_pace), of_(of), reconciliation_(reconciliation) {}

    Result<void> store(const Reconciled& result, const std::string& target) {
        std::vector<storage::StoredFinding> unit;
        for (const auto& finding : result.findings) {
            unit.push_back({0, target, finding, ""});
            if (unit.size() == kFindingsPerUnit) {
                SYNCLINE_RETURN_IF_ERROR(flush(unit));
            }
        }
        reconciliation_.drift_records += static_cast<std::int64_t>(result.findings.size());
        return flush(unit);
    }
    Result<void> check_stop() {
        SYNCLINE_ASSIGN_OR_RETURN(
            const bool asked, of_.reconciliations_.stop_requested(reconciliation_.id)
        );
        if (asked) {
            of_.stop_ = true;
        }
        return of_.stop_ ? Result<void>(stopped()) : Result<void>();
    }

    ReadingPace& pace;

private:
    Result<void> flush(std::vector<storage::StoredFinding>& unit) {
        SYNCLINE_RETURN_IF_ERROR(of_.reconciliations_.add_findings(reconciliation_.id, unit));
        unit.clear();
        return {};
    }

    Reconciler& of_;
    storage::Reconciliation& reconciliation_;
};

Reconciler::Reconciler(
    Stores& stores,
    ConnectionPool& pool,
    const ConnectorSource& connectors,
    ReadingSlots& slots,
    const Clock& clock
)
    : stores_(stores),
      reconciliations_(stores.database),
      pool_(pool),
      connectors_(connectors),
      slots_(slots),
      clock_(clock),
      started_ms_(clock.now().ms) {}

Reconciler::~Reconciler() {
    stop();
}

Result<void> Reconciler::recover_state() {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto failed, reconciliations_.fail_interrupted(clock_.now().ms)
    );
    if (failed > 0) {
        log::warn("a reconciliation was interrupted by the end of the host", {{"count", failed}});
    }
    return {};
}

void Reconciler::start() {
    looking_.start(kTick, kTick * 20, [this]() -> Result<milliseconds> {
        SYNCLINE_ASSIGN_OR_RETURN(const bool some, step());
        return some ? milliseconds(0) : kTick;
    });
}

void Reconciler::stop() {
    ending_ = true;
    stop_ = true;
    looking_.stop();
}

Result<bool> Reconciler::step() {
    SYNCLINE_RETURN_IF_ERROR(add_nights());
    SYNCLINE_ASSIGN_OR_RETURN(const auto next, reconciliations_.start_next(clock_.now().ms));
    if (!next) {
        return false;
    }
    run(*next);
    return true;
}

Result<void> Reconciler::add_nights() {
    const std::int64_t now = clock_.now().ms;
    if (now - nights_looked_at_ms_ < kNightsEveryMs && now >= nights_looked_at_ms_) {
        return {};
    }
    nights_looked_at_ms_ = now;
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, stores_.tenants.list());
    for (const auto& tenant : tenants) {
        if (!tenant.active) {
            continue;
        }
        if (const auto added = add_night(tenant.id); !added) {
            log::warn(
                "a tenant's nightly reconciliation was not begun",
                {{"tenant", tenant.name}, {"reason", added.error().message}}
            );
        }
    }
    return {};
}

// A first night is one that comes while the host runs: its start at noon begins none.
Result<bool> Reconciler::add_night(TenantId tenant) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto settings, setting_of<ReconciliationSettings>(stores_, tenant)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto newest, reconciliations_.newest_nightly(tenant));
    const std::int64_t since = newest ? newest->created_at_ms : started_ms_;
    const auto window = night_due(settings, clock_.now(), since);
    if (!window) {
        return false;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto scope, reconciliation_scope(stores_, connectors_, tenant, settings.entities)
    );
    if (scope.pairs.empty()) {
        return false;
    }
    storage::Reconciliation night;
    night.tenant = tenant;
    night.requested_by = "nightly";
    night.nightly = true;
    night.window = *window;
    night.entities = settings.entities;
    SYNCLINE_ASSIGN_OR_RETURN(
        night.estimated_reads, estimated_reads(stores_, connectors_, scope, night.window)
    );
    const auto added = reconciliations_.add(night, clock_.now().ms);
    if (!added && added.error().name == "reconciliation.busy") {
        return false;  // it is looked at again in a minute
    }
    return added ? Result<bool>(true) : Result<bool>(added.error());
}

void Reconciler::run(storage::Reconciliation reconciliation) {
    stop_ = false;
    if (ending_) {  // stop() came in between
        stop_ = true;
    }
    const auto compared = compare(reconciliation);
    if (compared) {
        reconciliation.state = "completed";
        reconciliation.report = dump_json(compared->report);
    } else {
        const Error& error = compared.error();
        reconciliation.state = error.code == ErrorCode::kCancelled ? "stopped" : "failed";
        reconciliation.error_code = error.name.empty() ? "reconciliation.failed" : error.name;
        reconciliation.error_message = error.message;
    }
    const auto stored = until_stored(&looking_.stopping(), [&] {
        return reconciliations_.finish(reconciliation, clock_.now().ms);
    });
    log::info(
        "reconciliation ended",
        {{"reconciliation", reconciliation.id.value},
         {"state", stored ? reconciliation.state : "not stored"},
         {"drift_records", reconciliation.drift_records},
         {"reads", reconciliation.reads}}
    );
}

Result<Reconciler::Compared> Reconciler::compare(storage::Reconciliation& reconciliation) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto scope,
        reconciliation_scope(stores_, connectors_, reconciliation.tenant, reconciliation.entities)
    );
    ReadingPace pace(slots_, clock_, reader_of(reconciliation), stop_);
    Progress progress(*this, reconciliation, pace);
    Compared compared;
    Json& report = compared.report = {{"pairs", Json::array()}, {"not_compared", Json::array()}};
    for (const auto& pair : scope.pairs) {
        SYNCLINE_ASSIGN_OR_RETURN(Json one, compare_pair(reconciliation, pair, progress));
        if (!one.is_null()) {
            report["pairs"].push_back(std::move(one));
            continue;
        }
        for (const auto& flow : pair.flows) {
            report["not_compared"].push_back(
                {{"flow", flow.definition.name},
                 {"reason", "its target does not tell what its documents show"}}
            );
        }
    }
    for (const auto& flow : scope.not_compared) {
        report["not_compared"].push_back({{"flow", flow.flow}, {"reason", flow.reason}});
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto counts, reconciliations_.counts(reconciliation.id));
    report["findings"] = counts;
    compared.drift_records = reconciliation.drift_records;
    return compared;
}

Result<Json> Reconciler::compare_pair(
    storage::Reconciliation& reconciliation, ComparedPair pair, Progress& progress
) {
    const ReadsHere reads;
    const DayWindow& window = reconciliation.window;
    SYNCLINE_ASSIGN_OR_RETURN(const Timestamp from, reading_begin(window));
    const Timestamp to{clock_.now().ms + kDayMs};
    SYNCLINE_ASSIGN_OR_RETURN(const auto books, progress.pace.patiently([&] {
        return pool_.open(pair.target, &stop_);
    }));
    SYNCLINE_ASSIGN_OR_RETURN(const auto shop, progress.pace.patiently([&] {
        return pool_.open(pair.source, &stop_);
    }));
    const std::string key = shop->connection().platform + ":" + shop->connection().name;
    const auto read = [&]() -> Result<Json> {
        SYNCLINE_ASSIGN_OR_RETURN(const Json facts, progress.pace.patiently([&] {
            return books->facts();
        }));
        pair.forms = posted_forms(facts);
        if (pair.forms.empty()) {
            return Json();
        }
        TargetSide target(stores_, pair, *books, progress.pace);
        SYNCLINE_RETURN_IF_ERROR(target.read(from, to, key));
        SYNCLINE_RETURN_IF_ERROR(progress.check_stop());
        SourceSide source(stores_, pair, *shop, *books, progress.pace);
        for (const auto& flow : pair.flows) {
            SYNCLINE_RETURN_IF_ERROR(source.read(flow, from, to));
            SYNCLINE_RETURN_IF_ERROR(progress.check_stop());
        }
        const LookUps wanted = look_ups(window, source.facts(), target.facts());
        SYNCLINE_RETURN_IF_ERROR(target.look_up(wanted.documents, key));
        for (const auto& flow : pair.flows) {
            const auto ids = wanted.records.find(flow.definition.entity);
            if (ids != wanted.records.end()) {
                SYNCLINE_RETURN_IF_ERROR(source.look_up(flow, ids->second));
            }
        }
        SYNCLINE_RETURN_IF_ERROR(progress.check_stop());
        const Reconciled result = reconcile(window, source.facts(), target.facts());
        SYNCLINE_RETURN_IF_ERROR(progress.store(result, books->connection().name));
        Json json = reconciled_json(result);
        json["others"] = target.others();
        return json;
    };
    auto json = read();
    reconciliation.reads += metered(*books, reads) + metered(*shop, reads);
    if (!json || json->is_null()) {
        return json;
    }
    (*json)["source"] = shop->connection().name;
    (*json)["target"] = books->connection().name;
    (*json)["flows"] = Json::array();
    for (const auto& flow : pair.flows) {
        (*json)["flows"].push_back(flow.definition.name);
    }
    return json;
}

}  // namespace syncline::engine
