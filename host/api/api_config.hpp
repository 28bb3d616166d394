// Settings of the HTTP server, as the configuration file's "api" gives them.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/json_fields.hpp>

namespace syncline::api {

struct ApiConfig {
    // Address to listen on. Tokens travel in clear: put a TLS proxy in front of any other address.
    std::string host = "127.0.0.1";
    // Port to listen on; 0 takes a free one (the ready line tells which).
    std::int64_t port = 8923;
    // Threads that serve connections.
    std::int64_t threads = 32;
    // Largest body of a request.
    std::int64_t body_bytes_max = 1024 * 1024;
    // Requests at once that wait for a connector (dry run, test); more are asked to come back.
    std::int64_t connector_calls_max = 4;
    // Of them, at most this many of one tenant.
    std::int64_t connector_calls_per_tenant_max = 2;
    // Where platforms send people back to after an authorization; empty: derived from the request.
    std::string oauth_redirect_uri;

    static constexpr auto fields() {
        return std::make_tuple(
            field("host", &ApiConfig::host),
            field("port", &ApiConfig::port),
            field("threads", &ApiConfig::threads),
            field("body_bytes_max", &ApiConfig::body_bytes_max),
            field("connector_calls_max", &ApiConfig::connector_calls_max),
            field("connector_calls_per_tenant_max", &ApiConfig::connector_calls_per_tenant_max),
            field("oauth_redirect_uri", &ApiConfig::oauth_redirect_uri)
        );
    }
};

// Deliveries of platforms, as the configuration file's "webhooks" gives them.
struct WebhookConfig {
    // Address of a listener that serves nothing but webhooks and health, so that it can face the
    // internet while the API does not; empty: the API's listener is the only one.
    std::string host;
    // Its port; 0 takes a free one (the ready line tells which).
    std::int64_t port = 8924;
    // Threads that serve its connections.
    std::int64_t threads = 64;
    // Largest body of a delivery there.
    std::int64_t body_bytes_max = 5 * 1024 * 1024;
    // How platforms reach it: "https://hooks.example.com". With it the host registers webhooks at
    // platforms that let it, and sees to it that they stay enabled.
    std::string public_url;

    static constexpr auto fields() {
        return std::make_tuple(
            field("host", &WebhookConfig::host),
            field("port", &WebhookConfig::port),
            field("threads", &WebhookConfig::threads),
            field("body_bytes_max", &WebhookConfig::body_bytes_max),
            field("public_url", &WebhookConfig::public_url)
        );
    }
};

}  // namespace syncline::api
