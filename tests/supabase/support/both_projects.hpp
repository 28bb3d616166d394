// The connector over real HTTP, on the simulator and on a real PostgREST with the same
// expectations.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connector_fixture.hpp"

namespace syncline::test {

// Each of its tests runs on both projects, which it finds empty.
class SupabaseConnectorOn : public testing::TestWithParam<const char*> {
protected:
    SupabaseConnectorOn();

    // Tables that differ from the documented ones, until the test's end.
    void load_changed(const std::string& what, const std::string& by);
    void TearDown() override;

    Project& project_;
    bool changed_ = false;
};

// Orders 700, 701 and so on as records, each with so many items.
std::vector<Json> orders(int count, int lines);

void expect_all_done(const Connected::Outcome& outcome, std::size_t count);

}  // namespace syncline::test
