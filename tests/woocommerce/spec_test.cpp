// What the connector says of itself.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce {
namespace {

TEST(Spec, TheExampleConfigurationIsValid) {
    const std::string path = std::string(SYNCLINE_SOURCE_DIR) + "/plugins/woocommerce/";
    std::ifstream file(path + "config.example.json");
    std::ostringstream text;
    text << file.rdbuf();
    const auto example = parse_json(text.str());
    ASSERT_TRUE(example.has_value());
    EXPECT_TRUE(check_settings(WooCommerce::spec(), *example).empty());
}

TEST(Spec, TheReadmeListsEverySetting) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/plugins/woocommerce/README.md");
    std::ostringstream text;
    text << file.rdbuf();
    for (const auto& setting : WooCommerce::spec().settings) {
        const std::string fallback = setting.default_value.is_null() ? ""
                                     : setting.default_value.is_string()
                                         ? "`" + setting.default_value.get<std::string>() + "`"
                                         : "`" + dump_json(setting.default_value) + "`";
        const std::string row =
            "| `" + setting.name + "` | " + std::string(enum_name(setting.type)) + " | " +
            (setting.required ? "yes" : "no") + " | " + (fallback.empty() ? "" : fallback + " ") +
            "| " + setting.help + " |";
        EXPECT_NE(text.str().find(row), std::string::npos) << row;
    }
}

TEST(Spec, ConnectsToNothingButTheShop) {
    const Spec spec = WooCommerce::spec();
    EXPECT_TRUE(spec.hosts.empty());
    EXPECT_EQ(spec.host_settings, std::vector<std::string>{"store_url"});
    EXPECT_EQ(spec.auth, AuthKind::kKey);
}

TEST(Spec, HasTheOperationsOfASourceAndOfATarget) {
    const syncline_connector& connector = plugin::kConnector<WooCommerce>;
    EXPECT_NE(connector.check, nullptr);
    EXPECT_NE(connector.discover, nullptr);
    EXPECT_NE(connector.read, nullptr);
    EXPECT_NE(connector.encode, nullptr);
    EXPECT_NE(connector.find, nullptr);
    EXPECT_NE(connector.write, nullptr);
}

}  // namespace
}  // namespace syncline::woocommerce
