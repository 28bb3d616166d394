// When flows run by themselves.
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

void print_schedules(std::ostream& out, const Json& items) {
    Table table(
        {"schedule", "runs", "when", "zone", "state", "last_due", "next_due", "managed_by", "note"}
    );
    for (const auto& item : items) {
        const bool has_flow = text_at(item, "flow") != "";
        const bool has_cron = text_at(item, "cron") != "";
        table.row(
            {text_at(item, "name"),
             has_flow ? text_at(item, "flow") : "all of " + text_at(item, "entity"),
             has_cron ? text_at(item, "cron") : "every " + text_at(item, "interval_s") + " s",
             text_at(item, "zone"),
             text_at(item, "state"),
             text_at(item, "last_due"),
             text_at(item, "next_due"),
             text_at(item, "managed_by"),
             text_at(item, "last_error")}
        );
    }
    table.print(out);
}

void print_slots(std::ostream& out, const Json& items) {
    Table table({"slot", "starts_at", "blackout"});
    for (const auto& item : items) {
        table.row({text_at(item, "slot"), text_at(item, "starts_at"), text_at(item, "blackout")});
    }
    table.print(out);
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get_all("/api/sync/schedules"));
    invocation.print(answer, [&](std::ostream& out) {
        print_schedules(out, answer.value("items", Json::array()));
    });
    return kOk;
}

Result<int> next(const Invocation& invocation, const HostClient& host, const std::string& path) {
    const std::string count = invocation.has("limit") ? invocation.option("limit") : "10";
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path + "/next?n=" + encoded(count)));
    invocation.print(answer, [&](std::ostream& out) {
        print_slots(out, answer.value("items", Json::array()));
    });
    return kOk;
}

// What the options say; the host checks it.
Json body_of(const Invocation& invocation) {
    Json body{{"name", invocation.word(1)}};
    for (const char* name : {"flow", "entity", "mode", "cron", "zone", "misfire", "overlap"}) {
        if (invocation.has(name)) {
            body[name] = invocation.option(name);
        }
    }
    for (const auto& [option, member] :
         {std::pair{"interval", "interval_s"}, {"jitter", "jitter_s"}}) {
        if (invocation.has(option)) {
            const auto number = parse_json(invocation.option(option));
            body[member] = number ? *number : Json(invocation.option(option));
        }
    }
    return body;
}

Result<Json> ask(const Invocation& invocation, const HostClient& host, const std::string& what) {
    const std::string path = "/api/sync/schedules/" + encoded(invocation.word(1));
    if (what == "create") {
        return host.post("/api/sync/schedules", body_of(invocation));
    }
    return what == "show" ? host.get(path) : host.put(path + "/" + what, Json::object());
}

}  // namespace

Result<int> schedules(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const bool known = what == "list" || what == "show" || what == "create" || what == "delete" ||
                       what == "pause" || what == "resume" || what == "next";
    if (!known) {
        return usage_error(
            "expected list, show, create, delete, pause, resume or next, found '" + what + "'"
        );
    }
    if (what != "list" && invocation.word(1).empty()) {
        return usage_error("expected: schedules " + what + " NAME");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (what == "list") {
        return list(invocation, host);
    }
    const std::string path = "/api/sync/schedules/" + encoded(invocation.word(1));
    if (what == "next") {
        return next(invocation, host, path);
    }
    if (what == "delete") {
        SYNCLINE_RETURN_IF_ERROR(host.remove(path));
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json schedule, ask(invocation, host, what));
    invocation.print(schedule, [&](std::ostream& out) {
        print_schedules(out, Json::array({schedule}));
    });
    return kOk;
}

}  // namespace syncline::cli
