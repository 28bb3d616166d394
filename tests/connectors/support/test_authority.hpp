// A certificate authority made anew for a test program, by the openssl command.
#pragma once

#include <string>

#include <Poco/Net/Context.h>

namespace syncline::testing {

class TestAuthority {
public:
    // In a folder of its own, removed at the end.
    TestAuthority();
    ~TestAuthority();
    TestAuthority(const TestAuthority&) = delete;
    TestAuthority& operator=(const TestAuthority&) = delete;

    const std::string& ca_file() const { return ca_file_; }

    // What a server needs to present a certificate with these subject alternative names
    // ("DNS:shop.example,IP:127.0.0.1"), signed by this authority and good for `days` (negative:
    // expired).
    Poco::Net::Context::Ptr server(const std::string& names, int days = 2);

    // The same as PEM files, for a program of its own.
    struct Files {
        std::string certificate;
        std::string key;
    };
    Files server_files(const std::string& names, int days = 2);

private:
    std::string folder_;
    std::string ca_file_;
    int made_ = 0;
};

}  // namespace syncline::testing
