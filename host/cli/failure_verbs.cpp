// Records that need help.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

// Options that choose failures; parameters of the API are called the same, but for '_'.
const std::vector<std::string>& filters() {
    static const std::vector<std::string> kFilters{
        "flow", "entity", "outcome", "class", "code", "fingerprint", "source-id", "connection"};
    return kFilters;
}

std::string parameter_of(std::string option) {
    std::replace(option.begin(), option.end(), '-', '_');
    return option;
}

std::string query(const Invocation& invocation) {
    std::string text;
    for (const auto& name : filters()) {
        if (invocation.has(name)) {
            text += "&" + parameter_of(name) + "=" + encoded(invocation.option(name));
        }
    }
    text += invocation.has("quarantined") ? "&quarantined=true" : "";
    text += invocation.has("limit") ? "&limit=" + encoded(invocation.option("limit")) : "";
    return text.empty() ? text : "?" + text.substr(1);
}

// Of the option --`name`, which names a file. Errors: kConfig, usage.
Result<Json> json_file(const Invocation& invocation, const std::string& name) {
    std::ifstream in(invocation.option(name));
    if (!in) {
        return Error{ErrorCode::kConfig, "--" + name + ": cannot read " + invocation.option(name)};
    }
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    auto json = parse_json(text);
    if (!json) {
        return usage_error("--" + name + ": the file is " + json.error().message);
    }
    return std::move(*json);
}

// What `failures VERB ID ...` names. Errors: usage.
Result<std::string> failure_path(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: failures " + invocation.word(0) + " ID");
    }
    return "/api/sync/failures/" + encoded(invocation.word(1));
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/sync/failures" + query(invocation))
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

Result<int> groups(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/sync/failures/groups" + query(invocation))
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"count", "quarantined", "fingerprint", "flow", "outcome", "code", "message"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "count"),
                 text_at(item, "quarantined"),
                 text_at(item, "fingerprint"),
                 text_at(item, "flow"),
                 text_at(item, "outcome"),
                 text_at(item, "code"),
                 text_at(item, "message")}
            );
        }
        table.print(out);
    });
    return kOk;
}

Result<int> show(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, failure_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path));
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
              "fingerprint",
              "waits_for",
              "attempts",
              "redrives",
              "quarantined",
              "edited",
              "version",
              "first_failed_at",
              "last_failed_at"}) {
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

// Errors: usage.
Result<Json> retry_body(const Invocation& invocation) {
    Json body = Json::object();
    for (const auto& name : filters()) {
        if (invocation.has(name)) {
            body[parameter_of(name)] = invocation.option(name);
        }
    }
    if (invocation.has("quarantined")) {
        body["quarantined"] = true;
    }
    if (body.empty() && !invocation.has("all")) {
        return usage_error("expected: failures retry ID, a filter, or --all");
    }
    if (body.empty()) {
        body["all"] = true;
    }
    if (invocation.has("rate")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["rate_per_minute"], count_option(invocation, "rate"));
    }
    body["dryRun"] = invocation.has("dry-run");
    body["force"] = invocation.has("force");
    return body;
}

Result<int> retry_one(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, failure_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.post(path + "/retry", {{"force", invocation.has("force")}})
    );
    invocation.print(answer, [&](std::ostream& out) { out << "1 queued to be sent again\n"; });
    return kOk;
}

Result<int> retry(const Invocation& invocation, const HostClient& host) {
    if (!invocation.word(1).empty()) {
        return retry_one(invocation, host);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, retry_body(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post("/api/sync/retry", body));
    invocation.print(answer, [&](std::ostream& out) {
        if (answer.contains("retried")) {
            out << text_at(answer, "retried") << " queued to be sent again\n";
        } else {
            out << text_at(answer, "would_retry") << " would be sent again:\n";
            for (const auto& item : answer.value("items", Json::array())) {
                out << "  " << text_at(item, "id") << "  " << text_at(item, "flow") << "  "
                    << text_at(item, "entity") << " " << text_at(item, "source_id") << "  "
                    << text_at(item, "code") << "\n";
            }
        }
        if (text_at(answer, "quarantined") != "0") {
            out << text_at(answer, "quarantined")
                << " are in quarantine after 3 redrives and were left out; --force takes them "
                   "too\n";
        }
        if (invocation.has("rate") && !answer["last_at"].is_null()) {
            out << "the last of them at " << text_at(answer, "last_at") << "\n";
        }
    });
    return kOk;
}

Result<int> edit(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, failure_path(invocation));
    if (invocation.has("record") == invocation.has("merge")) {
        return usage_error("expected: failures edit ID with either --record FILE or --merge JSON");
    }
    Json body{{"dryRun", invocation.has("dry-run")}};
    if (invocation.has("record")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["record"], json_file(invocation, "record"));
    } else {
        auto merge = parse_json(invocation.option("merge"));
        if (!merge) {
            return usage_error("--merge is " + merge.error().message);
        }
        body["merge"] = std::move(*merge);
    }
    if (invocation.has("version")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["version"], count_option(invocation, "version"));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path + "/edit", body));
    invocation.print(answer, [&](std::ostream& out) {
        const auto text = [](const Json& entry, const char* side) {
            return entry.contains(side)
                       ? entry[side].dump(-1, ' ', false, Json::error_handler_t::replace)
                       : std::string("(nothing)");
        };
        for (const auto& entry : answer.value("diff", Json::array())) {
            out << text_at(entry, "path") << ": " << text(entry, "before") << " -> "
                << text(entry, "after") << "\n";
        }
        out
            << (invocation.has("dry-run") ? "nothing was changed\n"
                                          : "queued to be sent with this record\n");
    });
    return kOk;
}

Result<int> resolve(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, failure_path(invocation));
    if (!invocation.has("reason")) {
        return usage_error("expected: failures resolve ID --reason TEXT");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.post(path + "/resolve", {{"reason", invocation.option("reason")}})
    );
    invocation.print(answer, [&](std::ostream& out) {
        out << "off the list until the record changes at its source\n";
    });
    return kOk;
}

}  // namespace

Result<int> failures(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"list", list},
        {"groups", groups},
        {"show", show},
        {"retry", retry},
        {"edit", edit},
        {"resolve", resolve}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error(
            "expected list, groups, show, retry, edit or resolve, found '" + what + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
