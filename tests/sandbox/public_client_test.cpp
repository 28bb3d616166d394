// The public JavaScript client works with the simulated shop as with a real one.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "sandbox/shop.hpp"
#include "support/temp_dir.hpp"

namespace syncline::test {
namespace {

constexpr auto kScript = SYNCLINE_SOURCE_DIR "/tests/npm/woocommerce-client.mjs";

struct Outcome {
    int status = -1;
    std::string output;
};

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> chunk{};
    while (fgets(chunk.data(), static_cast<int>(chunk.size()), pipe))
        outcome.output += chunk.data();
    outcome.status = pclose(pipe);
    return outcome;
}

void expect_the_script_to_pass(const SandboxProcess& sandbox, const std::string& environment = "") {
    ASSERT_TRUE(std::filesystem::exists(SYNCLINE_SOURCE_DIR "/tests/npm/node_modules/@woocommerce"))
        << "install the public clients: npm ci --prefix " SYNCLINE_SOURCE_DIR "/tests/npm";
    const nlohmann::json& shop = sandbox.introduction()["platforms"]["woocommerce"];
    const Outcome outcome =
        run(environment + " node " + kScript + " " + sandbox.url() + " " +
            shop["consumer_key"].get<std::string>() + " " +
            shop["consumer_secret"].get<std::string>());
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("ok wrong secret"), std::string::npos) << outcome.output;
}

TEST(PublicClient, SignsItsRequestsOverHttp) {
    expect_the_script_to_pass(SandboxProcess());
}

TEST(PublicClient, SendsBasicOverTls) {
    const syncline::testing::TempDir folder;
    const std::string cert = folder.file("cert.pem");
    const std::string key = folder.file("key.pem");
    const Outcome made =
        run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
            "-subj /CN=sandbox -addext subjectAltName=IP:127.0.0.1 -keyout " +
            key + " -out " + cert);
    ASSERT_EQ(made.status, 0) << made.output;
    const SandboxProcess sandbox({"--tls-cert", cert, "--tls-key", key});
    EXPECT_EQ(sandbox.url().substr(0, 8), "https://");
    expect_the_script_to_pass(sandbox, "NODE_EXTRA_CA_CERTS=" + cert);
}

}  // namespace
}  // namespace syncline::test
