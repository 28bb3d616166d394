#include "http.hpp"

#include <array>

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace syncline::test {
namespace {

std::string base64url(std::string_view bytes) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string text;
    unsigned buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = (buffer << 8U) | static_cast<unsigned char>(c);
        for (bits += 8; bits >= 6; bits -= 6) {
            text += kAlphabet[(buffer >> (bits - 6)) & 63U];
        }
    }
    if (bits > 0) {
        text += kAlphabet[(buffer << (6 - bits)) & 63U];
    }
    return text;
}

}  // namespace

Result<plugin::HttpResponse> exchange(const plugin::HttpRequest& request) {
    try {
        // Poco::URI would decode and encode the query again, so only the authority comes from it.
        const Poco::URI uri(request.url.substr(0, request.url.find('?')));
        const auto path_at = request.url.find('/', request.url.find("//") + 2);
        const std::string target = path_at == std::string::npos ? "/" : request.url.substr(path_at);
        Poco::Net::HTTPClientSession session(uri.getHost(), uri.getPort());
        session.setTimeout(Poco::Timespan(60, 0));
        Poco::Net::HTTPRequest raw(request.method, target, Poco::Net::HTTPRequest::HTTP_1_1);
        for (const auto& [name, value] : request.headers) {
            raw.add(name, value);
        }
        raw.setContentLength64(static_cast<Poco::Int64>(request.body.size()));
        session.sendRequest(raw) << request.body;
        Poco::Net::HTTPResponse answer;
        std::istream& stream = session.receiveResponse(answer);
        plugin::HttpResponse response;
        response.status = answer.getStatus();
        for (const auto& [name, value] : answer) {
            response.headers.emplace_back(name, value);
        }
        Poco::StreamCopier::copyToString(stream, response.body);
        return response;
    } catch (const Poco::Exception& error) {
        return Error{ErrorCode::kTransient, error.displayText(), "http.failed"};
    }
}

std::string sign_jwt(const Json& claims, const std::string& secret) {
    const std::string head =
        base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url(claims.dump());
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HMAC(
        EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(head.data()),
        head.size(),
        digest.data(),
        &size
    );
    return head + "." + base64url({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace syncline::test
