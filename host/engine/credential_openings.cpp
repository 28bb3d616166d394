#include "engine/credential_openings.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kEveryMs = 3'600'000;

}  // namespace

Result<void> CredentialOpenings::note(
    const storage::Connection& connection, std::string_view secret, std::string_view purpose
) {
    const std::int64_t now = clock_.now().ms;
    const Key key{connection.id, std::string(secret), std::string(purpose)};
    const auto before = noted_.with([&](auto& noted) -> std::optional<Noted> {
        Noted& last = noted[key];
        // A clock that was set back must not hide anything.
        if (last.at_ms != 0 && last.at_ms <= now && now - last.at_ms < kEveryMs) {
            ++last.since;
            return std::nullopt;
        }
        const Noted former = last;
        last = {now, 0};
        return former;
    });
    if (!before) {
        return {};
    }
    storage::AuditEntry entry;
    entry.tenant = connection.tenant;
    entry.at_ms = now;
    entry.event = "credential.opened";
    entry.object = "connection " + connection.name;
    entry.detail = {
        {"secret", secret},
        {"purpose", purpose},
        {"connector", connection.platform},
        {"times_since_last_noted", before->since}};
    auto appended = audit_.append(entry);
    if (!appended) {
        noted_.with([&](auto& noted) { noted[key] = {0, before->since}; });
    }
    return appended;
}

}  // namespace syncline::engine
