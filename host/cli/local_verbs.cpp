// Verbs that need no host: they work on this machine's files.
#include <charconv>
#include <ostream>

#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

constexpr std::int64_t kTokenLivesMaxS = 366 * 86'400;

}  // namespace

Result<std::int64_t> duration_s(const std::string& option, const std::string& text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [unit, error] = std::from_chars(text.data(), end, number);
    const std::string name(unit, end);
    const std::int64_t seconds = name == "s"   ? 1
                                 : name == "m" ? 60
                                 : name == "h" ? 3600
                                 : name == "d" ? 86'400
                                               : 0;
    if (error != std::errc() || seconds == 0 || number < 1 || number > kTokenLivesMaxS / seconds) {
        return usage_error(
            "--" + option + ": expected a time up to 366d, as 30m, 8h or 90d, found '" + text + "'"
        );
    }
    return number * seconds;
}

Result<int> init(const Invocation& invocation) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string next,
        invocation.local().init(invocation.word(0), invocation.option("plugin-dir"))
    );
    invocation.print({{"done", true}, {"next", next}}, [&](std::ostream& out) { out << next; });
    return kOk;
}

Result<int> serve(const Invocation& invocation) {
    SYNCLINE_RETURN_IF_ERROR(invocation.local().serve(invocation.config_file()));
    return kOk;
}

Result<int> token(const Invocation& invocation) {
    const std::string ttl = invocation.has("ttl") ? invocation.option("ttl") : "8h";
    if (!invocation.has("role")) {
        return usage_error("--role: missing (viewer, operator, approver or admin)");
    }
    TokenRequest request;
    SYNCLINE_ASSIGN_OR_RETURN(request.lives_s, duration_s("ttl", ttl));
    request.config = invocation.config_file();
    request.tenant = invocation.has("tenant") ? invocation.option("tenant") : "default";
    request.role = invocation.option("role");
    request.subject = invocation.has("subject") ? invocation.option("subject") : "cli";
    SYNCLINE_ASSIGN_OR_RETURN(const std::string made, invocation.local().make_token(request));
    invocation.print({{"token", made}}, [&](std::ostream& out) { out << made << "\n"; });
    return kOk;
}

Result<int> config(const Invocation& invocation) {
    if (invocation.word(0) != "validate") {
        return usage_error("expected: config validate");
    }
    const std::string file = invocation.config_file();
    SYNCLINE_RETURN_IF_ERROR(invocation.local().check_config(file));
    invocation.print({{"file", file}, {"valid", true}}, [&](std::ostream& out) {
        out << file << " is valid\n";
    });
    return kOk;
}

Result<int> version(const Invocation& invocation) {
    const std::string number = invocation.local().version();
    invocation.print({{"version", number}}, [&](std::ostream& out) {
        out << "syncline " << number << "\n";
    });
    return kOk;
}

}  // namespace syncline::cli
