// What is said to a platform's OAuth 2.0 endpoints, and what their answers mean, from what the
// connector's spec declares (RFC 6749, 7009, 7636). Pure. No message holds a secret, a code or a
// token.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

namespace syncline::engine {

// A POST to one of the endpoints.
struct EndpointRequest {
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};
struct EndpointAnswer {
    int status = 0;
    std::string body;
};
// Sends it, where the connector's spec and the connection's settings allow to connect to. Errors:
// as HttpClient. [any thread]
using AskEndpoint = std::function<
    Result<EndpointAnswer>(const Spec& spec, const Json& settings, const EndpointRequest& request)>;

// An endpoint's address: the setting of that name, else the spec's; empty: there is none.
std::string endpoint_url(const Spec& spec, const Json& settings, std::string_view name);

// Whether a person can connect an account of the platform in a browser.
bool is_authorized_in_browser(const Spec& spec);

struct Client {
    std::string id;
    std::string secret;
};

struct AuthorizePage {
    std::string client_id;
    std::string redirect_uri;
    std::string state;
    std::string code_verifier;  // empty: the platform takes none
};
// Where to send the person.
std::string authorize_url(const Spec& spec, const Json& settings, const AuthorizePage& page);

// 43 characters of base64url. Errors: kBug when there are no random bytes.
Result<std::string> random_token();

struct CodeGrant {
    std::string code;
    std::string redirect_uri;
    std::string code_verifier;
};
EndpointRequest code_request(
    const Spec& spec, const Json& settings, const Client& client, const CodeGrant& grant
);
// Errors: kConfig oauth.client_refused, kAuth oauth.code_refused, kTransient
// oauth.endpoint_unavailable or oauth.answer_unreadable.
Result<Tokens> tokens_in(const Spec& spec, const EndpointAnswer& answer);

EndpointRequest revoke_request(
    const Spec& spec, const Json& settings, const Client& client, const std::string& token
);
// Errors: kTransient or kData oauth.revoke_refused.
Result<void> revoked_by(const EndpointAnswer& answer);

// Of a text that comes from elsewhere, at most 60 characters that can do no harm.
std::string harmless(const std::string& text);

}  // namespace syncline::engine
