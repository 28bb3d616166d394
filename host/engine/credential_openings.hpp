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

#include "core/clock.hpp"
#include "core/guarded.hpp"
#include "engine/stores.hpp"

namespace syncline::engine {

class CredentialOpenings {
public:
    CredentialOpenings(Stores& stores, const Clock& clock) : stores_(stores), clock_(clock) {}

    // Opens `secret` of the connection for `purpose`, and notes it; nothing when there is none. The
    // only way to a credential: tests/tidy sees to it. Errors: as Vault::open and note(). [any
    // thread, not in a unit of work]
    Result<std::optional<std::string>> open(
        const storage::Connection& connection, std::string_view secret, std::string_view purpose
    );

    // The same for what a person does in a unit of work: a row each time, which goes when the unit
    // is rolled back.
    Result<std::optional<std::string>> open_in_unit(
        const storage::Connection& connection, std::string_view secret, std::string_view purpose
    );

private:
    // Throws away the value when it cannot be noted.
    template <class Note>
    Result<std::optional<std::string>> open_noted(
        const storage::Connection& connection, std::string_view secret, Note&& note
    );
    Result<void> append(
        const storage::Connection& connection,
        std::string_view secret,
        std::string_view purpose,
        std::int64_t since
    );
    // `secret` of the connection is about to be used for `purpose` ("read"). Errors: as
    // AuditLog::append; the secret must not be handed out then.
    Result<void> note(
        const storage::Connection& connection, std::string_view secret, std::string_view purpose
    );

    struct Noted {
        std::int64_t at_ms = 0;
        std::int64_t since = 0;  // openings after it
    };
    using Key = std::tuple<ConnectionId, std::string, std::string>;  // connection, secret, purpose

    Stores& stores_;
    const Clock& clock_;
    Guarded<std::map<Key, Noted>> noted_;
};

}  // namespace syncline::engine
