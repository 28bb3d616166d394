#include "main/oauth_endpoint.hpp"

#include <memory>

#include "connectors/http/client.hpp"
#include "main/plugin_source.hpp"

namespace syncline::host {
namespace {

constexpr std::size_t kAnswerBytesMax = 1024 * 1024;
constexpr std::chrono::seconds kAnswerMax{15};

}  // namespace

Result<engine::AskEndpoint> oauth_endpoint(const HostConfig& config, const std::string& version) {
    auto options = http_options(config, version);
    options.limits.body_bytes = kAnswerBytesMax;
    SYNCLINE_ASSIGN_OR_RETURN(auto made, connectors::HttpClient::make(options));
    const std::shared_ptr<connectors::HttpClient> client = std::move(made);
    return engine::AskEndpoint(
        [client](
            const Spec& spec, const Json& settings, const engine::EndpointRequest& wanted
        ) -> Result<engine::EndpointAnswer> {
            SYNCLINE_ASSIGN_OR_RETURN(const auto scope, connectors::egress_scope(spec, settings));
            connectors::HttpRequest request;
            request.method = "POST";
            request.url = wanted.url;
            request.headers = wanted.headers;
            request.body = wanted.body;
            request.timeout = kAnswerMax;
            SYNCLINE_ASSIGN_OR_RETURN(
                auto answer, client->exchange(request, {scope, nullptr, kAnswerMax})
            );
            return engine::EndpointAnswer{answer.status, std::move(answer.body)};
        }
    );
}

}  // namespace syncline::host
