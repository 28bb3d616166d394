#include "storage/connection_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_CONNECTION_COLUMNS                                                             \
    "c.id, c.tenant_id, t.name, c.name, c.platform, c.settings, c.state, c.state_reason, "      \
    "c.not_before_ms, c.remote_identity, c.facts, c.facts_at_ms, c.token_expires_at_ms, "       \
    "c.declared, c.generation, t.state, c.catalog FROM connections c JOIN tenants t ON t.id = " \
    "c.tenant_id "

constexpr auto kFind = "SELECT " SYNCLINE_CONNECTION_COLUMNS "WHERE c.tenant_id = ? AND c.name = ?";
constexpr auto kById = "SELECT " SYNCLINE_CONNECTION_COLUMNS "WHERE c.id = ?";
constexpr auto kList =
    "SELECT " SYNCLINE_CONNECTION_COLUMNS "WHERE c.tenant_id = ? ORDER BY c.name";
constexpr auto kListAll = "SELECT " SYNCLINE_CONNECTION_COLUMNS "ORDER BY c.id";
#undef SYNCLINE_CONNECTION_COLUMNS

constexpr auto kPut = R"sql(
    INSERT INTO connections
        (tenant_id, name, platform, settings, state, declared, created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, 'active', ?, ?, ?)
    ON CONFLICT (tenant_id, name) DO UPDATE
       SET settings = excluded.settings, declared = excluded.declared,
           state = CASE connections.state WHEN 'disabled' THEN 'active' ELSE connections.state END,
           facts_at_ms = CASE WHEN connections.settings = excluded.settings
                              THEN connections.facts_at_ms ELSE 0 END,
           generation = connections.generation + (connections.settings <> excluded.settings),
           updated_at_ms = excluded.updated_at_ms
     WHERE connections.platform = excluded.platform
)sql";
constexpr auto kSetState =
    "UPDATE connections SET state = ?, state_reason = ?, updated_at_ms = ? WHERE id = ?";
constexpr auto kNoteState = R"sql(
    UPDATE connections SET state = ?, state_reason = ?, updated_at_ms = ?
     WHERE id = ? AND generation = ? AND state <> 'disabled'
)sql";
constexpr auto kRetire = R"sql(
    UPDATE connections SET state = 'disabled', state_reason = ?, declared = 0, updated_at_ms = ?
     WHERE id = ?
)sql";
constexpr auto kSetNotBefore =
    "UPDATE connections SET not_before_ms = max(not_before_ms, ?) WHERE id = ?";
constexpr auto kSetDiscovered =
    "UPDATE connections SET facts = ?, catalog = ?, facts_at_ms = ? WHERE id = ?";
constexpr auto kSetIdentity = "UPDATE connections SET remote_identity = ? WHERE id = ?";
constexpr auto kSetExpiry = "UPDATE connections SET token_expires_at_ms = ? WHERE id = ?";
constexpr auto kRaiseGeneration = "UPDATE connections SET generation = generation + 1 WHERE id = ?";

using Row = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::int64_t,
    std::string,
    std::string>;

Json parse_stored(const std::string& text) {
    auto parsed = parse_json(text.empty() ? "null" : text);
    return parsed ? std::move(*parsed) : Json();
}

Connection to_connection(const Row& row) {
    Connection connection;
    connection.id = ConnectionId{std::get<0>(row)};
    connection.tenant = TenantId{std::get<1>(row)};
    connection.tenant_name = std::get<2>(row);
    connection.name = std::get<3>(row);
    connection.platform = std::get<4>(row);
    connection.settings = parse_stored(std::get<5>(row));
    connection.state =
        enum_from_name<ConnectionState>(std::get<6>(row)).value_or(ConnectionState::kDisabled);
    connection.state_reason = std::get<7>(row);
    connection.not_before_ms = std::get<8>(row);
    connection.remote_identity = std::get<9>(row);
    connection.facts = parse_stored(std::get<10>(row));
    connection.facts_at_ms = std::get<11>(row);
    connection.token_expires_at_ms = std::get<12>(row);
    connection.declared = std::get<13>(row) != 0;
    connection.generation = std::get<14>(row);
    connection.tenant_active = std::get<15>(row) == "active";
    connection.entities = parse_stored(std::get<16>(row));
    return connection;
}

Error unknown(const std::string& name) {
    return Error{
        ErrorCode::kNotFound, "there is no connection '" + name + "'", "connection.unknown"};
}

bool is_connection_name(const std::string& name) {
    return !name.empty() && name.size() <= 63 &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
}

Result<Connection> find_in(Sql& sql, TenantId tenant, const std::string& name) {
    const auto rows = sql.select<Row>(kFind, tenant.value, name);
    if (rows.empty()) {
        return unknown(name);
    }
    return to_connection(rows.front());
}

}  // namespace

Result<void> check_connection_name(const std::string& name) {
    if (!is_connection_name(name)) {
        return invalid(
            "'" + name.substr(0, 70) +
            "' is no connection name (1 to 63 characters of a-z, 0-9, '-' and '_')"
        );
    }
    return {};
}

Result<Connection> ConnectionStore::put(const NewConnection& connection, std::int64_t now_ms) {
    SYNCLINE_RETURN_IF_ERROR(check_connection_name(connection.name));
    return database_.write([&](Sql& sql) -> Result<Connection> {
        const std::int64_t rows = sql.run(
            kPut,
            connection.tenant.value,
            connection.name,
            connection.platform,
            dump_json(connection.settings),
            connection.declared,
            now_ms,
            now_ms
        );
        SYNCLINE_ASSIGN_OR_RETURN(
            Connection stored, find_in(sql, connection.tenant, connection.name)
        );
        if (rows == 0) {
            return Error{
                ErrorCode::kExists,
                "the connection '" + connection.name + "' exists and is one of " + stored.platform +
                    ", not of " + connection.platform + "; choose another name",
                "connection.other_platform"};
        }
        return stored;
    });
}

Result<Connection> ConnectionStore::find(TenantId tenant, const std::string& name) const {
    return database_.read([&](Sql& sql) { return find_in(sql, tenant, name); });
}

Result<Connection> ConnectionStore::by_id(ConnectionId id) const {
    return database_.read([&](Sql& sql) -> Result<Connection> {
        const auto rows = sql.select<Row>(kById, id.value);
        if (rows.empty()) {
            return unknown("#" + std::to_string(id.value));
        }
        return to_connection(rows.front());
    });
}

Result<std::vector<Connection>> ConnectionStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Connection>> {
        std::vector<Connection> connections;
        for (const auto& row : sql.select<Row>(kList, tenant.value)) {
            connections.push_back(to_connection(row));
        }
        return connections;
    });
}

Result<std::vector<Connection>> ConnectionStore::list_all() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Connection>> {
        std::vector<Connection> connections;
        for (const auto& row : sql.select<Row>(kListAll)) {
            connections.push_back(to_connection(row));
        }
        return connections;
    });
}

Result<void> ConnectionStore::set_state(
    ConnectionId id, ConnectionState state, const std::string& reason, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kSetState, enum_name(state), reason, now_ms, id.value);
        return {};
    });
}

Result<bool> ConnectionStore::note_state(
    ConnectionId id,
    std::int64_t generation,
    ConnectionState state,
    const std::string& reason,
    std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<bool> {
        return sql.run(kNoteState, enum_name(state), reason, now_ms, id.value, generation) > 0;
    });
}

Result<void> ConnectionStore::retire(
    ConnectionId id, const std::string& reason, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRetire, reason, now_ms, id.value);
        return {};
    });
}

Result<void> ConnectionStore::set_not_before(ConnectionId id, std::int64_t not_before_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kSetNotBefore, not_before_ms, id.value);
        return {};
    });
}

Result<void> ConnectionStore::doubt_discovered(ConnectionId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run("UPDATE connections SET facts_at_ms = 0 WHERE id = ?", id.value);
        return {};
    });
}

Result<void> ConnectionStore::set_discovered(
    ConnectionId id, const Catalog& catalog, std::int64_t now_ms
) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(
            kSetDiscovered,
            dump_json(catalog.facts),
            dump_json(to_json(catalog.entities)),
            now_ms,
            id.value
        );
        return {};
    });
}

Result<void> ConnectionStore::set_remote_identity(ConnectionId id, const std::string& identity) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kSetIdentity, identity, id.value);
        return {};
    });
}

Result<void> ConnectionStore::set_token_expiry(ConnectionId id, std::int64_t expires_at_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kSetExpiry, expires_at_ms, id.value);
        return {};
    });
}

Result<void> ConnectionStore::raise_generation(ConnectionId id) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kRaiseGeneration, id.value);
        return {};
    });
}

}  // namespace syncline::storage
