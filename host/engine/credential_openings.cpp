#include "engine/credential_openings.hpp"

#include "core/wipe.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kEveryMs = 3'600'000;

}  // namespace

template <class Note>
Result<std::optional<std::string>> CredentialOpenings::open_noted(
    const storage::Connection& connection, std::string_view secret, Note&& note
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        auto value,
        stores_.vault.credential({connection.tenant, connection.id, std::string(secret)})
    );
    if (!value) {
        return value;
    }
    if (const Result<void> noted = note(); !noted) {
        wipe(*value);
        return noted.error();
    }
    return value;
}

Result<std::optional<std::string>> CredentialOpenings::open(
    const storage::Connection& connection, std::string_view secret, std::string_view purpose
) {
    return open_noted(connection, secret, [&] { return note(connection, secret, purpose); });
}

Result<std::optional<std::string>> CredentialOpenings::open_in_unit(
    const storage::Connection& connection, std::string_view secret, std::string_view purpose
) {
    return open_noted(connection, secret, [&] { return append(connection, secret, purpose, 0); });
}

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
    auto appended = append(connection, secret, purpose, before->since);
    if (!appended) {
        noted_.with([&](auto& noted) { noted[key] = {0, before->since}; });
    }
    return appended;
}

Result<void> CredentialOpenings::append(
    const storage::Connection& connection,
    std::string_view secret,
    std::string_view purpose,
    std::int64_t since
) {
    storage::AuditEntry entry;
    entry.tenant = connection.tenant;
    entry.at_ms = clock_.now().ms;
    entry.event = "credential.opened";
    entry.object = "connection " + connection.name;
    entry.detail = {
        {"secret", secret},
        {"purpose", purpose},
        {"connector", connection.platform},
        {"times_since_last_noted", since}};
    return stores_.audit.append(entry);
}

}  // namespace syncline::engine
