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
};

// The requests the platforms got, newest last, the oldest forgotten; the counters forget nothing.
// Not synchronised: the server locks.
class Journal {
public:
    void add(JournalEntry entry);
    // The newest `limit` entries, oldest of them first, and the counters.
    nlohmann::json to_json(std::size_t limit) const;
    void clear();

private:
    std::deque<JournalEntry> entries_;
    std::map<std::string, std::int64_t> counters_;
};

}  // namespace sandbox
