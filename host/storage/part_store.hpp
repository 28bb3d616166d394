// Which records are parts of another one: the refunds of an order (migrations/sqlite/0029).
#pragma once

#include <string>
#include <vector>

#include "core/ids.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct RecordPart {
    std::string source_id;
    std::string whole_id;
};

class PartStore {
public:
    explicit PartStore(Database& database) : database_(database) {}

    // Part of the unit of work that remembers that the part was read.
    static void note(
        Sql& sql, ConnectionId source, const std::string& entity, const RecordPart& part
    );
    // The source ids of all parts that were ever read of it.
    Result<std::vector<std::string>> of(
        ConnectionId source, const std::string& entity, const std::string& whole_id
    ) const;

private:
    Database& database_;
};

}  // namespace syncline::storage
