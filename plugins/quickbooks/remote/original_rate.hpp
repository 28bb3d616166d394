// Refunds at the exchange rate of their sale (accounting.md 4.26): the difference to the rate of
// their own day is a gain or loss of the company's, and none of the sale's.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "quickbooks/remote/job.hpp"

namespace syncline::quickbooks {

// The id of the sale whose rate this job must take: it makes what takes back a sale in another
// currency, and has no rate. Empty for all others.
std::string sale_to_ask(const Job& job);

using Rates = std::map<std::string, std::string>;  // by the sale's id

// The rates those sales have in QuickBooks; one request. Sales that are not there are left out.
Result<Rates> rates_of_sales(const Api& api, const std::vector<std::string>& ids);

// Puts the rate into what is sent. Errors: kHold SALE_RATE_UNKNOWN.
Result<void> take_rate(Job& job, const Rates& rates);

}  // namespace syncline::quickbooks
