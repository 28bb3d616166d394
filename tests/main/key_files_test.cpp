#include "main/key_files.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_dir.hpp"

namespace syncline::host {
namespace {

std::optional<std::string> no_variable(const std::string&) {
    return std::nullopt;
}

class KeyFilesTest : public ::testing::Test {
protected:
    KeyFilesTest() {
        config_.keys.encryption_key_file = dir_.file("encryption.key");
        config_.keys.token_key_file = dir_.file("token.key");
    }
    void write(const std::string& text, mode_t mode = 0600) {
        std::ofstream(config_.keys.encryption_key_file) << text;
        ::chmod(config_.keys.encryption_key_file.c_str(), mode);
    }
    std::string problem(const Environment& environment = no_variable) {
        const auto key = encryption_key(config_, environment);
        return key ? "" : key.error().message;
    }
    static bool says(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }

    testing::TempDir dir_;
    HostConfig config_;
};

TEST_F(KeyFilesTest, AMadeKeyIsPrivateAndCanBeRead) {
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    ASSERT_TRUE(make_key_file(config_.keys.token_key_file));
    struct stat facts {};
    ASSERT_EQ(::stat(config_.keys.encryption_key_file.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600U);
    const auto sealing = encryption_key(config_, no_variable);
    const auto signing = token_key(config_);
    ASSERT_TRUE(sealing.has_value()) << sealing.error().message;
    ASSERT_TRUE(signing.has_value());
    EXPECT_NE(sealing->to_base64(), signing->to_base64());
}

TEST_F(KeyFilesTest, AKeyFileIsNeverOverwritten) {
    write("mine");
    EXPECT_FALSE(make_key_file(config_.keys.encryption_key_file).has_value());
    std::string text;
    std::getline(std::ifstream(config_.keys.encryption_key_file), text);
    EXPECT_EQ(text, "mine");
}

TEST_F(KeyFilesTest, TheEnvironmentGoesBeforeTheFile) {
    const auto key = storage::Key::random().value();
    const auto from_variable = encryption_key(config_, [&](const std::string& name) {
        return name == "INTEGRATION_ENCRYPTION_KEY" ? std::optional(key.to_base64()) : std::nullopt;
    });
    ASSERT_TRUE(from_variable.has_value());
    EXPECT_EQ(from_variable->to_base64(), key.to_base64());
}

TEST_F(KeyFilesTest, EveryMistakeSaysWhatToDo) {
    EXPECT_TRUE(says(problem(), "cannot be read: No such file or directory; `syncline init`"));
    write("not base64 at all");
    EXPECT_TRUE(says(problem(), "does not hold a key: expected 32 bytes in base64"));
    EXPECT_FALSE(says(problem(), "not base64 at all"));
    write("c2hvcnQ=");
    EXPECT_TRUE(says(problem(), "does not hold a key"));
    write(storage::Key::random().value().to_base64() + "\n", 0640);
    EXPECT_TRUE(says(problem(), "can be read by others (mode 0640); run: chmod 600 "));
    write("", 0600);
    EXPECT_TRUE(says(problem(), "does not hold a key"));
    std::filesystem::remove(config_.keys.encryption_key_file);
    std::filesystem::create_directory(config_.keys.encryption_key_file);
    EXPECT_TRUE(says(problem(), "is not a regular file"));
    const auto from_variable =
        problem([](const std::string&) { return std::optional<std::string>("hush"); });
    EXPECT_TRUE(says(from_variable, "INTEGRATION_ENCRYPTION_KEY does not hold a key"));
    EXPECT_FALSE(says(from_variable, "hush"));
}

}  // namespace
}  // namespace syncline::host
