// Documents that somebody else changed in the target: the three sides, and the decision.
#include <map>
#include <ostream>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::string one_line(const Json& value) {
    return value.is_null() ? "(nothing)"
                           : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string target_of(const Json& conflict) {
    const Json target = conflict.value("target", Json::object());
    return text_at(target, "connection") + " " + text_at(target, "entity") + " " +
           text_at(target, "id");
}

// What `conflicts VERB ID` names. Errors: usage.
Result<std::string> conflict_path(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: conflicts " + invocation.word(0) + " ID");
    }
    return "/api/conflicts/" + encoded(invocation.word(1));
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    std::string query =
        invocation.has("source-id") ? "source_id=" + encoded(invocation.option("source-id")) : "";
    const std::string state = invocation.has("state") ? invocation.option("state") : "open";
    for (const char* name : {"flow", "entity", "limit"}) {
        query += invocation.has(name) ? (query.empty() ? "" : "&") + std::string(name) + "=" +
                                            encoded(invocation.option(name))
                                      : "";
    }
    query += state == "all" ? "" : (query.empty() ? "state=" : "&state=") + encoded(state);
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/conflicts" + (query.empty() ? query : "?" + query))
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "state", "flow", "record", "target", "since"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "id"),
                 text_at(item, "state"),
                 text_at(item, "flow"),
                 text_at(item, "entity") + " " + text_at(item, "source_id"),
                 target_of(item),
                 text_at(item, "opened_at")}
            );
        }
        table.print(out);
        if (!answer["next_cursor"].is_null()) {
            out << "there are more; --limit shows them\n";
        }
    });
    return kOk;
}

void print_conflict(std::ostream& out, const Json& conflict) {
    for (const char* member : {"state", "flow", "entity", "source_id"}) {
        out << member << ": " << text_at(conflict, member) << "\n";
    }
    out << "target: " << target_of(conflict) << "\n";
    for (const char* member : {"revision", "opened_at", "updated_at", "keep", "actor", "reason"}) {
        if (!conflict.value(member, Json()).is_null()) {
            out << member << ": " << text_at(conflict, member) << "\n";
        }
    }
    for (const auto& field : conflict.value("fields", Json::array())) {
        const std::string path = text_at(field, "path");
        out << (path.empty() ? std::string("the whole document") : path) << "\n";
        for (const char* side : {"base", "source", "target", "keep", "value"}) {
            if (field.contains(side)) {
                out << "  " << side << ": " << one_line(field[side]) << "\n";
            }
        }
    }
}

Result<int> show(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, conflict_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path));
    invocation.print(answer, [&](std::ostream& out) { print_conflict(out, answer); });
    return kOk;
}

// Errors: usage.
Result<Json> fields_option(const Invocation& invocation) {
    auto fields = parse_json(invocation.option("fields"));
    if (!fields || !fields->is_object()) {
        return usage_error(
            "--fields: expected JSON such as '{\"/total\": \"source\", \"/memo\": {\"value\": "
            "\"as agreed\"}}'" +
            (fields ? std::string() : ", it is " + fields.error().message)
        );
    }
    return std::move(*fields);
}

Result<int> resolve(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, conflict_path(invocation));
    if (invocation.has("keep") == invocation.has("fields") || !invocation.has("reason")) {
        return usage_error(
            "expected: conflicts resolve ID --keep source|target (or --fields JSON) --reason TEXT"
        );
    }
    Json body{{"reason", invocation.option("reason")}};
    if (invocation.has("keep")) {
        body["keep"] = invocation.option("keep");
    } else {
        SYNCLINE_ASSIGN_OR_RETURN(body["fields"], fields_option(invocation));
    }
    if (invocation.has("revision")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["revision"], count_option(invocation, "revision"));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path + "/resolve", body));
    invocation.print(answer, [&](std::ostream& out) {
        out << "decided; the record is delivered with it now\n";
    });
    return kOk;
}

}  // namespace

Result<int> conflicts(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"list", list}, {"show", show}, {"resolve", resolve}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error("expected list, show or resolve, found '" + what + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
