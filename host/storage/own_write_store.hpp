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
    std::string version;  // of the document now; may be empty
    // Nobody else's: it was made by this write. An update of ours stands on what was there before.
    bool made = false;
    std::string from_version;   // of the document before an update
    std::string origin_record;  // at the origin
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
    // What the update of a version shows that was not known itself may hold a change of somebody
    // else, which has to reach the origin: then it is no echo until it was delivered there.
    void put(Sql& sql, const OwnWrite& write, std::int64_t now_ms);

    // Something was written of which it is not told how it reads.
    void forget(Sql& sql, ConnectionId connection, const std::string& record_id);

    // The origin has something else of the record now.
    void pass(Sql& sql, ConnectionId connection, const std::string& record_id, ConnectionId origin);

    // `record` was delivered by its flow: the origin knows this content, and if it is not what we
    // wrote, then that is past. Somebody may bring it back.
    void delivered(Sql& sql, const Flow& flow, const ReadContent& record);

    // Of `records`, read from the flow's source not before `read_ms`, by id: what we wrote there
    // from the very record of the flow's target that the flow writes it to. What came from
    // elsewhere is news to that target, and so is what the flow has not delivered once: only then
    // it knows which record of its target is meant.
    struct Known {
        std::set<std::string> echoes;     // they show it
        std::set<std::string> overtaken;  // it was written after they were read, perhaps
    };
    Known known(
        Sql& sql, const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
    ) const;
    Result<Known> known(
        const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
    ) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
