// Two remote systems in memory: a shop to read from and books to write to. They live outside the
// engine under test, so that it can be torn down and rebuilt while they stay as they are.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/connector_source.hpp"
#include "support/fake_books.hpp"
#include "support/fake_shop.hpp"

namespace syncline::testing {

class FakeConnectorSource : public engine::ConnectorSource {
public:
    FakeConnectorSource(FakeShop& shop, FakeBooks& books) : shop_(shop), books_(books) {
        shop_spec_.limits.read_page_max = kShopPageMax;
        shop_spec_.webhooks = shop_webhooks();
        books_spec_.limits.write_batch_max = 5;
        books_spec_.write_safety = WriteSafety::kRequestId;
    }
    std::vector<engine::ConnectorDescription> list() const override {
        return {
            {"com.example.shop",
             "shop",
             "1.0.0",
             "Tests",
             "MIT",
             "shop.so",
             "",
             {"read", "webhook_parse", "webhook_register"},
             shop_spec_},
            {"com.example.books",
             "books",
             "1.0.0",
             "Tests",
             "MIT",
             "books.so",
             "",
             {"write"},
             books_spec_}};
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &shop_spec_ : platform == "books" ? &books_spec_ : nullptr;
    }
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity&,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        return platform == "shop" ? make_shop(settings, services) : make_books(settings, services);
    }

protected:
    virtual std::unique_ptr<connectors::Connector>
    make_shop(const Json&, connectors::ConnectionServices&) {
        return std::make_unique<FakeShopConnector>(shop_);
    }
    virtual std::unique_ptr<connectors::Connector>
    make_books(const Json&, connectors::ConnectionServices&) {
        return std::make_unique<FakeBooksConnector>(books_);
    }
    static Setting setting(std::string name, SettingType type, bool required) {
        Setting one;
        one.name = std::move(name);
        one.type = type;
        one.help = "Of a fake platform.";
        one.required = required;
        return one;
    }

private:
    FakeShop& shop_;
    FakeBooks& books_;
    Spec shop_spec_;
    Spec books_spec_;
};

}  // namespace syncline::testing
