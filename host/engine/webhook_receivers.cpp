#include "engine/webhook_receivers.hpp"

#include <algorithm>
#include <set>

#include "core/webhook_proof.hpp"

namespace syncline::engine {
namespace {

constexpr std::chrono::milliseconds kAgeMax{1000};
constexpr std::chrono::milliseconds kAgeMaxNow{200};

// Ends the looking, whatever it comes to.
struct Looking {
    std::atomic<bool>& flag;

    ~Looking() {
        flag = false;
        flag.notify_all();
    }
};

}  // namespace

Result<std::shared_ptr<const WebhookDirectory>> WebhookReceivers::directory(bool now) {
    const auto last = [&] { return kept_.with([](const Kept& kept) { return kept; }); };
    const auto is_young = [&](const Kept& kept) {
        return kept.directory != nullptr &&
               Steady::now() - kept.looked_at < (now ? kAgeMaxNow : kAgeMax);
    };
    const Kept kept = last();
    if (is_young(kept)) {
        return kept.directory;
    }
    // One looks. The others go on with what there is, or wait for what it sees.
    while (looking_.exchange(true)) {
        if (kept.directory != nullptr && !now) {
            return kept.directory;
        }
        looking_.wait(true);
    }
    const Looking here{looking_};
    if (const Kept latest = last(); is_young(latest)) {
        return latest.directory;
    }
    auto looked = look();
    if (looked) {
        kept_.with([&](Kept& mine) { mine = {*looked, Steady::now()}; });
    }
    return looked;
}

void WebhookReceivers::forget() {
    kept_.with([](Kept& last) { last.looked_at = {}; });
}

Result<std::shared_ptr<const WebhookDirectory>> WebhookReceivers::look() {
    auto directory = std::make_shared<WebhookDirectory>();
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenants, stores_.tenants.list());
    std::set<TenantId> active;
    for (const auto& tenant : tenants) {
        if (tenant.active) {
            active.insert(tenant.id);
        }
    }
    if (!active.empty()) {
        directory->operator_tenant = *active.begin();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list_all());
    CredentialOpenings::Together openings(openings_);
    for (const auto& connection : connections) {
        const Spec* spec = source_.spec(connection.platform);
        const bool takes = spec != nullptr && spec->webhooks.proof != WebhookProof::kNone &&
                           connection.state != storage::ConnectionState::kDisabled &&
                           active.count(connection.tenant) != 0;
        if (takes) {
            SYNCLINE_ASSIGN_OR_RETURN(auto one, receiver(connection, spec->webhooks, openings));
            directory->by_platform[connection.platform].push_back(std::move(one));
        }
    }
    SYNCLINE_RETURN_IF_ERROR(openings_.note(openings));
    return std::shared_ptr<const WebhookDirectory>(std::move(directory));
}

Result<WebhookReceiver> WebhookReceivers::receiver(
    const storage::Connection& connection,
    const WebhookSpec& spec,
    CredentialOpenings::Together& openings
) {
    WebhookReceiver receiver{connection.tenant, connection.id, connection.name, {}, {}};
    if (connection.settings.contains(spec.source_setting)) {
        const Json& setting = connection.settings.at(spec.source_setting);
        if (setting.is_string()) {
            receiver.sources.push_back(source_identity(setting.get<std::string>()));
        }
    }
    if (!connection.remote_identity.empty()) {
        receiver.sources.push_back(source_identity(connection.remote_identity));
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto endpoint, stores_.webhook_endpoints.of(connection.tenant, connection.id)
    );
    for (std::size_t i = 0; i < spec.secrets.size(); ++i) {
        const std::int64_t until = i == 0 ? 0 : endpoint.former_until_ms;
        if (until != 0 && until <= clock_.now().ms) {
            continue;
        }
        auto secret = openings_.open(connection, spec.secrets[i], "webhook", openings);
        // One that cannot be opened (its key is lost) proves nothing; the others still do.
        if (!secret && secret.error().name != "vault.unreadable") {
            return secret.error();
        }
        if (secret && *secret) {
            const WipeAtEnd wiped(**secret);
            receiver.secrets.push_back({effective_secret(spec, **secret), until});
        }
    }
    return receiver;
}

}  // namespace syncline::engine
