// Dead letters as the job store gives them, and what can be asked and done about them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/ids.hpp"

namespace syncline::storage {

// A job that failed again after so many redrives is in quarantine: it is sent again only when that
// is forced.
constexpr std::int64_t kRedrivesMax = 3;

struct DeadLetter {
    JobId id;
    std::string flow_name;
    std::string entity;
    std::string source_id;
    std::string outcome;  // failed, held, conflict
    std::string error_class;
    std::string error_code;
    std::string error_message;
    std::int64_t attempts = 0;
    std::int64_t redrives = 0;
    std::int64_t first_failed_at_ms = 0;
    std::int64_t updated_at_ms = 0;  // when it died
    FlowId flow;
    std::string fingerprint;
    std::string waits_for;              // lane of the record it waits for; may be empty
    bool edited = false;                // its record was edited by hand
    std::int64_t version = 0;           // of the record; raised whenever it changes at the source
    std::string mapping;                // its documents were adjusted with; empty: with none
    std::int64_t mapping_version = 0;   // 0: of a shipped one
    std::optional<std::string> record;  // sealed
    std::optional<std::string> detail;  // sealed

    bool quarantined() const { return redrives >= kRedrivesMax; }
};

// Empty members take all.
struct DeadLetterFilter {
    std::string flow;  // name
    std::string entity;
    std::string outcome;
    std::string error_class;
    std::string code;
    std::string fingerprint;
    std::string source_id;
    std::string connection;  // name of either end
    std::optional<bool> quarantined;
    std::int64_t before_ms = 0;  // page cursor
    std::int64_t before_id = 0;
    std::int64_t limit = 50;

    bool chooses() const {
        return !flow.empty() || !entity.empty() || !outcome.empty() || !error_class.empty() ||
               !code.empty() || !fingerprint.empty() || !source_id.empty() || !connection.empty() ||
               quarantined.has_value();
    }
};

// Dead letters of one kind.
struct FailureGroup {
    std::string fingerprint;
    std::string flow_name;
    std::string entity;
    std::string outcome;
    std::string error_class;
    std::string error_code;
    std::string example;  // the message of one of them
    std::int64_t count = 0;
    std::int64_t quarantined = 0;
    std::int64_t first_failed_at_ms = 0;
    std::int64_t last_failed_at_ms = 0;
};

enum class LoopGuard { kOn, kOff };

struct RedriveOptions {
    std::int64_t rate_per_minute = 0;  // 0: all at once
    LoopGuard guard = LoopGuard::kOn;
};

// What a redrive did, or would do.
struct Redriven {
    std::int64_t count = 0;
    std::int64_t quarantined = 0;  // left out by the loop guard
    std::int64_t last_at_ms = 0;   // when the last of them is due; 0: there is none
};

// A record as a person wants it delivered.
struct EditedRecord {
    std::string sealed;
    std::string lane;
    std::int64_t version = 0;  // the dead letter's, which it was made from
};

}  // namespace syncline::storage
