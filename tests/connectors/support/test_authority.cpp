#include "connectors/support/test_authority.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace syncline::testing {
namespace {

void run(const std::string& command) {
    if (std::system((command + " >/dev/null 2>&1").c_str()) != 0) {
        throw std::runtime_error("failed: " + command);
    }
}

}  // namespace

TestAuthority::TestAuthority() {
    folder_ = (std::filesystem::temp_directory_path() / "syncline-tls-XXXXXX").string();
    if (mkdtemp(folder_.data()) == nullptr) {
        throw std::runtime_error("cannot make " + folder_);
    }
    ca_file_ = folder_ + "/ca.pem";
    run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        "-subj /CN=Syncline-Test-Authority -keyout " +
        folder_ + "/ca.key -out " + ca_file_);
}

TestAuthority::~TestAuthority() {
    std::filesystem::remove_all(folder_);
}

TestAuthority::Files TestAuthority::server_files(const std::string& names, int days) {
    const std::string stem = folder_ + "/server" + std::to_string(made_++);
    std::ofstream(stem + ".ext") << "subjectAltName=" << names << "\n";
    run("openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=test "
        "-keyout " +
        stem + ".key -out " + stem + ".csr");
    run("openssl x509 -req -in " + stem + ".csr -CA " + ca_file_ + " -CAkey " + folder_ +
        "/ca.key -CAcreateserial -days " + std::to_string(days) + " -extfile " + stem +
        ".ext -out " + stem + ".pem");
    return {stem + ".pem", stem + ".key"};
}

Poco::Net::Context::Ptr TestAuthority::server(const std::string& names, int days) {
    const Files files = server_files(names, days);
    return new Poco::Net::Context(
        Poco::Net::Context::TLS_SERVER_USE,
        files.key,
        files.certificate,
        "",
        Poco::Net::Context::VERIFY_NONE
    );
}

}  // namespace syncline::testing
