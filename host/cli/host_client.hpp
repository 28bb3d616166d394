// The command line's side of the HTTP API.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

namespace syncline::cli {

class HostClient {
public:
    // Errors: kConfig for what is no http or https URL.
    static Result<HostClient> make(const std::string& url, std::string token);

    // The answer's JSON. Errors say what the host said, or that no host answers there.
    Result<Json> get(const std::string& path) const;
    // All items of a list, whatever number of pages it has: {"items": [...]} with the other members
    // of the first page.
    Result<Json> get_all(const std::string& path) const;
    Result<Json> post(const std::string& path, const Json& body) const;
    Result<Json> put(const std::string& path, const Json& body) const;
    Result<Json> patch(const std::string& path, const Json& body) const;
    Result<void> remove(const std::string& path) const;
    // Of a DELETE that answers with what is left.
    Result<Json> reset(const std::string& path) const;
    // The answer as it came.
    Result<std::string> get_text(const std::string& path) const;

private:
    HostClient() = default;
    Result<std::string> call(
        const std::string& method, const std::string& path, const std::string& body
    ) const;

    std::string url_;  // as given, for messages
    std::string host_;
    std::string base_;  // path before "/api"
    std::uint16_t port_ = 0;
    bool tls_ = false;
    std::string token_;
};

// A query or path part, percent-encoded.
std::string encoded(const std::string& text);

}  // namespace syncline::cli
