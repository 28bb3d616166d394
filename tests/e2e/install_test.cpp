// What `cmake --install` leaves: a host that finds its plugins, and an SDK whose template, built by
// either compiler, that host loads and syncs through.
#include <filesystem>

#include <gtest/gtest.h>

#include "e2e/support/acme_account.hpp"
#include "e2e/support/demo_shop.hpp"
#include "e2e/support/expect.hpp"

namespace syncline::test {
namespace {

namespace fs = std::filesystem;

class InstallTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        folder_ = new testing::TempDir;
        const auto installed =
            shell(std::string("cmake --install ") + SYNCLINE_BINARY_DIR + " --prefix " + prefix());
        ASSERT_EQ(installed.status, 0) << installed.output;
    }
    static void TearDownTestSuite() {
        delete folder_;
        folder_ = nullptr;
    }

    static std::string prefix() { return folder_->file("prefix"); }
    static std::string program() { return prefix() + "/bin/syncline"; }
    static Finished shell(const std::string& command) {
        return run({"/bin/bash", "-euo", "pipefail", "-c", command});
    }
    // The plugins by name only: where they are is the installed host's to know.
    static Json installed_plugins() {
        return {
            {{"file", "woocommerce.so"}}, {{"file", "quickbooks.so"}}, {{"file", "supabase.so"}}};
    }
    static void expect_one_symbol(const std::string& plugin) {
        const auto symbols = shell("nm -D --defined-only " + plugin + " | awk '{ print $3 }'");
        EXPECT_EQ(symbols.output, "syncline_plugin_v1\n") << plugin;
    }
    // The installed template, by the flags that the installed SDK gives.
    static std::string built_template(const std::string& compiler) {
        const std::string plugin = folder_->file("acme-" + compiler + ".so");
        const auto built = shell(
            "export PKG_CONFIG_PATH=" + prefix() + "/share/pkgconfig; " + compiler +
            " $(pkg-config --cflags syncline-sdk) " + prefix() +
            "/share/syncline-sdk/template/acme.cpp $(pkg-config --libs syncline-sdk) -o " + plugin
        );
        EXPECT_EQ(built.status, 0) << built.output;
        return plugin;
    }
    static void sync_through(const std::string& plugin);

    static testing::TempDir* folder_;
};
testing::TempDir* InstallTest::folder_ = nullptr;

TEST_F(InstallTest, EverythingIsInItsPlace) {
    for (const char* file :
         {"bin/syncline",
          "lib/syncline/plugins/woocommerce.so",
          "lib/syncline/plugins/quickbooks.so",
          "lib/syncline/plugins/supabase.so",
          "lib/systemd/system/syncline.service",
          "share/doc/syncline/syncline.example.json",
          "share/doc/syncline/syncline.schema.json",
          "share/syncline/mappings/woo-to-qbo-invoice.json",
          "include/syncline/abi.h",
          "share/cmake/SynclineSdk/SynclineSdkConfig.cmake",
          "share/pkgconfig/syncline-sdk.pc"}) {
        EXPECT_TRUE(fs::exists(prefix() + "/" + file)) << file;
    }
    for (const auto& entry : fs::directory_iterator(prefix() + "/lib/syncline/plugins")) {
        expect_one_symbol(entry.path().string());
    }
    const auto unit = shell("cat " + prefix() + "/lib/systemd/system/syncline.service");
    expect_words(unit.output, {"ExecStart=" + program() + " serve --config /var/lib/syncline/"});
    const auto verified = shell(
        "! command -v systemd-analyze >/dev/null || SYSTEMD_LOG_LEVEL=warning systemd-analyze "
        "verify "
        "--man=no " +
        prefix() + "/lib/systemd/system/syncline.service"
    );
    EXPECT_EQ(verified.status, 0) << verified.output;
}

TEST_F(InstallTest, InitNamesThePluginsAndWhatItWritesIsValid) {
    const std::string folder = folder_->file("made");
    const auto made = run({program(), "init", folder});
    ASSERT_EQ(made.status, 0) << made.output;
    EXPECT_EQ(made.output.find("no plugins"), std::string::npos) << made.output;
    const std::string config = folder + "/syncline.json";
    expect_words(
        shell("cat " + config).output,
        {R"("file": "quickbooks.so")", R"("file": "supabase.so")", R"("file": "woocommerce.so")"}
    );
    const auto valid = run({program(), "config", "validate", "--config", config});
    EXPECT_EQ(valid.status, 0) << valid.output;
}

TEST_F(InstallTest, TheInstalledHostSyncs) {
    const DemoShop shop;
    Json config = shop.config();
    config["connectors"] = installed_plugins();
    HostProcess host(config, program());
    host.start();
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_EQ(host.unsettled(), "");
    EXPECT_EQ(shop.wrong(), "") << host.log();
    EXPECT_EQ(host.stop(), 0) << host.log();
}

// Acme's orders go to the warehouse, and the shop's orders to Acme.
void InstallTest::sync_through(const std::string& plugin) {
    expect_one_symbol(plugin);
    const DemoShop shop;
    const AcmeAccount acme(Json::array(
        {{{"id", 7},
          {"number", "A-7"},
          {"status", "completed"},
          {"currency", "USD"},
          {"created_at", "2026-01-05T10:00:00Z"},
          {"updated_at", "2026-01-05T10:00:00Z"},
          {"email", "ada@example.test"},
          {"total", "12.34"},
          {"lines", {{{"sku", "MUG"}, {"name", "Mug"}, {"quantity", 2}, {"total", "12.34"}}}}}}
    ));
    Json config = shop.config();
    config["connectors"] = installed_plugins();
    config["connectors"].push_back({{"file", plugin}});
    config["connections"].push_back(
        {{"name", "acme"},
         {"platform", "acme"},
         {"settings", {{"base_url", acme.url()}, {"api_key", "key"}}}}
    );
    const auto flow = [](const char* name, const char* source, const char* target) {
        return Json{
            {"name", name},
            {"entity", "order"},
            {"source", {{"connection", source}}},
            {"target", {{"connection", target}}},
            {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}};
    };
    config["flows"] = {
        flow("acme-warehouse", "acme", "warehouse"), flow("shop-acme", "shop", "acme")};
    HostProcess host(config, program());
    host.start();
    ASSERT_EQ(host.post("/api/sync/orders").status, 202);
    ASSERT_EQ(host.unsettled(), "");
    const Json rows = shop.rows("orders");
    ASSERT_EQ(rows.size(), 1U) << host.log();
    EXPECT_EQ(rows[0].at("source_id"), "7");
    // 61 orders, of which one has a total of zero.
    EXPECT_EQ(acme.invoices().size(), 60U) << host.log();
    EXPECT_EQ(host.stop(), 0) << host.log();
}

TEST_F(InstallTest, TheTemplateBuiltByGccRunsInTheHost) {
    sync_through(built_template("g++"));
}

TEST_F(InstallTest, TheTemplateBuiltByClangRunsInTheHost) {
    sync_through(built_template("clang++"));
}

}  // namespace
}  // namespace syncline::test
