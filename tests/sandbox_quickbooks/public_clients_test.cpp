// The public JavaScript clients work with the simulated books as with a real company, over HTTP and
// against the real binary.
#include <array>
#include <cstdio>
#include <filesystem>

#include <gtest/gtest.h>

#include "support/sandbox_process.hpp"

namespace syncline::test {
namespace {

TEST(PublicQuickBooksClients, KeepBooksFromConsentToRevocation) {
    ASSERT_TRUE(std::filesystem::exists(SYNCLINE_SOURCE_DIR "/tests/npm/node_modules/intuit-oauth"))
        << "install the public clients: npm ci --prefix " SYNCLINE_SOURCE_DIR "/tests/npm";
    const SandboxProcess sandbox;
    const nlohmann::json& keys = sandbox.introduction()["platforms"]["quickbooks"];
    std::string command =
        "node " SYNCLINE_SOURCE_DIR "/tests/npm/quickbooks-clients.mjs " + sandbox.url();
    for (const char* name : {"realm_id", "client_id", "client_secret", "refresh_token"})
        command += " " + keys[name].get<std::string>();
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    std::string output;
    std::array<char, 4096> chunk{};
    while (fgets(chunk.data(), static_cast<int>(chunk.size()), pipe)) output += chunk.data();
    EXPECT_EQ(pclose(pipe), 0) << output;
    EXPECT_NE(output.find("ok revoke"), std::string::npos) << output;
}

}  // namespace
}  // namespace syncline::test
