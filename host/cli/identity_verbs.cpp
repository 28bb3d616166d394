// Who may come in: API keys, tenants and what a tenant sets for itself.
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::vector<std::string> list_of(const std::string& text) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(',', at), text.size());
        if (end > at) {
            parts.push_back(text.substr(at, end - at));
        }
        at = end + 1;
    }
    return parts;
}

void print_keys(std::ostream& out, const Json& items) {
    Table table(
        {"id", "name", "prefix", "role", "scopes", "state", "created_at", "expires_at", "last_used"}
    );
    for (const auto& item : items) {
        std::string scopes;
        for (const auto& scope : item.value("scopes", Json::array())) {
            scopes += (scopes.empty() ? "" : ",") + scope.get<std::string>();
        }
        table.row(
            {text_at(item, "id"),
             text_at(item, "name"),
             text_at(item, "prefix"),
             text_at(item, "role"),
             scopes,
             text_at(item, "state"),
             text_at(item, "created_at"),
             text_at(item, "expires_at"),
             text_at(item, "last_used_at")}
        );
    }
    table.print(out);
}

Result<ApiKeyRequest> key_request(const Invocation& invocation) {
    ApiKeyRequest request;
    request.config = invocation.config_file();
    request.what = invocation.word(0);
    request.id = invocation.word(1);
    request.tenant = invocation.has("tenant") ? invocation.option("tenant") : "default";
    request.name = invocation.option("name");
    request.role = invocation.option("role");
    request.scopes = list_of(invocation.option("scopes"));
    request.reason = invocation.option("reason");
    if (invocation.has("ttl")) {
        SYNCLINE_ASSIGN_OR_RETURN(request.lives_s, duration_s("ttl", invocation.option("ttl")));
    }
    const std::string overlap = invocation.has("overlap") ? invocation.option("overlap") : "24h";
    if (overlap != "0") {
        SYNCLINE_ASSIGN_OR_RETURN(request.overlap_s, duration_s("overlap", overlap));
    }
    return request;
}

void print_tenants(std::ostream& out, const Json& items) {
    Table table({"tenant", "state", "since", "reason", "created_at"});
    for (const auto& item : items) {
        table.row(
            {text_at(item, "name"),
             text_at(item, "state"),
             text_at(item, "state_since"),
             text_at(item, "state_reason"),
             text_at(item, "created_at")}
        );
    }
    table.print(out);
}

void print_settings(std::ostream& out, const Json& items) {
    Table table({"setting", "value", "set_by", "at"});
    for (const auto& item : items) {
        const bool is_default = item.value("is_default", false);
        table.row(
            {text_at(item, "key"),
             item.contains("malformed") ? "malformed" : dump_json(item.value("value", Json())),
             is_default ? "(default)" : text_at(item, "updated_by"),
             text_at(item, "updated_at")}
        );
    }
    table.print(out);
}

Result<Json> ask_settings(const Invocation& invocation, const std::string& what) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (what == "list") {
        return host.get("/api/settings");
    }
    const std::string path = "/api/settings/" + encoded(invocation.word(1));
    if (what == "show") {
        return host.get(path);
    }
    if (what == "versions") {
        return host.get(path + "/versions");
    }
    if (what == "rollback") {
        return host.post(path + "/rollback", {{"version", std::stoll(invocation.word(2))}});
    }
    const auto value = parse_json(invocation.word(2));
    if (!value) {
        return usage_error("the value is " + value.error().message);
    }
    return host.put(path + (what == "check" ? "?dry_run=true" : ""), *value);
}

void print_versions(std::ostream& out, const Json& items) {
    Table table({"version", "value", "set_by", "at"});
    for (const auto& item : items) {
        table.row(
            {dump_json(item.value("version", Json())),
             dump_json(item.value("value", Json())),
             text_at(item, "changed_by"),
             text_at(item, "changed_at")}
        );
    }
    table.print(out);
}

// What is wrong with the words; empty if nothing is.
std::string settings_usage(const Invocation& invocation, const std::string& what) {
    const bool takes_third = what == "set" || what == "check" || what == "rollback";
    if (what != "list" && what != "show" && what != "versions" && !takes_third) {
        return "expected list, show, set, check, versions or rollback, found '" + what + "'";
    }
    const std::string third = invocation.word(2);
    if ((what != "list" && invocation.word(1).empty()) || (takes_third && third.empty())) {
        return "expected: settings show|versions KEY, settings set|check KEY JSON, or settings "
               "rollback KEY VERSION";
    }
    const bool number =
        third.size() <= 12 && third.find_first_not_of("0123456789") == std::string::npos;
    return what == "rollback" && !number ? "'" + third + "' is no version's number" : std::string();
}

}  // namespace

Result<int> api_key(const Invocation& invocation) {
    const std::string what = invocation.word(0);
    if (what != "create" && what != "list" && what != "revoke" && what != "rotate") {
        return usage_error("expected create, list, revoke or rotate, found '" + what + "'");
    }
    if ((what == "revoke" || what == "rotate") && invocation.word(1).empty()) {
        return usage_error("expected: api-key " + what + " ID (its number or prefix)");
    }
    if (what == "create" && (!invocation.has("role") || !invocation.has("name"))) {
        return usage_error("api-key create needs --name and --role");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const ApiKeyRequest request, key_request(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, invocation.local().api_key(request));
    invocation.print(answer, [&](std::ostream& out) {
        if (answer.contains("key")) {
            out << text_at(answer, "key") << "\n";
            return;
        }
        print_keys(out, answer.value("items", Json::array({answer})));
    });
    if (answer.contains("key")) {
        invocation.err() << "keep it safe: it is not shown again\n";
    }
    return kOk;
}

Result<int> tenants(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const bool changes = what == "create" || what == "suspend" || what == "resume";
    if (what != "list" && !changes) {
        return usage_error("expected list, create, suspend or resume, found '" + what + "'");
    }
    const std::string name = invocation.word(1);
    if (changes && name.empty()) {
        return usage_error("expected: tenants " + what + " NAME");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (what == "list") {
        SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get_all("/api/tenants"));
        invocation.print(answer, [&](std::ostream& out) {
            print_tenants(out, answer.value("items", Json::array()));
        });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json tenant,
        what == "create" ? host.post("/api/tenants", {{"name", name}})
                         : host.post(
                               "/api/tenants/" + encoded(name) + "/" + what,
                               {{"reason", invocation.option("reason")}}
                           )
    );
    invocation.print(tenant, [&](std::ostream& out) { print_tenants(out, Json::array({tenant})); });
    return kOk;
}

Result<int> settings(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    if (const std::string usage = settings_usage(invocation, what); !usage.empty()) {
        return usage_error(usage);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, ask_settings(invocation, what));
    invocation.print(answer, [&](std::ostream& out) {
        if (what == "versions") {
            print_versions(out, answer.value("items", Json::array()));
        } else {
            print_settings(out, answer.value("items", Json::array({answer})));
        }
    });
    return kOk;
}

}  // namespace syncline::cli
