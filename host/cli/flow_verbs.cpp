// Flows and connectors.
#include <algorithm>
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

void print_flows(std::ostream& out, const Json& items) {
    Table table({"flow", "entity", "source", "target", "mode", "state", "enabled", "managed_by"});
    for (const auto& flow : items) {
        table.row(
            {text_at(flow, "name"),
             text_at(flow, "entity"),
             text_at(flow.value("source", Json::object()), "connection"),
             text_at(flow.value("target", Json::object()), "connection"),
             text_at(flow, "mode"),
             text_at(flow, "state"),
             text_at(flow, "enabled"),
             text_at(flow, "managed_by")}
        );
    }
    table.print(out);
}

Result<Json> ask_of_flow(const Invocation& invocation, const std::string& what) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    const std::string path = "/api/flows/" + encoded(invocation.word(1));
    if (what == "show") {
        return host.get(path);
    }
    Json body = Json::object();
    if (invocation.has("reason")) {
        body["reason"] = invocation.option("reason");
    }
    return host.put(path + "/" + what, body);
}

Result<Json> ask_of_cursor(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    const std::string path = "/api/flows/" + encoded(invocation.word(1)) + "/cursor";
    const std::string query = invocation.has("dry-run") ? "?dryRun=true" : "";
    if (invocation.has("set") && invocation.has("reset")) {
        return usage_error("--set and --reset exclude each other");
    }
    if (invocation.has("reset")) {
        const std::string reason =
            invocation.has("reason") ? "reason=" + encoded(invocation.option("reason")) : "";
        return host.reset(
            path + query +
            (reason.empty()  ? ""
             : query.empty() ? "?"
                             : "&") +
            reason
        );
    }
    if (!invocation.has("set")) {
        return host.get(path);
    }
    Json body{{"cursor", invocation.option("set")}};
    if (invocation.has("reason")) {
        body["reason"] = invocation.option("reason");
    }
    return host.patch(path + query, body);
}

void print_cursor(std::ostream& out, const Json& cursor) {
    out << text_at(cursor, "flow") << " (" << text_at(cursor, "entity") << "): "
        << (cursor.value("cursor", Json()).is_null() ? "never read" : text_at(cursor, "cursor"))
        << "\n";
    if (const Json reread = cursor.value("reread", Json()); reread.is_object()) {
        out << "the next run would read " << (reread.value("truncated", false) ? "more than " : "")
            << text_at(reread, "records") << " records, " << text_at(reread, "known")
            << " of them known; nothing was changed\n";
    }
    if (const Json scan = cursor.value("scan", Json()); scan.is_object()) {
        out << "a scan is under way: " << text_at(scan, "mode") << ", after id "
            << text_at(scan, "last_id") << "\n";
    }
    if (const Json shrunk = cursor.value("shrunk", Json()); shrunk.is_object()) {
        out << "a full scan at " << text_at(shrunk, "at") << " saw " << text_at(shrunk, "seen")
            << " records where " << text_at(shrunk, "known") << " were known\n";
    }
}

void print_status(std::ostream& out, const Json& status) {
    out << text_at(status, "name") << ": " << text_at(status, "state") << "\n";
    if (const Json failure = status.value("failure", Json()); failure.is_object()) {
        out << text_at(failure, "message") << "\nrestarts: " << text_at(failure, "restarts")
            << ", next " << text_at(failure, "restart_at") << "\n";
    }
    Table table({"at", "change", "before", "after", "actor", "reason"});
    for (const auto& change : status.value("changes", Json::array())) {
        table.row(
            {text_at(change, "at"),
             text_at(change, "change"),
             text_at(change, "before"),
             text_at(change, "after"),
             text_at(change, "actor"),
             text_at(change, "reason")}
        );
    }
    table.print(out);
}

void print_connector(std::ostream& out, const Json& connector) {
    out << text_at(connector, "title") << " " << text_at(connector, "version") << " ("
        << text_at(connector, "id") << ")\n"
        << text_at(connector, "summary") << "\n\n";
    Table table({"setting", "type", "required", "default", "help"});
    for (const auto& setting : connector.value("settings", Json::array())) {
        table.row(
            {text_at(setting, "name"),
             text_at(setting, "type"),
             text_at(setting, "required"),
             text_at(setting, "default"),
             text_at(setting, "help")}
        );
    }
    table.print(out);
}

}  // namespace

Result<int> flows(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    if (what == "list") {
        SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
        SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get_all("/api/flows"));
        invocation.print(answer, [&](std::ostream& out) {
            print_flows(out, answer.value("items", Json::array()));
        });
        return kOk;
    }
    const std::vector<std::string> known{
        "show", "status", "pause", "resume", "stop", "restart", "cursor"};
    if (std::find(known.begin(), known.end(), what) == known.end()) {
        return usage_error(
            "expected list, show, status, pause, resume, stop, restart or cursor, found '" + what +
            "'"
        );
    }
    if (invocation.word(1).empty()) {
        return usage_error("expected: flows " + what + " NAME");
    }
    if (what == "cursor") {
        SYNCLINE_ASSIGN_OR_RETURN(const Json cursor, ask_of_cursor(invocation));
        invocation.print(cursor, [&](std::ostream& out) { print_cursor(out, cursor); });
        return kOk;
    }
    if (what == "status") {
        SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json status, host.get("/api/flows/" + encoded(invocation.word(1)) + "/status")
        );
        invocation.print(status, [&](std::ostream& out) { print_status(out, status); });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json flow, ask_of_flow(invocation, what));
    if (what == "restart") {
        invocation.print(flow, [&](std::ostream& out) {
            out << "sync " << text_at(flow, "syncId") << " started\n";
        });
        return kOk;
    }
    invocation.print(flow, [&](std::ostream& out) { print_flows(out, Json::array({flow})); });
    return kOk;
}

Result<int> connectors(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (!invocation.word(0).empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json connector, host.get("/api/connectors/" + encoded(invocation.word(0)))
        );
        invocation.print(connector, [&](std::ostream& out) { print_connector(out, connector); });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/connectors"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"platform", "title", "version", "vendor", "license", "file"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "platform"),
                 text_at(item, "title"),
                 text_at(item, "version"),
                 text_at(item, "vendor"),
                 text_at(item, "license"),
                 text_at(item, "file")}
            );
        }
        table.print(out);
    });
    return kOk;
}

}  // namespace syncline::cli
