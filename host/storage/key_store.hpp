// Going over from one key-encryption key to another: data keys wrapped anew, sealed values looked
// at, and what no key opens named. Steps are short, read beside the writer, and remember what they
// reached in the unit of work that reaches it. [any thread; steps by one at a time]
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/vault.hpp"

namespace syncline::storage {

struct KeyRotationRow {
    std::int64_t id = 0;
    std::uint32_t kek_id = 0;
    std::uint32_t former_kek_id = 0;  // 0: nothing had to be wrapped anew
    std::string state;                // wrapping, checking, completed
    std::int64_t data_keys = 0;
    std::int64_t wrapped = 0;
    std::int64_t checked = 0;
    std::int64_t unreadable = 0;
    std::string reached_column;
    std::int64_t reached_row = 0;
    std::string error;
    std::string requested_by;
    std::int64_t started_at_ms = 0;
    std::int64_t finished_at_ms = 0;
};

// How many data keys, and of whom, a key-encryption key is needed for.
struct KeyNeed {
    std::uint32_t kek_id = 0;
    std::int64_t data_keys = 0;
    std::vector<std::string> tenants;  // at most 20 of them
};

struct UnreadableValue {
    std::string kept_in;  // "credentials.sealed"
    std::int64_t row = 0;
    TenantId tenant;
    std::string tenant_name;
    ConnectionId connection;
    std::string connection_name;
    std::string name;
    std::string reason;
    std::int64_t found_at_ms = 0;
};

class KeyStore {
public:
    KeyStore(Database& database, Vault& vault) : database_(database), vault_(vault) {}

    Result<std::vector<KeyNeed>> needs() const;
    // How many data keys are not wrapped with the current key.
    Result<std::int64_t> count_to_wrap() const;

    // Errors: kExists while one is not completed.
    Result<KeyRotationRow> begin(const std::string& requested_by, std::int64_t now_ms);
    Result<std::optional<KeyRotationRow>> under_way() const;
    Result<std::optional<KeyRotationRow>> newest() const;
    Result<KeyRotationRow> by_id(std::int64_t id) const;  // kNotFound

    // Wraps some data keys anew, or opens some sealed values; answers the rotation as it is then.
    // What cannot be opened is put into quarantine; its connection needs new credentials if it was
    // one. Errors: those of the keys and the file; nothing is lost, the step can be made again.
    Result<KeyRotationRow> step(const KeyRotationRow& rotation, std::int64_t now_ms);
    // Why a step could not be made.
    Result<void> note_error(std::int64_t id, const std::string& error);

    // What is in quarantine, at most `limit`; what can be read again, or is gone, is taken out.
    Result<std::vector<UnreadableValue>> unreadable(std::int64_t limit);
    Result<std::int64_t> count_unreadable() const;
    // How many sealed values there are.
    Result<std::int64_t> count_sealed() const;

private:
    Result<KeyRotationRow> wrap_some(KeyRotationRow rotation, std::int64_t now_ms);
    Result<KeyRotationRow> check_some(KeyRotationRow rotation, std::int64_t now_ms);
    Result<bool> is_still_unreadable(const UnreadableValue& value);

    Database& database_;
    Vault& vault_;
};

}  // namespace syncline::storage
