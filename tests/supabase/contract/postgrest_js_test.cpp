// Supabase's own JavaScript client sees the same in the simulator as in a real PostgREST.
#include <sstream>

#include <gtest/gtest.h>

#include "../support/project.hpp"

namespace syncline::test {
namespace {

std::vector<Json> drive(const Project& project) {
    project.clear();
    const auto finished = run(
        {"node",
         SYNCLINE_SOURCE_DIR "/tests/supabase/contract/postgrest_js.mjs",
         SYNCLINE_SOURCE_DIR "/tests/npm",
         project.url(),
         project.keys().service_role}
    );
    EXPECT_EQ(finished.status, 0) << finished.output
                                  << "\nneeded: nodejs, and npm ci --prefix " SYNCLINE_SOURCE_DIR
                                     "/tests/npm";
    std::vector<Json> lines;
    std::istringstream stream(finished.output);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(Json::parse(line, nullptr, false));
    }
    return lines;
}

TEST(SupabaseJavaScriptClient, SeesTheSameInBoth) {
    const auto simulated = drive(simulated_project());
    const auto real = drive(real_project());
    ASSERT_EQ(real.size(), 19U);
    ASSERT_EQ(simulated.size(), real.size());
    for (std::size_t i = 0; i < real.size(); ++i) {
        EXPECT_EQ(simulated[i].dump(), real[i].dump());
    }
    const auto named = [&](const std::string& name) {
        for (const auto& line : simulated) {
            if (line["name"] == name) {
                return line;
            }
        }
        return Json();
    };
    EXPECT_EQ(
        named("upsert")["data"],
        Json::parse(R"([{"source_id":"1","total":"5"},{"source_id":"4","total":"12.30"}])")
    );
    EXPECT_EQ(named("duplicate")["error"]["code"], "23505");
    EXPECT_EQ(named("select, counted")["count"], 4);
    EXPECT_EQ(named("delete")["count"], 2);
}

}  // namespace
}  // namespace syncline::test
