// Starting, following and stopping syncs.
#include <chrono>
#include <ostream>
#include <thread>

#include "cli/confirmation.hpp"
#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

constexpr std::chrono::milliseconds kPollFirst{100};
constexpr std::chrono::milliseconds kPollMax{1000};

const std::vector<std::string>& count_names() {
    static const std::vector<std::string> kNames{
        "read", "created", "updated", "skipped", "held", "conflict", "waiting", "failed"};
    return kNames;
}

std::vector<std::string> with_counts(std::vector<std::string> cells, const Json& counts) {
    for (const auto& name : count_names()) {
        cells.push_back(text_at(counts, name));
    }
    return cells;
}

std::vector<std::string> with_count_names(std::vector<std::string> columns) {
    columns.insert(columns.end(), count_names().begin(), count_names().end());
    return columns;
}

void print_runs(std::ostream& out, const Json& runs) {
    Table table(with_count_names({"flow", "mode", "status"}));
    for (const auto& run : runs) {
        table.row(with_counts(
            {text_at(run, "flow"), text_at(run, "mode"), text_at(run, "status")},
            run.value("counts", Json::object())
        ));
    }
    table.print(out);
    for (const auto& run : runs) {
        if (run.contains("error")) {
            out << text_at(run, "flow") << ": " << text_at(run["error"], "message") << "\n";
        }
    }
}

void print_sync(std::ostream& out, const Json& sync) {
    out << "sync " << text_at(sync, "syncId") << ": " << text_at(sync, "status") << "\n";
    print_runs(out, sync.value("runs", Json::array()));
}

bool has_ended(const std::string& status) {
    return status != "queued" && status != "running";
}

std::string progress_line(const Json& sync) {
    const Json counts = sync.value("counts", Json::object());
    std::string line = text_at(sync, "status");
    for (const auto& name : count_names()) {
        line += "  " + name + " " + text_at(counts, name);
    }
    return line;
}

// Polls until the sync has ended; draws over one line on a terminal, else one line per change.
Result<Json> follow(const Invocation& invocation, const HostClient& host, const std::string& id) {
    std::string shown;
    auto pause = kPollFirst;
    for (;;) {
        SYNCLINE_ASSIGN_OR_RETURN(Json sync, host.get("/api/sync/status/" + encoded(id)));
        const std::string line = progress_line(sync);
        if (line != shown) {
            invocation.err() << (invocation.terminal() ? "\r\033[K" : "") << line
                             << (invocation.terminal() ? "" : "\n") << std::flush;
            shown = line;
        }
        if (has_ended(sync.value("status", std::string()))) {
            invocation.err() << (invocation.terminal() ? "\n" : "");
            return sync;
        }
        std::this_thread::sleep_for(pause);
        pause = std::min(pause * 2, kPollMax);
    }
}

}  // namespace

Result<int> sync(const Invocation& invocation) {
    if (invocation.has("dry-run")) {
        return plan(invocation);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, sync_request(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json started, start_or_confirm(invocation, host, invocation.word(0), body)
    );
    const std::string id = started.value("syncId", std::string());
    if (!invocation.has("wait")) {
        invocation.print(started, [&](std::ostream& out) {
            out << "sync " << id << " started\n";
            print_runs(out, started.value("runs", Json::array()));
        });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json ended, follow(invocation, host, id));
    invocation.print(ended, [&](std::ostream& out) { print_sync(out, ended); });
    return ended.value("status", std::string()) == "completed" ? kOk : kFailed;
}

Result<int> status(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    if (!invocation.word(0).empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json sync, host.get("/api/sync/status/" + encoded(invocation.word(0)))
        );
        invocation.print(sync, [&](std::ostream& out) { print_sync(out, sync); });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json list, host.get("/api/sync/status"));
    invocation.print(list, [&](std::ostream& out) {
        Table table(with_count_names({"sync", "status", "created_at"}));
        for (const auto& sync : list.value("items", Json::array())) {
            table.row(with_counts(
                {text_at(sync, "syncId"), text_at(sync, "status"), text_at(sync, "created_at")},
                sync.value("counts", Json::object())
            ));
        }
        table.print(out);
        const Json queue = list.value("queue", Json::object());
        out << "queue: " << text_at(queue, "queued") << " queued, " << text_at(queue, "delivering")
            << " delivering, " << text_at(queue, "parked") << " parked, "
            << text_at(queue, "failed") << " failed\n";
    });
    return kOk;
}

Result<int> stop(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json sync,
        host.post("/api/sync/status/" + encoded(invocation.word(0)) + "/stop", Json::object())
    );
    invocation.print(sync, [&](std::ostream& out) { print_sync(out, sync); });
    return kOk;
}

Result<int> history(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    std::string path =
        "/api/sync/history" + query_of(invocation, {"flow", "entity", "status", "limit"});
    if (invocation.has("csv")) {
        path += (path.find('?') == std::string::npos ? "?" : "&") + std::string("format=csv");
        SYNCLINE_ASSIGN_OR_RETURN(const std::string csv, host.get_text(path));
        invocation.out() << csv;
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json list, host.get(path));
    invocation.print(list, [&](std::ostream& out) {
        Table table(with_count_names({"run", "flow", "mode", "status", "created_at"}));
        for (const auto& run : list.value("items", Json::array())) {
            table.row(with_counts(
                {text_at(run, "id"),
                 text_at(run, "flow"),
                 text_at(run, "mode"),
                 text_at(run, "status"),
                 text_at(run, "created_at")},
                run.value("counts", Json::object())
            ));
        }
        table.print(out);
    });
    return kOk;
}

}  // namespace syncline::cli
