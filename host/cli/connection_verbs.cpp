// Connections and when their credentials end; accounts that are connected in a browser, and the
// apps at platforms that this takes.
#include <fstream>
#include <map>
#include <ostream>
#include <sstream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

using Run = Result<int> (*)(const Invocation&, const HostClient&);

Json tokens_of(const Json& item) {
    const Json tokens = item.value("tokens", Json());
    return tokens.is_object() ? tokens : Json::object();
}

void print_connections(std::ostream& out, const Json& items) {
    Table table(
        {"connection",
         "platform",
         "state",
         "account",
         "access until",
         "refresh until",
         "ends for good",
         "reason"}
    );
    for (const auto& item : items) {
        const Json tokens = tokens_of(item);
        table.row(
            {text_at(item, "connection"),
             text_at(item, "platform"),
             text_at(item, "state"),
             text_at(item, "account"),
             text_at(tokens, "access_expires_at"),
             text_at(tokens, "refresh_expires_at"),
             text_at(tokens, "hard_expires_at"),
             text_at(item, "state_reason")}
        );
    }
    table.print(out);
}

void print_connection(std::ostream& out, const Json& item) {
    for (const char* member :
         {"connection", "platform", "state", "state_reason", "account", "managed_by"}) {
        out << member << ": " << text_at(item, member) << "\n";
    }
    const Json tokens = tokens_of(item);
    for (const auto& entry : tokens.items()) {
        out << entry.key() << ": " << text_at(tokens, entry.key()) << "\n";
    }
    if (item.value("reconnect", Json()).is_object()) {
        out << "reconnect: syncline connections authorize " << text_at(item, "platform")
            << " --connection " << text_at(item, "connection") << "\n";
    }
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/integrations/connections"));
    invocation.print(answer, [&](std::ostream& out) {
        print_connections(out, answer.value("items", Json::array()));
    });
    return kOk;
}

Result<int> show(const Invocation& invocation, const HostClient& host) {
    const std::string name = invocation.word(1);
    if (name.empty()) {
        return usage_error("expected: connections show NAME");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/integrations/connections"));
    for (const auto& item : answer.value("items", Json::array())) {
        if (item.value("connection", "") == name) {
            invocation.print(item, [&](std::ostream& out) { print_connection(out, item); });
            return kOk;
        }
    }
    return Error{
        ErrorCode::kNotFound, "there is no connection '" + name + "'", "connection.unknown"};
}

// What `connections VERB PLATFORM --connection NAME` is about, and where. Errors: usage.
Result<std::string> address(const Invocation& invocation, Json& body) {
    const std::string platform = invocation.word(1);
    if (platform.empty()) {
        return usage_error("expected: connections " + invocation.word(0) + " PLATFORM");
    }
    if (invocation.has("connection")) {
        body["connection"] = invocation.option("connection");
    }
    return "/api/integrations/" + encoded(platform) + "/" + invocation.word(0);
}

Result<int> authorize(const Invocation& invocation, const HostClient& host) {
    Json body = Json::object();
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, address(invocation, body));
    if (invocation.has("app")) {
        body["app"] = invocation.option("app");
    }
    if (invocation.has("settings")) {
        auto settings = parse_json(invocation.option("settings"));
        if (!settings || !settings->is_object()) {
            return usage_error("--settings: expected a JSON object");
        }
        body["settings"] = *settings;
    }
    if (invocation.has("other-account")) {
        body["other_account"] = true;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path, body));
    invocation.print(answer, [&](std::ostream& out) {
        out << text_at(answer, "authorize_url") << "\n";
    });
    invocation.err() << "open it in a browser until " << text_at(answer, "expires_at")
                     << "; it leads back to " << text_at(answer, "redirect_uri") << "\n";
    return kOk;
}

Result<int> disconnect(const Invocation& invocation, const HostClient& host) {
    Json body = Json::object();
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, address(invocation, body));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path, body));
    invocation.print(answer, [&](std::ostream& out) {
        if (answer.value("revoked", false)) {
            out << "revoked at the platform and forgotten; its work waits until it is connected "
                   "again\n";
            return;
        }
        out << "forgotten here, but not revoked at the platform ("
            << text_at(answer.value("revocation_error", Json::object()), "message")
            << "); take the access back there\n";
    });
    return kOk;
}

// ---- apps

Result<std::string> app_address(const Invocation& invocation, bool one) {
    if (invocation.word(1).empty() || (one && invocation.word(2).empty())) {
        return usage_error(
            "expected: apps " + invocation.word(0) + " PLATFORM" + (one ? " APP" : "")
        );
    }
    return "/api/integrations/" + encoded(invocation.word(1)) + "/apps" +
           (one ? "/" + encoded(invocation.word(2)) : "");
}

void print_apps(std::ostream& out, const Json& items) {
    Table table({"app", "environment", "client_id", "redirect_uri", "connections"});
    for (const auto& item : items) {
        std::string connections;
        for (const auto& name : item.value("connections", Json::array())) {
            connections += (connections.empty() ? "" : ", ") + name.get<std::string>();
        }
        table.row(
            {text_at(item, "app"),
             text_at(item, "environment"),
             text_at(item, "client_id"),
             text_at(item, "redirect_uri"),
             connections}
        );
    }
    table.print(out);
}

Result<int> list_apps(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, app_address(invocation, false));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path));
    invocation.print(answer, [&](std::ostream& out) {
        print_apps(out, answer.value("items", Json::array()));
    });
    return kOk;
}

Result<int> set_app(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, app_address(invocation, true));
    if (!invocation.has("client-id")) {
        return usage_error("apps set needs --client-id");
    }
    Json body{{"client_id", invocation.option("client-id")}};
    if (invocation.has("environment")) {
        body["environment"] = invocation.option("environment");
    }
    if (invocation.has("redirect-uri")) {
        body["redirect_uri"] = invocation.option("redirect-uri");
    }
    if (invocation.has("secret-file")) {
        SYNCLINE_ASSIGN_OR_RETURN(
            body["client_secret"], secret_in("secret-file", invocation.option("secret-file"))
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.put(path, body));
    invocation.print(answer, [&](std::ostream& out) { print_apps(out, Json::array({answer})); });
    return kOk;
}

Result<int> remove_app(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, app_address(invocation, true));
    SYNCLINE_RETURN_IF_ERROR(host.remove(path));
    invocation.print(Json{{"removed", invocation.word(2)}}, [&](std::ostream& out) {
        out << "removed\n";
    });
    return kOk;
}

Result<int> dispatch(
    const Invocation& invocation, const std::map<std::string, Run>& verbs, const char* expected
) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = verbs.find(what);
    if (verb == verbs.end()) {
        return usage_error(std::string("expected ") + expected + ", found '" + what + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace

Result<std::string> secret_in(const std::string& option, const std::string& file) {
    std::ifstream in(file);
    std::ostringstream text;
    text << in.rdbuf();
    std::string secret = text.str();
    secret.erase(secret.find_last_not_of("\r\n") + 1);
    if (!in || secret.empty()) {
        return usage_error("--" + option + ": '" + file + "' cannot be read, or is empty");
    }
    return secret;
}

Result<int> connections(const Invocation& invocation) {
    static const std::map<std::string, Run> kVerbs{
        {"list", list}, {"show", show}, {"authorize", authorize}, {"disconnect", disconnect}};
    return dispatch(invocation, kVerbs, "list, show, authorize or disconnect");
}

Result<int> apps(const Invocation& invocation) {
    static const std::map<std::string, Run> kVerbs{
        {"list", list_apps}, {"set", set_app}, {"remove", remove_app}};
    return dispatch(invocation, kVerbs, "list, set or remove");
}

}  // namespace syncline::cli
