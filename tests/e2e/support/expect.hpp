// What tests expect of the host's answers.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "e2e/support/host_process.hpp"

namespace syncline::test {

using Words = std::vector<std::string>;

inline void expect_words(const std::string& text, const Words& words) {
    for (const auto& word : words) {
        EXPECT_NE(text.find(word), std::string::npos) << "not said: " << word << "\nsaid: " << text;
    }
}

// A refusal as RFC 9457 has it; `words` are in it somewhere.
inline void expect_problem(const Answer& answer, int status, const Words& words) {
    EXPECT_EQ(answer.status, status) << answer.text;
    EXPECT_EQ(answer.type, "application/problem+json") << answer.text;
    ASSERT_TRUE(answer.json.is_object()) << answer.text;
    EXPECT_EQ(answer.json.value("status", 0), status);
    for (const char* member : {"type", "title", "detail", "instance"}) {
        EXPECT_FALSE(answer.json.value(member, "").empty()) << member << " of " << answer.text;
    }
    expect_words(answer.text, words);
}

// Whether `condition` holds within `seconds`.
inline bool comes_true(const std::function<bool()>& condition, int seconds = 20) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
    while (std::chrono::steady_clock::now() < until) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return condition();
}

}  // namespace syncline::test
