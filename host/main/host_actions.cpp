#include "main/host_actions.hpp"

#include <iostream>

#include <unistd.h>

#include "api/http/bearer_token.hpp"
#include "connectors/system_clock.hpp"
#include "core/json_problems.hpp"
#include "core/log.hpp"
#include "core/sha256.hpp"
#include "main/host.hpp"
#include "main/init.hpp"
#include "main/key_files.hpp"
#include "main/signals.hpp"

namespace syncline::host {
namespace {

// Places in the configuration get the name of their file.
template <class T>
Result<T> in_file(Result<T> result, const std::string& file) {
    if (result) {
        return result;
    }
    Error error = result.error();
    std::string message;
    for (const auto& line : problem_lines(error.message)) {
        const bool is_place = !split_problem(line).pointer.empty();
        message += (message.empty() ? "" : "\n") + (is_place ? file + ": " : std::string()) + line;
    }
    error.message = std::move(message);
    return error;
}

// One line per problem: the file that was to be loaded again is not.
void log_refused(const Error& error) {
    for (const auto& line : problem_lines(error.message)) {
        log::error("the configuration was not loaded again", {{"reason", line}});
    }
}

}  // namespace

std::string HostActions::version() const {
    return SYNCLINE_VERSION;
}

Result<std::string> HostActions::init(const std::string& folder, const std::string& plugin_dir) {
    return init_folder(folder, plugin_dir);
}

Result<void> HostActions::check_config(const std::string& config) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostConfig loaded, load_config(config, environment_));
    return in_file(host::check_config(loaded, environment_, version()), config);
}

Result<std::string> HostActions::host_url(const std::string& config) {
    SYNCLINE_ASSIGN_OR_RETURN(const HostConfig loaded, load_own_settings(config, environment_));
    if (loaded.api.port == 0) {
        return Error{
            ErrorCode::kConfig,
            "the configuration lets the host choose a port (api.port 0); give its address with "
            "--url or SYNCLINE_URL"};
    }
    std::string address = loaded.api.host;
    if (address == "0.0.0.0" || address == "::") {
        address = "127.0.0.1";
    }
    const bool is_v6 = address.find(':') != std::string::npos;
    return "http://" + (is_v6 ? "[" + address + "]" : address) + ":" +
           std::to_string(loaded.api.port);
}

Result<std::string> HostActions::make_token(const cli::TokenRequest& request) {
    const auto role = enum_from_name<api::Role>(request.role);
    if (!role) {
        return invalid(
            "--role: expected viewer, operator, approver or admin, found '" + request.role + "'"
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const HostConfig loaded, load_own_settings(request.config, environment_)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Key key, token_key(loaded));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string random, storage::random_bytes(16));
    const std::int64_t now = connectors::SystemClock().now().ms / 1000;
    return api::sign_token(
        {request.subject,
         request.tenant,
         *role,
         now,
         now + request.lives_s,
         sha256_hex(random).substr(0, 32)},
        key.reveal()
    );
}

Result<void> HostActions::serve(const std::string& config) {
    Signals signals;
    SYNCLINE_ASSIGN_OR_RETURN(HostConfig loaded, load_config(config, environment_));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto host, in_file(Host::start(std::move(loaded), environment_, version()), config)
    );
    // For whoever started us: one line of JSON, so that a script finds a port taken freely.
    Json ready{{"ready", true}, {"url", host->url()}, {"version", version()}, {"pid", ::getpid()}};
    if (!host->webhook_url().empty()) {
        ready["webhook_url"] = host->webhook_url();
    }
    std::cout << dump_json(ready) << std::endl;
    while (signals.wait() == Signals::Event::kReload) {
        const auto again = load_config(config, environment_);
        const auto reloaded = again ? in_file(host->reload(*again, environment_), config)
                                    : Result<void>(again.error());
        if (!reloaded) {
            log_refused(reloaded.error());
        }
    }
    log::info("stopping");
    signals.exit_on_next();
    host->stop();
    log::info("stopped");
    return {};
}

}  // namespace syncline::host
