#include "storage/alert_channel_store.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_CHANNEL_COLUMNS                                                                   \
    "SELECT c.id, c.tenant_id, t.name, c.name, c.kind, c.settings, c.secrets, c.enabled, "         \
    "c.severity_min, c.failures, c.last_answer, c.last_sent_ms, "                                  \
    "(SELECT count(*) FROM alert_deliveries d WHERE d.channel_id = c.id AND d.state = 'waiting') " \
    "FROM alert_channels c JOIN tenants t ON t.id = c.tenant_id "
constexpr auto kList = SYNCLINE_CHANNEL_COLUMNS "WHERE c.tenant_id = ? ORDER BY c.name";
constexpr auto kFind = SYNCLINE_CHANNEL_COLUMNS "WHERE c.tenant_id = ? AND c.name = ?";
constexpr auto kById = SYNCLINE_CHANNEL_COLUMNS "WHERE c.id = ?";
#undef SYNCLINE_CHANNEL_COLUMNS
constexpr auto kInsert = R"sql(
    INSERT INTO alert_channels (tenant_id, name, kind, settings, secrets, enabled, severity_min,
                                created_at_ms, updated_at_ms)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (tenant_id, name) DO NOTHING
)sql";
constexpr auto kReplace = R"sql(
    UPDATE alert_channels
       SET settings = ?, secrets = ?, enabled = ?, severity_min = ?, updated_at_ms = ?
     WHERE id = ?
)sql";
constexpr auto kRemove = "DELETE FROM alert_channels WHERE id = ?";
#define SYNCLINE_DELIVERY_COLUMNS                                                         \
    "SELECT d.id, d.channel_id, n.message_id, n.kind, d.state, d.attempts, d.run_at_ms, " \
    "d.answer, n.created_at_ms, d.finished_at_ms, n.message, d.tenant_id "                \
    "FROM alert_deliveries d JOIN alert_announcements n ON n.id = d.announcement_id "
// Channels that took the last message first, and the tenants by turns.
constexpr auto kDue = SYNCLINE_DELIVERY_COLUMNS R"sql(
    JOIN (SELECT id, failing, row_number() OVER (PARTITION BY tenant_id, failing ORDER BY id) AS turn
            FROM (SELECT min(w.id) AS id, c.tenant_id, c.failures > 0 AS failing
                    FROM alert_deliveries w
                    JOIN alert_channels c ON c.id = w.channel_id AND c.enabled = 1
                    JOIN tenants t ON t.id = c.tenant_id AND t.state = 'active'
                   WHERE w.state = 'waiting' AND (w.run_at_ms <= ?1 OR w.run_at_ms > ?2)
                     AND (c.held_until_ms <= ?1 OR c.held_until_ms > ?2)
                   GROUP BY w.channel_id)) first ON first.id = d.id
    ORDER BY first.failing, first.turn, d.id LIMIT ?3
)sql";
constexpr auto kOfChannel =
    SYNCLINE_DELIVERY_COLUMNS "WHERE d.channel_id = ? ORDER BY d.id DESC LIMIT ?";
#undef SYNCLINE_DELIVERY_COLUMNS
constexpr auto kBeginTry = R"sql(
    UPDATE alert_deliveries SET attempts = attempts + 1, run_at_ms = ?
     WHERE id = ? AND state = 'waiting' AND attempts = ?
)sql";
constexpr auto kEndTry = R"sql(
    UPDATE alert_deliveries SET state = ?, answer = ?, run_at_ms = ?, finished_at_ms = ?
     WHERE id = ? AND state = 'waiting'
)sql";
constexpr auto kChannelWorks = R"sql(
    UPDATE alert_channels SET failures = 0, held_until_ms = 0, last_answer = ?, last_sent_ms = ?
     WHERE id = ?
)sql";
constexpr auto kChannelFails = R"sql(
    UPDATE alert_channels SET failures = failures + 1, held_until_ms = ?, last_answer = ?
     WHERE id = ?
)sql";
constexpr auto kSendRest = R"sql(
    UPDATE alert_deliveries SET run_at_ms = ?1
     WHERE channel_id = ?2 AND state = 'waiting' AND run_at_ms > ?1
)sql";
constexpr auto kNoteAnswer = "UPDATE alert_channels SET last_answer = ? WHERE id = ?";

using ChannelRow = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::optional<Blob>,
    std::int64_t,
    std::string,
    std::int64_t,
    std::string,
    std::int64_t,
    std::int64_t>;

Result<AlertChannel> to_channel(const ChannelRow& row) {
    AlertChannel channel;
    channel.id = AlertChannelId{std::get<0>(row)};
    channel.tenant = TenantId{std::get<1>(row)};
    channel.tenant_name = std::get<2>(row);
    channel.name = std::get<3>(row);
    channel.kind = std::get<4>(row);
    SYNCLINE_ASSIGN_OR_RETURN(channel.settings, parse_json(std::get<5>(row)));
    channel.sealed_secrets = std::get<6>(row).value_or(Blob{}).bytes;
    channel.enabled = std::get<7>(row) != 0;
    channel.severity_min =
        enum_from_name<AlertSeverity>(std::get<8>(row)).value_or(AlertSeverity::kWarning);
    channel.failures = std::get<9>(row);
    channel.last_answer = std::get<10>(row);
    channel.last_sent_ms = std::get<11>(row);
    channel.waiting = std::get<12>(row);
    return channel;
}

using DeliveryRow = std::tuple<
    std::int64_t,
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::int64_t,
    std::int64_t,
    std::string,
    std::int64_t,
    std::int64_t,
    std::string,
    std::int64_t>;

std::vector<AlertDelivery> to_deliveries(const std::vector<DeliveryRow>& rows) {
    std::vector<AlertDelivery> all;
    for (const auto& row : rows) {
        all.push_back(
            {std::get<0>(row),
             AlertChannelId{std::get<1>(row)},
             std::get<2>(row),
             std::get<3>(row),
             std::get<4>(row),
             std::get<5>(row),
             std::get<6>(row),
             std::get<7>(row),
             std::get<8>(row),
             std::get<9>(row),
             std::get<10>(row),
             TenantId{std::get<11>(row)}}
        );
    }
    return all;
}

std::optional<Blob> blob_or_null(const std::string& sealed) {
    return sealed.empty() ? std::nullopt : std::optional<Blob>(Blob{sealed});
}

Result<AlertChannel> only(const std::vector<ChannelRow>& rows, const std::string& which) {
    if (rows.empty()) {
        return Error{
            ErrorCode::kNotFound, "there is no alert channel " + which, "alert_channel.unknown"};
    }
    return to_channel(rows.front());
}

}  // namespace

Result<std::vector<AlertChannel>> AlertChannelStore::list(TenantId tenant) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<AlertChannel>> {
        return convert_all(sql.select<ChannelRow>(kList, tenant.value), to_channel);
    });
}

Result<AlertChannel> AlertChannelStore::find(TenantId tenant, const std::string& name) const {
    return database_.read([&](Sql& sql) -> Result<AlertChannel> {
        return only(
            sql.select<ChannelRow>(kFind, tenant.value, name), "'" + name.substr(0, 60) + "'"
        );
    });
}

Result<AlertChannel> AlertChannelStore::by_id(AlertChannelId id) const {
    return database_.read([&](Sql& sql) -> Result<AlertChannel> {
        return only(sql.select<ChannelRow>(kById, id.value), std::to_string(id.value));
    });
}

Result<void> AlertChannelStore::insert(Sql& sql, const AlertChannel& channel, std::int64_t now_ms) {
    const std::int64_t made = sql.run(
        kInsert,
        channel.tenant.value,
        channel.name,
        channel.kind,
        dump_json(channel.settings),
        blob_or_null(channel.sealed_secrets),
        channel.enabled ? 1 : 0,
        std::string(enum_name(channel.severity_min)),
        now_ms,
        now_ms
    );
    if (made == 0) {
        return Error{
            ErrorCode::kExists,
            "there is an alert channel '" + channel.name + "' already; PUT replaces it",
            "alert_channel.exists"};
    }
    return {};
}

void AlertChannelStore::replace(Sql& sql, const AlertChannel& channel, std::int64_t now_ms) {
    sql.run(
        kReplace,
        dump_json(channel.settings),
        blob_or_null(channel.sealed_secrets),
        channel.enabled ? 1 : 0,
        std::string(enum_name(channel.severity_min)),
        now_ms,
        channel.id.value
    );
}

void AlertChannelStore::remove(Sql& sql, AlertChannelId id) {
    sql.run(kRemove, id.value);
}

Result<std::vector<AlertDelivery>> AlertChannelStore::due(
    std::int64_t now_ms, std::int64_t wait_max_ms, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<AlertDelivery>> {
        return to_deliveries(sql.select<DeliveryRow>(kDue, now_ms, now_ms + wait_max_ms, limit));
    });
}

Result<bool> AlertChannelStore::begin_try(const AlertDelivery& delivery, std::int64_t again_ms) {
    return database_.write([&](Sql& sql) -> Result<bool> {
        return sql.run(kBeginTry, again_ms, delivery.id, delivery.attempts) == 1;
    });
}

Result<void> AlertChannelStore::end_try(const AlertDelivery& delivery, const AlertTry& ended) {
    return database_.write([&](Sql& sql) -> Result<void> {
        const bool over = ended.sent || ended.last;
        sql.run(
            kEndTry,
            ended.sent ? "sent" : (ended.last ? "failed" : "waiting"),
            ended.answer,
            over ? ended.at_ms : ended.again_ms,
            over ? ended.at_ms : 0,
            delivery.id
        );
        if (ended.sent) {
            sql.run(kChannelWorks, ended.answer, ended.at_ms, delivery.channel.value);
            sql.run(kSendRest, ended.at_ms, delivery.channel.value);
        } else {
            sql.run(kChannelFails, ended.hold_ms, ended.answer, delivery.channel.value);
        }
        return {};
    });
}

Result<std::vector<AlertDelivery>> AlertChannelStore::deliveries(
    AlertChannelId channel, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<AlertDelivery>> {
        return to_deliveries(sql.select<DeliveryRow>(kOfChannel, channel.value, limit));
    });
}

Result<void> AlertChannelStore::note_answer(AlertChannelId id, const std::string& answer) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kNoteAnswer, answer, id.value);
        return {};
    });
}

}  // namespace syncline::storage
