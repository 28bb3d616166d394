// Settles open intents: requests whose answer was lost, to a crash, a timeout or a broken line.
// What the target already has is adopted; the rest goes out again, unchanged and under its own key,
// or, when the target answered and did not do it, under the next one.
#pragma once

#include <atomic>
#include <vector>

#include "core/retry.hpp"
#include "engine/writer.hpp"

namespace syncline::engine {

class Recoverer {
public:
    Recoverer(
        Stores& stores,
        ConnectionPool& pool,
        Writer& writer,
        const Clock& clock,
        EngineConfig config
    )
        : stores_(stores), pool_(pool), writer_(writer), clock_(clock), config_(config) {}

    // The connections that have open intents which are due.
    Result<std::vector<ConnectionId>> due() const;
    // Looks at those of one connection; answers how many there were. Connections wait for each
    // other in nothing: one that hangs is to have a thread of its own.
    Result<std::size_t> recover_due(ConnectionId connection, const std::atomic<bool>* stop);

private:
    struct Progress {
        StoredWrite stored;
        Writer::Results outcomes;  // one per item; items settled before are values
        std::vector<bool> open;
        std::size_t found = 0;
    };
    // `answered`: whether the request sent last was answered, at least for a part of it.
    Result<void> recover(
        const storage::Intent& intent, bool& answered, const std::atomic<bool>* stop
    );
    Result<void> find_done(
        ConnectionSession& session, const storage::Intent& intent, Progress& progress
    );
    Result<void> send_again(
        ConnectionSession& session,
        const storage::Intent& intent,
        Progress& progress,
        bool& answered
    );
    Result<bool> store(
        const storage::Intent& intent,
        const WriteContext& context,
        Progress& progress,
        const std::atomic<bool>* stop
    );
    // What the dead letter of a job tells when the intent is given up: the first document of the
    // job's own that is in doubt, and what was said of it. A job that waits for it has none.
    static Json doubt_about(const storage::Intent& intent, JobId job, const Error& error);
    Result<void> give_up_or_wait(const storage::Intent& intent, const Error& error, bool answered);

    Stores& stores_;
    ConnectionPool& pool_;
    Writer& writer_;
    const Clock& clock_;
    const EngineConfig config_;
};

}  // namespace syncline::engine
