#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace sandbox {

struct JournalEntry {
    std::string platform;  // empty: nobody serves the path
    std::string method;
    std::string path;
    std::string query;         // as sent, values of secrets masked
    int status = 0;            // 0: the connection was dropped
    bool fault = false;        // a fault shaped the answer
    std::int64_t ms = 0;       // from the whole request to the whole answer
    std::int64_t time_ms = 0;  // when it came, by the sandbox's clock
    // Beginnings and ends of all requests, numbered in one row: what overlapped shows whatever the
    // clock did.
    std::int64_t began = 0;
    std::int64_t ended = 0;
    std::string body;  // of what is no GET, while bodies are kept
};

// The requests the platforms got, newest last, the oldest forgotten; the counters forget nothing.
// Not synchronised: the server locks.
class Journal {
public:
    // Numbers the beginning of a request.
    std::int64_t begin();
    // A request has ended; numbers that too.
    void add(JournalEntry entry);
    // The newest `limit` entries, oldest of them first, and the counters.
    nlohmann::json to_json(std::size_t limit) const;
    // Forgets requests and counters; the numbers go on, and so do requests under way.
    void clear();
    void keep_bodies(bool keep) { keeps_bodies_ = keep; }
    bool keeps_bodies() const { return keeps_bodies_; }

private:
    std::int64_t events_ = 0;
    std::int64_t under_way_ = 0;
    bool keeps_bodies_ = false;
    std::deque<JournalEntry> entries_;
    std::map<std::string, std::int64_t> counters_;
};

}  // namespace sandbox
