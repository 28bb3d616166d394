// What goes into an intent: the connector's write request, and for each item whom it is for. Its
// JSON is stored sealed before the request is sent, and is all that recovery needs.
#pragma once

#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "core/ids.hpp"
#include "storage/id_mapping_store.hpp"

namespace syncline::engine {

// Whom one written document stands for.
struct WriteTarget {
    std::int64_t job = 0;   // the job it is for, or whose need it is
    std::string entity;     // canonical, of the record
    std::string source_id;  // empty: known by its identity only
    std::string identity;
    std::string role;
    std::string hash;           // of the placeholder form
    bool is_need = false;       // written for a job, not as its own document
    Json kept = nullptr;        // WrittenBefore::kept once it is written
    std::int64_t conflict = 0;  // which it settles; 0: none

    static constexpr auto fields() {
        return std::make_tuple(
            field("job", &WriteTarget::job),
            field("entity", &WriteTarget::entity),
            field("source_id", &WriteTarget::source_id),
            field("identity", &WriteTarget::identity),
            field("role", &WriteTarget::role),
            field("hash", &WriteTarget::hash),
            field("is_need", &WriteTarget::is_need),
            field("kept", &WriteTarget::kept),
            field("conflict", &WriteTarget::conflict)
        );
    }
};

struct StoredWrite {
    WriteRequest request;
    std::vector<WriteTarget> targets;  // one per item, in the items' order

    static constexpr auto fields() {
        return std::make_tuple(
            field("request", &StoredWrite::request), field("targets", &StoredWrite::targets)
        );
    }
};

}  // namespace syncline::engine
