#include "engine/mapping_control.hpp"

#include <algorithm>

#include "core/json_difference.hpp"
#include "core/json_problems.hpp"
#include "core/sha256.hpp"
#include "engine/flow_mapping.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kReasonMax = 500;

Error read_only(const std::string& name) {
    return Error{
        ErrorCode::kExists,
        "the mapping '" + name +
            "' comes with the product and is changed by nobody; export it, and import it under a "
            "name of your own",
        "mapping.shipped"};
}

// A tenant's own of that name, from before the product had one, stands before it.
Result<void> refuse_shipped(const Stores& stores, TenantId tenant, const std::string& name) {
    const bool own = stores.mappings.find(tenant, name).has_value();
    return !own && find_shipped_mapping(name) != nullptr ? Result<void>(read_only(name))
                                                         : Result<void>();
}

Result<mapping::Definition> definition_of(const Json& json) {
    auto definition = mapping::parse_definition(json);
    if (!definition) {
        return as_unfit(definition.error());
    }
    if (const auto name = check_name(definition->name); !name) {
        return as_unfit(name.error());
    }
    return definition;
}

Result<mapping::Definition> stored_definition(const std::string& text) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(text));
    return definition_of(json);
}

MappingView shown(const ShippedMapping& shipped) {
    MappingView view;
    view.name = shipped.definition.name;
    view.shipped = true;
    view.definition = mapping::definition_json(shipped.definition);
    view.hash = shipped.content_hash;
    return view;
}

MappingView shown(const storage::StoredMapping& stored) {
    MappingView view;
    view.name = stored.name;
    auto draft = parse_json(stored.draft);
    view.definition = draft ? std::move(*draft) : Json();
    view.hash = stored.draft_hash;
    view.in_force = stored.in_force;
    view.newest = stored.newest;
    view.updated_by = stored.updated_by;
    view.created_at_ms = stored.created_at_ms;
    view.updated_at_ms = stored.updated_at_ms;
    return view;
}

MappingTests run(const mapping::Program& program) {
    MappingTests tests;
    tests.results = mapping::run_tests(program);
    tests.passed = std::all_of(tests.results.begin(), tests.results.end(), [](const auto& one) {
        return one.passed;
    });
    return tests;
}

Result<void> require_passed(const MappingTests& tests) {
    std::vector<std::string> problems;
    for (std::size_t i = 0; i < tests.results.size(); ++i) {
        const auto& one = tests.results[i];
        if (!one.passed) {
            std::string problem = one.problem;
            std::replace(problem.begin(), problem.end(), '\n', ' ');
            problems.push_back("/tests/" + std::to_string(i) + ": '" + one.name + "': " + problem);
        }
    }
    if (problems.empty()) {
        return {};
    }
    Error error = joined(problems, "mapping.tests_failed");
    error.code = ErrorCode::kData;
    return error;
}

storage::AuditEntry entry_of(
    TenantId tenant, const std::string& name, const char* event, const storage::AuditActor& actor
) {
    storage::AuditEntry entry;
    entry.tenant = tenant;
    entry.event = event;
    entry.object = "mapping " + name;
    entry.actor = actor;
    return entry;
}

Result<void> check_reason(const std::string& reason) {
    return reason.size() > kReasonMax
               ? Result<void>(invalid("/reason: at most " + std::to_string(kReasonMax) + " bytes"))
               : Result<void>();
}

}  // namespace

Error as_unfit(Error error) {
    if (error.code == ErrorCode::kInvalid) {
        error.code = ErrorCode::kData;
        error.name = "mapping.invalid";
    }
    return error;
}

Error in_request(Error error) {
    std::string placed;
    for (const auto& line : problem_lines(error.message)) {
        const bool has_place = line.rfind('/', 0) == 0;
        placed += (placed.empty() ? "" : "\n") + std::string("/definition") +
                  (has_place ? "" : ": ") + line;
    }
    error.message = placed;
    return error;
}

Result<std::vector<MappingView>> MappingControl::list(TenantId tenant) const {
    SYNCLINE_ASSIGN_OR_RETURN(const auto own, stores_.mappings.list(tenant));
    std::vector<MappingView> all;
    for (const auto& stored : own) {
        all.push_back(shown(stored));
    }
    for (const auto& shipped : shipped_mappings()) {
        const bool hidden = std::any_of(own.begin(), own.end(), [&](const auto& stored) {
            return stored.name == shipped.definition.name;
        });
        if (!hidden) {
            all.push_back(shown(shipped));
        }
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return all;
}

Result<MappingView> MappingControl::find(TenantId tenant, const std::string& name) const {
    const auto own = stores_.mappings.find(tenant, name);
    if (own) {
        return shown(*own);
    }
    const ShippedMapping* shipped = find_shipped_mapping(name);
    if (shipped != nullptr && own.error().code == ErrorCode::kNotFound) {
        return shown(*shipped);
    }
    return own.error();
}

Result<MappingText> MappingControl::text(
    TenantId tenant, const std::string& name, std::optional<std::int64_t> version
) const {
    MappingText text;
    text.name = name;
    if (version) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto stored, stores_.mappings.version(tenant, name, *version)
        );
        SYNCLINE_ASSIGN_OR_RETURN(text.definition, stored_definition(stored.definition));
        text.version = stored.version;
        text.hash = stored.content_hash;
        return text;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const MappingView view, find(tenant, name));
    SYNCLINE_ASSIGN_OR_RETURN(text.definition, definition_of(view.definition));
    text.shipped = view.shipped;
    text.hash = view.hash;
    return text;
}

Result<std::vector<storage::MappingVersion>> MappingControl::versions(
    TenantId tenant, const std::string& name
) const {
    SYNCLINE_ASSIGN_OR_RETURN(const MappingView view, find(tenant, name));
    return view.shipped ? std::vector<storage::MappingVersion>()
                        : stores_.mappings.versions(tenant, name);
}

Result<MappingView> MappingControl::store_draft(
    TenantId tenant,
    const mapping::Definition& definition,
    const std::optional<Json>& before,
    const storage::AuditActor& actor,
    const char* event
) {
    const std::string text = stored_form(definition);
    if (text.size() > mapping::kDefinitionBytesMax) {
        return Error{
            ErrorCode::kData,
            "/: a mapping has at most " + std::to_string(mapping::kDefinitionBytesMax) +
                " bytes, this one " + std::to_string(text.size()),
            "mapping.invalid"};
    }
    const std::int64_t now = clock_.now().ms;
    auto entry = entry_of(tenant, definition.name, event, actor);
    entry.at_ms = now;
    return stores_.database.write([&](storage::Sql& sql) -> Result<MappingView> {
        const storage::MappingChange change{actor.name};
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto stored,
            before ? stores_.mappings.set_draft(tenant, definition.name, text, change, now)
                   : stores_.mappings.create(tenant, definition.name, text, change, now)
        );
        entry.detail["content_hash"] = stored.draft_hash;
        // What its tests hold may be somebody's: their places are told, not their values.
        Json places = Json::array();
        for (const auto& difference : json_difference(
                 before.value_or(Json::object()), mapping::definition_json(definition)
             )) {
            places.push_back(difference.at("path"));
        }
        entry.detail["changed"] = std::move(places);
        storage::append_audit(sql, entry);
        return shown(stored);
    });
}

Result<MappingView> MappingControl::create(
    TenantId tenant, const Json& definition, const storage::AuditActor& actor
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto parsed, definition_of(definition));
    SYNCLINE_RETURN_IF_ERROR(refuse_shipped(stores_, tenant, parsed.name));
    return store_draft(tenant, parsed, std::nullopt, actor, "mapping.created");
}

Result<MappingView> MappingControl::change(
    TenantId tenant,
    const std::string& name,
    const std::function<Result<Json>(const Json&)>& wanted,
    const storage::AuditActor& actor
) {
    // The draft that is changed is the one that was looked at: all in one unit of work.
    return stores_.database.write([&](storage::Sql&) -> Result<MappingView> {
        SYNCLINE_ASSIGN_OR_RETURN(const MappingView before, find(tenant, name));
        if (before.shipped) {
            return read_only(name);
        }
        SYNCLINE_ASSIGN_OR_RETURN(Json next, wanted(before.definition));
        if (next.is_object() && !next.contains("name")) {
            next["name"] = name;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto definition, definition_of(next));
        if (definition.name != name) {
            return Error{
                ErrorCode::kData,
                "/name: the address says '" + name.substr(0, 60) + "', found '" +
                    definition.name.substr(0, 60) + "'; a mapping's name does not change",
                "mapping.invalid"};
        }
        return store_draft(tenant, definition, before.definition, actor, "mapping.changed");
    });
}

Result<MappingControl::Imported> MappingControl::import(
    TenantId tenant, const MappingImport& wanted, const storage::AuditActor& actor
) {
    auto parsed = mapping::parse_definition(wanted.definition);
    if (!parsed) {
        return in_request(as_unfit(parsed.error()));
    }
    if (!wanted.content_hash.empty() && sha256_hex(stored_form(*parsed)) != wanted.content_hash) {
        return Error{
            ErrorCode::kData,
            "/content_hash: the definition is not the one that was exported; leave the hash out if "
            "the change is meant",
            "mapping.altered"};
    }
    parsed->name = wanted.name.empty() ? parsed->name : wanted.name;
    if (const auto name = check_name(parsed->name); !name) {
        return as_unfit(name.error());
    }
    SYNCLINE_RETURN_IF_ERROR(refuse_shipped(stores_, tenant, parsed->name));
    return stores_.database.write([&](storage::Sql&) -> Result<Imported> {
        const auto before = stores_.mappings.find(tenant, parsed->name);
        if (!before && before.error().code != ErrorCode::kNotFound) {
            return before.error();
        }
        std::optional<Json> draft;
        if (before && wanted.replace) {
            draft = shown(*before).definition;
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            auto view, store_draft(tenant, *parsed, draft, actor, "mapping.imported")
        );
        return Imported{std::move(view), !before.has_value()};
    });
}

Result<void> MappingControl::remove(
    TenantId tenant, const std::string& name, const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(refuse_shipped(stores_, tenant, name));
    auto entry = entry_of(tenant, name, "mapping.removed", actor);
    entry.at_ms = clock_.now().ms;
    return stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(stores_.mappings.remove(tenant, name));
        storage::append_audit(sql, entry);
        return {};
    });
}

Result<MappingTests> MappingControl::test(
    TenantId tenant,
    const std::string& name,
    std::optional<std::int64_t> version,
    const std::string& connection
) {
    SYNCLINE_ASSIGN_OR_RETURN(const MappingText wanted, text(tenant, name, version));
    if (!connection.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto program, check_targets(tenant, wanted, connection));
        return run(program);
    }
    const auto program =
        mapping::compile(wanted.definition, mapping::open_target(wanted.definition.target_entity));
    return program ? Result<MappingTests>(run(*program)) : as_unfit(program.error());
}

Result<std::vector<storage::Connection>> MappingControl::targets(
    TenantId tenant, const MappingText& text, const std::string& connection
) const {
    std::vector<storage::Connection> all;
    if (!connection.empty()) {
        auto one = stores_.connections.find(tenant, connection);
        if (!one) {
            Error error = one.error();
            error.message = "/connection: " + error.message;
            return error;
        }
        all.push_back(std::move(*one));
        return all;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto users, stores_.mappings.flows_with(tenant, text.name));
    for (const auto& user : users) {
        SYNCLINE_ASSIGN_OR_RETURN(const Flow flow, stores_.flows.find(tenant, user));
        if (flow.definition.entity != text.definition.source_entity) {
            return as_unfit(invalid(
                "/source_entity: the flow '" + user + "' names it, whose records are of '" +
                flow.definition.entity + "', found '" +
                text.definition.source_entity.substr(0, 60) + "'"
            ));
        }
        const bool known = std::any_of(all.begin(), all.end(), [&](const auto& one) {
            return one.id == flow.target;
        });
        if (!known) {
            SYNCLINE_ASSIGN_OR_RETURN(
                storage::Connection one, stores_.connections.by_id(flow.target)
            );
            all.push_back(std::move(one));
        }
    }
    if (!all.empty()) {
        return all;
    }
    std::string platform;
    for (const auto& connector : connectors_.list()) {
        platform = connector.id == text.definition.target ? connector.platform : platform;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores_.connections.list(tenant));
    std::copy_if(
        connections.begin(),
        connections.end(),
        std::back_inserter(all),
        [&](const auto& one) { return !platform.empty() && one.platform == platform; }
    );
    if (all.size() != 1) {
        return Error{
            ErrorCode::kExists,
            "/connection: no flow names the mapping '" + text.name + "', and there are " +
                std::to_string(all.size()) + " connections of '" +
                text.definition.target.substr(0, 100) +
                "': say against which one it is to be checked",
            "mapping.no_target"};
    }
    return all;
}

Result<mapping::Program> MappingControl::check_targets(
    TenantId tenant, const MappingText& text, const std::string& connection
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto accounts, targets(tenant, text, connection));
    std::optional<mapping::Program> program;
    for (const auto& account : accounts) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(account.id));
        SYNCLINE_ASSIGN_OR_RETURN(const Catalog catalog, session->discover());
        auto compiled = compile_for(*session, catalog, text.definition);
        if (!compiled) {
            return as_unfit(compiled.error());
        }
        program.emplace(std::move(*compiled));
    }
    return std::move(*program);
}

Result<storage::MappingVersion> MappingControl::put_in_force(
    TenantId tenant,
    const MappingText& text,
    const std::string& reason,
    const storage::AuditActor& actor,
    const std::function<Result<storage::MappingVersion>(const storage::MappingChange&)>& put
) {
    auto entry = entry_of(
        tenant, text.name, text.version == 0 ? "mapping.published" : "mapping.rolled_back", actor
    );
    entry.at_ms = clock_.now().ms;
    entry.reason = reason;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto version,
        stores_.database.write([&](storage::Sql& sql) -> Result<storage::MappingVersion> {
            SYNCLINE_ASSIGN_OR_RETURN(
                const auto before, stores_.mappings.in_force(tenant, text.name)
            );
            SYNCLINE_ASSIGN_OR_RETURN(auto now, put({actor.name, reason}));
            entry.detail = {
                {"version", now.version},
                {"content_hash", now.content_hash},
                {"before", before ? Json(before->version) : Json()}};
            storage::append_audit(sql, entry);
            return now;
        })
    );
    // The first of what it held up; the dispatcher has the rest.
    SYNCLINE_RETURN_IF_ERROR(stores_.jobs.send_remapped(clock_.now().ms));
    wake_();
    return version;
}

Result<storage::MappingVersion> MappingControl::publish(
    TenantId tenant,
    const std::string& name,
    const std::string& connection,
    const std::string& reason,
    const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(check_reason(reason));
    SYNCLINE_ASSIGN_OR_RETURN(const MappingText draft, text(tenant, name));
    if (draft.shipped) {
        return read_only(name);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto program, check_targets(tenant, draft, connection));
    SYNCLINE_RETURN_IF_ERROR(require_passed(run(program)));
    return put_in_force(tenant, draft, reason, actor, [&](const storage::MappingChange& change) {
        return stores_.mappings.publish(tenant, name, draft.hash, change, clock_.now().ms);
    });
}

Result<storage::MappingVersion> MappingControl::roll_back(
    TenantId tenant,
    const std::string& name,
    std::optional<std::int64_t> version,
    const std::string& reason,
    const storage::AuditActor& actor
) {
    SYNCLINE_RETURN_IF_ERROR(check_reason(reason));
    SYNCLINE_ASSIGN_OR_RETURN(const MappingView now, find(tenant, name));
    if (now.shipped) {
        return read_only(name);
    }
    if (!version && now.in_force < 2) {
        return Error{
            ErrorCode::kNotFound,
            "the mapping '" + name + "' has no version before the one in force",
            "mapping.version_unknown"};
    }
    const std::int64_t wanted = version.value_or(now.in_force - 1);
    SYNCLINE_ASSIGN_OR_RETURN(const MappingText earlier, text(tenant, name, wanted));
    if (wanted != now.in_force) {
        SYNCLINE_RETURN_IF_ERROR(check_targets(tenant, earlier, ""));
    }
    return put_in_force(tenant, earlier, reason, actor, [&](const storage::MappingChange& change) {
        return stores_.mappings.bring_back(tenant, name, wanted, change, clock_.now().ms);
    });
}

}  // namespace syncline::engine
