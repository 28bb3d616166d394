// The plugin's papers say what its code does.
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "supabase/connector.hpp"

namespace syncline::supabase {
namespace {

std::string read_file(const std::string& name) {
    std::ifstream stream(SYNCLINE_SOURCE_DIR "/plugins/supabase/" + name);
    return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(SupabaseSpec, TheReadmeListsTheSettings) {
    const std::string readme = read_file("README.md");
    for (const auto& setting : SupabaseConnector::spec().settings) {
        std::ostringstream row;
        row << "| `" << setting.name << "` | " << enum_name(setting.type) << " | "
            << (setting.required ? "yes" : "no") << " | ";
        if (!setting.default_value.is_null()) {
            row << "`"
                << (setting.default_value.is_string() ? setting.default_value.get<std::string>()
                                                      : setting.default_value.dump())
                << "` ";
        }
        row << "| " << setting.help << " |";
        EXPECT_NE(readme.find(row.str()), std::string::npos) << row.str();
    }
}

TEST(SupabaseSpec, TheExampleIsAcceptedAndShowsEverySetting) {
    const Json example = Json::parse(read_file("config.example.json"));
    const Spec spec = SupabaseConnector::spec();
    const auto errors = check_settings(spec, example);
    for (const auto& error : errors) {
        ADD_FAILURE() << error.message;
    }
    EXPECT_EQ(example.size(), spec.settings.size());
}

TEST(SupabaseSpec, PromisesThatRepeatedWritesChangeNothing) {
    const Spec spec = SupabaseConnector::spec();
    EXPECT_EQ(spec.write_safety, WriteSafety::kNaturalKey);
    EXPECT_EQ(spec.limits.write_batch_max, 500);
    EXPECT_EQ(spec.host_settings, std::vector<std::string>{"project_url"});
    EXPECT_FALSE(
        check_settings(spec, {{"project_url", "p.supabase.co"}, {"service_role_key", "k"}}).empty()
    );
    EXPECT_FALSE(check_settings(spec, {{"project_url", "https://p.supabase.co"}}).empty());
}

}  // namespace
}  // namespace syncline::supabase
