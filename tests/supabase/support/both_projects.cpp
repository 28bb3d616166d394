#include "both_projects.hpp"

namespace syncline::test {
namespace {

Project& project_named(const std::string& name) {
    if (name == "Simulator") {
        return simulated_project();
    }
    return real_project();
}

}  // namespace

SupabaseConnectorOn::SupabaseConnectorOn() : project_(project_named(GetParam())) {
    project_.clear();
}

void SupabaseConnectorOn::load_changed(const std::string& what, const std::string& by) {
    std::string sql = schema_sql();
    const auto at = sql.find(what);
    ASSERT_NE(at, std::string::npos) << what;
    for (auto i = at; i != std::string::npos; i = sql.find(what, i + by.size())) {
        sql.replace(i, what.size(), by);
    }
    changed_ = true;
    project_.load_schema(sql);
}

void SupabaseConnectorOn::TearDown() {
    if (changed_) {
        project_.load_schema(schema_sql());
    }
}

std::vector<Json> orders(int count, int lines) {
    std::vector<Json> records;
    for (int i = 0; i < count; ++i) {
        records.push_back(to_json(make_order(std::to_string(700 + i), lines)));
    }
    return records;
}

void expect_all_done(const Connected::Outcome& outcome, std::size_t count) {
    EXPECT_TRUE(outcome.whole) << outcome.whole.error().message;
    for (const auto& [index, error] : outcome.failed) {
        ADD_FAILURE() << index << ": " << error.message;
    }
    EXPECT_EQ(outcome.done.size(), count);
}

INSTANTIATE_TEST_SUITE_P(
    ,
    SupabaseConnectorOn,
    testing::Values("Simulator", "Postgrest"),
    [](const auto& each) { return std::string(each.param); }
);

}  // namespace syncline::test
