// The audit log: looking at it asks the host; verifying and exporting works on the file itself, so
// that nobody who runs the host has to be believed.
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

Result<int> list(const Invocation& invocation) {
    std::string path =
        "/api/audit?limit=" + encoded(invocation.has("limit") ? invocation.option("limit") : "50");
    for (const char* name : {"event", "actor", "object", "from", "to"}) {
        if (invocation.has(name)) {
            path += std::string("&") + name + "=" + encoded(invocation.option(name));
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HostClient host, invocation.host());
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, host.get(path));
    invocation.print(answer, [&](std::ostream& out) {
        Table table({"id", "at", "event", "object", "outcome", "actor", "credential", "reason"});
        for (const auto& item : answer.value("items", Json::array())) {
            table.row(
                {text_at(item, "id"),
                 text_at(item, "at"),
                 text_at(item, "event"),
                 text_at(item, "object"),
                 text_at(item, "outcome"),
                 text_at(item, "actor"),
                 text_at(item, "credential"),
                 text_at(item, "reason")}
            );
        }
        table.print(out);
    });
    return kOk;
}

Result<int> verify(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json verdict,
        invocation.local().verify_audit(
            invocation.config_file(), invocation.option("file"), invocation.option("head")
        )
    );
    const bool sound = !verdict.contains("problem");
    invocation.print(verdict, [&](std::ostream& out) {
        if (!sound) {
            out << "the audit log is not what was written: " << text_at(verdict, "problem") << "\n";
        }
        out << text_at(verdict, "rows") << " rows are sound, up to hash "
            << text_at(verdict, "head") << "\n";
    });
    return sound ? kOk : kFailed;
}

}  // namespace

Result<int> audit(const Invocation& invocation) {
    const std::string what = invocation.word(0);
    if (what == "list") {
        return list(invocation);
    }
    if (what == "verify") {
        return verify(invocation);
    }
    if (what != "export") {
        return usage_error("expected list, verify or export, found '" + what + "'");
    }
    const std::string format = invocation.has("format") ? invocation.option("format") : "ndjson";
    if (format != "ndjson" && format != "csv") {
        return usage_error("--format: expected ndjson or csv, found '" + format + "'");
    }
    SYNCLINE_RETURN_IF_ERROR(invocation.local().export_audit(
        invocation.config_file(), invocation.option("file"), format, invocation.out()
    ));
    return kOk;
}

}  // namespace syncline::cli
