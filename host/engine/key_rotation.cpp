#include "engine/key_rotation.hpp"

#include <algorithm>

#include "core/log.hpp"

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;
using storage::key_name;
using storage::KeyRotationRow;

constexpr milliseconds kIdle{100};
constexpr milliseconds kPauseMin{2};
// A step leaves the machine to others for as long as it took.
constexpr int kPauseSteps = 1;
constexpr milliseconds kAfterError{1'000};
constexpr std::int64_t kUnreadableListed = 100;

storage::AuditEntry entry_of(
    const char* event, const KeyRotationRow& rotation, std::int64_t now_ms
) {
    storage::AuditEntry entry;
    entry.at_ms = now_ms;
    entry.event = event;
    entry.object = "encryption key " + key_name(rotation.kek_id);
    entry.detail = {{"rotation", rotation.id}};
    if (rotation.former_kek_id != 0) {
        entry.detail["former"] = key_name(rotation.former_kek_id);
    }
    return entry;
}

}  // namespace

KeyRotation::~KeyRotation() {
    stop();
}

void KeyRotation::start() {
    looking_.start(milliseconds(0), kAfterError, [this] { return look(); });
}

void KeyRotation::stop() {
    looking_.stop();
}

Result<milliseconds> KeyRotation::look() {
    if (looked_ && !under_way_) {
        return kIdle;
    }
    const auto began = std::chrono::steady_clock::now();
    if (looked_) {
        SYNCLINE_RETURN_IF_ERROR(step());
    } else {
        SYNCLINE_RETURN_IF_ERROR(begin_by_itself());
        looked_ = true;
    }
    const auto took =
        std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - began);
    return std::max(kPauseMin, took * kPauseSteps);
}

Result<void> KeyRotation::begin_by_itself() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto rotation, stores_.keys.under_way());
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t to_wrap, stores_.keys.count_to_wrap());
    if (!rotation && to_wrap > 0) {
        SYNCLINE_RETURN_IF_ERROR(open({}));
    }
    under_way_ = rotation.has_value() || to_wrap > 0;
    return {};
}

Result<KeyRotationRow> KeyRotation::open(const storage::AuditActor& actor) {
    const std::int64_t now = clock_.now().ms;
    auto begun = stores_.database.write([&](storage::Sql& sql) -> Result<KeyRotationRow> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rotation, stores_.keys.begin(actor.name, now));
        auto entry = entry_of("keys.rotation_started", rotation, now);
        entry.actor = actor;
        entry.detail["data_keys"] = rotation.data_keys;
        storage::append_audit(sql, entry);
        // Nobody is handed a credential, but each of them is opened.
        entry.event = "credential.opened";
        entry.object = "every connection";
        entry.detail = {
            {"rotation", rotation.id}, {"purpose", "keys rotate"}, {"secret", "every one"}};
        storage::append_audit(sql, entry);
        return rotation;
    });
    if (begun) {
        log::info(
            "encryption keys are rotated",
            {{"rotation", begun->id},
             {"to", key_name(begun->kek_id)},
             {"data_keys", begun->data_keys},
             {"actor", actor.name}}
        );
        under_way_ = true;
    }
    return begun;
}

Result<KeyRotationRow> KeyRotation::begin(const storage::AuditActor& actor) {
    if (beginning_.exchange(true)) {
        return Error{
            ErrorCode::kExists, "somebody else begins a key rotation just now", "keys.busy"};
    }
    auto begun = [&]() -> Result<KeyRotationRow> {
        SYNCLINE_ASSIGN_OR_RETURN(const auto running, stores_.keys.under_way());
        if (running) {
            under_way_ = true;
            return *running;
        }
        SYNCLINE_RETURN_IF_ERROR(stores_.vault.keys().reload());
        SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t to_wrap, stores_.keys.count_to_wrap());
        if (to_wrap == 0) {
            SYNCLINE_RETURN_IF_ERROR(stores_.vault.keys().renew());
        }
        return open(actor);
    }();
    beginning_ = false;
    return begun;
}

Result<bool> KeyRotation::step() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto rotation, stores_.keys.under_way());
    if (!rotation) {
        under_way_ = false;
        return false;
    }
    const auto stepped = stores_.keys.step(*rotation, clock_.now().ms);
    if (!stepped) {
        static_cast<void>(stores_.keys.note_error(rotation->id, stepped.error().message));
        return stepped.error();
    }
    if (stepped->state != "completed") {
        return true;
    }
    under_way_ = false;
    SYNCLINE_RETURN_IF_ERROR(note_completed(*stepped));
    return false;
}

Result<void> KeyRotation::note_completed(const KeyRotationRow& rotation) {
    auto entry = entry_of("keys.rotation_completed", rotation, clock_.now().ms);
    entry.detail["data_keys"] = rotation.wrapped;
    entry.detail["checked"] = rotation.checked;
    entry.detail["unreadable"] = rotation.unreadable;
    const log::Fields fields{
        {"rotation", rotation.id},
        {"to", key_name(rotation.kek_id)},
        {"data_keys", rotation.wrapped},
        {"checked", rotation.checked},
        {"unreadable", rotation.unreadable}};
    if (rotation.unreadable > 0) {
        log::warn("encryption keys were rotated; some values cannot be read", fields);
    } else {
        log::info("encryption keys were rotated", fields);
    }
    return stores_.audit.append(entry);
}

Result<KeyOverview> KeyRotation::overview() {
    KeyOverview overview;
    SYNCLINE_ASSIGN_OR_RETURN(overview.rotation, stores_.keys.newest());
    SYNCLINE_ASSIGN_OR_RETURN(const auto needs, stores_.keys.needs());
    const bool wrapping = overview.rotation && overview.rotation->state == "wrapping";
    for (const auto& key : stores_.vault.keys().keys()) {
        KeyUse use;
        use.id = key.id;
        use.origin = key.origin;
        use.current = overview.keys.empty();
        use.needed = use.current || wrapping;
        overview.keys.push_back(std::move(use));
    }
    for (const auto& need : needs) {
        auto use = std::find_if(overview.keys.begin(), overview.keys.end(), [&](const auto& one) {
            return one.id == need.kek_id;
        });
        if (use == overview.keys.end()) {
            use = overview.keys.insert(overview.keys.end(), KeyUse{});
            use->id = need.kek_id;
        }
        use->needed = true;
        use->data_keys = need.data_keys;
        use->tenants = need.tenants;
    }
    SYNCLINE_ASSIGN_OR_RETURN(overview.unreadable, stores_.keys.unreadable(kUnreadableListed));
    SYNCLINE_ASSIGN_OR_RETURN(overview.unreadable_values, stores_.keys.count_unreadable());
    SYNCLINE_ASSIGN_OR_RETURN(overview.sealed_values, stores_.keys.count_sealed());
    return overview;
}

}  // namespace syncline::engine
