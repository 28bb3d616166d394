#pragma once

#include <optional>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "platform.hpp"

namespace sandbox {

// What a fault does to the request it hits. At most one of `answer`, `drop`, `malformed` and
// `prefix` is set; a delay and `twice` go with any of them or stand alone.
struct FaultAction {
    enum class Drop { kNo, kBefore, kAfter };  // before or after the platform did the work

    std::optional<Response>
        answer;              // sent in place of the platform's, which never sees the request
    int delay_ms = 0;        // waited before the platform sees the request
    Drop drop = Drop::kNo;   // the connection is closed without an answer
    bool twice = false;      // the platform sees the request two times, as a proxy repeats one
    bool malformed = false;  // the platform's answer, cut in half
    std::string prefix;      // put before the answer, as PHP does with notices
};

// The faults in force, in the order in which they were set. Not synchronised: the server locks.
class FaultList {
public:
    // Adds the fault a client described; answers its JSON form with its id.
    // Throws std::invalid_argument with a sentence for the client.
    nlohmann::json add(const nlohmann::json& description);
    // The first fault that matches takes the request (counting it); faults that still skip only
    // count it.
    std::optional<FaultAction> take(const std::string& platform, const Request& request);
    nlohmann::json to_json() const;
    void clear() { faults_.clear(); }
    // False when there is none of that id.
    bool erase(int id);

private:
    struct Fault {
        int id = 0;
        std::string platform, method, path_text;  // empty = any
        std::regex path;
        int skip = 0;
        std::optional<int> times = 1;  // nullopt = always
        std::string once_per;          // a query parameter; each of its values is hit once
        std::set<std::string> met;     // values of that parameter
        int hits = 0;
        FaultAction action;
        std::string action_text;
    };
    static nlohmann::json describe(const Fault& fault);

    std::vector<Fault> faults_;
    int next_id_ = 1;
};

}  // namespace sandbox
