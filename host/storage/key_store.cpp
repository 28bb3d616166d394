#include "storage/key_store.hpp"

#include <algorithm>

#include "core/wipe.hpp"
#include "storage/sealed_columns.hpp"

namespace syncline::storage {
namespace {

// What a step does at most; a unit of work stays far below five milliseconds with them.
constexpr std::int64_t kKeysPerStep = 50;
constexpr std::int64_t kValuesPerStep = 200;
constexpr auto kDataKeys = "data_keys.wrapped";
constexpr std::size_t kTenantsNamed = 20;
// When a data key is lost all it sealed is unreadable; beyond these they are only counted.
constexpr std::int64_t kNamedMax = 1000;

constexpr auto kNeeds = R"sql(
    SELECT k.kek_id, t.name, count(*)
      FROM data_keys k JOIN tenants t ON t.id = k.tenant_id
     WHERE NOT EXISTS (SELECT 1 FROM unreadable_values u
                        WHERE u.kept_in = 'data_keys.wrapped' AND u.row_id = k.id)
     GROUP BY k.kek_id, t.name ORDER BY k.kek_id, t.name
)sql";
constexpr auto kCountToWrap = R"sql(
    SELECT count(*) FROM data_keys k
     WHERE k.kek_id <> ?
       AND NOT EXISTS (SELECT 1 FROM unreadable_values u
                        WHERE u.kept_in = 'data_keys.wrapped' AND u.row_id = k.id)
)sql";
constexpr auto kToWrap = R"sql(
    SELECT k.id, k.tenant_id, k.kek_id, k.wrapped FROM data_keys k
     WHERE k.kek_id <> ?
       AND NOT EXISTS (SELECT 1 FROM unreadable_values u
                        WHERE u.kept_in = 'data_keys.wrapped' AND u.row_id = k.id)
     ORDER BY k.id LIMIT ?
)sql";
constexpr auto kFormerOf =
    "SELECT kek_id FROM data_keys WHERE kek_id <> ? ORDER BY id DESC LIMIT 1";
constexpr auto kWrapAnew =
    "UPDATE data_keys SET kek_id = ?, wrapped = ? WHERE id = ? AND kek_id = ?";
constexpr auto kDataKey = "SELECT tenant_id, kek_id, wrapped FROM data_keys WHERE id = ?";
constexpr auto kBegin = R"sql(
    INSERT INTO key_rotations (kek_id, former_kek_id, state, data_keys, requested_by, started_at_ms)
    VALUES (?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kUnderWay = "SELECT id FROM key_rotations WHERE state <> 'completed'";
constexpr auto kNewest = "SELECT id FROM key_rotations ORDER BY id DESC LIMIT 1";
constexpr auto kById = R"sql(
    SELECT id, kek_id, former_kek_id, state, data_keys, wrapped, checked, unreadable,
           reached_column, reached_row, error, requested_by, started_at_ms, finished_at_ms
      FROM key_rotations WHERE id = ?
)sql";
constexpr auto kReach = R"sql(
    UPDATE key_rotations
       SET state = ?, wrapped = ?, checked = ?, unreadable = ?, reached_column = ?,
           reached_row = ?, error = '', finished_at_ms = ?
     WHERE id = ?
)sql";
constexpr auto kNoteError = "UPDATE key_rotations SET error = ? WHERE id = ? AND error <> ?";
constexpr auto kQuarantine = R"sql(
    INSERT INTO unreadable_values (kept_in, row_id, tenant_id, connection_id, name, reason,
                                   found_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (kept_in, row_id) DO UPDATE
       SET tenant_id = excluded.tenant_id, connection_id = excluded.connection_id,
           name = excluded.name, reason = excluded.reason
)sql";
constexpr auto kLetOut = "DELETE FROM unreadable_values WHERE kept_in = ? AND row_id = ?";
constexpr auto kUnreadable = R"sql(
    SELECT u.kept_in, u.row_id, u.tenant_id, t.name, u.connection_id, coalesce(c.name, ''), u.name,
           u.reason, u.found_at_ms
      FROM unreadable_values u
      JOIN tenants t ON t.id = u.tenant_id
      LEFT JOIN connections c ON c.id = u.connection_id
     ORDER BY u.kept_in, u.row_id LIMIT ?
)sql";
constexpr auto kCountUnreadable = "SELECT count(*) FROM unreadable_values";
// The configuration's value is applied again when it is read the next time.
constexpr auto kForgetSeed = "UPDATE credentials SET seed = '' WHERE rowid = ? AND sealed = ?";
constexpr auto kNeedsReauth = R"sql(
    UPDATE connections SET state = 'needs_reauth', state_reason = ?, updated_at_ms = ?
     WHERE id = ? AND state IN ('active', 'paused')
)sql";

bool is_unreadable(const Error& error) {
    return error.name == "vault.unreadable";
}

void reach(Sql& sql, const KeyRotationRow& rotation) {
    sql.run(
        kReach,
        rotation.state,
        rotation.wrapped,
        rotation.checked,
        rotation.unreadable,
        rotation.reached_column,
        rotation.reached_row,
        rotation.finished_at_ms,
        rotation.id
    );
}

void quarantine(
    Sql& sql,
    const char* kept_in,
    const SealedValue& value,
    const std::string& reason,
    std::int64_t now_ms
) {
    const bool credential = std::string_view(kept_in) == "credentials.sealed";
    if (credential && sql.run(kForgetSeed, value.row, Blob{value.sealed}) == 0) {
        return;  // another one was stored since it was looked at
    }
    sql.run(
        kQuarantine,
        kept_in,
        value.row,
        value.place.tenant.value,
        value.connection.value,
        value.name,
        reason,
        now_ms
    );
    if (credential) {
        sql.run(
            kNeedsReauth,
            "its stored " + value.name + " cannot be read any more (" + reason +
                "); store its credentials anew",
            now_ms,
            value.connection.value
        );
    }
}

struct Found {
    SealedValue value;
    std::string reason;
};

KeyRotationRow row_of(Sql& sql, std::int64_t id) {
    const auto row = sql.row<
        std::int64_t,
        std::int64_t,
        std::int64_t,
        std::string,
        std::int64_t,
        std::int64_t,
        std::int64_t,
        std::int64_t,
        std::string,
        std::int64_t,
        std::string,
        std::string,
        std::int64_t,
        std::int64_t>(kById, id);
    KeyRotationRow rotation;
    if (!row) {
        return rotation;
    }
    rotation.id = std::get<0>(*row);
    rotation.kek_id = static_cast<std::uint32_t>(std::get<1>(*row));
    rotation.former_kek_id = static_cast<std::uint32_t>(std::get<2>(*row));
    rotation.state = std::get<3>(*row);
    rotation.data_keys = std::get<4>(*row);
    rotation.wrapped = std::get<5>(*row);
    rotation.checked = std::get<6>(*row);
    rotation.unreadable = std::get<7>(*row);
    rotation.reached_column = std::get<8>(*row);
    rotation.reached_row = std::get<9>(*row);
    rotation.error = std::get<10>(*row);
    rotation.requested_by = std::get<11>(*row);
    rotation.started_at_ms = std::get<12>(*row);
    rotation.finished_at_ms = std::get<13>(*row);
    return rotation;
}

std::optional<KeyRotationRow> row_by(Sql& sql, const char* which) {
    const auto id = sql.value<std::int64_t>(which);
    return id ? std::optional<KeyRotationRow>(row_of(sql, *id)) : std::nullopt;
}

}  // namespace

Result<std::vector<KeyNeed>> KeyStore::needs() const {
    return database_.read([](Sql& sql) -> Result<std::vector<KeyNeed>> {
        std::vector<KeyNeed> all;
        for (auto& [kek_id, tenant, count] :
             sql.rows<std::int64_t, std::string, std::int64_t>(kNeeds)) {
            const auto id = static_cast<std::uint32_t>(kek_id);
            if (all.empty() || all.back().kek_id != id) {
                all.push_back({id, 0, {}});
            }
            all.back().data_keys += count;
            if (all.back().tenants.size() < kTenantsNamed) {
                all.back().tenants.push_back(std::move(tenant));
            }
        }
        return all;
    });
}

Result<std::int64_t> KeyStore::count_to_wrap() const {
    const std::int64_t current = vault_.keys().keys().front().id;
    return database_.read([&](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kCountToWrap, current).value_or(0);
    });
}

Result<KeyRotationRow> KeyStore::begin(const std::string& requested_by, std::int64_t now_ms) {
    const std::int64_t current = vault_.keys().keys().front().id;
    return database_.write([&](Sql& sql) -> Result<KeyRotationRow> {
        if (sql.value<std::int64_t>(kUnderWay)) {
            return Error{
                ErrorCode::kExists, "a key rotation is under way", "keys.rotation_under_way"};
        }
        const auto to_wrap = sql.value<std::int64_t>(kCountToWrap, current).value_or(0);
        sql.run(
            kBegin,
            current,
            sql.value<std::int64_t>(kFormerOf, current).value_or(0),
            "wrapping",
            to_wrap,
            requested_by,
            now_ms
        );
        return row_of(sql, sql.last_insert_id());
    });
}

Result<std::optional<KeyRotationRow>> KeyStore::under_way() const {
    return database_.read([](Sql& sql) -> Result<std::optional<KeyRotationRow>> {
        return row_by(sql, kUnderWay);
    });
}

Result<std::optional<KeyRotationRow>> KeyStore::newest() const {
    return database_.read([](Sql& sql) -> Result<std::optional<KeyRotationRow>> {
        return row_by(sql, kNewest);
    });
}

Result<KeyRotationRow> KeyStore::by_id(std::int64_t id) const {
    return database_.read([&](Sql& sql) -> Result<KeyRotationRow> {
        KeyRotationRow rotation = row_of(sql, id);
        if (rotation.id == 0) {
            return Error{
                ErrorCode::kNotFound,
                "there is no key rotation " + std::to_string(id),
                "keys.rotation_unknown"};
        }
        return rotation;
    });
}

Result<KeyRotationRow> KeyStore::step(const KeyRotationRow& rotation, std::int64_t now_ms) {
    if (rotation.state == "wrapping") {
        return wrap_some(rotation, now_ms);
    }
    return rotation.state == "checking" ? check_some(rotation, now_ms)
                                        : Result<KeyRotationRow>(rotation);
}

Result<KeyRotationRow> KeyStore::wrap_some(KeyRotationRow rotation, std::int64_t now_ms) {
    struct Anew {
        std::int64_t row;
        std::int64_t former;
        WrappedKey wrapped;
    };
    using Rows = std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, Blob>>;
    const std::int64_t current = vault_.keys().keys().front().id;
    SYNCLINE_ASSIGN_OR_RETURN(const Rows rows, database_.read([&](Sql& sql) -> Result<Rows> {
        return sql.rows<std::int64_t, std::int64_t, std::int64_t, Blob>(
            kToWrap, current, kKeysPerStep
        );
    }));
    std::vector<Anew> anew;
    std::vector<Found> damaged;
    for (const auto& [row, tenant, kek_id, bytes] : rows) {
        const std::string place = wrap_place(TenantId{tenant});
        auto plain = vault_.keys().unwrap({static_cast<std::uint32_t>(kek_id), bytes.bytes}, place);
        if (!plain && !is_unreadable(plain.error())) {
            return plain.error();
        }
        if (!plain) {
            SealedValue value;
            value.row = row;
            value.place.tenant = TenantId{tenant};
            damaged.push_back({value, "the data key cannot be unwrapped: it was changed"});
            continue;
        }
        const WipeAtEnd wiped(*plain);
        SYNCLINE_ASSIGN_OR_RETURN(auto wrapped, vault_.keys().wrap(*plain, place));
        anew.push_back({row, kek_id, std::move(wrapped)});
    }
    rotation.unreadable += static_cast<std::int64_t>(damaged.size());
    if (rows.empty()) {
        rotation.state = "checking";
    }
    return database_.write([&](Sql& sql) -> Result<KeyRotationRow> {
        for (const auto& one : anew) {
            rotation.wrapped += sql.run(
                kWrapAnew,
                static_cast<std::int64_t>(one.wrapped.kek_id),
                Blob{one.wrapped.bytes},
                one.row,
                one.former
            );
        }
        for (const auto& one : damaged) {
            quarantine(sql, kDataKeys, one.value, one.reason, now_ms);
        }
        reach(sql, rotation);
        return rotation;
    });
}

Result<KeyRotationRow> KeyStore::check_some(KeyRotationRow rotation, std::int64_t now_ms) {
    const auto& columns = sealed_columns();
    auto column = std::find_if(columns.begin(), columns.end(), [&](const SealedColumn& one) {
        return rotation.reached_column == one.name;
    });
    column = column == columns.end() ? columns.begin() : column;
    using Values = std::vector<SealedValue>;
    SYNCLINE_ASSIGN_OR_RETURN(const Values values, database_.read([&](Sql& sql) -> Result<Values> {
        return sealed_page(sql, *column, rotation.reached_row, kValuesPerStep);
    }));
    std::vector<Found> damaged;
    for (const auto& value : values) {
        auto plain = vault_.open(value.place, value.sealed);
        if (plain) {
            wipe(*plain);
        } else if (is_unreadable(plain.error())) {
            ++rotation.unreadable;
            if (rotation.unreadable <= kNamedMax) {
                damaged.push_back({value, "no key opens it: it was changed, or moved"});
            }
        } else {
            return plain.error();
        }
    }
    rotation.checked += static_cast<std::int64_t>(values.size());
    rotation.reached_column = column->name;
    if (!values.empty()) {
        rotation.reached_row = values.back().row;
    } else if (++column != columns.end()) {
        rotation.reached_column = column->name;
        rotation.reached_row = 0;
    } else {
        rotation.state = "completed";
        rotation.finished_at_ms = now_ms;
    }
    return database_.write([&](Sql& sql) -> Result<KeyRotationRow> {
        for (const auto& one : damaged) {
            quarantine(sql, rotation.reached_column.c_str(), one.value, one.reason, now_ms);
        }
        reach(sql, rotation);
        return rotation;
    });
}

Result<void> KeyStore::note_error(std::int64_t id, const std::string& error) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNoteError, error, id, error);
        return {};
    });
}

Result<bool> KeyStore::is_still_unreadable(const UnreadableValue& unreadable) {
    if (unreadable.kept_in == kDataKeys) {
        using Row = std::optional<std::tuple<std::int64_t, std::int64_t, Blob>>;
        SYNCLINE_ASSIGN_OR_RETURN(const Row row, database_.read([&](Sql& sql) -> Result<Row> {
            return sql.row<std::int64_t, std::int64_t, Blob>(kDataKey, unreadable.row);
        }));
        if (!row) {
            return false;
        }
        const auto& [tenant, kek_id, bytes] = *row;
        auto plain = vault_.keys().unwrap(
            {static_cast<std::uint32_t>(kek_id), bytes.bytes}, wrap_place(TenantId{tenant})
        );
        if (plain) {
            wipe(*plain);
        }
        return !plain.has_value();
    }
    for (const auto& column : sealed_columns()) {
        if (unreadable.kept_in != column.name) {
            continue;
        }
        using Values = std::vector<SealedValue>;
        SYNCLINE_ASSIGN_OR_RETURN(
            const Values values, database_.read([&](Sql& sql) -> Result<Values> {
                return sealed_page(sql, column, unreadable.row - 1, 1);
            })
        );
        if (values.empty() || values.front().row != unreadable.row) {
            return false;
        }
        auto plain = vault_.open(values.front().place, values.front().sealed);
        if (plain) {
            wipe(*plain);
        }
        return !plain && is_unreadable(plain.error());
    }
    return false;
}

Result<std::vector<UnreadableValue>> KeyStore::unreadable(std::int64_t limit) {
    using All = std::vector<UnreadableValue>;
    SYNCLINE_ASSIGN_OR_RETURN(const All all, database_.read([&](Sql& sql) -> Result<All> {
        All found;
        for (auto& [kept_in, row, tenant, tenant_name, connection, connection_name, name, reason, at] :
             sql.rows<
                 std::string,
                 std::int64_t,
                 std::int64_t,
                 std::string,
                 std::int64_t,
                 std::string,
                 std::string,
                 std::string,
                 std::int64_t>(kUnreadable, limit)) {
            found.push_back(
                {std::move(kept_in),
                 row,
                 TenantId{tenant},
                 std::move(tenant_name),
                 ConnectionId{connection},
                 std::move(connection_name),
                 std::move(name),
                 std::move(reason),
                 at}
            );
        }
        return found;
    }));
    All still;
    All readable;
    for (const auto& one : all) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool is_still, is_still_unreadable(one));
        (is_still ? still : readable).push_back(one);
    }
    if (!readable.empty()) {
        SYNCLINE_RETURN_IF_ERROR(database_.write([&](Sql& sql) -> Result<void> {
            for (const auto& one : readable) {
                sql.run(kLetOut, one.kept_in, one.row);
            }
            return {};
        }));
    }
    return still;
}

Result<std::int64_t> KeyStore::count_unreadable() const {
    return database_.read([](Sql& sql) -> Result<std::int64_t> {
        return sql.value<std::int64_t>(kCountUnreadable).value_or(0);
    });
}

Result<std::int64_t> KeyStore::count_sealed() const {
    return database_.read([](Sql& sql) -> Result<std::int64_t> {
        std::int64_t all = 0;
        for (const auto& column : sealed_columns()) {
            all += sql.value<std::int64_t>(column.count).value_or(0);
        }
        return all;
    });
}

}  // namespace syncline::storage
