// The connector as the host drives it, against a scripted shop that holds the recorded records.
#pragma once

#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>
#include <syncline/record.hpp>

#include "woocommerce/recorded.hpp"
#include "woocommerce/scripted_shop.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce::testing {

inline std::vector<Json> rows_of(const Json& list) {
    return {list.begin(), list.end()};
}

struct World {
    plugin::testing::FakeHost host;
    ScriptedShop shop;
    plugin::testing::FakeCall call;
    WooCommerce connector{
        host.handle(), with_defaults(WooCommerce::spec(), {{"store_url", "https://shop.example"}})};

    explicit World() {
        shop.serve(host);
        for (const auto* name : {"orders", "customers", "products", "refunds"}) {
            shop.lists[name] = rows_of(recorded("woocommerce/" + std::string(name) + ".json"));
        }
        const Json variations = recorded("woocommerce/variations.json");
        for (const auto& entry : variations.items()) {
            shop.lists["products/" + entry.key() + "/variations"] = rows_of(entry.value());
        }
        shop.fixed["data/currencies/current"] = json_answer({{"code", "USD"}, {"symbol", "&#36;"}});
        shop.fixed["system_status"] = json_answer(recorded("woocommerce/system_status.json"));
        shop.fixed["settings/tax"] = json_answer(recorded("woocommerce/settings_tax.json"));
    }

    Result<Page> read(const ReadRequest& request) { return connector.read(call.call(), request); }

    // Every page of a window scan, put together.
    Page read_all(ReadRequest request) {
        Page all;
        for (bool more = true; more;) {
            auto page = read(request);
            EXPECT_TRUE(page.has_value()) << (page ? "" : page.error().message);
            if (!page) {
                break;
            }
            EXPECT_LE(page->records.size(), static_cast<std::size_t>(request.limit));
            all.source_time = page->source_time;
            std::move(page->records.begin(), page->records.end(), std::back_inserter(all.records));
            request.after_id = all.last_id = page->last_id;
            request.next = page->next;
            more = page->more;
        }
        return all;
    }

    std::size_t requests_to(const std::string& path) const {
        std::size_t count = 0;
        for (const auto& request : host.requests) {
            count += ParsedUrl(request.url).base == shop.root + "wc/v3/" + path ? 1U : 0U;
        }
        return count;
    }
};

inline ReadRequest everything(const std::string& entity) {
    ReadRequest request;
    request.entity = entity;
    return request;
}

inline ReadRequest given(const std::string& entity, std::vector<std::string> ids) {
    ReadRequest request = everything(entity);
    request.ids = std::move(ids);
    return request;
}

template <class Model>
Model model_of(const Record& record) {
    return from_json<Model>(parse_json(record.json).value(), Unknown::kRefuse).value();
}

}  // namespace syncline::woocommerce::testing
