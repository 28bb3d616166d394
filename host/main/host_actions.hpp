// What the command line does on this machine, over the configuration.
#pragma once

#include "cli/local_actions.hpp"
#include "main/config.hpp"

namespace syncline::host {

class HostActions : public cli::LocalActions {
public:
    explicit HostActions(Environment environment) : environment_(std::move(environment)) {}

    Result<std::string> init(const std::string& folder, const std::string& plugin_dir) override;
    Result<void> serve(const std::string& config) override;
    Result<std::string> make_token(const cli::TokenRequest& request) override;
    Result<void> check_config(const std::string& config) override;
    Result<std::string> host_url(const std::string& config) override;
    Result<Json> create_backup(const std::string& config, const std::string& target) override;
    Result<Json> verify_backup(
        const std::string& config, const std::string& file, const std::string& scratch
    ) override;
    Result<Json> api_key(const cli::ApiKeyRequest& request) override;
    Result<Json> keys(const cli::KeysRequest& request) override;
    Result<Json> verify_audit(
        const std::string& config, const std::string& file, const std::string& expected_head
    ) override;
    Result<void> export_audit(
        const std::string& config,
        const std::string& file,
        const std::string& format,
        std::ostream& out
    ) override;
    std::string version() const override;

private:
    Result<std::string> audited_file(const std::string& config, const std::string& file) const;

    const Environment environment_;
};

}  // namespace syncline::host
