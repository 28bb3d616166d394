#include "storage/own_write_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kPut = R"sql(
    INSERT INTO own_writes (connection_id, entity, record_id, origin_connection_id, content_hash,
                            written_at_ms)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (connection_id, entity, record_id) DO UPDATE
       SET origin_connection_id = excluded.origin_connection_id,
           content_hash = excluded.content_hash, written_at_ms = excluded.written_at_ms
)sql";
constexpr auto kOf = R"sql(
    SELECT content_hash, written_at_ms FROM own_writes
     WHERE connection_id = ? AND entity = ? AND record_id = ? AND origin_connection_id = ?
)sql";

}  // namespace

void OwnWriteStore::put(Sql& sql, const OwnWrite& write, std::int64_t now_ms) {
    sql.run(
        kPut,
        write.connection.value,
        write.entity,
        write.record_id,
        write.origin.value,
        write.content_hash,
        now_ms
    );
}

Result<OwnWriteStore::Known> OwnWriteStore::known(
    const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
) const {
    return database_.read([&](Sql& sql) -> Result<Known> {
        Known known;
        for (const auto& record : records) {
            const auto own = sql.row<std::string, std::int64_t>(
                kOf, flow.source.value, flow.definition.entity, record.record_id, flow.target.value
            );
            if (own && std::get<0>(*own) == record.content_hash) {
                known.echoes.insert(record.record_id);
            } else if (own && std::get<1>(*own) >= read_ms) {
                known.overtaken.insert(record.record_id);
            }
        }
        return known;
    });
}

}  // namespace syncline::storage
