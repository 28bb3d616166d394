// Which files become plugins, and what is said about those that do not.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

#include "connectors/elf_image.hpp"
#include "connectors/support/registry_fixture.hpp"

namespace syncline::testing {
namespace {

class Loader : public RegistryTest {
protected:
    void SetUp() override {
        RegistryTest::SetUp();
        folder_ = (std::filesystem::temp_directory_path() / "syncline-loader-XXXXXX").string();
        ASSERT_NE(mkdtemp(folder_.data()), nullptr);
        ASSERT_EQ(chmod(folder_.c_str(), 0755), 0);
        unsetenv("SYNCLINE_TEST_CODE_RAN");
    }
    void TearDown() override {
        std::filesystem::remove_all(folder_);
        RegistryTest::TearDown();
    }

    // Why `file` is refused; the error must be a configuration's, and name the file.
    Error refusal(const std::string& file, const std::string& pin = "") {
        const auto loaded = registry_->load({file, pin});
        EXPECT_FALSE(loaded) << file << " was loaded";
        const Error error = loaded ? Error{} : loaded.error();
        EXPECT_NE(error.message.find("'" + file + "'"), std::string::npos) << error.message;
        EXPECT_TRUE(registry_->list().empty());
        return error;
    }
    static bool code_ran() { return std::getenv("SYNCLINE_TEST_CODE_RAN") != nullptr; }

    std::string copy_of(const std::string& plugin) const {
        std::string copy = folder_ + "/" + plugin + ".so";
        std::filesystem::copy_file(plugin_file(plugin), copy);
        chmod(copy.c_str(), 0644);
        return copy;
    }
    std::string text_file(const std::string& text) const {
        std::string file = folder_ + "/text.so";
        std::ofstream(file) << text;
        return file;
    }

    std::string folder_;
};

TEST_F(Loader, TakesAPluginInPlainC) {
    load("minimal");
    const auto list = registry_->list();
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0].id, "com.example.minimal");
    EXPECT_EQ(list[0].platform, "minimal");
    EXPECT_EQ(list[0].version, "1.2.3");
    EXPECT_EQ(list[0].vendor, "Example Ltd");
    EXPECT_EQ(list[0].license, "Apache-2.0");
    EXPECT_EQ(list[0].file, plugin_file("minimal"));
    EXPECT_EQ(list[0].sha256.size(), 64U);
    EXPECT_EQ(list[0].spec.title, "Minimal");
    EXPECT_EQ(list[0].operations, (std::vector<std::string>{"check", "read"}));
    EXPECT_EQ(registry_->find("minimal"), registry_->find("com.example.minimal"));
    EXPECT_NE(registry_->find("minimal"), nullptr);
    EXPECT_EQ(registry_->find("other"), nullptr);
}

TEST_F(Loader, TakesAPluginMadeWithTheSdkAndOneOfAnOlderMinor) {
    load("probe");
    load("older");
    EXPECT_EQ(registry_->find("older")->operations, std::vector<std::string>{"check"});
    const auto connector = create("older", Json::object());
    EXPECT_EQ(connector->check({})->account, "old");
    EXPECT_EQ(connector->find({}, {}).error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(connector->oauth_refresh({}).error().code, ErrorCode::kUnsupported);
}

TEST_F(Loader, SaysWhatIsWrongWithAPath) {
    EXPECT_EQ(refusal("plugins/x.so").name, "plugin.path");
    EXPECT_EQ(refusal("").name, "plugin.path");
    const Error missing = refusal(folder_ + "/missing.so");
    EXPECT_EQ(missing.name, "plugin.missing");
    EXPECT_EQ(missing.code, ErrorCode::kConfig);
    EXPECT_NE(missing.message.find("correct the path"), std::string::npos);
    EXPECT_EQ(refusal(text_file("x") + "/below.so").name, "plugin.missing");
    EXPECT_EQ(refusal(folder_).name, "plugin.not_a_file");
    EXPECT_NE(refusal(folder_).message.find("is a folder"), std::string::npos);
    EXPECT_EQ(refusal("/dev/null").name, "plugin.not_a_file");
    const std::string pipe = folder_ + "/pipe.so";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0644), 0);
    EXPECT_EQ(refusal(pipe).name, "plugin.not_a_file");
    const std::string link = folder_ + "/link.so";
    std::filesystem::create_symlink(plugin_file("older"), link);
    EXPECT_EQ(refusal(link).name, "plugin.symlink");
    EXPECT_FALSE(code_ran());
}

TEST_F(Loader, SaysHowToMakeAFileReadable) {
    const std::string file = copy_of("older");
    ASSERT_EQ(chmod(file.c_str(), 0), 0);
    const uid_t me = geteuid();
    // Root may read everything; somebody else may not.
    ASSERT_TRUE(me != 0 || seteuid(65534) == 0);
    const Error error = refusal(file);
    ASSERT_TRUE(me != 0 || seteuid(me) == 0);
    EXPECT_EQ(error.name, "plugin.unreadable");
    EXPECT_NE(error.message.find("chmod a+r"), std::string::npos) << error.message;
}

TEST_F(Loader, RefusesAFileThatAnybodyMayChange) {
    const std::string file = copy_of("older");
    ASSERT_EQ(chmod(file.c_str(), 0666), 0);
    EXPECT_NE(refusal(file).message.find("chmod o-w"), std::string::npos);
    EXPECT_FALSE(code_ran());
}

TEST_F(Loader, RefusesWhatIsNotALibraryOfThisMachine) {
    for (const std::string text :
         {"#!/bin/sh\necho hello\n",
          "",
          "\x7f"
          "ELF",
          "MZ\x90"}) {
        const Error error = refusal(text_file(text));
        EXPECT_EQ(error.name, "plugin.not_a_library") << error.message;
    }
    EXPECT_EQ(refusal("/proc/self/exe").name, "plugin.symlink");
    const std::string other = copy_of("older");
    std::fstream patch(other, std::ios::in | std::ios::out | std::ios::binary);
    patch.seekp(18).write("\xB7\x00", 2);  // e_machine: aarch64
    patch.close();
    const Error machine = refusal(other);
#if defined(__x86_64__)
    EXPECT_NE(
        machine.message.find("is built for aarch64, but this host runs on x86-64"),
        std::string::npos
    ) << machine.message;
#endif
    EXPECT_EQ(machine.name, "plugin.not_a_library");
}

TEST_F(Loader, SurvivesDamagedLibraries) {
    std::ifstream in(plugin_file("older"), std::ios::binary);
    const std::string whole((std::istreambuf_iterator<char>(in)), {});
    ASSERT_GT(whole.size(), 1000U);
    // Cut anywhere, and with every byte of its tables turned, nothing outside the file is read;
    // what the reader then says does not matter here.
    std::size_t opened = 0;
    for (std::size_t length = 0; length < whole.size(); length += 97) {
        const auto image = connectors::ElfImage::open(std::string_view(whole).substr(0, length));
        opened += image && image->data_of("syncline_plugin_v1", 24).size() == 24 ? 1U : 0U;
    }
    for (std::size_t at = 0; at < whole.size(); at += 3) {
        std::string turned = whole;
        turned[at] = static_cast<char>(~turned[at]);
        const auto image = connectors::ElfImage::open(turned);
        opened += image && image->data_of("syncline_plugin_v1", 24).size() == 24 ? 1U : 0U;
    }
    EXPECT_GT(opened, 0U);
}

struct RefusedPlugin {
    std::string plugin;
    std::string name;
    std::vector<std::string> said;
};

TEST_F(Loader, RefusesBeforeAnyCodeRuns) {
    const std::vector<RefusedPlugin> cases{
        {"no_symbol",
         "plugin.no_symbol",
         {"does not export syncline_plugin_v1", "syncline_add_connector"}},
        {"other_major", "plugin.abi_major", {"plugin ABI 2.x", "this host speaks 1.0", "rebuild"}},
        {"wrong_major", "plugin.abi_major", {"plugin ABI 2.3", "this host speaks 1.0", "rebuild"}},
        {"newer_minor",
         "plugin.abi_minor",
         {"needs plugin ABI 1.7", "speaks 1.0", "update Syncline"}},
        {"wrong_magic", "plugin.magic", {"wrong magic"}},
        {"small", "plugin.struct_size", {"24 bytes", "needs", "rebuild"}},
    };
    for (const auto& [plugin, name, said] : cases) {
        const Error error = refusal(plugin_file(plugin));
        EXPECT_EQ(error.name, name) << error.message;
        EXPECT_EQ(error.code, ErrorCode::kConfig);
        for (const auto& part : said) {
            EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
        }
        EXPECT_FALSE(code_ran()) << plugin;
    }
}

TEST_F(Loader, RefusesWhatCannotBeUsedOnceLoaded) {
    EXPECT_EQ(refusal(plugin_file("unlinkable")).name, "plugin.load");
    EXPECT_NE(
        refusal(plugin_file("unlinkable")).message.find("nobody_has_this"), std::string::npos
    );
    const std::vector<std::pair<std::string, std::string>> cases{
        {"no_connectors", "0 connectors"},
        {"bad_id", "'Not An Id'"},
        {"bad_spec", "/title"},
        {"no_destroy", "no spec(), create() or destroy()"},
        {"failing_spec", "out of ideas"},
        {"secret_default", "secret 'k'"},
        {"huge_spec", "larger than 1 MiB"},
    };
    for (const auto& [plugin, said] : cases) {
        const Error error = refusal(plugin_file(plugin));
        EXPECT_EQ(error.code, ErrorCode::kBug) << error.message;
        EXPECT_EQ(error.name, "plugin.contract") << error.message;
        EXPECT_NE(error.message.find(said), std::string::npos) << error.message;
    }
}

TEST_F(Loader, TakesOnlyThePinnedHash) {
    const std::string wrong(64, 'a');
    const Error error = refusal(plugin_file("older"), wrong);
    EXPECT_EQ(error.name, "plugin.pin");
    EXPECT_NE(error.message.find(wrong), std::string::npos);
    EXPECT_NE(error.message.find("pin the new hash"), std::string::npos);
    EXPECT_NE(
        refusal(plugin_file("older"), "abc").message.find("64 hex digits"), std::string::npos
    );
    EXPECT_FALSE(code_ran());

    const auto start = error.message.find("sha256 ") + 7;
    std::string right = error.message.substr(start, 64);
    EXPECT_TRUE(registry_->load({plugin_file("older"), right}));
    EXPECT_EQ(registry_->list()[0].sha256, right);
}

TEST_F(Loader, RefusesASecondPluginOfOnePlatform) {
    load("older");
    const auto twin = registry_->load({plugin_file("twin"), ""});
    ASSERT_FALSE(twin);
    EXPECT_EQ(twin.error().name, "plugin.platform_taken");
    EXPECT_NE(twin.error().message.find(plugin_file("twin")), std::string::npos);
    EXPECT_NE(twin.error().message.find(plugin_file("older")), std::string::npos);
    EXPECT_FALSE(registry_->load({plugin_file("older"), ""}));
    EXPECT_EQ(registry_->list().size(), 1U);
}

TEST_F(Loader, ManyThreadsMayAskWhileItLoads) {
    std::atomic<bool> ending{false};
    std::vector<std::thread> askers;
    for (int i = 0; i < 3; ++i) {
        askers.emplace_back([&] {
            while (!ending) {
                for (const auto& info : registry_->list()) {
                    EXPECT_EQ(registry_->find(info.platform)->id, info.id);
                }
                std::this_thread::yield();
            }
        });
    }
    for (const auto* name : {"minimal", "older", "probe", "nonsense", "throwing"}) {
        load(name);
    }
    ending = true;
    for (auto& asker : askers) {
        asker.join();
    }
    EXPECT_EQ(registry_->list().size(), 5U);
}

}  // namespace
}  // namespace syncline::testing
