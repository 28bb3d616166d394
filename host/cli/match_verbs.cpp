// What two systems have in common: looking, and deciding what is linked.
#include <chrono>
#include <map>
#include <ostream>
#include <thread>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

constexpr std::chrono::milliseconds kMatchPoll{200};

std::string counts_text(const Json& match, const char* grade) {
    const Json counts = match.value("proposals", Json::object()).value(grade, Json::object());
    return text_at(counts, "proposed") + " / " + text_at(counts, "confirmed") + " / " +
           text_at(counts, "rejected");
}

void print_match(std::ostream& out, const Json& match) {
    out << "match " << text_at(match, "id") << ": " << text_at(match, "state") << ", "
        << text_at(match, "entity") << " of " << text_at(match, "source") << " in "
        << text_at(match, "target") << "\n";
    if (match.value("error", Json()).is_object()) {
        out << text_at(match["error"], "message") << "\n";
    }
    if (text_at(match, "state") != "completed") {
        return;
    }
    Table table({"grade", "proposed / confirmed / rejected"});
    for (const char* grade : {"exact", "assisted", "ambiguous"}) {
        table.row({grade, counts_text(match, grade)});
    }
    table.print(out);
    const Json counts = match.value("counts", Json::object());
    out << text_at(counts, "source_read") << " read in the source, "
        << text_at(counts, "target_read") << " in the target; " << text_at(counts, "linked_before")
        << " linked before, " << text_at(counts, "unmatched") << " with nothing like them, "
        << text_at(counts, "unreadable") << " unreadable\n";
}

Result<std::string> match_path(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: match " + invocation.word(0) + " ID");
    }
    return "/api/matches/" + encoded(invocation.word(1));
}

Result<int> list_of_matches(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/matches" + query_of(invocation, {"limit"}))
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "state", "entity", "source", "target", "exact", "assisted", "ambiguous"}
        );
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "id"),
                 text_at(item, "state"),
                 text_at(item, "entity"),
                 text_at(item, "source"),
                 text_at(item, "target"),
                 counts_text(item, "exact"),
                 counts_text(item, "assisted"),
                 counts_text(item, "ambiguous")}
            );
        }
        table.print(out);
    });
    return kOk;
}

Result<Json> wait_for(const HostClient& host, const std::string& id) {
    while (true) {
        SYNCLINE_ASSIGN_OR_RETURN(Json match, host.get("/api/matches/" + encoded(id)));
        const std::string state = text_at(match, "state");
        if (state == "completed" || state == "failed") {
            return match;
        }
        std::this_thread::sleep_for(kMatchPoll);
    }
}

Result<int> start_match(const Invocation& invocation, const HostClient& host) {
    Json body = Json::object();
    for (const char* name : {"flow", "source", "target", "entity", "from"}) {
        if (invocation.has(name)) {
            body[name] = invocation.option(name);
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(Json match, host.post("/api/matches", body));
    if (invocation.has("wait")) {
        SYNCLINE_ASSIGN_OR_RETURN(match, wait_for(host, text_at(match, "id")));
    }
    invocation.print(match, [&](std::ostream& out) { print_match(out, match); });
    return text_at(match, "state") == "failed" ? kFailed : kOk;
}

Result<int> show_match(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, match_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json match, host.get(path));
    invocation.print(match, [&](std::ostream& out) { print_match(out, match); });
    return kOk;
}

void print_proposal(std::ostream& out, const Json& proposal) {
    const Json source = proposal.value("source", Json::object());
    const std::string part =
        source.value("part", Json()).is_string() ? "/" + text_at(source, "part") : std::string();
    out << text_at(proposal, "id") << " " << text_at(proposal, "grade") << " "
        << text_at(proposal, "state") << ": " << text_at(source, "id") << part << " ("
        << text_at(source, "label") << ")";
    if (proposal.value("target", Json()).is_object()) {
        const Json target = proposal["target"];
        out << " is " << text_at(target, "entity") << " " << text_at(target, "id") << " ("
            << text_at(target, "label") << ")";
    }
    out << "\n";
    for (const auto& sentence : proposal.value("evidence", Json::array())) {
        out << "    " << sentence.get<std::string>() << "\n";
    }
    for (const auto& candidate : proposal.value("candidates", Json::array())) {
        out << "    could be " << text_at(candidate, "entity") << ":" << text_at(candidate, "id")
            << " (" << text_at(candidate, "label") << ")\n";
    }
}

Result<int> proposals_of_match(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, match_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer,
        host.get(path + "/proposals" + query_of(invocation, {"grade", "state", "limit"}))
    );
    invocation.print(answer, [&](std::ostream& out) {
        for (const auto& proposal : answer.value("items", Json::array())) {
            print_proposal(out, proposal);
        }
        if (!answer["next_cursor"].is_null()) {
            out << "there are more; --limit shows them\n";
        }
    });
    return kOk;
}

// Errors: usage.
Result<Json> decision_body(const Invocation& invocation) {
    if (invocation.has("grade") == invocation.has("proposals")) {
        return usage_error("expected --grade GRADE or --proposals LIST");
    }
    Json body = Json::object();
    if (invocation.has("grade")) {
        body["grade"] = invocation.option("grade");
    } else {
        body["proposals"] = Json::array();
        const std::string list = invocation.option("proposals") + ",";
        for (std::size_t at = 0; at < list.size();) {
            const std::size_t end = list.find(',', at);
            const auto number = parse_json(list.substr(at, end - at));
            if (!number || !number->is_number_integer()) {
                return usage_error("--proposals: expected numbers with commas between them");
            }
            body["proposals"].push_back(*number);
            at = end + 1;
        }
    }
    if (invocation.has("choose")) {
        const std::string choice = invocation.option("choose");
        const auto colon = choice.find(':');
        if (colon == std::string::npos) {
            return usage_error("--choose: expected ENTITY:ID, as 'proposals' shows it");
        }
        body["target"] = {{"entity", choice.substr(0, colon)}, {"id", choice.substr(colon + 1)}};
    }
    if (invocation.has("reason")) {
        body["reason"] = invocation.option("reason");
    }
    return body;
}

Result<int> decide(const Invocation& invocation, const HostClient& host, const std::string& what) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, match_path(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, decision_body(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path + "/" + what, body));
    invocation.print(answer, [&](std::ostream& out) {
        out << text_at(answer, "decided") << (what == "confirm" ? " linked\n" : " rejected\n");
        for (const auto& refused : answer.value("refused", Json::array())) {
            out << "not " << text_at(refused, "proposal") << ": " << text_at(refused, "message")
                << "\n";
        }
    });
    return answer.value("refused", Json::array()).empty() ? kOk : kFailed;
}

Result<int> confirm_proposals(const Invocation& invocation, const HostClient& host) {
    return decide(invocation, host, "confirm");
}

Result<int> reject_proposals(const Invocation& invocation, const HostClient& host) {
    return decide(invocation, host, "reject");
}

}  // namespace

Result<int> match(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"start", start_match},
        {"list", list_of_matches},
        {"show", show_match},
        {"proposals", proposals_of_match},
        {"confirm", confirm_proposals},
        {"reject", reject_proposals}};
    const bool starts = invocation.has("flow") || invocation.has("source");
    const std::string what =
        invocation.word(0).empty() ? (starts ? "start" : "list") : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error(
            "expected start, list, show, proposals, confirm or reject, found '" + what + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
