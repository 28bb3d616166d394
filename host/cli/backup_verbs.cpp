// Backups; they work on this machine's files, whether a host runs or not.
#include <fstream>
#include <ostream>

#include "cli/table.hpp"
#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

Result<int> create(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json made,
        invocation.local().create_backup(invocation.config_file(), invocation.word(1))
    );
    invocation.print(made, [&](std::ostream& out) {
        out << text_at(made, "file") << ": " << text_at(made, "bytes") << " bytes, schema "
            << text_at(made, "schema_version")
            << "\nKeep a copy of the encryption key with it: without the key credentials cannot be "
               "read again.\n";
    });
    return kOk;
}

void print_report(const Json& report, std::ostream& out) {
    const Json& problems = report["problems"];
    out << text_at(report, "file") << ": "
        << (problems.empty() ? "sound, it can be restored" : "do not restore it") << "\n";
    for (const auto& problem : problems) {
        out << "  " << problem.get<std::string>() << "\n";
    }
    out << text_at(report, "bytes") << " bytes, schema " << text_at(report, "schema_version");
    for (const auto& entry : report["counts"].items()) {
        out << ", " << entry.value() << " " << entry.key();
    }
    out << "\n";
    if (problems.empty() && !report["key_checked"].get<bool>()) {
        out << "The encryption key was not tried; --config names a configuration that has it.\n";
    }
}

Result<int> verify(const Invocation& invocation) {
    // Where backups are kept there need be no host, and no configuration.
    std::string config = invocation.config_file();
    if (!invocation.has("config") && !std::ifstream(config).good()) {
        config.clear();
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json report,
        invocation.local().verify_backup(config, invocation.word(1), invocation.option("scratch"))
    );
    invocation.print(report, [&](std::ostream& out) { print_report(report, out); });
    return report["problems"].empty() ? kOk : kFailed;
}

}  // namespace

Result<int> backup(const Invocation& invocation) {
    if (invocation.word(0) == "create") {
        return create(invocation);
    }
    if (invocation.word(0) == "verify") {
        return verify(invocation);
    }
    return usage_error("expected: backup create FILE, or backup verify FILE");
}

}  // namespace syncline::cli
