#include "engine/transformer.hpp"

#include <algorithm>

#include "core/json_problems.hpp"
#include "core/tenant_settings.hpp"
#include "core/transformer_config.hpp"

namespace syncline::engine {
namespace {

// A connector that only checks what it is given has no secret, and remembers nothing.
class NoServices : public connectors::ConnectionServices {
public:
    Result<std::string> secret(std::string_view name) override {
        return Error{
            ErrorCode::kNotFound,
            "the secret '" + std::string(name) + "' is not there for a check of settings"};
    }
    std::optional<std::string> kv_get(std::string_view) override { return std::nullopt; }
    Result<void> kv_put(std::string_view, std::string_view) override { return {}; }
    Result<std::int64_t>
    begin_request(const connectors::OutgoingRequest&, const connectors::CallContext*) override {
        return Error{ErrorCode::kCancelled, "a check of settings makes no requests"};
    }
};

// Secrets and addresses are a connection's own, and so is what it cannot be without.
bool is_taken(const Spec& spec, const std::string& name) {
    return std::any_of(spec.settings.begin(), spec.settings.end(), [&](const Setting& setting) {
        return setting.name == name && !setting.required && setting.type != SettingType::kSecret &&
               setting.type != SettingType::kUrl;
    });
}

Json taken_by(const Spec& spec, const Json& value) {
    Json taken = Json::object();
    for (const auto& entry : value.items()) {
        if (is_taken(spec, entry.key())) {
            taken[entry.key()] = entry.value();
        }
    }
    return taken;
}

std::vector<std::string> unknown_members(const ConnectorSource& source, const Json& value) {
    const auto all = source.list();
    std::vector<std::string> problems;
    for (const auto& entry : value.items()) {
        const bool known = std::any_of(all.begin(), all.end(), [&](const auto& connector) {
            return is_taken(connector.spec, entry.key());
        });
        if (!known) {
            problems.push_back(
                "/" + detail::pointer_token(entry.key()) +
                ": unknown (no loaded connector has a setting of this name that a tenant can make; "
                "GET /api/connectors/{id} lists them)"
            );
        }
    }
    return problems;
}

// What the connector says of `taken` for this connection's account. A connector that takes no
// settings of tenants says nothing.
Result<std::vector<std::string>> asked(
    ConnectorSource& source, const storage::Connection& connection, const Json& taken
) {
    NoServices services;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto connector,
        source.create(
            connection.platform,
            {connection.tenant_name, connection.name},
            connection.settings,
            services
        )
    );
    EncodeContext context;
    context.entity = TransformerConfig::kKey;
    context.tenant = connection.tenant_name;
    context.facts = connection.facts;
    connectors::CallContext call;
    call.purpose = "encode";
    const auto encoded = connector->encode(context, {dump_json(taken)}, {{}}, call);
    std::vector<std::string> problems;
    if (!encoded && encoded.error().code == ErrorCode::kUnsupported) {
        return problems;
    }
    if (!encoded) {
        return Error{
            ErrorCode::kConfig,
            "the connection '" + connection.name + "' cannot check it: " + encoded.error().message,
            "setting.unverified"};
    }
    const Encoded& answer = encoded->front();
    for (const auto& warning : answer.warnings) {
        const ProblemText problem = split_problem(warning.message);
        problems.push_back(
            (problem.pointer.empty() ? "/" : problem.pointer) + ": connection '" + connection.name +
            "': " + problem.text
        );
    }
    if (answer.hold && problems.empty()) {
        problems.push_back("/: connection '" + connection.name + "': " + answer.hold->message);
    }
    return problems;
}

}  // namespace

Result<std::vector<std::string>> transformer_problems(
    const Stores& stores, ConnectorSource& source, TenantId tenant, const Json& value
) {
    std::vector<std::string> problems = unknown_members(source, value);
    SYNCLINE_ASSIGN_OR_RETURN(const auto connections, stores.connections.list(tenant));
    for (const auto& connection : connections) {
        const Spec* spec = source.spec(connection.platform);
        if (spec == nullptr || connection.state == storage::ConnectionState::kDisabled) {
            continue;
        }
        const Json taken = taken_by(*spec, value);
        if (taken.empty()) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(auto said, asked(source, connection, taken));
        std::move(said.begin(), said.end(), std::back_inserter(problems));
    }
    return problems;
}

Result<Json> target_settings(
    const Stores& stores, const Flow& flow, const storage::Connection& target, const Spec& spec
) {
    const std::string key(TransformerConfig::kKey);
    SYNCLINE_ASSIGN_OR_RETURN(const auto stored, stores.settings.find(flow.tenant, key));
    Json settings = Json::object();
    if (stored) {
        const auto value = parse_json(stored->value);
        const auto whole = value ? complete_setting(key, *value) : Result<Json>(value.error());
        if (!whole) {
            return Error{
                ErrorCode::kConfig,
                "the setting '" + key + "' is malformed (" + whole.error().message +
                    "); PUT /api/settings/" + key + " stores a proper one",
                "setting.malformed"};
        }
        const Json taken = taken_by(spec, *whole);
        for (const auto& entry : taken.items()) {
            if (!target.settings.contains(entry.key())) {
                settings[entry.key()] = entry.value();
            }
        }
    }
    const Json& options = flow.definition.target.options;
    if (options.is_object()) {
        settings.update(options);
    }
    return settings;
}

Result<EncodeContext> encoding_for(
    const Stores& stores,
    const ConnectionSession& target,
    const Flow& flow,
    const storage::Connection& source,
    const Json& facts
) {
    EncodeContext context;
    context.entity = flow.definition.entity;
    context.target_entity = flow.definition.target.entity;
    context.tenant = flow.tenant_name;
    context.source = source.source_name();
    SYNCLINE_ASSIGN_OR_RETURN(
        context.settings, target_settings(stores, flow, target.connection(), target.spec())
    );
    context.facts = facts;
    return context;
}

}  // namespace syncline::engine
