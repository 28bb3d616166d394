#include "cli/confirmation.hpp"

#include <ostream>

#include "cli/table.hpp"

namespace syncline::cli {
namespace {

constexpr auto kRequired = "/errors/approval.required";

void print_summary(std::ostream& out, const Json& asked) {
    const Json plan = asked.value("plan", Json::object());
    out << "this would write " << text_at(plan, "records") << " records: " << actions_text(plan)
        << "; total " << totals_text(plan) << "\n";
    Table table({"flow", "target", "mode", "read", "records", "actions", "total", "made_for_them"});
    for (const auto& flow : plan.value("flows", Json::array())) {
        table.row(
            {text_at(flow, "flow"),
             text_at(flow, "target"),
             text_at(flow, "mode"),
             text_at(flow, "read"),
             text_at(flow, "records"),
             actions_text(flow),
             totals_text(flow),
             text_at(flow, "needs")}
        );
    }
    table.print(out);
    for (const auto& reason : asked.value("reasons", Json::array())) {
        out << "why it asks: " << text_at(reason, "message") << "\n";
    }
    for (const auto& warning : plan.value("warnings", Json::array())) {
        out << "warning: " << text_at(warning, "flow") << ": " << text_at(warning, "message")
            << "\n";
    }
}

Result<Json> confirm(
    const Invocation& invocation, const HostClient& host, const std::string& entity, Json body
) {
    body["entity"] = entity;
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json asked, host.post("/api/sync/bulk/request-confirmation", body)
    );
    print_summary(invocation.err(), asked);
    if (!invocation.has("yes")) {
        if (!invocation.can_ask()) {
            return Error{
                ErrorCode::kExists,
                "nothing was started: there is no terminal to ask on; --yes confirms it"};
        }
        if (!invocation.ask("run exactly this?")) {
            return Error{ErrorCode::kExists, "nothing was started"};
        }
    }
    return host.post(
        "/api/sync/confirm/" + encoded(asked.value("token", std::string())), Json::object()
    );
}

}  // namespace

std::string totals_text(const Json& plan) {
    std::string text;
    for (const auto& total : plan.value("totals", Json::array())) {
        text += (text.empty() ? "" : ", ") + text_at(total, "amount") + " " +
                text_at(total, "currency");
    }
    return text.empty() ? "0.00" : text;
}

std::string actions_text(const Json& plan) {
    std::string text;
    const Json actions = plan.value("actions", Json::object());
    for (const auto& entry : actions.items()) {
        text += (text.empty() ? "" : ", ") + dump_json(entry.value()) + " " + entry.key();
    }
    return text.empty() ? "nothing to do" : text;
}

Result<Json> start_or_confirm(
    const Invocation& invocation, const HostClient& host, const std::string& entity, Json body
) {
    if (!invocation.has("confirm")) {
        auto started = host.post("/api/sync/" + encoded(entity), body);
        const bool asks = !started && started.error().name == kRequired;
        if (!asks) {
            return started;
        }
        if (!invocation.has("yes") && !invocation.can_ask()) {
            Error error = started.error();
            error.message += " `syncline sync` with --yes confirms it at once.";
            return error;
        }
    }
    return confirm(invocation, host, entity, std::move(body));
}

}  // namespace syncline::cli
