// The day the company was connected: unless start_date says otherwise, what was sold before it is
// the bookkeeper's (accounting.md 4.34). Kept in the connection's memory, and never moved.
#pragma once

#include <string>

#include <syncline/plugin.hpp>

namespace syncline::quickbooks {

// "2026-11-22". The first call keeps today in that zone (UTC where it is empty or unknown); to be
// made while nothing else is known of the company. Empty of connections that are older than this
// rule, which go on posting everything.
std::string start_day(const plugin::Host& host, const std::string& time_zone);

}  // namespace syncline::quickbooks
