// A WooCommerce shop in memory that lives by the clock on its wall: it notes when an order was
// changed in local time and works out UTC from that, wrongly in the hour that autumn repeats
// (facts/woocommerce.md, addenda). Transactions may take minutes until others see what they did.
#pragma once

#include <algorithm>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <syncline/plugin/host.hpp>

#include "core/time_zone.hpp"
#include "woocommerce/scripted_shop.hpp"

namespace syncline::testing {

using woocommerce::testing::error_body;
using woocommerce::testing::ParsedUrl;

class WallClockShop {
public:
    struct Order {
        std::int64_t version = 1;  // of its content; its total
        bool trashed = false;
        std::int64_t local_ms = 0;  // date_modified
        std::int64_t gmt_ms = 0;    // date_modified_gmt, as the shop believes
    };

    std::string zone = "America/Los_Angeles";
    // What it takes a local time for that comes twice: the later instant (as in Europe) or the
    // earlier (as in America).
    bool takes_later = false;
    bool sends_total = true;
    std::int64_t now_ms = 0;                    // true time
    std::map<std::int64_t, Order> orders;       // as others see them
    std::function<void()> before_list = [] {};  // may change orders, pass time, throw
    std::function<bool()> fails = [] { return false; };

    // A transaction that writes the order now, and is seen `after_ms` later. One at a time.
    void write(std::int64_t id, std::int64_t version, bool trashed, std::int64_t after_ms = 0) {
        const TimeZone there = TimeZone::find(zone).value();
        const Timestamp second{now_ms - now_ms % 1000};
        Order order{version, trashed, there.local(second).ms, 0};
        order.gmt_ms = there.instant({order.local_ms}).ms;
        const Timestamp later{order.gmt_ms + 3'600'000};
        if (takes_later && there.local(later).ms == order.local_ms) {
            order.gmt_ms = later.ms;
        }
        if (after_ms == 0) {
            orders[id] = order;
        } else {
            under_way_[id] = {now_ms + after_ms, order};
        }
    }
    bool is_being_written(std::int64_t id) const { return under_way_.count(id) != 0; }

    void pass(std::int64_t ms) {
        now_ms += ms;
        for (auto it = under_way_.begin(); it != under_way_.end();) {
            if (it->second.first > now_ms) {
                ++it;
                continue;
            }
            orders[it->first] = it->second.second;
            it = under_way_.erase(it);
        }
    }

    plugin::HttpResponse answer(const plugin::HttpRequest& request) {
        const ParsedUrl url(request.url);
        const std::string root = "https://shop.example/wp-json/";
        if (url.base == root) {
            return json(
                {{"name", "Shop"},
                 {"home", "https://shop.example"},
                 {"gmt_offset", 0},
                 {"timezone_string", zone},
                 {"namespaces", {"wc/v3"}}}
            );
        }
        if (url.base == root + "wc/v3/data/currencies/current") {
            return json({{"code", "USD"}});
        }
        if (const std::string one = root + "wc/v3/orders/"; url.base.rfind(one, 0) == 0) {
            const std::int64_t id = std::stoll(url.base.substr(one.size()));
            const auto order = orders.find(id);
            return order == orders.end()
                       ? json(error_body("woocommerce_rest_shop_order_invalid_id", 404), 404)
                       : json(row(id, order->second));
        }
        if (url.base != root + "wc/v3/orders") {
            return json(error_body("rest_no_route", 404), 404);
        }
        before_list();
        return fails() ? json(error_body("internal_server_error", 502), 502) : list(url);
    }

private:
    // The column that the filter is compared with, and with what.
    struct After {
        bool gmt = false;
        std::optional<std::int64_t> ms;

        bool takes(const Order& order) const {
            return !ms || (gmt ? order.gmt_ms : order.local_ms) > *ms;
        }
    };

    // Naive text is taken as it stands. One with a zone is first brought to the shop's local time,
    // whichever column it is then compared with.
    After after(const ParsedUrl& url) const {
        After after;
        const std::string text = url.get("modified_after");
        after.gmt = url.get("dates_are_gmt") == "true";
        if (text.size() == 19) {
            after.ms = Timestamp::parse(text + "Z").value().ms;
        } else if (!text.empty()) {
            const Timestamp instant = Timestamp::parse(text).value();
            after.ms = TimeZone::find(zone).value().local(instant).ms;
        }
        return after;
    }

    plugin::HttpResponse list(const ParsedUrl& url) const {
        const After wanted = after(url);
        const bool ids_only = url.get("_fields") == "id";
        const auto offset = std::stoll(url.get("offset", "0"));
        const auto count = std::stoll(url.get("per_page", "10"));
        std::int64_t at = 0;
        Json page = Json::array();
        for (const auto& [id, order] : orders) {
            if (order.trashed || !wanted.takes(order)) {
                continue;
            }
            if (at >= offset && at < offset + count) {
                page.push_back(ids_only ? Json{{"id", id}} : row(id, order));
            }
            ++at;
        }
        auto response = json(page);
        if (sends_total) {
            response.headers.emplace_back("X-WP-Total", std::to_string(at > offset ? at : 0));
        }
        return response;
    }

    static Json row(std::int64_t id, const Order& order) {
        const auto naive = [](std::int64_t ms) { return Timestamp{ms}.to_string().substr(0, 19); };
        return {
            {"id", id},
            {"number", std::to_string(id)},
            {"status", order.trashed ? "trash" : "processing"},
            {"currency", "USD"},
            {"total", std::to_string(order.version) + ".00"},
            {"date_created_gmt", "2026-01-01T00:00:00"},
            {"date_modified", naive(order.local_ms)},
            {"date_modified_gmt", naive(order.gmt_ms)}};
    }

    plugin::HttpResponse json(const Json& body, int status = 200) const {
        char date[64];
        const std::time_t seconds = now_ms / 1000;
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        std::strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        return {
            status,
            {{"Content-Type", "application/json; charset=UTF-8"}, {"Date", date}},
            dump_json(body)};
    }

    std::map<std::int64_t, std::pair<std::int64_t, Order>> under_way_;  // id to when and what
};

}  // namespace syncline::testing
