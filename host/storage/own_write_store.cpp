#include "storage/own_write_store.hpp"

namespace syncline::storage {
namespace {

constexpr auto kPut = R"sql(
    INSERT INTO own_writes (connection_id, entity, record_id, origin_connection_id,
                            origin_record_id, content_hash, version, known, written_at_ms)
    VALUES (?1, ?2, ?3, ?4, ?10, ?5, ?6,
            ?7 OR EXISTS (SELECT 1 FROM own_writes
                           WHERE connection_id = ?1 AND entity = ?2 AND record_id = ?3
                             AND origin_connection_id = ?4 AND version = ?8 AND version <> ''
                             AND known = 1),
            ?9)
    ON CONFLICT (connection_id, record_id, entity) DO UPDATE
       SET origin_connection_id = excluded.origin_connection_id,
           origin_record_id = excluded.origin_record_id,
           content_hash = excluded.content_hash, version = excluded.version,
           known = excluded.known, written_at_ms = excluded.written_at_ms
)sql";
constexpr auto kForget = "DELETE FROM own_writes WHERE connection_id = ? AND record_id = ?";
constexpr auto kPass = R"sql(
    DELETE FROM own_writes
     WHERE connection_id = ? AND record_id = ? AND origin_connection_id = ?
)sql";
constexpr auto kDelivered = R"sql(
    UPDATE own_writes SET known = 1
     WHERE connection_id = ? AND record_id = ? AND entity = ? AND origin_connection_id = ?
       AND content_hash = ?
)sql";
constexpr auto kOvercome = R"sql(
    DELETE FROM own_writes
     WHERE connection_id = ? AND record_id = ? AND entity = ? AND origin_connection_id = ?
       AND content_hash <> ?
)sql";
constexpr auto kOf = R"sql(
    SELECT content_hash, written_at_ms, known,
           EXISTS (SELECT 1 FROM id_mappings
                    WHERE target_connection_id = ?4 AND source_connection_id = ?1 AND entity = ?2
                      AND source_id = ?3 AND target_id = origin_record_id)
      FROM own_writes
     WHERE connection_id = ?1 AND entity = ?2 AND record_id = ?3 AND origin_connection_id = ?4
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
        write.version,
        std::int64_t{write.made ? 1 : 0},
        write.from_version,
        now_ms,
        write.origin_record
    );
}

void OwnWriteStore::forget(Sql& sql, ConnectionId connection, const std::string& record_id) {
    sql.run(kForget, connection.value, record_id);
}

void OwnWriteStore::pass(
    Sql& sql, ConnectionId connection, const std::string& record_id, ConnectionId origin
) {
    sql.run(kPass, connection.value, record_id, origin.value);
}

void OwnWriteStore::delivered(Sql& sql, const Flow& flow, const ReadContent& record) {
    for (const auto* statement : {kDelivered, kOvercome}) {
        sql.run(
            statement,
            flow.source.value,
            record.record_id,
            flow.definition.entity,
            flow.target.value,
            record.content_hash
        );
    }
}

OwnWriteStore::Known OwnWriteStore::known(
    Sql& sql, const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
) const {
    Known known;
    for (const auto& record : records) {
        const auto own = sql.row<std::string, std::int64_t, std::int64_t, std::int64_t>(
            kOf, flow.source.value, flow.definition.entity, record.record_id, flow.target.value
        );
        const bool same = own && std::get<0>(*own) == record.content_hash;
        if (same && std::get<2>(*own) != 0 && std::get<3>(*own) != 0) {
            known.echoes.insert(record.record_id);
        } else if (own && !same && std::get<1>(*own) >= read_ms) {
            known.overtaken.insert(record.record_id);
        }
    }
    return known;
}

Result<OwnWriteStore::Known> OwnWriteStore::known(
    const Flow& flow, const std::vector<ReadContent>& records, std::int64_t read_ms
) const {
    return database_.read([&](Sql& sql) -> Result<Known> {
        return known(sql, flow, records, read_ms);
    });
}

}  // namespace syncline::storage
