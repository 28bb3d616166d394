// The composition root: builds every object of the host in the order of its dependencies, and takes
// them down in the other.
#pragma once

#include <memory>
#include <string>

#include "main/config.hpp"

namespace syncline::host {

class Host {
public:
    // Opens the database, applies what the configuration declares, starts the engine and listens.
    // Errors: kConfig and kStorage, one sentence per problem.
    static Result<std::unique_ptr<Host>> start(
        HostConfig config, const Environment& environment, const std::string& version
    );
    // As stop().
    ~Host();
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;

    // "http://127.0.0.1:8923"
    std::string url() const;
    // That of the listener for webhooks; empty if there is none of its own.
    std::string webhook_url() const;

    // Takes over what can be changed while running: tenants, connections, flows, the log. Says in
    // the log which other changes need a restart. Errors: as start(); nothing was changed then.
    Result<void> reload(const HostConfig& config, const Environment& environment);

    // Takes no more requests, lets work in progress end, closes the database. Idempotent.
    void stop();

private:
    struct Parts;
    explicit Host(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

// Everything that can be found wrong without the database: keys, plugins, what connections and
// flows hold. Errors: kConfig, one line per problem.
Result<void> check_config(
    const HostConfig& config, const Environment& environment, const std::string& version
);

}  // namespace syncline::host
