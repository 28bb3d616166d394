// What needs a person, and whether those who are to be told can be reached.
#include <map>
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::string thresholds_of(const Json& rule) {
    std::string text;
    for (const auto& one : rule.value("thresholds", Json::array())) {
        text += (text.empty() ? "" : ", ") + dump_json(one);
    }
    return text.empty() ? "-" : text;
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    std::string query;
    for (const char* name : {"rule", "limit"}) {
        query += invocation.has(name)
                     ? "&" + std::string(name) + "=" + encoded(invocation.option(name))
                     : "";
    }
    const std::string state = invocation.has("state") ? invocation.option("state") : "open";
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.get("/api/alerts?state=" + encoded(state == "all" ? "" : state) + query)
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "severity", "rule", "subject", "state", "since", "acknowledged", "what"}
        );
        for (const auto& item : answer.value("items", Json::array())) {
            const Json acknowledged = item.value("acknowledged", Json());
            table.row(
                {text_at(item, "id"),
                 text_at(item, "severity"),
                 text_at(item, "rule"),
                 text_at(item, "subject"),
                 text_at(item, "state"),
                 text_at(item, "opened_at"),
                 acknowledged.is_object() ? text_at(acknowledged, "by") : "-",
                 text_at(item, "summary")}
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
        return usage_error("expected: alerts show ID");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/alerts/" + encoded(invocation.word(1)))
    );
    invocation.print(answer, [&](std::ostream& out) {
        for (const char* member :
             {"rule",
              "subject",
              "state",
              "severity",
              "summary",
              "value",
              "opened_at",
              "updated_at",
              "resolved_at",
              "told",
              "acknowledged"}) {
            out << member << ": " << text_at(answer, member) << "\n";
        }
    });
    return kOk;
}

Result<int> acknowledge(const Invocation& invocation, const HostClient& host) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: alerts ack ID");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.post(
            "/api/alerts/" + encoded(invocation.word(1)) + "/acknowledge",
            {{"note", invocation.option("note")}}
        )
    );
    invocation.print(answer, [&](std::ostream& out) {
        out << "acknowledged; it stays open until its cause ends\n";
    });
    return kOk;
}

Result<int> rules(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/alert-rules"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"rule", "enabled", "about", "thresholds", "unit", "what"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "rule"),
                 item.value("enabled", false) ? "yes" : "no",
                 text_at(item, "about"),
                 thresholds_of(item),
                 text_at(item, "unit"),
                 text_at(item, "summary")}
            );
        }
        table.print(out);
    });
    return kOk;
}

Result<int> channels(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get("/api/alert-channels"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table(
            {"channel",
             "kind",
             "enabled",
             "from",
             "waiting",
             "failures",
             "last sent",
             "last answer"}
        );
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "name"),
                 text_at(item, "kind"),
                 item.value("enabled", false) ? "yes" : "no",
                 text_at(item, "severity_min"),
                 text_at(item, "waiting"),
                 text_at(item, "failures_in_a_row"),
                 text_at(item, "last_sent_at"),
                 text_at(item, "last_answer")}
            );
        }
        table.print(out);
    });
    return kOk;
}

Result<int> test(const Invocation& invocation, const HostClient& host) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: alerts test CHANNEL");
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.post("/api/alert-channels/" + encoded(invocation.word(1)) + "/test", Json::object())
    );
    const bool ok = answer.value("ok", false);
    invocation.print(answer, [&](std::ostream& out) {
        out << (ok ? "sent; " : "not sent; ")
            << "the other side said: " << text_at(answer, "answer") << "\n";
    });
    return ok ? kOk : kFailed;
}

}  // namespace

Result<int> alerts(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"list", list},
        {"show", show},
        {"ack", acknowledge},
        {"rules", rules},
        {"channels", channels},
        {"test", test}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error(
            "expected list, show, ack, rules, channels or test, found '" + what + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
