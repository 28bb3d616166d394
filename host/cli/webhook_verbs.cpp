// What platforms delivered: looking at it, and having it handled once more.
#include <map>
#include <ostream>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::string changes_of(const Json& event) {
    std::string text;
    for (const auto& change : event.value("changes", Json::array())) {
        text +=
            (text.empty() ? "" : ", ") + text_at(change, "entity") + " " + text_at(change, "id");
    }
    return text;
}

std::string reason_of(const Json& event) {
    const Json reason = event.value("reason", Json());
    return reason.is_object() ? text_at(reason, reason.contains("message") ? "message" : "code")
                              : std::string();
}

// What `webhooks VERB ID` names. Errors: usage.
Result<std::string> event_path(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: webhooks " + invocation.word(0) + " ID");
    }
    return "/api/webhook-events/" + encoded(invocation.word(1));
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    std::string query;
    for (const char* name : {"state", "connection", "topic", "limit"}) {
        query += invocation.has(name) ? (query.empty() ? "?" : "&") + std::string(name) + "=" +
                                            encoded(invocation.option(name))
                                      : "";
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/webhook-events" + query));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "state", "connection", "topic", "records", "received", "reason"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, item.contains("id") ? "id" : "number"),
                 text_at(item, "state"),
                 text_at(item, "connection"),
                 text_at(item, "topic"),
                 changes_of(item),
                 text_at(item, "received_at"),
                 reason_of(item)}
            );
        }
        table.print(out);
        if (!answer["next_cursor"].is_null()) {
            out << "there are more; --limit shows them\n";
        }
    });
    return kOk;
}

Result<int> show(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, event_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path));
    invocation.print(answer, [&](std::ostream& out) {
        for (const char* member :
             {"state",
              "platform",
              "connection",
              "topic",
              "received_at",
              "handled_at",
              "webhook_id",
              "delivery_id",
              "body_sha256",
              "attempts",
              "repeats",
              "replays"}) {
            out << member << ": " << text_at(answer, member) << "\n";
        }
        out << "records: " << changes_of(answer) << "\nreason: " << reason_of(answer) << "\n\n";
        for (const auto& header : answer.value("headers", Json::array())) {
            out << text_at(header, "name") << ": " << text_at(header, "value") << "\n";
        }
        out << "\n" << text_at(answer, "body") << "\n";
    });
    return kOk;
}

Result<int> replay(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, event_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path + "/replay", Json::object()));
    invocation.print(answer, [&](std::ostream& out) {
        out << "its records are read again and compared with what was delivered\n";
    });
    return kOk;
}

Result<int> endpoints(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get_all("/api/webhook-endpoints"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"platform", "connection", "secret", "last event", "checked", "error", "url"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "platform"),
                 text_at(item, "connection"),
                 item.value("has_secret", false) ? "yes" : "no",
                 text_at(item, "last_event_at"),
                 text_at(item, "checked_at"),
                 text_at(item, "error"),
                 text_at(item, "url")}
            );
        }
        table.print(out);
        out << "not accepted so far: " << text_at(answer, "unclaimed")
            << " (webhooks list --state unclaimed)\n";
    });
    return kOk;
}

Result<int> rotate(const Invocation& invocation, const HostClient& host) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: webhooks rotate PLATFORM");
    }
    Json body = Json::object();
    if (invocation.has("connection")) {
        body["connection"] = invocation.option("connection");
    }
    if (invocation.has("overlap")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["overlap_hours"], count_option(invocation, "overlap"));
    }
    if (invocation.has("secret-file")) {
        SYNCLINE_ASSIGN_OR_RETURN(
            body["secret"], secret_in("secret-file", invocation.option("secret-file"))
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.post("/api/integrations/" + encoded(invocation.word(1)) + "/webhook-secret", body)
    );
    invocation.print(answer, [&](std::ostream& out) {
        out << "replaced; the former secret proves until " << text_at(answer, "former_secret_until")
            << "\n";
    });
    return kOk;
}

}  // namespace

Result<int> webhooks(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"list", list},
        {"show", show},
        {"replay", replay},
        {"endpoints", endpoints},
        {"rotate", rotate}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error(
            "expected list, show, replay, endpoints or rotate, found '" + what + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
