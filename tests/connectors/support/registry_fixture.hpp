// A registry with test plugins loaded.
#pragma once

#include <gtest/gtest.h>

#include "connectors/registry.hpp"
#include "connectors/support/fake_services.hpp"
#include "core/log.hpp"
#include "support/fake_clock.hpp"

namespace syncline::testing {

// Path of a plugin that tests/connectors/plugins makes.
inline std::string plugin_file(const std::string& name) {
    return std::string(SYNCLINE_TEST_PLUGINS) + "/test_plugin_" + name + ".so";
}

class RegistryTest : public ::testing::Test {
protected:
    static connectors::ConnectorOptions options() {
        connectors::ConnectorOptions options;
        options.http.egress.allow = {"127.0.0.1:*"};
        options.http.user_agent = "Syncline/test";
        options.output_bytes_max = 2'000'000;
        return options;
    }
    void SetUp() override {
        log::configure({log::Level::kOff, log::Format::kText, {}});
        auto made = connectors::ConnectorRegistry::make(options(), clock_);
        ASSERT_TRUE(made) << made.error().message;
        registry_ = *std::move(made);
    }

    void TearDown() override { log::configure({}); }

    void load(const std::string& name) {
        const auto loaded = registry_->load({plugin_file(name), ""});
        ASSERT_TRUE(loaded) << loaded.error().message;
    }
    // An instance that must come to be.
    std::unique_ptr<connectors::Connector> create(
        const std::string& platform, const Json& settings
    ) {
        auto made = registry_->create(platform, {"acme", "shop"}, settings, services_);
        EXPECT_TRUE(made) << made.error().message;
        return made ? *std::move(made) : nullptr;
    }

    FakeClock clock_;
    FakeServices services_;
    std::unique_ptr<connectors::ConnectorRegistry> registry_;
};

}  // namespace syncline::testing
