// What records show since we wrote them, so that our own echo is known when it comes back. By
// content only: a change that somebody makes in the same second has another.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct OwnWrite {
    ConnectionId connection;  // that shows it
    ConnectionId origin;      // where its content came from
    std::string entity;
    std::string record_id;
    std::string content_hash;
};

// A record as it was read.
struct ReadContent {
    std::string record_id;
    std::string content_hash;
};

class OwnWriteStore {
public:
    explicit OwnWriteStore(Database& database) : database_(database) {}

    // Part of a caller's unit of work, the one that stores the write itself.
    void put(Sql& sql, const OwnWrite& write, std::int64_t now_ms);

    // Of `records`, read from the flow's source not before `read_ms`, by id: what we wrote there
    // for the flow's target. What came from elsewhere is news to that target.
    struct Known {
        std::set<std::string> echoes;     // they show it
        std::set<std::string> overtaken;  // it was written after they were read, perhaps
    };
    Result<Known> known(
        const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
    ) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
