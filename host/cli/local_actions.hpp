// What the command line does on this machine itself, without a host that runs. Implemented in main,
// which knows the configuration.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

namespace syncline::cli {

struct TokenRequest {
    std::string config;  // file
    std::string tenant;
    std::string role;
    std::string subject;
    std::int64_t lives_s = 0;
};

// What is done with API keys in the database of a configuration, whether its host runs or not.
struct ApiKeyRequest {
    std::string config;  // file
    std::string what;    // create, list, revoke or rotate
    std::string tenant;
    std::string id;  // of revoke and rotate: the key's number or its prefix
    std::string name;
    std::string role;
    std::vector<std::string> scopes;
    std::int64_t lives_s = 0;  // 0: it does not expire
    std::int64_t overlap_s = 0;
    std::string reason;
};

// What is done with the encryption keys of a configuration whose host does not run.
struct KeysRequest {
    std::string config;      // file
    std::string what;        // show, rotate or reset
    bool confirmed = false;  // of reset: else it only says what would be given up
    std::function<void(const Json&)>
        progress;  // of rotate: told of the rotation, as the API has it
};

class LocalActions {
public:
    virtual ~LocalActions() = default;

    // Makes configuration, key files and data folder in `folder`; answers what to do next. Errors:
    // kExists when any of them is there.
    virtual Result<std::string> init(const std::string& folder, const std::string& plugin_dir) = 0;
    // Runs the host until it is told to stop.
    virtual Result<void> serve(const std::string& config) = 0;
    // Errors: kConfig, kInvalid (no such role).
    virtual Result<std::string> make_token(const TokenRequest& request) = 0;
    // Everything `serve` would check before it opens the database. Errors: kConfig, one problem per
    // line.
    virtual Result<void> check_config(const std::string& config) = 0;
    // Where the host of that configuration listens: "http://127.0.0.1:8923".
    virtual Result<std::string> host_url(const std::string& config) = 0;
    // Copies the database of that configuration to `target`, a new file, or a folder where it gets
    // a name with the time; a host may have it open. Answers file, bytes and schema_version.
    virtual Result<Json> create_backup(const std::string& config, const std::string& target) = 0;
    // Restores `file` into a scratch folder (made in `scratch`; empty: beside the file) and says
    // what is wrong with it: file, bytes, schema_version, key_checked, counts and problems, none of
    // which means that it can be restored. `config` (empty: none) has the key that is tried.
    virtual Result<Json> verify_backup(
        const std::string& config, const std::string& file, const std::string& scratch
    ) = 0;
    // Answers the key as the API does; of list {"items": [...]}. Errors: as those of the API.
    virtual Result<Json> api_key(const ApiKeyRequest& request) = 0;
    // Looks at the whole audit log of the configuration's database, or of `file` (a backup) if it
    // is not empty: rows, head, and if it is not sound broken_row and problem. `expected_head`
    // (empty: none) is a hash that must be in it.
    virtual Result<Json> verify_audit(
        const std::string& config, const std::string& file, const std::string& expected_head
    ) = 0;
    // Writes all of its rows, oldest first, as lines of JSON ("ndjson") or as "csv".
    virtual Result<void> export_audit(
        const std::string& config,
        const std::string& file,
        const std::string& format,
        std::ostream& out
    ) = 0;
    virtual std::string version() const = 0;
    // Answers the keys as the API does; of reset what was given up. Errors: kStorage
    // "storage.in_use" while a host runs; as those of the API.
    virtual Result<Json> keys(const KeysRequest& request) = 0;
};

}  // namespace syncline::cli
