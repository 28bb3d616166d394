#include "quickbooks/source/start_day.hpp"

#include "quickbooks/source/home_currency.hpp"

namespace syncline::quickbooks {
namespace {

constexpr const char* kKey = "start_day";

}  // namespace

std::string start_day(const plugin::Host& host, const std::string& time_zone) {
    if (const auto kept = host.kv_get(kKey)) {
        return *kept;
    }
    if (known_home_currency(host)) {
        return {};
    }
    const auto day = host.local_date(time_zone, host.now());
    const std::string today = day ? *day : host.now().to_string().substr(0, 10);
    host.kv_put(kKey, today);
    return today;
}

}  // namespace syncline::quickbooks
