#include "main/issuer_keys.hpp"

#include <fstream>
#include <iterator>
#include <memory>

#include "connectors/http/client.hpp"
#include "main/key_files.hpp"
#include "main/plugin_source.hpp"

namespace syncline::host {
namespace {

constexpr std::size_t kKeySetBytesMax = 256 * 1024;
constexpr std::chrono::seconds kFetchMax{10};

Result<std::string> read_set(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        return Error{
            ErrorCode::kConfig,
            "the key set " + path + " cannot be read; see identity.issuers",
            "config.key"};
    }
    std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return text;
}

Result<std::string> fetch_set(connectors::HttpClient& client, const std::string& url) {
    SYNCLINE_ASSIGN_OR_RETURN(const connectors::Url parsed, connectors::parse_url(url));
    const connectors::EgressScope scope{{parsed.host}};
    connectors::HttpRequest request;
    request.url = url;
    request.headers = {{"Accept", "application/jwk-set+json, application/json"}};
    request.timeout = kFetchMax;
    SYNCLINE_ASSIGN_OR_RETURN(auto answer, client.exchange(request, {scope, nullptr, kFetchMax}));
    if (answer.status != 200) {
        return Error{
            ErrorCode::kTransient,
            parsed.authority() + " answered " + std::to_string(answer.status) +
                " instead of its key set",
            "identity.key_set"};
    }
    return std::move(answer.body);
}

Result<std::string> keys_in_file(const api::IssuerConfig& issuer) {
    if (issuer.algorithm != api::TokenAlgorithm::kHs256) {
        return read_set(issuer.jwks_file);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Key key, issuer_key(issuer.key_file));
    return key.to_base64();
}

Result<void> check_file(const api::IssuerConfig& issuer) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, keys_in_file(issuer));
    if (issuer.algorithm != api::TokenAlgorithm::kHs256) {
        SYNCLINE_RETURN_IF_ERROR(api::parse_key_set(text, issuer.algorithm));
    }
    return {};
}

}  // namespace

Result<api::FetchKeys> issuer_keys(const HostConfig& config, const std::string& version) {
    const auto& issuers = config.identity.issuers;
    for (std::size_t i = 0; i < issuers.size(); ++i) {
        if (!issuers[i].jwks_url.empty()) {
            continue;
        }
        if (auto checked = check_file(issuers[i]); !checked) {
            Error error = checked.error();
            error.code = ErrorCode::kConfig;
            error.message.insert(0, "/identity/issuers/" + std::to_string(i) + ": ");
            return error;
        }
    }
    auto options = http_options(config, version);
    options.limits.body_bytes = kKeySetBytesMax;
    SYNCLINE_ASSIGN_OR_RETURN(auto made, connectors::HttpClient::make(options));
    const std::shared_ptr<connectors::HttpClient> client = std::move(made);
    return api::FetchKeys([client](const api::IssuerConfig& issuer) -> Result<std::string> {
        return issuer.jwks_url.empty() ? keys_in_file(issuer) : fetch_set(*client, issuer.jwks_url);
    });
}

}  // namespace syncline::host
