// Turns stored deliveries into work: asks the connector what they announce, reads those records
// from their source, and raises jobs of every flow that takes them, in the transaction that marks
// the deliveries as handled. Whatever moment the host dies at, a delivery is handled again or was
// handled; the records decide what becomes of it, so that handling one twice changes nothing.
//
// A delivery that cannot be understood stays visible as failed. One whose records cannot be read
// now waits and is tried again for as long as it takes.
//
// Life: start(), then stop() before anything it uses is destroyed.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "core/guarded.hpp"
#include "engine/connection_pool.hpp"
#include "engine/intake_turns.hpp"
#include "engine/record_jobs.hpp"
#include "engine/worker_pool.hpp"

namespace syncline::engine {

class WebhookIntake {
public:
    // `wake_dispatcher` is called when there are jobs.
    WebhookIntake(
        Stores& stores,
        ConnectionPool& pool,
        const Clock& clock,
        std::function<void()> wake_dispatcher
    )
        : stores_(stores),
          pool_(pool),
          clock_(clock),
          wake_dispatcher_(std::move(wake_dispatcher)) {}
    ~WebhookIntake();

    void start();
    // There may be deliveries. [any thread]
    void wake();
    // Calls of connectors are asked to end. Idempotent.
    void stop();

    // Handles what is due of every connection, once; answers how many deliveries that were. For
    // tests, instead of start(). [one thread at a time]
    Result<std::size_t> step();

private:
    struct Batch;
    struct Handled {
        std::size_t deliveries = 0;
        bool answered = true;  // the source, where it was asked
    };
    void run();
    void take_turn(const storage::DueConnection& due);
    Result<Handled> handle(ConnectionId connection);
    void understand(Batch& batch);
    Result<std::vector<WebhookChange>> parts_before(const Batch& batch, const WebhookEvent& event)
        const;
    Result<void> read_records(Batch& batch);
    Result<void> read_entity(ConnectionSession& session, Batch& batch, const std::string& entity);
    Result<void> read_ids(
        ConnectionSession& session,
        Batch& batch,
        const std::string& entity,
        std::vector<std::string> ids
    );
    // Of what was read: which deliveries announced something that is there, or gone.
    static void decide_found(Batch& batch);
    Result<RecordJobs> jobs_for(const Flow& flow, const Batch& batch);
    Result<void> store(Batch& batch);

    Stores& stores_;
    ConnectionPool& pool_;
    const Clock& clock_;
    const std::function<void()> wake_dispatcher_;

    Guarded<IntakeTurns> turns_;
    std::unique_ptr<WorkerPool> workers_;
    std::mutex mutex_;
    std::condition_variable woken_;
    bool awake_ = false;
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

}  // namespace syncline::engine
