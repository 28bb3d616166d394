// That a credential was decrypted, for whom and why, in the audit log. A connector may ask for a
// secret with every request, so one row stands for the openings of an hour: the first one is noted
// before the secret is handed out, and the row after it says how many there were in between.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class CredentialOpenings {
    using Key = std::tuple<ConnectionId, std::string, std::string>;  // connection, secret, purpose

public:
    CredentialOpenings(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}

    // Openings whose rows share a commit. Those that were not noted at its end count for nothing.
    class Together {
    public:
        explicit Together(CredentialOpenings& openings) : openings_(openings) {}
        ~Together() { openings_.take_back(*this); }
        Together(const Together&) = delete;
        Together& operator=(const Together&) = delete;

    private:
        friend class CredentialOpenings;
        struct Row {
            Key key;
            storage::AuditEntry entry;
            std::int64_t since = 0;
        };
        CredentialOpenings& openings_;
        std::vector<Row> due_;
    };

    // Opens `secret` of the connection for `purpose`, and notes it; nothing when there is none. The
    // only way to a credential: tests/tidy sees to it. Errors: as Vault::open and
    // AuditLog::append. [any thread, not in a unit of work]
    Result<std::optional<std::string>> open(
        const storage::Connection& connection, std::string_view secret, std::string_view purpose
    );

    // The same, but nothing is noted before note(), without which no value may be used or kept.
    Result<std::optional<std::string>> open(
        const storage::Connection& connection,
        std::string_view secret,
        std::string_view purpose,
        Together& together
    );
    Result<void> note(Together& together);

    // The same for what a person does in a unit of work: a row each time, which goes when the unit
    // is rolled back.
    Result<std::optional<std::string>> open_in_unit(
        const storage::Connection& connection, std::string_view secret, std::string_view purpose
    );

private:
    Result<std::optional<std::string>> value_of(
        const storage::Connection& connection, std::string_view secret
    ) const;
    // Throws away the value when it could not be noted.
    static Result<std::optional<std::string>> noted(
        std::optional<std::string> value, const Result<void>& note
    );
    void take_back(Together& together);
    storage::AuditEntry entry_of(
        const storage::Connection& connection,
        std::string_view secret,
        std::string_view purpose,
        std::int64_t since
    ) const;

    struct Noted {
        std::int64_t at_ms = 0;
        std::int64_t since = 0;  // openings after it
    };

    Stores& stores_;
    const Clock& clock_;
    Guarded<std::map<Key, Noted>> noted_;
};

}  // namespace syncline::engine
