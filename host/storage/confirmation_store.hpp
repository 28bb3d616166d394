// Confirmations that were asked for: whose, of what, until when, and what exactly may be written.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/flow.hpp"
#include "storage/database.hpp"

namespace syncline::storage {

struct Confirmation {
    std::int64_t id = 0;
    TenantId tenant;
    std::string subject;
    std::string request;  // JSON, as the engine wrote it
    std::string plan_hash;
    std::int64_t created_at_ms = 0;
    std::int64_t expires_at_ms = 0;
    std::int64_t used_at_ms = 0;  // 0: not yet
    std::string sync_id;
};

// One record that a plan would write.
struct PlannedWrite {
    FlowId flow;
    std::string source_id;
    std::string approved;  // core/approval.hpp
};

class ConfirmationStore {
public:
    explicit ConfirmationStore(Database& database) : database_(database) {}

    // In slices; its token is good once all is there. Drops those that nobody can use any more, on
    // the way.
    Result<void> put(
        const Confirmation& confirmation,
        const std::string& token_hash,
        const std::vector<PlannedWrite>& writes
    );
    Result<Confirmation> find(TenantId tenant, const std::string& token_hash) const;  // kNotFound
    // Ordered by flow and source id.
    Result<std::vector<PlannedWrite>> writes(std::int64_t id) const;
    // Part of the unit of work that makes the runs `confirmation.sync_id`, which were looked at and
    // need nobody's confirmation: what they are held to, used already. Answers its id.
    std::int64_t put_used(
        Sql& sql, const Confirmation& confirmation, const std::vector<PlannedWrite>& writes
    );
    // Of one flow, by source id. Errors: kNotFound confirmation.gone unless somebody used it.
    Result<std::map<std::string, std::string>> approved(std::int64_t id, FlowId flow) const;
    // Part of the unit of work that makes the runs. Errors: kExists confirmation.used.
    Result<void> use(Sql& sql, std::int64_t id, const std::string& sync_id, std::int64_t now_ms);

private:
    Database& database_;
};

}  // namespace syncline::storage
