// Mappings: files are linted, tested and compared here; the rest speaks to a host.
#include <map>
#include <ostream>

#include "cli/mapping_files.hpp"
#include "cli/sync_request.hpp"
#include "cli/table.hpp"
#include "cli/verbs.hpp"
#include "core/json_difference.hpp"

namespace syncline::cli {
namespace {

constexpr std::size_t kFilesMax = 50;

std::string shown_json(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

// A value in one line; "(nothing)" where there is none.
std::string side(const Json& entry, const char* name) {
    return entry.contains(name) ? entry[name].dump(-1, ' ', false, Json::error_handler_t::replace)
                                : std::string("(nothing)");
}

void print_difference(std::ostream& out, const Json& difference, const std::string& indent) {
    for (const auto& entry : difference) {
        out << indent << text_at(entry, "path") << ": " << side(entry, "before") << " -> "
            << side(entry, "after") << "\n";
    }
}

// The files that the line names after the first word. Errors: usage; kConfig.
Result<std::vector<MappingFile>> files_of(const Invocation& invocation) {
    std::vector<MappingFile> files;
    for (std::size_t i = 1; i <= kFilesMax && !invocation.word(i).empty(); ++i) {
        SYNCLINE_ASSIGN_OR_RETURN(MappingFile file, read_mapping_file(invocation.word(i)));
        files.push_back(std::move(file));
    }
    if (files.empty()) {
        return usage_error("expected: mapping " + invocation.word(0) + " FILE ...");
    }
    return files;
}

Result<std::optional<Catalog>> catalog_of(const Invocation& invocation) {
    if (!invocation.has("catalog")) {
        return std::optional<Catalog>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(Catalog catalog, read_catalog_file(invocation.option("catalog")));
    return std::optional<Catalog>(std::move(catalog));
}

Result<int> lint(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto files, files_of(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const auto catalog, catalog_of(invocation));
    Json items = Json::array();
    bool sound = true;
    for (const auto& file : files) {
        const LintedMapping linted = lint_mapping(file, catalog);
        sound = sound && linted.problems.empty();
        items.push_back({{"file", file.file}, {"name", linted.name}, {"problems", linted.problems}}
        );
    }
    invocation.print({{"sound", sound}, {"files", items}}, [&](std::ostream& out) {
        for (const auto& item : items) {
            const std::string name = text_at(item, "file");
            for (const auto& problem : item["problems"]) {
                out << name << ": " << problem.get<std::string>() << "\n";
            }
            out << (item["problems"].empty() ? name + ": sound\n" : "");
        }
    });
    return sound ? kOk : kFailed;
}

// Of one file: {"file", "problems", "tests"}; whether all is well.
bool test_file(const MappingFile& file, const std::optional<Catalog>& catalog, Json& items) {
    const LintedMapping linted = lint_mapping(file, catalog);
    Json item{
        {"file", file.file},
        {"name", linted.name},
        {"problems", linted.problems},
        {"tests", Json::array()}};
    bool passed = linted.program.has_value();
    if (linted.program) {
        const auto results = mapping::run_tests(*linted.program);
        for (const auto& result : results) {
            passed = passed && result.passed;
        }
        item["tests"] = to_json(results);
    }
    item["passed"] = passed;
    items.push_back(std::move(item));
    return passed;
}

void print_tests(std::ostream& out, const Json& item) {
    const std::string name = text_at(item, "file");
    for (const auto& problem : item["problems"]) {
        out << name << ": " << problem.get<std::string>() << "\n";
    }
    std::size_t passed = 0;
    for (const auto& test : item["tests"]) {
        if (test.value("passed", false)) {
            ++passed;
            continue;
        }
        out << name << ": test '" << text_at(test, "name")
            << "' failed: " << text_at(test, "problem") << "\n";
        print_difference(out, test.value("differences", Json::array()), "    ");
    }
    out << name << ": " << passed << " of " << item["tests"].size() << " tests passed\n";
}

Result<int> test(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto files, files_of(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const auto catalog, catalog_of(invocation));
    Json items = Json::array();
    bool passed = true;
    for (const auto& file : files) {
        passed = test_file(file, catalog, items) && passed;
    }
    invocation.print({{"passed", passed}, {"files", items}}, [&](std::ostream& out) {
        for (const auto& item : items) {
            print_tests(out, item);
        }
    });
    return passed ? kOk : kFailed;
}

// In its stored form, where it has one: a member that has its default is no difference.
Json normal_form(const Json& definition) {
    const auto parsed = mapping::parse_definition(definition);
    return parsed ? mapping::definition_json(*parsed) : definition;
}

Result<int> diff(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto files, files_of(invocation));
    if (files.size() != 2) {
        return usage_error("expected: mapping diff FILE FILE");
    }
    const Json difference =
        json_difference(normal_form(files[0].definition), normal_form(files[1].definition));
    const bool same = difference.empty();
    invocation.print({{"same", same}, {"difference", difference}}, [&](std::ostream& out) {
        print_difference(out, difference, "");
        out << (same ? "they are the same\n" : "");
    });
    return same ? kOk : kFailed;
}

Result<int> list(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get_all("/api/mappings"));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"name", "origin", "from", "to", "in force", "newest", "changed"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "name"),
                 text_at(item, "origin"),
                 text_at(item, "source_entity"),
                 text_at(item, "target") + " " + text_at(item, "target_entity"),
                 text_at(item, "in_force"),
                 text_at(item, "newest"),
                 text_at(item, "updated_at")}
            );
        }
        table.print(out);
    });
    return kOk;
}

// Of the mapping that the line names. Errors: usage.
Result<std::string> path_of(const Invocation& invocation) {
    if (invocation.word(1).empty()) {
        return usage_error("expected: mapping " + invocation.word(0) + " NAME");
    }
    return "/api/mappings/" + encoded(invocation.word(1));
}

Result<int> show(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, path_of(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json mapping, host.get(path));
    SYNCLINE_ASSIGN_OR_RETURN(const Json versions, host.get(path + "/versions"));
    Json answer = mapping;
    answer["versions"] = versions.value("items", Json::array());
    invocation.print(answer, [&](std::ostream& out) {
        for (const char* member : {"name", "origin", "description", "in_force", "updated_by"}) {
            out << member << ": " << text_at(mapping, member) << "\n";
        }
        Table table({"version", "state", "published", "by", "reason"});
        for (const auto& version : answer["versions"]) {
            table.row(
                {text_at(version, "version"),
                 text_at(version, "state"),
                 text_at(version, "published_at"),
                 text_at(version, "published_by"),
                 text_at(version, "reason")}
            );
        }
        if (!table.empty()) {
            table.print(out);
        }
        out << "definition: " << shown_json(mapping.value("definition", Json())) << "\n";
    });
    return kOk;
}

Result<int> export_one(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, path_of(invocation));
    const std::string version =
        invocation.has("version") ? "?version=" + encoded(invocation.option("version")) : "";
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path + "/export" + version));
    invocation.print(answer, [&](std::ostream& out) { out << shown_json(answer) << "\n"; });
    return kOk;
}

Result<int> import(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto files, files_of(invocation));
    if (files.size() != 1) {
        return usage_error("expected: mapping import FILE");
    }
    Json body{{"definition", files[0].definition}, {"replace", invocation.has("replace")}};
    if (invocation.has("name")) {
        body["name"] = invocation.option("name");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post("/api/mappings/import", body));
    invocation.print(answer, [&](std::ostream& out) {
        out << "the draft of " << text_at(answer, "name")
            << " is stored; publish puts it in force\n";
    });
    return kOk;
}

Result<int> put_in_force(
    const Invocation& invocation, const HostClient& host, const std::string& verb, Json body
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string path, path_of(invocation));
    if (invocation.has("reason")) {
        body["reason"] = invocation.option("reason");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post(path + "/" + verb, body));
    invocation.print(answer, [&](std::ostream& out) {
        out << "version " << text_at(answer, "version") << " of " << invocation.word(1)
            << " is in force\n";
    });
    return kOk;
}

Result<int> publish(const Invocation& invocation, const HostClient& host) {
    Json body = Json::object();
    if (invocation.has("connection")) {
        body["connection"] = invocation.option("connection");
    }
    return put_in_force(invocation, host, "publish", std::move(body));
}

Result<int> roll_back(const Invocation& invocation, const HostClient& host) {
    Json body = Json::object();
    if (invocation.has("version")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["version"], count_option(invocation, "version"));
    }
    return put_in_force(invocation, host, "rollback", std::move(body));
}

// Errors: usage; kConfig.
Result<Json> preview_body(const Invocation& invocation) {
    Json body = Json::object();
    if (invocation.has("file") == !invocation.word(1).empty()) {
        return usage_error("expected: mapping preview with either NAME or --file FILE");
    }
    if (invocation.has("file")) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto file, read_mapping_file(invocation.option("file")));
        body["definition"] = file.definition;
    } else {
        body["mapping"] = invocation.word(1);
    }
    if (invocation.has("record") == invocation.has("source-id")) {
        return usage_error("expected: either --record FILE or --source-id ID");
    }
    if (invocation.has("record")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["record"], read_json_file(invocation.option("record")));
    } else {
        body["source_id"] = invocation.option("source-id");
    }
    for (const char* name : {"flow", "explain"}) {
        if (invocation.has(name)) {
            body[name] = invocation.option(name);
        }
    }
    if (invocation.has("version")) {
        SYNCLINE_ASSIGN_OR_RETURN(body["version"], count_option(invocation, "version"));
    }
    return body;
}

void print_explanation(std::ostream& out, const Json& explanation) {
    out << text_at(explanation, "field") << ": " << text_at(explanation, "text") << "\n";
    for (const auto& rule : explanation.value("rules", Json::array())) {
        out << "  rule " << text_at(rule, "rule") << " sets " << text_at(rule, "target") << "\n";
        for (const auto& step : rule.value("steps", Json::array())) {
            out << "    " << text_at(step, "text") << ": " << side(step, "value") << "\n";
        }
        out << "    " << text_at(rule, "outcome") << "\n";
    }
}

Result<int> preview(const Invocation& invocation, const HostClient& host) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json body, preview_body(invocation));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.post("/api/mappings/preview", body));
    invocation.print(answer, [&](std::ostream& out) {
        out << text_at(answer, "flow") << " " << text_at(answer, "source_id") << ": "
            << text_at(answer, "action") << "\n";
        if (answer.contains("reason")) {
            out << text_at(answer["reason"], "code") << ": " << text_at(answer["reason"], "message")
                << "\n";
        }
        for (const auto& document : answer.value("documents", Json::array())) {
            out << text_at(document, "role") << " (" << text_at(document, "entity") << ")"
                << (document.value("mapped", false) ? "" : ", not of this mapping") << "\n";
            print_difference(out, document.value("difference", Json::array()), "  ");
        }
        for (const auto& warning : answer.value("warnings", Json::array())) {
            out << "warning " << text_at(warning, "code") << ": " << text_at(warning, "message")
                << "\n";
        }
        if (answer.contains("explanation")) {
            print_explanation(out, answer["explanation"]);
        }
    });
    return kOk;
}

}  // namespace

Result<int> mapping_verb(const Invocation& invocation) {
    using OnFiles = Result<int> (*)(const Invocation&);
    using OnHost = Result<int> (*)(const Invocation&, const HostClient&);
    static const std::map<std::string, OnFiles> kOnFiles{
        {"lint", lint}, {"test", test}, {"diff", diff}};
    static const std::map<std::string, OnHost> kOnHost{
        {"list", list},
        {"show", show},
        {"preview", preview},
        {"import", import},
        {"export", export_one},
        {"publish", publish},
        {"rollback", roll_back}};
    const std::string what = invocation.word(0).empty() ? "list" : invocation.word(0);
    if (const auto on_files = kOnFiles.find(what); on_files != kOnFiles.end()) {
        return on_files->second(invocation);
    }
    const auto on_host = kOnHost.find(what);
    if (on_host == kOnHost.end()) {
        return usage_error(
            "expected lint, test, diff, list, show, preview, import, export, publish or rollback, "
            "found '" +
            what + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    return on_host->second(invocation, host);
}

}  // namespace syncline::cli
