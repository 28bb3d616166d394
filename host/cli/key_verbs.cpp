// The key that seals what rests. With a host running it does the work; without one it is done here.
#include <chrono>
#include <ostream>
#include <thread>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

constexpr std::chrono::milliseconds kPoll{200};

void print_overview(std::ostream& out, const Json& overview) {
    Table keys({"key", "state", "data_keys", "needed", "from"});
    for (const auto& key : overview.value("keys", Json::array())) {
        keys.row(
            {text_at(key, "id"),
             text_at(key, "state"),
             text_at(key, "data_keys"),
             key.value("needed", true) ? "yes" : "no",
             key.value("origin", Json()).is_string() ? text_at(key, "origin") : "(not here)"}
        );
    }
    keys.print(out);
    out << text_at(overview, "advice") << "\n";
    const Json unreadable = overview.value("unreadable", Json::array());
    if (unreadable.empty()) {
        return;
    }
    out << text_at(overview, "unreadable_values") << " values cannot be read:\n";
    Table values({"table", "column", "id", "tenant", "connection", "name", "reason"});
    for (const auto& value : unreadable) {
        values.row(
            {text_at(value, "table"),
             text_at(value, "column"),
             text_at(value, "id"),
             text_at(value, "tenant"),
             text_at(value, "connection"),
             text_at(value, "name"),
             text_at(value, "reason")}
        );
    }
    values.print(out);
}

void print_progress(std::ostream& err, const Json& rotation) {
    const Json keys = rotation.value("data_keys", Json::object());
    err << text_at(rotation, "state") << ": " << text_at(keys, "wrapped") << " of "
        << text_at(keys, "all") << " data keys wrapped, " << text_at(rotation, "values_checked")
        << " values checked, " << text_at(rotation, "unreadable") << " unreadable\n";
}

// Until it is completed, or its host says why it is not.
Result<Json> follow(const Invocation& invocation, const HostClient& host, Json rotation) {
    const std::string path = "/api/keys/rotations/" + text_at(rotation, "id");
    while (text_at(rotation, "state") != "completed") {
        if (rotation.contains("error") && rotation.at("error").is_string()) {
            return Error{
                ErrorCode::kConfig,
                "the rotation waits: " + text_at(rotation, "error"),
                "keys.rotation_waits"};
        }
        print_progress(invocation.err(), rotation);
        std::this_thread::sleep_for(kPoll);
        SYNCLINE_ASSIGN_OR_RETURN(rotation, host.get(path));
    }
    return rotation;
}

Result<Json> rotate_in_host(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(Json rotation, host.post("/api/keys/rotate", Json::object()));
    SYNCLINE_ASSIGN_OR_RETURN(rotation, follow(invocation, host, std::move(rotation)));
    print_progress(invocation.err(), rotation);
    return host.get("/api/keys");
}

bool host_runs(const Error& error) {
    return error.name == "storage.in_use";
}

Result<int> reset(const Invocation& invocation) {
    const bool confirmed = invocation.has("yes");
    auto done = invocation.local().keys({invocation.config_file(), "reset", confirmed, nullptr});
    if (!done && host_runs(done.error())) {
        return Error{
            ErrorCode::kConfig,
            "a host has the database open: stop it first (" + done.error().message + ")",
            "keys.host_runs"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json report, std::move(done));
    invocation.print(report, [&](std::ostream& out) {
        out << (confirmed ? "given up: " : "would be given up: ") << text_at(report, "data_keys")
            << " data keys";
        const Json values = report.value("values", Json::object());
        for (const auto& entry : values.items()) {
            out << ", " << entry.value() << " of " << entry.key();
        }
        out << "\n";
        for (const auto& connection : report.value("connections", Json::array())) {
            out << "needs new credentials: " << connection.get<std::string>() << "\n";
        }
        if (!confirmed) {
            out << "nothing was changed; --yes does it\n";
        }
    });
    return kOk;
}

}  // namespace

Result<int> keys(const Invocation& invocation) {
    const std::string what = invocation.word(0).empty() ? "show" : invocation.word(0);
    if (what != "show" && what != "rotate" && what != "reset") {
        return usage_error("expected show, rotate or reset, found '" + what + "'");
    }
    if (what == "reset") {
        return reset(invocation);
    }
    const auto progress = [&](const Json& rotation) { print_progress(invocation.err(), rotation); };
    auto answer = invocation.has("url")
                      ? Result<Json>(Error{ErrorCode::kStorage, "", "storage.in_use"})
                      : invocation.local().keys({invocation.config_file(), what, false, progress});
    if (!answer && host_runs(answer.error())) {
        answer = what == "rotate" ? rotate_in_host(invocation) : [&]() -> Result<Json> {
            SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
            return host.get("/api/keys");
        }();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json overview, std::move(answer));
    invocation.print(overview, [&](std::ostream& out) { print_overview(out, overview); });
    return overview.value("unreadable", Json::array()).empty() ? kOk : kFailed;
}

}  // namespace syncline::cli
