#include "supabase/bulk_write.hpp"

#include <algorithm>
#include <map>

#include "supabase/own_table.hpp"
#include "supabase/row_lookup.hpp"

namespace syncline::supabase {
namespace {

// A megabyte is far below every limit of a gateway that is known.
constexpr std::size_t kChunkBytesMax = 1'000'000;
// After a timeout the pieces grow back by this many rows with each request that succeeds.
constexpr std::size_t kChunkRowsGrowth = 25;

const Error kStopped{ErrorCode::kCancelled, "stopped between two requests", "supabase.cancelled"};

std::string column_list(const Json& row) {
    std::string list;
    for (const auto& entry : row.items()) {
        list += (list.empty() ? "" : ",") + entry.key();
    }
    return list;
}

std::string returned_columns(const Table& table) {
    if (table.is_own()) {
        return table.key_columns();
    }
    return "id," + std::string(kKeyColumns) + ",updated_at" +
           (table.has_money() ? ",total::text,tax_total::text" : "");
}

}  // namespace

Result<void> BulkWriter::upsert(
    plugin::Call& call, const Table& table, std::vector<RowWrite>& rows
) {
    std::map<RowKey, RowWrite*> last;
    for (auto& row : rows) {
        if (marks(table)) {
            row.row[std::string(kMarkColumn)] = nullptr;
        }
        last[row.key] = &row;
    }
    // One request takes rows of one set of columns; within it they stand in the order of their
    // keys, so that two writers never wait for each other in a circle.
    std::map<std::string, Range> by_columns;
    for (const auto& [key, row] : last) {
        by_columns[column_list(row->row)].push_back(row);
    }
    Result<void> result;
    for (const auto& [columns, group] : by_columns) {
        for (std::size_t at = 0; at < group.size() && result;) {
            const Range chunk = next_chunk(group, at);
            at += chunk.size();
            result = write_isolating(call, table, chunk);
        }
    }
    for (auto& row : rows) {
        const RowWrite& winner = *last[row.key];
        if (&winner != &row) {
            row.id = winner.id;
            row.version = winner.version;
            row.returned = winner.returned;
            row.error = winner.error;
            row.superseded = true;
        }
    }
    return result;
}

BulkWriter::Range BulkWriter::next_chunk(const Range& rows, std::size_t from) const {
    Range chunk;
    std::size_t bytes = 0;
    for (std::size_t i = from; i < rows.size() && chunk.size() < chunk_rows_; ++i) {
        bytes += dump_json(rows[i]->row).size() + 1;
        if (!chunk.empty() && bytes > kChunkBytesMax) {
            break;
        }
        chunk.push_back(rows[i]);
    }
    return chunk;
}

Result<void> BulkWriter::write_isolating(
    plugin::Call& call, const Table& table, const Range& rows
) {
    if (call.cancelled()) {
        return kStopped;
    }
    const auto failure = write_once(table, rows);
    if (!failure) {
        chunk_rows_ = std::min(kChunkRowsMax, chunk_rows_ + kChunkRowsGrowth);
        return {};
    }
    if (failure->blame == Blame::kWhole) {
        return failure->error;
    }
    if (rows.size() == 1) {
        rows.front()->error = failure->error;
        return {};
    }
    const std::size_t half = rows.size() / 2;
    if (failure->blame == Blame::kSize) {
        chunk_rows_ = half;
    }
    const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(half);
    SYNCLINE_RETURN_IF_ERROR(write_isolating(call, table, Range(rows.begin(), middle)));
    return write_isolating(call, table, Range(middle, rows.end()));
}

std::optional<Failure> BulkWriter::write_once(const Table& table, const Range& rows) const {
    RestRequest request;
    request.method = "POST";
    request.query.add("on_conflict", table.key_columns());
    request.query.add("columns", column_list(rows.front()->row));
    request.query.select(returned_columns(table));
    request.prefer = "resolution=merge-duplicates,return=representation";
    request.body = "[";
    for (const auto* row : rows) {
        request.body += (request.body.size() > 1 ? "," : "") + dump_json(row->row);
    }
    request.body += "]";
    auto sent = client_.send(table, request);
    if (auto* failure = std::get_if<Failure>(&sent)) {
        return std::move(*failure);
    }
    std::map<RowKey, const Json*> by_key;
    for (const auto& row : std::get<Rows>(sent).items) {
        if (auto key = key_in(table, row)) {
            by_key[*std::move(key)] = &row;
        }
    }
    for (auto* row : rows) {
        const auto found = by_key.find(row->key);
        if (found == by_key.end()) {
            row->error = Error{
                ErrorCode::kData,
                std::string(table.name) + ": the project took the row " + row->key.source_id +
                    " but did not return it; a trigger or row level security keeps it back",
                "supabase.row_not_returned"};
            continue;
        }
        row->id = table.is_own() ? row->key.source_id : row_id(*found->second);
        row->version = text_of(*found->second, "updated_at");
        row->returned = *found->second;
    }
    return std::nullopt;
}

std::variant<Rows, Failure> BulkWriter::erase_once(
    const Table& table, const std::vector<std::string>& ids
) {
    RestRequest request;
    request.method = "DELETE";
    request.query.where_in("id", ids).select("id");
    request.prefer = "return=representation";
    if (max_affected_known_) {
        // Should the filter ever get lost on the way, nothing is deleted.
        request.prefer += ",handling=strict,max-affected=" + std::to_string(ids.size());
    }
    auto sent = client_.send(table, request);
    const auto* failure = std::get_if<Failure>(&sent);
    if (failure != nullptr && failure->error.name == "supabase.PGRST122" && max_affected_known_) {
        max_affected_known_ = false;  // PostgREST before 12.1 or so
        return erase_once(table, ids);
    }
    return sent;
}

Result<void> BulkWriter::erase(
    plugin::Call& call, const Table& table, const std::vector<std::string>& ids
) {
    if (table.is_own()) {
        RestRequest request;
        request.method = "DELETE";
        return change_own(call, table, ids, request);
    }
    for (const auto& part : url_sized(ids)) {
        if (call.cancelled()) {
            return kStopped;
        }
        auto sent = erase_once(table, part);
        if (auto* failure = std::get_if<Failure>(&sent)) {
            return std::move(failure->error);
        }
    }
    return {};
}

RestRequest BulkWriter::marking() const {
    RestRequest request;
    request.method = "PATCH";
    request.query.where(kMarkColumn, "is", "null");
    request.body = dump_json({{kMarkColumn, host_.now().to_string()}});
    return request;
}

Result<void> BulkWriter::mark(
    plugin::Call& call, const Table& table, const std::vector<std::string>& ids
) const {
    if (table.is_own()) {
        return change_own(call, table, ids, marking());
    }
    for (const auto& part : url_sized(ids)) {
        if (call.cancelled()) {
            return kStopped;
        }
        RestRequest request = marking();
        request.query.where_in("id", part);
        SYNCLINE_RETURN_IF_ERROR(client_.rows(table, request));
    }
    return {};
}

// Each by the columns of its key: an id of such a table names them all.
Result<void> BulkWriter::change_own(
    plugin::Call& call,
    const Table& table,
    const std::vector<std::string>& ids,
    const RestRequest& change
) const {
    for (const auto& id : ids) {
        if (call.cancelled()) {
            return kStopped;
        }
        RestRequest request = change;
        const auto parts = parse_own_id(id);
        for (const auto& [column, value] : parts) {
            request.query.where(column, "eq", value);
        }
        if (parts.size() != table.own_key.size()) {  // without a filter it would be every row
            return Error{
                ErrorCode::kBug,
                "'" + id + "' is no id of a row of " + std::string(table.name),
                "supabase.own_table"};
        }
        SYNCLINE_RETURN_IF_ERROR(client_.rows(table, request));
    }
    return {};
}

}  // namespace syncline::supabase
