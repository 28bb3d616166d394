#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "platform.hpp"

namespace sandbox::quickbooks::test {

using Json = nlohmann::ordered_json;

// An answer, read the way a client reads it.
struct Answer {
    int status = 0;
    std::string text;
    Json body;
    std::string tid;

    // The code of the only error of a fault, "" when it is none or there are several.
    std::string fault() const;
    // All codes, joined by spaces, in order.
    std::string faults() const;
    // Of the first error.
    std::string detail() const;
    std::string element() const;
};

// A company in the sandbox, spoken to through the Platform object, without a server between.
class Books {
public:
    static constexpr const char* kRealm = "9130350000000001";
    static constexpr const char* kSecondRealm = "9130350000000002";

    // The first realm, founded anew with that profile, and an access token for it.
    explicit Books(const std::string& profile = "us_ast");

    // Calls below /v3/company/{realm}; `target` may carry a query string: "/invoice?requestid=a".
    Answer get(const std::string& target);
    Answer post(const std::string& target, const Json& body);
    Answer query(const std::string& statement);
    // Any request; the headers are the usual ones unless `changed` was called.
    Answer send(const std::string& method, const std::string& target, const std::string& body);
    // The object itself: post, expect 200, and take the one member besides `time`.
    Json made(const std::string& target, const Json& body);
    Json read(const std::string& target);

    // POST /_sandbox/quickbooks/{path}.
    Json control(const std::string& path, const Json& body = Json::object());
    Json control_get(const std::string& path);

    // A customer, an item, a plain document line; made on first use where an id comes back.
    std::string customer();
    std::string item();
    Json line(const std::string& amount, const std::string& tax_code = "");
    // A document of one such line or a list of them for the customer, as an invoice wants it.
    Json document(const Json& lines);

    Response raw(Request request) { return platform_->handle(request); }
    Platform& platform() { return *platform_; }
    void pass_seconds(std::int64_t seconds) {
        clock_.set_offset_ms(clock_.offset_ms() + seconds * 1000);
    }

    // Answer of the token endpoint to a refresh; changes nothing here.
    Answer refresh(const std::string& token);
    // Takes new tokens for the ones held.
    void renew();
    std::string refresh_token;
    std::string access_token;
    std::string realm = kRealm;
    std::string accept = "application/json";
    std::string content_type = "application/json";

private:
    Clock clock_;
    std::unique_ptr<Platform> platform_;
    std::string customer_;
    std::string item_;
};

Answer answer_of(const Response& response);
Request form_post(const std::string& path, const std::string& body, const std::string& client);
// "Basic ..." of the registered app.
std::string registered_client();
// A file of tests/data/quickbooks.
Json sample(const std::string& name);
// A list as it is; anything else as a list of one.
Json listed(const Json& one_or_more);
// Text with a number in it as JSON, so that no double touches it on the way in: amount("12.30").
Json amount(const std::string& decimal);

}  // namespace sandbox::quickbooks::test
