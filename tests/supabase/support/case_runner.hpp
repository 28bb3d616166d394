#pragma once

#include <string>
#include <vector>

#include "project.hpp"

namespace syncline::test {

// What one step of a case got, with ids and times masked so that two servers can be compared.
struct StepAnswer {
    int status = 0;
    std::string headers;  // those that a client may rely on, one per line
    std::string body;     // masked
    Json json;            // of the body, null where it is none
    bool empty_body = true;

    std::string text() const { return std::to_string(status) + "\n" + headers + body; }
};

// The cases of tests/data/supabase/cases.json.
class CaseFile {
public:
    CaseFile();
    const std::vector<Json>& cases() const { return cases_; }

    // Empties the tables, puts the case's rows in, then does its steps one by one.
    std::vector<StepAnswer> play(const Json& one_case, const Project& project) const;

private:
    // The body with every {"like": "order", ...} made whole.
    Json whole(const Json& body) const;
    void put_rows(const std::string& path, const Json& rows, const Project& project) const;

    Json templates_;
    std::vector<Json> cases_;
};

// Sends a request line like "GET /orders?select=id" with the credentials that `key` names: service,
// secret, anon, none, wrong, expired, forged, "user:acme", "metadata:acme".
plugin::HttpResponse send_line(
    const Project& project,
    const std::string& line,
    const std::string& key,
    plugin::HttpRequest request
);

StepAnswer masked(const plugin::HttpResponse& response);

}  // namespace syncline::test
