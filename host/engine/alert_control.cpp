#include "engine/alert_control.hpp"

#include <algorithm>

#include "core/standard_webhook.hpp"
#include "storage/seal.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kNameMax = 60;
constexpr std::size_t kNoteMax = 1'000;
constexpr std::size_t kChannelsMax = 50;
constexpr std::size_t kSecretBytes = 32;
constexpr std::int64_t kHourMs = 3'600'000;

storage::Place place_of(const storage::AlertChannel& channel) {
    return {channel.tenant, ConnectionId{}, "alert_channel:" + channel.name};
}

Result<void> check_name(const std::string& name) {
    const bool plain =
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
    if (name.empty() || name.size() > kNameMax || !plain) {
        return Error{
            ErrorCode::kInvalid,
            "/name: expected 1 to " + std::to_string(kNameMax) +
                " small letters, digits, '-', '_' and '.'",
            "alert_channel.invalid"};
    }
    return {};
}

// Where an e-mail channel's password goes to.
Json server_of(const Json& settings) {
    Json server = Json::object();
    for (const char* member : {"host", "port", "security"}) {
        server[member] = settings.value(member, Json());
    }
    return server;
}

bool has_no_login(const Json& settings) {
    const Json name = settings.is_object() ? settings.value("username", Json()) : Json();
    return name.is_null() || name == "";
}

}  // namespace

Result<storage::Alert> AlertControl::acknowledge(
    TenantId tenant, AlertId id, const std::string& note, const storage::AuditActor& actor
) {
    if (note.size() > kNoteMax) {
        return invalid("/note: at most " + std::to_string(kNoteMax) + " bytes");
    }
    const std::int64_t now = clock_.now().ms;
    return stores_.stores.database.write([&](storage::Sql& sql) -> Result<storage::Alert> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto alert, stores_.alerts.find(tenant, id));
        stores_.alerts.acknowledge(sql, id, actor.name, note, now);
        storage::AuditEntry entry;
        entry.tenant = tenant;
        entry.at_ms = now;
        entry.event = "alert.acknowledged";
        entry.object = "alert " + std::to_string(id.value);
        entry.reason = note;
        entry.detail = {{"rule", alert.rule}, {"subject", alert.subject}};
        entry.actor = actor;
        storage::append_audit(sql, entry);
        return stores_.alerts.find(tenant, id);
    });
}

Result<MadeAlertChannel> AlertControl::create(
    TenantId tenant, const NewAlertChannel& wanted, const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(check_name(wanted.name));
    MadeAlertChannel made;
    auto& channel = made.channel;
    channel.tenant = tenant;
    channel.name = wanted.name;
    channel.kind = wanted.kind;
    channel.settings = wanted.settings;
    channel.enabled = wanted.enabled;
    channel.severity_min = wanted.severity_min;
    AlertSecrets secrets = wanted.secrets;
    if (wanted.kind == kWebhookKind && secrets.count("secret") == 0) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto random, storage::random_bytes(kSecretBytes));
        made.made_secret = standard_webhook_secret(random);
        secrets["secret"] = made.made_secret;
    }
    SYNCLINE_RETURN_IF_ERROR(complete(channel, secrets));
    SYNCLINE_ASSIGN_OR_RETURN(channel.sealed_secrets, seal(channel, secrets));
    return stores_.stores.database.write([&](storage::Sql& sql) -> Result<MadeAlertChannel> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto others, stores_.channels.list(tenant));
        if (others.size() >= kChannelsMax) {
            return Error{
                ErrorCode::kExists,
                "there are " + std::to_string(others.size()) +
                    " alert channels, as many as "
                    "there may be; remove one",
                "alert_channel.too_many"};
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.channels.insert(sql, channel, clock_.now().ms));
        storage::append_audit(sql, entry_of(channel, "alert_channel.created", actor));
        SYNCLINE_ASSIGN_OR_RETURN(channel, stores_.channels.find(tenant, channel.name));
        return made;
    });
}

Result<MadeAlertChannel> AlertControl::replace(
    TenantId tenant, const NewAlertChannel& wanted, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto before, stores_.channels.find(tenant, wanted.name));
    if (!wanted.kind.empty() && wanted.kind != before.kind) {
        return invalid("/kind: it is of kind " + before.kind + "; make a channel of another name");
    }
    MadeAlertChannel made;
    auto& channel = made.channel;
    channel = before;
    channel.settings = wanted.settings;
    channel.enabled = wanted.enabled;
    channel.severity_min = wanted.severity_min;
    AlertSecrets secrets = wanted.secrets;
    // Secrets that a lost key sealed count as left out.
    if (const auto known = secrets_of(before)) {
        secrets.insert(known->begin(), known->end());
    }
    if (channel.kind == kEmailKind && wanted.secrets.empty() && has_no_login(channel.settings)) {
        secrets.clear();
    }
    SYNCLINE_RETURN_IF_ERROR(complete(channel, secrets));
    if (channel.kind == kEmailKind && !secrets.empty() && wanted.secrets.empty() &&
        server_of(channel.settings) != server_of(before.settings)) {
        return Error{
            ErrorCode::kInvalid,
            "/secrets/password: give it again when host, port or security change",
            "alert_channel.invalid"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(channel.sealed_secrets, seal(channel, secrets));
    return stores_.stores.database.write([&](storage::Sql& sql) -> Result<MadeAlertChannel> {
        SYNCLINE_RETURN_IF_ERROR(stores_.channels.find(tenant, wanted.name));
        stores_.channels.replace(sql, channel, clock_.now().ms);
        auto entry = entry_of(channel, "alert_channel.changed", actor);
        entry.detail["secrets_replaced"] = !wanted.secrets.empty();
        storage::append_audit(sql, entry);
        SYNCLINE_ASSIGN_OR_RETURN(channel, stores_.channels.find(tenant, wanted.name));
        return made;
    });
}

Result<void> AlertControl::remove(
    TenantId tenant, const std::string& name, const storage::AuditActor& actor
) {
    return stores_.stores.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto channel, stores_.channels.find(tenant, name));
        stores_.channels.remove(sql, channel.id);
        storage::append_audit(sql, entry_of(channel, "alert_channel.removed", actor));
        return {};
    });
}

Result<AlertTest> AlertControl::test(
    TenantId tenant, const std::string& name, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto channel, stores_.channels.find(tenant, name));
    SYNCLINE_ASSIGN_OR_RETURN(const auto random, storage::random_bytes(16));
    AlertTest test;
    test.message_id = "msg_test_" + std::to_string(clock_.now().ms) + "_";
    for (const char c : random) {
        test.message_id += std::to_string(static_cast<unsigned char>(c) % 10U);
    }
    SYNCLINE_RETURN_IF_ERROR(
        stores_.stores.audit.append(entry_of(channel, "alert_channel.tested", actor))
    );
    const auto begun = std::chrono::steady_clock::now();
    const auto reply = send(
        channel, test_alert_message(test.message_id, channel.tenant_name, clock_.now()), nullptr
    );
    test.took_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now() - begun
    )
                       .count();
    if (!reply && reply.error().code == ErrorCode::kStorage) {
        return reply.error();
    }
    test.taken = reply && reply->taken;
    test.answer = reply ? reply->text : reply.error().message;
    SYNCLINE_RETURN_IF_ERROR(stores_.channels.note_answer(channel.id, test.answer));
    return test;
}

Result<AlertReply> AlertControl::send(
    const storage::AlertChannel& channel, const AlertMessage& message, const std::atomic<bool>* stop
) {
    SYNCLINE_RETURN_IF_ERROR(note_opening(channel));
    SYNCLINE_ASSIGN_OR_RETURN(const auto secrets, secrets_of(channel));
    AlertPost post{channel, secrets, message, clock_.now()};
    post.stop = stop;
    return sender_.send(post);
}

Result<AlertSecrets> AlertControl::secrets_of(const storage::AlertChannel& channel) {
    if (channel.sealed_secrets.empty()) {
        return AlertSecrets{};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto text, stores_.stores.vault.open(place_of(channel), channel.sealed_secrets)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(text));
    return from_json<AlertSecrets>(json);
}

Result<std::string> AlertControl::seal(
    const storage::AlertChannel& channel, const AlertSecrets& secrets
) {
    return secrets.empty()
               ? Result<std::string>(std::string())
               : stores_.stores.vault.seal(place_of(channel), dump_json(to_json(secrets)));
}

// As openings of a connection's credentials: a row stands for those of an hour.
Result<void> AlertControl::note_opening(const storage::AlertChannel& channel) {
    const std::int64_t now = clock_.now().ms;
    const std::int64_t before = noted_.with([&](auto& noted) {
        std::int64_t& at = noted[channel.id];
        return at != 0 && at <= now && now - at < kHourMs ? now : std::exchange(at, now);
    });
    if (before == now || channel.sealed_secrets.empty()) {
        return {};
    }
    storage::AuditEntry entry;
    entry.tenant = channel.tenant;
    entry.at_ms = now;
    entry.event = "credential.opened";
    entry.object = "alert_channel " + channel.name;
    entry.detail = {{"purpose", "send"}, {"kind", channel.kind}};
    auto appended = stores_.stores.audit.append(entry);
    if (!appended) {
        noted_.with([&](auto& noted) { noted.erase(channel.id); });
    }
    return appended;
}

Result<void> AlertControl::complete(storage::AlertChannel& channel, const AlertSecrets& secrets)
    const {
    SYNCLINE_ASSIGN_OR_RETURN(
        channel.settings, complete_alert_channel(channel.kind, channel.settings, secrets)
    );
    return sender_.check(channel, secrets);
}

storage::AuditEntry AlertControl::entry_of(
    const storage::AlertChannel& channel, const char* event, const storage::AuditActor& actor
) const {
    storage::AuditEntry entry;
    entry.tenant = channel.tenant;
    entry.at_ms = clock_.now().ms;
    entry.event = event;
    entry.object = "alert_channel " + channel.name;
    entry.detail = {
        {"kind", channel.kind},
        {"enabled", channel.enabled},
        {"severity_min", std::string(enum_name(channel.severity_min))}};
    // Addresses of people stay out, and what may be a token behind a '?'.
    for (const char* member : {"host", "port", "security"}) {
        if (channel.settings.contains(member)) {
            entry.detail[member] = channel.settings[member];
        }
    }
    if (channel.kind == kWebhookKind) {
        const std::string url = channel.settings.value("url", std::string());
        entry.detail["url"] = url.substr(0, url.find('?'));
    }
    entry.actor = actor;
    return entry;
}

}  // namespace syncline::engine
