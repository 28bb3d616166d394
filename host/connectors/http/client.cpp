#include "connectors/http/client.hpp"

#include <csignal>

#include "connectors/http/exchange.hpp"

namespace syncline::connectors {
namespace {

Patience patience_of(
    const HttpRequest& request, const HttpCaller& caller, const HttpLimits& limits
) {
    auto span = limits.total;
    if (request.timeout.count() > 0) {
        span = std::min(span, request.timeout);
    }
    if (caller.time_left) {
        span = std::min(span, std::max(*caller.time_left, std::chrono::milliseconds{0}));
    }
    return {std::chrono::steady_clock::now() + span, caller.stop};
}

bool may_repeat(const HttpRequest& request, const Connection& connection) {
    return request.method == "GET" || request.method == "HEAD" || !connection.has_sent();
}

}  // namespace

HttpClient::HttpClient(
    HttpOptions options, EgressPolicy policy, SharedTlsContext tls, Resolve resolve
)
    : options_(std::move(options)),
      policy_(std::move(policy)),
      tls_(std::move(tls)),
      resolve_(std::move(resolve)),
      pool_(options_.pool) {}

Result<std::unique_ptr<HttpClient>> HttpClient::make(const HttpOptions& options, Resolve resolve) {
    // OpenSSL writes with write(): a peer that has gone would end the process.
    std::signal(SIGPIPE, SIG_IGN);
    SYNCLINE_ASSIGN_OR_RETURN(auto policy, EgressPolicy::make(options.egress));
    auto tls = tls_context_when_needed(options.tls);
    if (!options.tls.extra_ca_file.empty() && !tls.get()) {
        return tls.get().error();
    }
    return std::unique_ptr<HttpClient>(
        new HttpClient(options, std::move(policy), std::move(tls), std::move(resolve))
    );
}

Result<std::unique_ptr<Connection>> HttpClient::connect(const Url& url, const Patience& patience)
    const {
    const Patience connecting = patience.at_most(options_.limits.connect);
    SYNCLINE_ASSIGN_OR_RETURN(const auto addresses, resolve_(url.host, connecting));
    SYNCLINE_ASSIGN_OR_RETURN(const auto permitted, policy_.permitted(url, addresses));
    if (!url.is_tls()) {
        return Connection::open(url, permitted, nullptr, connecting);
    }
    // A future is asked through a copy of one's own.
    const Result<Poco::Net::Context::Ptr>& tls = SharedTlsContext(tls_).get();
    return tls ? Connection::open(url, permitted, *tls, connecting) : tls.error();
}

Result<HttpAnswer> HttpClient::exchange(const HttpRequest& request, const HttpCaller& caller) {
    SYNCLINE_ASSIGN_OR_RETURN(const Url url, parse_url(request.url));
    SYNCLINE_RETURN_IF_ERROR(policy_.check(url, caller.scope));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string text, request_text(request, url, options_.user_agent)
    );
    const Patience patience = patience_of(request, caller, options_.limits);
    if (patience.is_over()) {
        return Error{
            ErrorCode::kTransient,
            "the time was up before a request to " + url.authority() + " could be sent",
            "http.timeout"};
    }
    const std::string server = url.scheme + "://" + url.authority();

    auto connection = pool_.take(server);
    while (true) {
        const bool reused = connection != nullptr;
        if (!reused) {
            SYNCLINE_ASSIGN_OR_RETURN(connection, connect(url, patience));
        }
        auto outcome =
            run_exchange(*connection, request, text, url.authority(), options_.limits, patience);
        if (outcome.answer) {
            if (outcome.can_continue) {
                pool_.give_back(server, std::move(connection));
            }
            return *std::move(outcome.answer);
        }
        if (!reused || !outcome.found_closed || !may_repeat(request, *connection)) {
            return std::move(outcome.error);
        }
        connection = nullptr;
    }
}

}  // namespace syncline::connectors
