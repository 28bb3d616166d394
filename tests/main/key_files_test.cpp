#include "main/key_files.hpp"

#include <filesystem>
#include <fstream>
#include <map>

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
        const auto keys = encryption_keys(config_, environment);
        return keys ? "" : keys.error().message;
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
    const auto sealing = encryption_keys(config_, no_variable);
    const auto signing = token_key(config_);
    ASSERT_TRUE(sealing.has_value()) << sealing.error().message;
    ASSERT_TRUE(signing.has_value());
    EXPECT_NE((*sealing)->keys().front().id, signing->id());
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
    const auto from_variable = encryption_keys(config_, [&](const std::string& name) {
        return name == "INTEGRATION_ENCRYPTION_KEY" ? std::optional(key.to_base64()) : std::nullopt;
    });
    ASSERT_TRUE(from_variable.has_value());
    EXPECT_EQ((*from_variable)->keys().front().id, key.id());
    EXPECT_EQ((*from_variable)->keys().front().origin, "INTEGRATION_ENCRYPTION_KEY");
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

TEST_F(KeyFilesTest, ARenewedKeyOpensWhatTheFormerOneWrapped) {
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    const auto keys = encryption_keys(config_, no_variable).value();
    const auto wrapped = keys->wrap("data key", "here").value();
    const auto renewed = keys->renew();
    ASSERT_TRUE(renewed.has_value()) << renewed.error().message;
    ASSERT_EQ(keys->keys().size(), 2u);
    EXPECT_NE(keys->keys()[0].id, wrapped.kek_id);
    EXPECT_EQ(keys->keys()[1].id, wrapped.kek_id);
    const auto restarted = encryption_keys(config_, no_variable).value();
    EXPECT_EQ(restarted->unwrap(wrapped, "here").value(), "data key");
    EXPECT_EQ(restarted->keys()[0].id, keys->keys()[0].id);
    for (const auto& file : {config_.keys.encryption_key_file, former_key_file(config_)}) {
        struct stat facts {};
        ASSERT_EQ(::stat(file.c_str(), &facts), 0) << file;
        EXPECT_EQ(facts.st_mode & 0777, 0600U) << file;
    }
    EXPECT_FALSE(std::filesystem::exists(config_.keys.encryption_key_file + ".new"));
}

TEST_F(KeyFilesTest, AnEarlierKeyIsNeverOverwritten) {
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    const auto keys = encryption_keys(config_, no_variable).value();
    ASSERT_TRUE(keys->renew());
    const auto before = keys->keys();
    const auto again = keys->renew();
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().name, "keys.former_is_there");
    EXPECT_TRUE(says(again.error().message, former_key_file(config_)));
    EXPECT_EQ(encryption_keys(config_, no_variable).value()->keys()[0].id, before[0].id);
    std::filesystem::remove(former_key_file(config_));
    EXPECT_TRUE(keys->renew());
}

// After the former key was kept, and before the new one took its place; and while the new one was
// being written.
TEST_F(KeyFilesTest, ARenewalThatWasCutShortIsDoneAgain) {
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    std::filesystem::create_hard_link(config_.keys.encryption_key_file, former_key_file(config_));
    std::ofstream(config_.keys.encryption_key_file + ".new") << "half a k";
    const auto keys = encryption_keys(config_, no_variable).value();
    ASSERT_EQ(keys->keys().size(), 1u) << "both files hold the same key";
    const auto wrapped = keys->wrap("data key", "here").value();
    const auto renewed = keys->renew();
    ASSERT_TRUE(renewed.has_value()) << renewed.error().message;
    const auto restarted = encryption_keys(config_, no_variable).value();
    EXPECT_NE(restarted->keys()[0].id, wrapped.kek_id);
    EXPECT_EQ(restarted->unwrap(wrapped, "here").value(), "data key");
}

TEST_F(KeyFilesTest, AKeyOfTheEnvironmentIsReplacedByAStartWithBoth) {
    const auto first = storage::Key::random().value();
    const auto second = storage::Key::random().value();
    std::map<std::string, std::string> variables{{"INTEGRATION_ENCRYPTION_KEY", first.to_base64()}};
    const Environment environment = [&](const std::string& name) {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const auto keys = encryption_keys(config_, environment).value();
    const auto wrapped = keys->wrap("data key", "here").value();
    const auto renewed = keys->renew();
    ASSERT_FALSE(renewed.has_value());
    EXPECT_EQ(renewed.error().name, "keys.from_environment");
    EXPECT_TRUE(says(renewed.error().message, "INTEGRATION_ENCRYPTION_KEY_FORMER"));
    variables = {
        {"INTEGRATION_ENCRYPTION_KEY", second.to_base64()},
        {"INTEGRATION_ENCRYPTION_KEY_FORMER", first.to_base64()}};
    const auto restarted = encryption_keys(config_, environment).value();
    EXPECT_EQ(restarted->keys()[0].id, second.id());
    EXPECT_EQ(restarted->unwrap(wrapped, "here").value(), "data key");
}

TEST_F(KeyFilesTest, AKeyThatVanishesFromItsFileStaysGoodInThisProcess) {
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    const auto keys = encryption_keys(config_, no_variable).value();
    const auto wrapped = keys->wrap("data key", "here").value();
    std::filesystem::remove(config_.keys.encryption_key_file);
    ASSERT_TRUE(make_key_file(config_.keys.encryption_key_file));
    ASSERT_TRUE(keys->reload());
    EXPECT_EQ(keys->unwrap(wrapped, "here").value(), "data key");
    EXPECT_EQ(keys->keys()[1].origin, "this process only");
}

}  // namespace
}  // namespace syncline::host
