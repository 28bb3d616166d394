#include "storage/part_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kNote = R"sql(
    INSERT INTO record_parts (source_connection_id, entity, source_id, whole_id) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET whole_id = excluded.whole_id WHERE whole_id <> excluded.whole_id
)sql";
constexpr auto kOf = R"sql(
    SELECT source_id FROM record_parts
     WHERE source_connection_id = ? AND entity = ? AND whole_id = ? ORDER BY source_id
)sql";

}  // namespace

void PartStore::note(
    Sql& sql, ConnectionId source, const std::string& entity, const RecordPart& part
) {
    sql.run(kNote, source.value, entity, part.source_id, part.whole_id);
}

Result<std::vector<std::string>> PartStore::of(
    ConnectionId source, const std::string& entity, const std::string& whole_id
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<std::string>> {
        std::vector<std::string> ids;
        for (const auto& [id] : sql.rows<std::string>(kOf, source.value, entity, whole_id)) {
            ids.push_back(id);
        }
        return ids;
    });
}

}  // namespace syncline::storage
