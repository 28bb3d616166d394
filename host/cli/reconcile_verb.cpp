// Do the books agree with the shop? Asks for a reconciliation, waits for it and shows what it
// found.
#include "cli/reconcile_verb.hpp"

#include <chrono>
#include <ostream>
#include <thread>

#include "cli/table.hpp"

namespace syncline::cli {
namespace {

constexpr std::chrono::milliseconds kPoll{250};

std::string path_of(const std::string& id, const std::string& rest = "") {
    return "/api/reconciliations/" + encoded(id) + rest;
}

std::string cost_text(const Json& answer) {
    const Json cost = answer.value("cost", Json::object());
    return text_at(cost, "reads") + " metered reads (" + text_at(cost, "estimated_reads") +
           " estimated)";
}

void print_sums(std::ostream& out, const Json& answer) {
    Table table({"between", "currency", "side", "documents", "gross", "tax", "refunds", "payments"}
    );
    for (const auto& pair : answer.value("pairs", Json::array())) {
        const std::string between = text_at(pair, "source") + " and " + text_at(pair, "target");
        for (const auto& row : pair.value("sums", Json::array())) {
            for (const char* side : {"source", "target", "difference"}) {
                const Json& sums = row.at(side);
                table.row(
                    {between,
                     text_at(row, "currency"),
                     side,
                     text_at(sums, "count"),
                     text_at(sums, "gross"),
                     text_at(sums, "tax"),
                     text_at(sums, "refunds"),
                     text_at(sums, "payments")}
                );
            }
        }
    }
    table.print(out);
    for (const auto& pair : answer.value("pairs", Json::array())) {
        for (const auto& reason : pair.value("explained", Json::array())) {
            out << "rightly not posted: " << text_at(reason, "records") << " "
                << text_at(reason, "reason") << " (such as " << text_at(reason, "example") << ": "
                << text_at(reason, "explanation") << ")\n";
        }
    }
    for (const auto& flow : answer.value("not_compared", Json::array())) {
        out << "not compared: " << text_at(flow, "flow") << " (" << text_at(flow, "reason")
            << ")\n";
    }
}

void print_findings(std::ostream& out, const Json& findings) {
    Table table({"kind", "day", "record", "document", "expected", "found", "heal", "what"});
    for (const auto& item : findings.value("items", Json::array())) {
        const Json target = item.value("target", Json::object());
        table.row(
            {text_at(item, "kind"),
             text_at(item, "day"),
             text_at(item, "entity") + " " + text_at(item, "source_id"),
             text_at(target, "entity") + " " + text_at(target, "id"),
             text_at(item, "expected"),
             text_at(item, "found"),
             item.value("healable", false) ? "yes" : "no",
             text_at(item, "message")}
        );
    }
    if (!table.empty()) {
        table.print(out);
    }
}

std::string verdict_of(const Json& answer) {
    const Json window = answer.value("window", Json::object());
    const std::string days = text_at(window, "from") + " to " + text_at(window, "to");
    if (text_at(answer, "state") != "completed") {
        return "reconciliation " + text_at(answer, "id") + " is " + text_at(answer, "state");
    }
    if (answer.value("agrees", false)) {
        return "the books agree: 0.00 difference, " + days + ", " + cost_text(answer);
    }
    return "the books do not agree: " + text_at(answer, "drift_records") + " findings, " + days +
           ", " + cost_text(answer);
}

Result<int> show(const Invocation& invocation, const HostClient& host, const Json& answer) {
    const std::string id = text_at(answer, "id");
    if (invocation.option("format") == "csv") {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string csv, host.get_text(path_of(id, "/report.csv")));
        invocation.out() << csv;
    } else {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json findings, host.get_all(path_of(id, "/findings?limit=500"))
        );
        Json shown = answer;
        shown["items"] = findings.value("items", Json::array());
        invocation.print(shown, [&](std::ostream& out) {
            print_sums(out, answer);
            print_findings(out, findings);
        });
    }
    const Json error = answer.value("error", Json());
    if (error.is_object()) {
        invocation.err() << text_at(error, "code") << ": " << text_at(error, "message") << "\n";
    }
    invocation.err() << verdict_of(answer) << "\n";
    return text_at(answer, "state") == "completed" && answer.value("agrees", false) ? kOk : kFailed;
}

// What more than ten records need: the plan was made by the host, the person says yes here.
Result<void> confirm(const Invocation& invocation, const HostClient& host, const Json& flow) {
    const Json confirmation = flow.value("confirmation", Json());
    if (!confirmation.is_object()) {
        invocation.err() << text_at(flow, "flow") << ": " << text_at(flow, "records")
                         << " records are delivered once more, sync " << text_at(flow, "syncId")
                         << "\n";
        return {};
    }
    invocation.err() << text_at(flow, "flow") << ": " << text_at(flow, "records")
                     << " records would be delivered once more\n";
    const bool yes =
        invocation.has("yes") || (invocation.can_ask() && invocation.ask("deliver exactly these?"));
    if (!yes) {
        invocation.err() << "not healed: more than 10 records need a yes (--yes)\n";
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json started,
        host.post("/api/sync/confirm/" + encoded(text_at(confirmation, "token")), Json::object())
    );
    invocation.err() << "started sync " << text_at(started, "syncId") << "\n";
    return {};
}

Result<void> heal(const Invocation& invocation, const HostClient& host, const std::string& id) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json healed, host.post(path_of(id, "/heal"), Json::object()));
    const Json flows = healed.value("flows", Json::array());
    for (const auto& flow : flows) {
        SYNCLINE_RETURN_IF_ERROR(confirm(invocation, host, flow));
    }
    if (flows.empty()) {
        invocation.err() << "there is nothing that a delivery mends\n";
    }
    if (healed.value("not_healable", 0) > 0) {
        invocation.err() << text_at(healed, "not_healable") << " findings need a person\n";
    }
    return {};
}

Result<int> run(const Invocation& invocation, const HostClient& host) {
    if (!invocation.has("from") || !invocation.has("to")) {
        return usage_error("expected: reconcile --from DAY --to DAY");
    }
    Json body{{"window", {{"from", invocation.option("from")}, {"to", invocation.option("to")}}}};
    if (invocation.has("entity")) {
        body["entities"] = Json::array({invocation.option("entity")});
    }
    if (invocation.has("estimate")) {
        body["dryRun"] = true;
        SYNCLINE_ASSIGN_OR_RETURN(const Json estimate, host.post("/api/reconciliations", body));
        invocation.print(estimate, [&](std::ostream& out) {
            out << "about " << text_at(estimate.value("cost", Json::object()), "estimated_reads")
                << " metered reads\n";
        });
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(Json answer, host.post("/api/reconciliations", body));
    const std::string id = text_at(answer, "id");
    invocation.err() << "reconciliation " << id << ", about "
                     << text_at(answer.value("cost", Json::object()), "estimated_reads")
                     << " metered reads\n";
    while (text_at(answer, "finished_at") == "-") {
        std::this_thread::sleep_for(kPoll);
        SYNCLINE_ASSIGN_OR_RETURN(answer, host.get(path_of(id)));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const int code, show(invocation, host, answer));
    if (invocation.has("heal") && text_at(answer, "state") == "completed") {
        SYNCLINE_RETURN_IF_ERROR(heal(invocation, host, id));
    }
    return code;
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/reconciliations?limit=50"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "state", "from", "to", "findings", "reads", "by", "finished"});
        for (const auto& item : answer.value("items", Json::array())) {
            const Json window = item.value("window", Json::object());
            table.row(
                {text_at(item, "id"),
                 text_at(item, "state"),
                 text_at(window, "from"),
                 text_at(window, "to"),
                 text_at(item, "drift_records"),
                 text_at(item.value("cost", Json::object()), "reads"),
                 text_at(item, "requested_by"),
                 text_at(item, "finished_at")}
            );
        }
        table.print(out);
    });
    return kOk;
}

}  // namespace

Result<int> reconcile(const Invocation& invocation) {
    const std::string format = invocation.option("format");
    if (!format.empty() && format != "table" && format != "csv") {
        return usage_error("--format: expected table or csv, found '" + format + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    const std::string what = invocation.word(0);
    if (what.empty()) {
        return run(invocation, host);
    }
    if (what == "list") {
        return list(invocation, host);
    }
    const std::string id = invocation.word(1);
    if (id.empty() || (what != "show" && what != "heal" && what != "stop")) {
        return usage_error("expected: reconcile [list | show ID | heal ID | stop ID]");
    }
    if (what == "stop") {
        SYNCLINE_ASSIGN_OR_RETURN(
            const Json stopped, host.post(path_of(id, "/stop"), Json::object())
        );
        invocation.print(stopped, [&](std::ostream& out) { out << "it is asked to stop\n"; });
        return kOk;
    }
    if (what == "heal") {
        SYNCLINE_RETURN_IF_ERROR(heal(invocation, host, id));
        return kOk;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path_of(id)));
    return show(invocation, host, answer);
}

}  // namespace syncline::cli
