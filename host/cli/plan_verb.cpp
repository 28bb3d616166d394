// What a sync would do.
#include <ostream>

#include "cli/confirmation.hpp"
#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::string documents_of(const Json& record) {
    std::string text;
    for (const auto& document : record.value("documents", Json::array())) {
        text += (text.empty() ? "" : ", ") + text_at(document, "role") + " " +
                text_at(document, "action");
    }
    return text.empty() ? "-" : text;
}

std::string total_of(const Json& record) {
    for (const auto& document : record.value("documents", Json::array())) {
        const Json money = document.value("money", Json::object());
        if (money.contains("total")) {
            return text_at(money["total"], "amount") + " " + text_at(money["total"], "currency");
        }
    }
    return "-";
}

std::string reason_of(const Json& record) {
    for (const char* member : {"error", "reason"}) {
        if (record.contains(member)) {
            return text_at(record[member], "message");
        }
    }
    return "-";
}

void print_plan(std::ostream& out, const Json& plan) {
    out << text_at(plan, "flow") << " (" << text_at(plan, "source") << " -> "
        << text_at(plan, "target") << "): read " << text_at(plan, "read")
        << (plan.value("truncated", false) ? " and there are more" : "") << "; "
        << actions_text(plan) << "; total " << totals_text(plan) << "\nplan "
        << text_at(plan, "hash") << "\n";
    Table table({"record", "action", "documents", "total", "reason"});
    for (const auto& record : plan.value("records", Json::array())) {
        table.row(
            {text_at(record, "source_id"),
             text_at(record, "action"),
             documents_of(record),
             total_of(record),
             reason_of(record)}
        );
    }
    if (!table.empty()) {
        table.print(out);
    }
}

}  // namespace

Result<int> plan(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, sync_request(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.post("/api/sync/dry-run/" + encoded(invocation.word(0)), body)
    );
    invocation.print(answer, [&](std::ostream& out) {
        for (const auto& one : answer.value("plans", Json::array())) {
            print_plan(out, one);
        }
    });
    return kOk;
}

}  // namespace syncline::cli
