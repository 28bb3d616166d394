// Settings of the HTTP server, as the configuration file's "api" gives them.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/json_fields.hpp>

namespace syncline::api {

struct ApiConfig {
    // Address to listen on. Without tls_certificate_file tokens travel in clear: put a TLS proxy in
    // front of any other address.
    std::string host = "127.0.0.1";
    // Port to listen on; 0 takes a free one (the ready line tells which).
    std::int64_t port = 8923;
    // Serve HTTPS only, TLS 1.2 or newer: the certificate with its chain, and its key, as PEM. Both
    // or none.
    std::string tls_certificate_file;
    std::string tls_key_file;
    // Threads that answer requests; a connection that waits or is slow needs none.
    std::int64_t threads = 32;
    // Connections at once. The longest idle, then the longest unfinished one makes room for a new
    // one.
    std::int64_t connections_max = 1024;
    // Largest request line and headers together, and most headers.
    std::int64_t head_bytes_max = 16 * 1024;
    std::int64_t headers_max = 100;
    // From the first byte of a request to the end of its headers; for its body; for its answer.
    std::int64_t head_timeout_ms = 10'000;
    std::int64_t body_timeout_ms = 30'000;
    std::int64_t send_timeout_ms = 30'000;
    // Until a connection without a request is ended.
    std::int64_t idle_timeout_ms = 60'000;
    // What unfinished requests may hold in memory together.
    std::int64_t waiting_bytes_max = 64 * 1024 * 1024;
    // Largest body of a request.
    std::int64_t body_bytes_max = 1024 * 1024;
    // Requests at once that wait for a connector (dry run, test); more are asked to come back.
    std::int64_t connector_calls_max = 4;
    // Of them, at most this many of one tenant.
    std::int64_t connector_calls_per_tenant_max = 2;
    // Requests of a tenant, and of one token or API key of it, within a minute, all of which may
    // come at once; 0: any number. More are answered 429.
    std::int64_t requests_per_minute_per_tenant = 60'000;
    std::int64_t requests_per_minute_per_credential = 30'000;
    // Watchers of GET /api/events at once, of all tenants and of one; and how long one may watch
    // until it must come again with its credential.
    std::int64_t event_streams_max = 64;
    std::int64_t event_streams_per_tenant_max = 8;
    std::int64_t event_stream_ms_max = 900'000;
    // Where platforms send people back to after an authorization; empty: derived from the request.
    std::string oauth_redirect_uri;

    static constexpr auto fields() {
        return std::make_tuple(
            field("host", &ApiConfig::host),
            field("port", &ApiConfig::port),
            field("tls_certificate_file", &ApiConfig::tls_certificate_file),
            field("tls_key_file", &ApiConfig::tls_key_file),
            field("threads", &ApiConfig::threads),
            field("connections_max", &ApiConfig::connections_max),
            field("head_bytes_max", &ApiConfig::head_bytes_max),
            field("headers_max", &ApiConfig::headers_max),
            field("head_timeout_ms", &ApiConfig::head_timeout_ms),
            field("body_timeout_ms", &ApiConfig::body_timeout_ms),
            field("send_timeout_ms", &ApiConfig::send_timeout_ms),
            field("idle_timeout_ms", &ApiConfig::idle_timeout_ms),
            field("waiting_bytes_max", &ApiConfig::waiting_bytes_max),
            field("body_bytes_max", &ApiConfig::body_bytes_max),
            field("connector_calls_max", &ApiConfig::connector_calls_max),
            field("connector_calls_per_tenant_max", &ApiConfig::connector_calls_per_tenant_max),
            field("requests_per_minute_per_tenant", &ApiConfig::requests_per_minute_per_tenant),
            field(
                "requests_per_minute_per_credential", &ApiConfig::requests_per_minute_per_credential
            ),
            field("event_streams_max", &ApiConfig::event_streams_max),
            field("event_streams_per_tenant_max", &ApiConfig::event_streams_per_tenant_max),
            field("event_stream_ms_max", &ApiConfig::event_stream_ms_max),
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
