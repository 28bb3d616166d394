// What is made from the API's description, and what the documents show of it, works against the
// real program.
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include <gtest/gtest.h>

#include "e2e/support/demo_shop.hpp"
#include "e2e/support/host_process.hpp"

namespace syncline::test {
namespace {

constexpr auto kPackages = SYNCLINE_SOURCE_DIR "/tests/npm";

struct Outcome {
    int status = -1;
    std::string output;
};

Outcome run(const std::string& command) {
    Outcome outcome;
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    std::array<char, 4096> chunk{};
    while (fgets(chunk.data(), static_cast<int>(chunk.size()), pipe) != nullptr) {
        outcome.output += chunk.data();
    }
    outcome.status = pclose(pipe);
    return outcome;
}

std::string session_in(const std::string& document) {
    std::ifstream file(document);
    std::string script;
    bool inside = false;
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("```", 0) == 0) {
            inside = line == "```sh session";
        } else if (inside) {
            script += line + "\n";
        }
    }
    return script;
}

Outcome run_session(const HostProcess& host, const std::string& page) {
    const std::string script = session_in(SYNCLINE_SOURCE_DIR "/docs/" + page);
    EXPECT_NE(script.find("curl"), std::string::npos);
    {
        std::ofstream file(host.file("session.sh"));
        file << "set -e -o pipefail\n" << script << "echo done\n";
    }
    return run("URL=" + host.url() + " TOKEN=" + host.token() + " bash " + host.file("session.sh"));
}

class OpenApiTest : public ::testing::Test {
protected:
    void SetUp() override { host_.start(); }
    void TearDown() override { EXPECT_EQ(host_.stop(), 0) << host_.log(); }

    HostProcess host_;
};

TEST_F(OpenApiTest, AClientMadeFromTheDescriptionWorksUnchanged) {
    ASSERT_TRUE(std::filesystem::exists(std::string(kPackages) + "/node_modules/openapi-typescript")
    ) << "install the public clients: npm ci --prefix "
      << kPackages;
    const Outcome outcome =
        run("node " + std::string(kPackages) + "/openapi-client.mjs " + host_.url() + " " +
            host_.token() + " " + host_.file("client"));
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("ok revoked"), std::string::npos) << outcome.output;
}

TEST_F(OpenApiTest, TheSessionInTheDocumentsWorksAsItStands) {
    const Outcome outcome = run_session(host_, "openapi.md");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("done"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("What to do:"), std::string::npos) << outcome.output;
}

TEST(ApiDocumentsTest, TheSessionOfTheApisPageWorksAsItStands) {
    DemoShop shop;
    Json config = shop.config();
    const Json flows = std::exchange(config["flows"], Json::array());
    HostProcess host{config};
    host.start();
    for (const auto& flow : flows) {  // those that a file declares cannot be patched
        const Answer made = host.post("/api/flows", flow);
        ASSERT_EQ(made.status, 201) << made.text;
    }
    const Outcome outcome = run_session(host, "api.md");
    EXPECT_EQ(outcome.status, 0) << outcome.output;
    EXPECT_NE(outcome.output.find("done"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("202 Accepted"), std::string::npos) << outcome.output;
    EXPECT_NE(outcome.output.find("Idempotent-Replayed: true"), std::string::npos)
        << outcome.output;
    EXPECT_NE(outcome.output.find("\"batch_size\":200"), std::string::npos) << outcome.output;
    EXPECT_EQ(outcome.output.find("/errors/"), std::string::npos) << outcome.output;
    EXPECT_EQ(host.unsettled(60), "");
    EXPECT_EQ(host.stop(), 0) << host.log();
}

}  // namespace
}  // namespace syncline::test
