// Many rows in few requests, where one bad row does not take the others with it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <syncline/plugin/connector.hpp>

#include "supabase/rest_client.hpp"

namespace syncline::supabase {

// A row on its way, and what became of it.
struct RowWrite {
    RowKey key;
    Json row;
    std::optional<std::string> id = std::nullopt;  // of the row, once it is there
    std::string version = {};                      // its updated_at
    Json returned = {};                            // id, key, updated_at and the money columns
    std::optional<Error> error = std::nullopt;     // why it is not there
    bool superseded = false;                       // a later row of the batch had its key

    bool open() const { return !id && !error; }
};

class BulkWriter {
public:
    // `marks`: rows of tables that can be marked as deleted are, when their record is gone, and
    // lose the mark when it is written again.
    BulkWriter(const RestClient& client, plugin::Host host, bool marks)
        : client_(client), host_(host), marks_(marks) {}

    bool marks(const Table& table) const { return marks_ && table.marks; }

    // Upserts the rows by their key; of several with one key the last wins and the others share its
    // outcome. Every row has its outcome afterwards; with an error, those that are still open were
    // not done or nobody knows.
    Result<void> upsert(plugin::Call& call, const Table& table, std::vector<RowWrite>& rows);

    // Deletes the rows of these ids; those that are not there are as gone as the others.
    Result<void> erase(plugin::Call& call, const Table& table, const std::vector<std::string>& ids);
    // Marks them as deleted, but for those that are marked already.
    Result<void> mark(plugin::Call& call, const Table& table, const std::vector<std::string>& ids)
        const;

private:
    using Range = std::vector<RowWrite*>;

    Result<void> write_isolating(plugin::Call& call, const Table& table, const Range& rows);
    std::optional<Failure> write_once(const Table& table, const Range& rows) const;
    Range next_chunk(const Range& rows, std::size_t from) const;
    std::variant<Rows, Failure> erase_once(const Table& table, const std::vector<std::string>& ids);

    Result<void> change_own(
        plugin::Call& call,
        const Table& table,
        const std::vector<std::string>& ids,
        const RestRequest& change
    ) const;
    RestRequest marking() const;

    const RestClient& client_;
    const plugin::Host host_;
    const bool marks_;
    std::size_t chunk_rows_ = kChunkRowsMax;  // less after a statement timeout
    bool max_affected_known_ = true;          // until the server says it is not

    static constexpr std::size_t kChunkRowsMax = 500;
};

}  // namespace syncline::supabase
