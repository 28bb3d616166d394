#include "engine/connection_session.hpp"

#include <algorithm>

#include "core/trace_context.hpp"
#include "engine/connection_pool.hpp"

namespace syncline::engine {
namespace {

std::vector<FindKey> slice(const std::vector<FindKey>& keys, std::size_t from, std::size_t count) {
    const auto begin = keys.begin() + static_cast<std::ptrdiff_t>(from);
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min(count, keys.size() - from))};
}

}  // namespace

Error tenant_suspended(const std::string& tenant) {
    return Error{
        ErrorCode::kCancelled, "the tenant '" + tenant + "' is suspended", "tenant.suspended"};
}

ConnectionSession::ConnectionSession(
    ConnectionPool& pool,
    storage::Connection connection,
    const Spec& spec,
    std::unique_ptr<connectors::Connector> connector,
    const std::atomic<bool>* stop
)
    : pool_(pool),
      connection_(std::move(connection)),
      spec_(spec),
      connector_(std::move(connector)),
      stop_(stop) {}

ConnectionSession::~ConnectionSession() {
    pool_.budgets_.flush(connection_);
    pool_.give_back(connection_, std::move(connector_));
}

connectors::CallContext ConnectionSession::context(std::string_view purpose, std::string key)
    const {
    connectors::CallContext call;
    call.purpose = purpose;
    call.idempotency_key = std::move(key);
    call.deadline = Timestamp{pool_.clock_.now().ms + pool_.config_.call_timeout_ms};
    call.stop = stop_;
    if (const TraceContext* trace = current_trace()) {
        call.trace_id = trace->trace_id;
    }
    return call;
}

template <class Call>
auto ConnectionSession::authorized(Call&& call) -> decltype(call()) {
    Authorization& authorization = pool_.authorization_;
    SYNCLINE_RETURN_IF_ERROR(keep_fresh(Authorization::kFreshMs));
    const std::int64_t seen = authorization.refreshes(connection_.id);
    auto result = call();
    if (!result && result.error().name == "auth.token_expired" && spec_.auth == AuthKind::kOAuth2) {
        const auto fresh =
            authorization.refresh(connection_, *connector_, context("refresh"), seen);
        if (!fresh) {
            pool_.note(connection_, fresh.error());
            return fresh.error();
        }
        result = call();
    }
    if (!result) {
        pool_.note(connection_, result.error());
    }
    return result;
}

Result<CheckReport> ConnectionSession::check() {
    return authorized([&] { return connector_->check(context("check")); });
}

Result<Page> ConnectionSession::read(const ReadRequest& request) {
    // A reading may take hours: it does not outlive its tenant's suspension.
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, pool_.stores_.tenants.by_id(connection_.tenant));
    if (tenant && !tenant->active) {
        return tenant_suspended(tenant->name);
    }
    return authorized([&] { return connector_->read(request, context("read")); });
}

Result<void> ConnectionSession::keep_fresh(std::int64_t at_least_ms) {
    if (spec_.auth != AuthKind::kOAuth2) {
        return {};
    }
    const auto fresh = pool_.authorization_.ensure_fresh(
        connection_, *connector_, context("refresh"), at_least_ms
    );
    if (!fresh) {
        pool_.note(connection_, fresh.error());
    }
    return fresh;
}

connectors::CallContext ConnectionSession::courtesy_context() const {
    connectors::CallContext call = context("webhooks");
    call.deadline =
        std::min(call.deadline, Timestamp{pool_.clock_.now().ms + ConnectionPool::kCourtesyMs});
    return call;
}

template <class Call>
auto ConnectionSession::courtesy(Call&& call) -> decltype(call()) {
    if (spec_.auth == AuthKind::kOAuth2) {
        SYNCLINE_RETURN_IF_ERROR(
            pool_.authorization_.ensure_fresh(connection_, *connector_, context("refresh"))
        );
    }
    auto result = call();
    if (!result && result.error().code == ErrorCode::kRateLimited) {
        pool_.note(connection_, result.error());
    }
    return result;
}

Result<WebhookReport> ConnectionSession::webhook_register(const WebhookRegistration& registration) {
    return courtesy([&] { return connector_->webhook_register(registration, courtesy_context()); });
}

Result<void> ConnectionSession::webhook_unregister(const WebhookRegistration& registration) {
    return courtesy([&] { return connector_->webhook_unregister(registration, courtesy_context()); }
    );
}

Result<std::vector<Encoded>> ConnectionSession::encode(
    const EncodeContext& encode_context,
    const std::vector<std::string>& records,
    const std::vector<std::vector<KnownDocument>>& known
) {
    return connector_->encode(encode_context, records, known, context("encode"));
}

Result<std::vector<Found>> ConnectionSession::find(const FindRequest& request) {
    const auto batch =
        static_cast<std::size_t>(std::max<std::int64_t>(1, spec_.limits.find_batch_max));
    std::vector<Found> all;
    for (std::size_t at = 0; at < request.keys.size(); at += batch) {
        FindRequest part = request;
        part.keys = slice(request.keys, at, batch);
        SYNCLINE_ASSIGN_OR_RETURN(auto found, authorized([&] {
                                      return connector_->find(part, context("find"));
                                  }));
        std::move(found.begin(), found.end(), std::back_inserter(all));
    }
    return all;
}

Result<std::vector<Result<Written>>> ConnectionSession::write(
    const WriteRequest& request, const std::string& key
) {
    // An expired token shows on every item; nothing was done then, so the same request may go
    // again.
    return authorized([&]() -> Result<std::vector<Result<Written>>> {
        auto results = connector_->write(request, context("write", key));
        if (!results) {
            return results;
        }
        const auto all_are = [&](auto&& wrong) {
            return !results->empty() &&
                   std::all_of(results->begin(), results->end(), [&](const Result<Written>& one) {
                       return !one && wrong(one.error());
                   });
        };
        if (all_are([](const Error& error) { return error.name == "auth.token_expired"; })) {
            return results->front().error();
        }
        note_items(*results, all_are([](const Error& error) {
            return error.code == ErrorCode::kBug;
        }));
        return results;
    });
}

// One item's bug is that item's; a bug of all of them is the connector's.
void ConnectionSession::note_items(const std::vector<Result<Written>>& results, bool all_are_bugs) {
    for (const auto& one : results) {
        if (!one &&
            (one.error().code == ErrorCode::kRateLimited || one.error().code == ErrorCode::kAuth ||
             one.error().code == ErrorCode::kConfig ||
             (all_are_bugs && one.error().code == ErrorCode::kBug))) {
            pool_.note(connection_, one.error());
            return;
        }
    }
}

bool ConnectionSession::knows_its_facts() const {
    const std::int64_t age = pool_.clock_.now().ms - connection_.facts_at_ms;
    return !connection_.facts.is_null() && connection_.facts_at_ms != 0 &&
           age < pool_.config_.facts_max_age_ms;
}

Result<Catalog> ConnectionSession::discover() {
    auto catalog = authorized([&] { return connector_->discover(context("discover")); });
    if (!catalog && catalog.error().code == ErrorCode::kUnsupported) {
        return Catalog{};
    }
    if (!catalog) {
        return catalog.error();
    }
    connection_.facts = catalog->facts;
    connection_.entities = to_json(catalog->entities);
    connection_.facts_at_ms = pool_.clock_.now().ms;
    SYNCLINE_RETURN_IF_ERROR(
        pool_.stores_.connections.set_discovered(connection_.id, *catalog, connection_.facts_at_ms)
    );
    return catalog;
}

Result<Json> ConnectionSession::facts() {
    if (knows_its_facts()) {
        return connection_.facts;
    }
    SYNCLINE_ASSIGN_OR_RETURN(Catalog catalog, discover());
    return std::move(catalog.facts);
}

Result<Catalog> ConnectionSession::catalog() {
    auto entities = from_json<std::vector<CatalogEntity>>(connection_.entities);
    if (!knows_its_facts() || !connection_.entities.is_array() || !entities) {
        return discover();
    }
    return Catalog{std::move(*entities), connection_.facts};
}

Result<const Json*> ConnectionSession::entities() {
    if (!knows_its_facts()) {
        SYNCLINE_RETURN_IF_ERROR(discover());
    }
    return &connection_.entities;
}

CompiledMappings& ConnectionSession::compiled_mappings() const {
    return pool_.compiled_mappings_;
}

Result<std::string> ConnectionSession::connector_id() const {
    for (const auto& connector : pool_.source_.list()) {
        if (connector.platform == connection_.platform) {
            return connector.id;
        }
    }
    return Error{
        ErrorCode::kNotFound,
        "no installed plugin speaks to '" + connection_.platform + "'",
        "connector.unknown"};
}

}  // namespace syncline::engine
