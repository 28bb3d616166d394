// The same requests to the simulator and to a real PostgREST: both must answer what the case says,
// and both the same.
#include <gtest/gtest.h>

#include "../support/case_runner.hpp"

namespace syncline::test {
namespace {

void expect_as_told(const Json& step, const StepAnswer& answer, const std::string& who) {
    const std::string context = who + ": " + step["do"].get<std::string>() + "\n" + answer.text();
    EXPECT_EQ(answer.status, step["status"].get<int>()) << context;
    if (step.contains("code")) {
        ASSERT_TRUE(answer.json.is_object()) << context;
        EXPECT_EQ(answer.json["code"], step["code"]) << context;
    }
    if (step.contains("answer")) {
        EXPECT_EQ(answer.json, step["answer"]) << context;
    }
    if (step.contains("range")) {
        EXPECT_NE(
            answer.headers.find("Content-Range: " + step["range"].get<std::string>() + "\n"),
            std::string::npos
        ) << context;
    }
    if (step.contains("rows_in_answer")) {
        EXPECT_EQ(answer.json.size(), step["rows_in_answer"].get<std::size_t>()) << who;
    }
}

TEST(SupabaseContract, SimulatorAndPostgrestAnswerTheSame) {
    const CaseFile file;
    ASSERT_GE(file.cases().size(), 50U);
    for (const auto& one_case : file.cases()) {
        SCOPED_TRACE(one_case["name"].get<std::string>());
        const auto simulated = file.play(one_case, simulated_project());
        const auto real = file.play(one_case, real_project());
        for (std::size_t i = 0; i < real.size(); ++i) {
            const Json& step = one_case["steps"][i];
            expect_as_told(step, simulated[i], "simulator");
            expect_as_told(step, real[i], "PostgREST");
            EXPECT_EQ(simulated[i].text(), real[i].text()) << step["do"];
        }
    }
}

}  // namespace
}  // namespace syncline::test
