// What the API and the command line can do with mappings: change drafts, test, publish and bring
// back versions. Everything is within one tenant, and every change is in the audit log. The shipped
// ones are there for every tenant and are changed by nobody. What a mapping would do to a record is
// mapping_preview.hpp. [any thread]
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/mapping/program.hpp"
#include "engine/connection_pool.hpp"
#include "engine/shipped_mappings.hpp"

namespace syncline::engine {

struct MappingView {
    std::string name;
    bool shipped = false;
    Json definition;   // the draft; of a shipped one itself
    std::string hash;  // of the definition's stored form
    std::int64_t in_force = 0;
    std::int64_t newest = 0;
    std::string updated_by;
    std::int64_t created_at_ms = 0;
    std::int64_t updated_at_ms = 0;
};

// A definition of a mapping, wherever it stands.
struct MappingText {
    std::string name;
    std::int64_t version = 0;  // 0: the draft, or a shipped one
    bool shipped = false;
    mapping::Definition definition;
    std::string hash;
};

// What an import wants.
struct MappingImport {
    Json definition;
    std::string name;          // empty: the definition's
    std::string content_hash;  // empty: not compared
    bool replace = false;      // the draft of a mapping that is there
};

struct MappingTests {
    bool passed = false;
    std::vector<mapping::TestResult> results;
};

class MappingControl {
public:
    MappingControl(
        Stores& stores,
        ConnectionPool& pool,
        const ConnectorSource& connectors,
        const Clock& clock,
        std::function<void()> wake
    )
        : stores_(stores),
          pool_(pool),
          connectors_(connectors),
          clock_(clock),
          wake_(std::move(wake)) {}

    Result<std::vector<MappingView>> list(TenantId tenant) const;              // by name
    Result<MappingView> find(TenantId tenant, const std::string& name) const;  // kNotFound
    // The draft without a version. Errors: kNotFound.
    Result<MappingText> text(
        TenantId tenant, const std::string& name, std::optional<std::int64_t> version = {}
    ) const;
    // Newest first; none of a shipped one. Errors: kNotFound.
    Result<std::vector<storage::MappingVersion>> versions(TenantId tenant, const std::string& name)
        const;

    // A draft may be wrong in what it says, but not in its form. Errors: kData "mapping.invalid"
    // with every problem; kExists "mapping.exists", "mapping.shipped".
    Result<MappingView> create(
        TenantId tenant, const Json& definition, const storage::AuditActor& actor
    );
    // `wanted(draft)` is what it shall be. Errors: as create(); kNotFound.
    Result<MappingView> change(
        TenantId tenant,
        const std::string& name,
        const std::function<Result<Json>(const Json&)>& wanted,
        const storage::AuditActor& actor
    );
    struct Imported {
        MappingView mapping;
        bool created = false;
    };
    // Errors: as create(); kData "mapping.altered" when its hash is another.
    Result<Imported> import(
        TenantId tenant, const MappingImport& wanted, const storage::AuditActor& actor
    );
    // Errors: kNotFound; kExists "mapping.shipped", "mapping.in_use".
    Result<void> remove(TenantId tenant, const std::string& name, const storage::AuditActor& actor);

    // Runs its tests: against what the account of `connection` has, or without one against nothing
    // but the canonical model. Errors: kNotFound; kData "mapping.invalid".
    Result<MappingTests> test(
        TenantId tenant,
        const std::string& name,
        std::optional<std::int64_t> version,
        const std::string& connection
    );

    // Puts the draft in force as the next version. It must compile against what is discovered now
    // in the targets of the flows that name it, or of `connection`, and its tests must pass. What
    // the former version kept from being delivered is sent again. Errors: kNotFound; kExists
    // "mapping.shipped", "mapping.changed", "mapping.nothing_new", "mapping.no_target"; kData
    // "mapping.invalid", "mapping.tests_failed"; of the targets.
    Result<storage::MappingVersion> publish(
        TenantId tenant,
        const std::string& name,
        const std::string& connection,
        const std::string& reason,
        const storage::AuditActor& actor
    );
    // Puts an earlier version in force again; without one that before the one in force. It must
    // compile, as for publish(). Errors: as publish(); kNotFound "mapping.version_unknown".
    Result<storage::MappingVersion> roll_back(
        TenantId tenant,
        const std::string& name,
        std::optional<std::int64_t> version,
        const std::string& reason,
        const storage::AuditActor& actor
    );

private:
    Result<MappingView> store_draft(
        TenantId tenant,
        const mapping::Definition& definition,
        const std::optional<Json>& before,
        const storage::AuditActor& actor,
        const char* event
    );
    // Which accounts a version must fit.
    Result<std::vector<storage::Connection>> targets(
        TenantId tenant, const MappingText& text, const std::string& connection
    ) const;
    // Errors: kData "mapping.invalid" of the first that it does not fit, naming it.
    Result<mapping::Program> check_targets(
        TenantId tenant, const MappingText& text, const std::string& connection
    );
    Result<storage::MappingVersion> put_in_force(
        TenantId tenant,
        const MappingText& text,
        const std::string& reason,
        const storage::AuditActor& actor,
        const std::function<Result<storage::MappingVersion>(const storage::MappingChange&)>& put
    );

    Stores& stores_;
    ConnectionPool& pool_;
    const ConnectorSource& connectors_;
    const Clock& clock_;
    const std::function<void()> wake_;
};

// The problems of a definition as those of a thing that was understood: kData "mapping.invalid".
Error as_unfit(Error error);
// The same with its places in a request that has the definition as a member: "/definition/rules/0".
Error in_request(Error error);

}  // namespace syncline::engine
