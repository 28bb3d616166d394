// Flows and connectors.
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
    return what == "show" ? host.get(path) : host.put(path + "/" + what, Json::object());
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
        SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/flows"));
        invocation.print(answer, [&](std::ostream& out) {
            print_flows(out, answer.value("items", Json::array()));
        });
        return kOk;
    }
    if (what != "show" && what != "pause" && what != "resume" && what != "stop") {
        return usage_error("expected list, show, pause, resume or stop, found '" + what + "'");
    }
    if (invocation.word(1).empty()) {
        return usage_error("expected: flows " + what + " NAME");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json flow, ask_of_flow(invocation, what));
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
