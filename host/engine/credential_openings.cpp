#include "engine/credential_openings.hpp"

#include <utility>

#include "core/wipe.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kEveryMs = 3'600'000;

}  // namespace

Result<std::optional<std::string>> CredentialOpenings::open(
    const storage::Connection& connection, std::string_view secret, std::string_view purpose
) {
    Together alone(*this);
    SYNCLINE_ASSIGN_OR_RETURN(auto value, open(connection, secret, purpose, alone));
    return noted(std::move(value), note(alone));
}

Result<std::optional<std::string>> CredentialOpenings::open(
    const storage::Connection& connection,
    std::string_view secret,
    std::string_view purpose,
    Together& together
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto value, value_of(connection, secret));
    if (!value) {
        return value;
    }
    const std::int64_t now = clock_.now().ms;
    const Key key{connection.id, std::string(secret), std::string(purpose)};
    const auto before = noted_.with([&](auto& noted) -> std::optional<Noted> {
        Noted& last = noted[key];
        // A clock that was set back must not hide anything.
        if (last.at_ms != 0 && last.at_ms <= now && now - last.at_ms < kEveryMs) {
            ++last.since;
            return std::nullopt;
        }
        return std::exchange(last, {now, 0});
    });
    if (before) {
        const std::int64_t since = before->since;
        together.due_.push_back({key, entry_of(connection, secret, purpose, since), since});
    }
    return value;
}

Result<void> CredentialOpenings::note(Together& together) {
    if (!together.due_.empty()) {
        SYNCLINE_RETURN_IF_ERROR(stores_.database.write([&](storage::Sql& sql) -> Result<void> {
            for (const auto& row : together.due_) {
                storage::append_audit(sql, row.entry);
            }
            return {};
        }));
    }
    together.due_.clear();
    return {};
}

void CredentialOpenings::take_back(Together& together) {
    noted_.with([&](auto& noted) {
        for (const auto& row : together.due_) {
            noted[row.key] = {0, row.since};
        }
    });
}

Result<std::optional<std::string>> CredentialOpenings::open_in_unit(
    const storage::Connection& connection, std::string_view secret, std::string_view purpose
) {
    SYNCLINE_ASSIGN_OR_RETURN(auto value, value_of(connection, secret));
    return value ? noted(
                       std::move(value),
                       stores_.audit.append(entry_of(connection, secret, purpose, 0))
                   )
                 : Result<std::optional<std::string>>(std::move(value));
}

Result<std::optional<std::string>> CredentialOpenings::value_of(
    const storage::Connection& connection, std::string_view secret
) const {
    return stores_.vault.credential({connection.tenant, connection.id, std::string(secret)});
}

Result<std::optional<std::string>> CredentialOpenings::noted(
    std::optional<std::string> value, const Result<void>& note
) {
    if (note) {
        return value;
    }
    if (value) {
        wipe(*value);
    }
    return note.error();
}

storage::AuditEntry CredentialOpenings::entry_of(
    const storage::Connection& connection,
    std::string_view secret,
    std::string_view purpose,
    std::int64_t since
) const {
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
    return entry;
}

}  // namespace syncline::engine
