#pragma once

#include <deque>
#include <map>
#include <string>

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// What a tester may switch for the wire as a whole.
struct WireOptions {
    bool limits = false;  // 429 when a realm asks too much
    int requests_per_minute = 500;
    // The newer text limits requests per second, the older one concurrent requests, both to 10. A
    // platform is called by one thread at a time here, so it is the former that is kept.
    int requests_per_second = 10;
    int batches_per_minute = 40;
    bool reverse_batches = false;  // the order of a batch's answers is not promised
    bool reverse_cdc = true;       // nor is that of the groups of change data capture
    bool replay_errors = true;     // whether faults are replayed too is UNCONFIRMED
};

// Answers to requests that carried a `requestid`, to be given again, byte for byte. How long the
// service keeps them is UNCONFIRMED; here it is the newest 64 MiB.
class ReplayStore {
public:
    // nullptr when that id is not known.
    const Response* find(const std::string& request_id) const;
    void keep(const std::string& request_id, const Response& response);
    void forget();
    std::size_t size() const { return answers_.size(); }

private:
    std::map<std::string, Response> answers_;
    std::deque<std::string> order_;
    std::size_t bytes_ = 0;
};

// Requests of the last minute.
class Throttle {
public:
    // Counts the request; false when it exceeds a limit, and then it does not count.
    bool admit(const WireOptions& options, bool batch, Millis now);

private:
    std::deque<Millis> requests_;
    std::deque<Millis> batches_;
};

// Calls of a realm by kind, one per HTTP request; items of batches are counted besides.
struct Counters {
    int reads = 0;
    int queries = 0;
    int cdc = 0;
    int writes = 0;
    int batches = 0;
    int batch_writes = 0;
    int batch_queries = 0;
    int replays = 0;
    int throttled = 0;
    int refused_tokens = 0;
};

// A company and what the gateway before it remembers.
struct Realm {
    Company company;
    ReplayStore replay{};
    Throttle throttle{};
    Counters counters{};
    std::int64_t broken_batches = 0;  // so many batches to come break at every second item
};

}  // namespace sandbox::quickbooks
