// Records that need help.
#include <ostream>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.get(
            "/api/sync/failures" +
            query_of(invocation, {"flow", "entity", "outcome", "code", "limit"})
        )
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "flow", "record", "outcome", "code", "attempts", "message"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "id"),
                 text_at(item, "flow"),
                 text_at(item, "entity") + " " + text_at(item, "source_id"),
                 text_at(item, "outcome"),
                 text_at(item, "code"),
                 text_at(item, "attempts"),
                 text_at(item, "message")}
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
    if (invocation.word(1).empty()) {
        return usage_error("expected: failures show ID");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/sync/failures/" + encoded(invocation.word(1)))
    );
    invocation.print(answer, [&](std::ostream& out) {
        for (const char* member :
             {"flow",
              "entity",
              "source_id",
              "outcome",
              "class",
              "code",
              "message",
              "hint",
              "attempts",
              "redrives",
              "first_failed_at",
              "updated_at"}) {
            out << member << ": " << text_at(answer, member) << "\n";
        }
        for (const char* member : {"record", "detail"}) {
            out << member << ": "
                << answer.value(member, Json()).dump(2, ' ', false, Json::error_handler_t::replace)
                << "\n";
        }
    });
    return kOk;
}

Result<int> retry(const Invocation& invocation, const HostClient& host) {
    std::string path = "/api/sync/retry";
    Json body = Json::object();
    if (!invocation.word(1).empty()) {
        path = "/api/sync/failures/" + encoded(invocation.word(1)) + "/retry";
    } else {
        for (const char* name : {"flow", "entity", "outcome", "code"}) {
            if (invocation.has(name)) {
                body[name] = invocation.option(name);
            }
        }
        if (body.empty() && !invocation.has("all")) {
            return usage_error("expected: failures retry ID, a filter, or --all");
        }
        if (body.empty()) {
            body["all"] = true;
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path, body));
    invocation.print(answer, [&](std::ostream& out) {
        out << (answer.contains("retried") ? text_at(answer, "retried") : "1")
            << " queued to be sent again\n";
    });
    return kOk;
}

}  // namespace

Result<int> failures(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    if (what != "list" && what != "show" && what != "retry") {
        return usage_error("expected list, show or retry, found '" + what + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (what == "show") {
        return show(invocation, host);
    }
    return what == "retry" ? retry(invocation, host) : list(invocation, host);
}

}  // namespace syncline::cli
