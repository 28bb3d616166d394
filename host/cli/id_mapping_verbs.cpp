// Which document of a target stands for which record of a source.
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>

#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

std::vector<std::pair<std::string, std::string>> filter_options() {
    return {
        {"source", "source"},
        {"target", "target"},
        {"entity", "entity"},
        {"source-id", "source_id"},
        {"target-id", "target_id"},
        {"state", "state"}};
}

std::string filter_query(const Invocation& invocation, const std::string& more = "") {
    std::string query = more;
    for (const auto& [option, parameter] : filter_options()) {
        if (invocation.has(option)) {
            query +=
                (query.empty() ? "" : "&") + parameter + "=" + encoded(invocation.option(option));
        }
    }
    return query.empty() ? query : "?" + query;
}

Result<std::string> mapping_path(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: id-mappings " + invocation.word(0) + " ID");
    }
    return "/api/id-mappings/" + encoded(invocation.word(1));
}

Result<int> list_mappings(const Invocation& invocation, const HostClient& host) {
    const std::string limit =
        invocation.has("limit") ? "limit=" + encoded(invocation.option("limit")) : "";
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, host.get("/api/id-mappings" + filter_query(invocation, limit))
    );
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "state", "source", "record", "role", "target", "document", "since"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "id"),
                 text_at(item, "state"),
                 text_at(item, "source"),
                 text_at(item, "entity") + " " + text_at(item, "source_id"),
                 text_at(item, "role"),
                 text_at(item, "target"),
                 text_at(item, "target_entity") + " " + text_at(item, "target_id"),
                 text_at(item, "created_at")}
            );
        }
        table.print(out);
        if (!answer["next_cursor"].is_null()) {
            out << "there are more; --limit shows them\n";
        }
    });
    return kOk;
}

Result<int> remove_mapping(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, mapping_path(invocation));
    SYNCLINE_RETURN_IF_ERROR(host.remove(path));
    invocation.print(Json::object(), [&](std::ostream& out) { out << "removed\n"; });
    return kOk;
}

Result<int> export_mappings(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string csv, host.get_text("/api/id-mappings/export" + filter_query(invocation))
    );
    invocation.out() << csv;
    return kOk;
}

void print_report(std::ostream& out, const Json& report) {
    for (const auto& problem : report.value("problems", Json::array())) {
        out << "line " << text_at(problem, "line") << ", " << text_at(problem, "column") << ": "
            << text_at(problem, "detail") << "\n";
    }
    const bool dry = report.value("dry_run", false);
    out << text_at(report, "lines") << " lines: " << text_at(report, "created")
        << (dry ? " would be linked, " : " linked, ") << text_at(report, "unchanged")
        << " linked before, " << report.value("problems", Json::array()).size() << " wrong\n";
}

Result<int> import_mappings(const Invocation& invocation, const HostClient& host) {
    const std::string name = invocation.word(1);
    std::ifstream file(name, std::ios::binary);
    if (name.empty() || !file) {
        return usage_error(
            name.empty() ? "expected: id-mappings import FILE" : name + " cannot be read"
        );
    }
    const std::string csv{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    const Json body{{"csv", csv}, {"dryRun", invocation.has("dry-run")}};
    SYNCLINE_ASSIGN_OR_RETURN(const Json report, host.post("/api/id-mappings/import", body));
    invocation.print(report, [&](std::ostream& out) { print_report(out, report); });
    return report.value("problems", Json::array()).empty() ? kOk : kFailed;
}

}  // namespace

Result<int> id_mappings(const Invocation& invocation) {
    using Run = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, Run> kVerbs{
        {"list", list_mappings},
        {"remove", remove_mapping},
        {"export", export_mappings},
        {"import", import_mappings}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    const auto verb = kVerbs.find(what);
    if (verb == kVerbs.end()) {
        return usage_error("expected list, export, import or remove, found '" + what + "'");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return verb->second(invocation, host);
}

}  // namespace syncline::cli
