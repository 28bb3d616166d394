// What is left of the reads that platforms count by the month.
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {

Result<int> budgets(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/budgets"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"platform", "app", "month", "used", "budget", "percent", "state", "resets_at"}
        );
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "platform"),
                 text_at(item, "app"),
                 text_at(item, "month"),
                 text_at(item, "used"),
                 text_at(item, "budget"),
                 text_at(item, "used_percent"),
                 text_at(item, "state"),
                 text_at(item, "resets_at")}
            );
        }
        table.print(out);
    });
    return kOk;
}

}  // namespace syncline::cli
