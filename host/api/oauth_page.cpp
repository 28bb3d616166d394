#include "api/oauth_page.hpp"

#include "api/http/html.hpp"
#include "api/http/problem.hpp"
#include "core/redact.hpp"

namespace syncline::api {
namespace {

Response page(int status, const std::string& title, const std::string& paragraphs) {
    Response response{status, "text/html; charset=utf-8", "", {}};
    response.body =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"referrer\" content=\"no-referrer\">"
        "<meta name=\"viewport\" content=\"width=device-width\"><title>" +
        html_escaped(title) +
        "</title><style>body{font:1rem/1.5 sans-serif;margin:4rem auto;max-width:36rem;"
        "padding:0 1rem}</style></head>\n<body><h1>" +
        html_escaped(title) + "</h1>\n" + paragraphs + "</body></html>\n";
    response.headers.emplace_back(
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    );
    return response;
}

std::string paragraph(const std::string& text) {
    return "<p>" + html_escaped(text) + "</p>\n";
}

}  // namespace

Response connected_page(const engine::Connected& connected) {
    const engine::TestOutcome& test = connected.test;
    std::string text = paragraph(
        "The connection '" + connected.connection + "' of " + connected.platform +
        (test.error
             ? " has its new credentials, but a test of them failed: " + redact(test.error->message)
             : " works; its account is " + test.report.account + ".")
    );
    for (const auto& warning : test.report.warnings) {
        text += paragraph("Note: " + redact(warning));
    }
    return page(
        200,
        test.error ? "Authorized, but not working yet" : "Connected",
        text + paragraph("You can close this page.")
    );
}

Response refused_page(const Error& error, const std::string& request_id) {
    return page(
        status_of(error),
        "Not connected",
        paragraph(redact(error.message)) +
            paragraph("Error " + error.name + ", request " + request_id + ".")
    );
}

void keep_address_secret(Response& response) {
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
}

}  // namespace syncline::api
