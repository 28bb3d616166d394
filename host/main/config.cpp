#include "main/config.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "core/json_problems.hpp"
#include "main/config_checks.hpp"

namespace syncline::host {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSqlite = "sqlite:";

Error config_error(std::vector<std::string> problems, const std::string& file) {
    for (auto& problem : problems) {
        problem.insert(0, file + ": ");
    }
    Error error = joined(problems, "config.invalid");
    error.code = ErrorCode::kConfig;
    return error;
}

Result<std::string> read_text(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in) {
        return config_error(
            {"the configuration file cannot be read; `syncline init DIR` writes one"}, file
        );
    }
    return text;
}

// Members that come twice in one object; a JSON parser would silently take the last.
std::vector<std::string> find_duplicates(const std::string& text) {
    std::vector<std::string> problems;
    std::vector<std::set<std::string>> seen;
    std::vector<std::string> path;
    using Event = Json::parse_event_t;
    const auto look = [&](int, Event event, Json& parsed) {
        if (event == Event::object_start) {
            seen.emplace_back();
            path.emplace_back();
        } else if (event == Event::object_end) {
            seen.pop_back();
            path.pop_back();
        } else if (event == Event::key) {
            path.back() = parsed.get<std::string>();
            if (!seen.back().insert(path.back()).second) {
                std::string place;
                for (const auto& member : path) {
                    place += "/" + member;
                }
                problems.push_back(place + ": comes twice in one object; remove one of them");
            }
        }
        return true;
    };
    if (Json::parse(text, look, false).is_discarded()) {
        problems.clear();  // the parser says what is wrong, and where
    }
    return problems;
}

// "${NAME}" anywhere in the texts of a connection's settings; "$${" stands for "${".
std::string expand(
    const std::string& text,
    const Environment& environment,
    const std::string& place,
    std::vector<std::string>& problems
) {
    std::string expanded;
    for (std::size_t at = 0; at < text.size();) {
        if (text.compare(at, 3, "$${") == 0) {
            expanded += "${";
            at += 3;
            continue;
        }
        const std::size_t end = text.find('}', at);
        if (text.compare(at, 2, "${") != 0 || end == std::string::npos) {
            expanded += text[at++];
            continue;
        }
        const std::string name = text.substr(at + 2, end - at - 2);
        if (const auto value = environment(name)) {
            expanded += *value;
        } else {
            problems.push_back(place + ": the environment variable '" + name + "' is not set");
        }
        at = end + 1;
    }
    return expanded;
}

void expand_all(
    Json& json,
    const Environment& environment,
    const std::string& place,
    std::vector<std::string>& problems
) {
    if (json.is_string()) {
        json = expand(json.get<std::string>(), environment, place, problems);
    } else if (json.is_structured()) {
        for (auto& entry : json.items()) {
            expand_all(entry.value(), environment, place + "/" + entry.key(), problems);
        }
    }
}

std::string absolute(const fs::path& base, const std::string& path) {
    return path.empty() ? path : (base / path).lexically_normal().string();
}

std::string absolute_url(const fs::path& base, const std::string& url) {
    if (url.rfind(kSqlite, 0) != 0) {
        return url;
    }
    std::string path = url.substr(kSqlite.size());
    if (path.rfind("///", 0) == 0) {
        path.erase(0, 2);
    }
    return std::string(kSqlite) + absolute(base, path);
}

// lib/syncline/plugins beside the folder of the running program.
std::string installed_plugins() {
    std::error_code unreadable;
    const fs::path program = fs::read_symlink("/proc/self/exe", unreadable);
    return (program.parent_path().parent_path() / "lib/syncline/plugins").string();
}

void make_absolute(HostConfig& config, const fs::path& base) {
    config.database.url = absolute_url(base, config.database.url);
    config.keys.encryption_key_file = absolute(base, config.keys.encryption_key_file);
    config.keys.former_encryption_key_file = absolute(base, config.keys.former_encryption_key_file);
    config.keys.token_key_file = absolute(base, config.keys.token_key_file);
    config.tls.extra_ca_file = absolute(base, config.tls.extra_ca_file);
    for (auto& issuer : config.identity.issuers) {
        issuer.jwks_file = absolute(base, issuer.jwks_file);
        issuer.key_file = absolute(base, issuer.key_file);
    }
    config.plugin_dir =
        config.plugin_dir.empty() ? installed_plugins() : absolute(base, config.plugin_dir);
    for (auto& connector : config.connectors) {
        connector.file = absolute(config.plugin_dir, connector.file);
    }
}

void take_port(
    const Environment& environment,
    const std::string& name,
    const std::string& place,
    std::int64_t& port,
    std::vector<std::string>& problems
) {
    const auto text = environment(name);
    if (!text) {
        return;
    }
    if (text->size() <= 5 && text->find_first_not_of("0123456789") == std::string::npos) {
        port = std::stoll(*text);
        return;
    }
    problems.push_back(
        place + ": the environment's " + name + " is '" + text->substr(0, 20) +
        "', expected a number from 0 to 65535"
    );
}

void override_from(
    HostConfig& config, const Environment& environment, std::vector<std::string>& problems
) {
    if (const auto url = environment("DATABASE_URL")) {
        config.database.url = absolute_url(fs::current_path(), *url);
    }
    if (const auto host = environment("API_HOST")) {
        config.api.host = *host;
    }
    if (const auto uri = environment("OAUTH_REDIRECT_URI")) {
        config.api.oauth_redirect_uri = *uri;
    }
    take_port(environment, "API_PORT", "/api/port", config.api.port, problems);
    if (const auto host = environment("WEBHOOK_HOST")) {
        config.webhooks.host = *host;
    }
    take_port(environment, "WEBHOOK_PORT", "/webhooks/port", config.webhooks.port, problems);
    if (const auto url = environment("WEBHOOK_PUBLIC_URL")) {
        config.webhooks.public_url = *url;
    }
}

Result<Json> parse_config(const std::string& text, const std::string& file) {
    const std::string bare = without_comments(text);
    auto parsed = parse_json(bare);
    if (!parsed) {
        return config_error({parsed.error().message}, file);
    }
    auto problems = find_duplicates(bare);
    const auto others = json_problems<HostConfig>(*parsed);
    problems.insert(problems.end(), others.begin(), others.end());
    if (!problems.empty()) {
        return config_error(std::move(problems), file);
    }
    return parsed;
}

Result<HostConfig> complete(
    const Json& json, const std::string& file, const Environment& environment
) {
    SYNCLINE_ASSIGN_OR_RETURN(HostConfig config, from_json<HostConfig>(json, Unknown::kRefuse));
    std::vector<std::string> problems;
    make_absolute(config, fs::absolute(file).parent_path());
    override_from(config, environment, problems);
    for (std::size_t i = 0; i < config.connections.size(); ++i) {
        expand_all(
            config.connections[i].settings,
            environment,
            "/connections/" + std::to_string(i) + "/settings",
            problems
        );
    }
    const auto others = config_problems(config);
    problems.insert(problems.end(), others.begin(), others.end());
    if (!problems.empty()) {
        return config_error(std::move(problems), file);
    }
    return config;
}

}  // namespace

std::optional<std::string> process_environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

std::string without_comments(const std::string& text) {
    std::string bare = text;
    bool in_string = false;
    for (std::size_t at = 0; at < bare.size(); ++at) {
        if (in_string) {
            in_string = bare[at] != '"';
            at += bare[at] == '\\' ? 1U : 0U;  // the character after it is no end
            continue;
        }
        if (bare[at] == '"') {
            in_string = true;
            continue;
        }
        std::size_t end = at;
        if (bare.compare(at, 2, "//") == 0) {
            end = std::min(bare.find('\n', at), bare.size());
        } else if (bare.compare(at, 2, "/*") == 0) {
            const std::size_t close = bare.find("*/", at + 2);
            end = close == std::string::npos ? at : close + 2;
        }
        for (std::size_t i = at; i < end; ++i) {
            bare[i] = bare[i] == '\n' ? '\n' : ' ';
        }
        at = std::max(at, end == at ? at : end - 1);
    }
    return bare;
}

Result<HostConfig> load_config(const std::string& file, const Environment& environment) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, read_text(file));
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_config(text, file));
    return complete(json, file, environment);
}

Result<HostConfig> load_own_settings(const std::string& file, const Environment& environment) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, read_text(file));
    SYNCLINE_ASSIGN_OR_RETURN(Json json, parse_config(text, file));
    json.erase("connections");
    json.erase("flows");
    json.erase("schedules");
    return complete(json, file, environment);
}

std::string database_file(const HostConfig& config) {
    return config.database.url.substr(kSqlite.size());
}

}  // namespace syncline::host
