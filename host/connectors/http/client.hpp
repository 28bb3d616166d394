// The only way out: HTTP requests of every connector go through here.
//
// A kept-alive connection that the server has closed meanwhile is replaced once and silently: for
// GET and HEAD when no byte of an answer came, for everything else only when no byte of the request
// left. Redirects are returned, not followed. [any thread]
#pragma once

#include <memory>

#include <syncline/result.hpp>

#include "connectors/http/egress.hpp"
#include "connectors/http/message.hpp"
#include "connectors/http/pool.hpp"
#include "connectors/http/resolver.hpp"
#include "connectors/http/tls.hpp"

namespace syncline::connectors {

// On whose behalf, and for how long.
struct HttpCaller {
    const EgressScope& scope;
    const std::atomic<bool>* stop = nullptr;
    // Left until the deadline of the call it belongs to; none: HttpLimits decide.
    std::optional<std::chrono::milliseconds> time_left;
};

class HttpClient {
public:
    // Errors: kConfig (a malformed egress.allow entry, an unreadable CA file).
    static Result<std::unique_ptr<HttpClient>> make(
        const HttpOptions& options, Resolve resolve = resolve_by_system
    );

    // An answer of any status is a value. Errors: kTransient "http....", kConfig "egress...." or
    // "http.url", kCancelled, kBug (a malformed request). Messages never hold path, query or
    // headers.
    Result<HttpAnswer> exchange(const HttpRequest& request, const HttpCaller& caller);

    std::size_t idle_count() const { return pool_.idle_count(); }

private:
    HttpClient(HttpOptions options, EgressPolicy policy, SharedTlsContext tls, Resolve resolve);
    Result<std::unique_ptr<Connection>> connect(const Url& url, const Patience& patience) const;

    const HttpOptions options_;
    const EgressPolicy policy_;
    const SharedTlsContext tls_;
    const Resolve resolve_;
    ConnectionPool pool_;
};

}  // namespace syncline::connectors
