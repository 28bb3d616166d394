// The fake platforms with accounts: the shop has settings, a secret, and a check that looks at
// both.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "support/fake_platform.hpp"

namespace syncline::testing {

// What the shop's check meets. [any thread]
struct ShopAccount {
    std::atomic<bool> unreachable{false};
    std::atomic<bool> hangs{false};  // until it is reset
    std::atomic<int> checks{0};
};

class AccountShopConnector : public FakeShopConnector {
public:
    AccountShopConnector(
        FakeShop& shop,
        ShopAccount& account,
        Json settings,
        connectors::ConnectionServices& services
    )
        : FakeShopConnector(shop),
          account_(account),
          settings_(std::move(settings)),
          services_(services) {}

    // The secret "wrong" is refused; the account is the store's URL.
    Result<CheckReport> check(const connectors::CallContext& call) override {
        ++account_.checks;
        while (account_.hangs) {
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        }
        if (account_.unreachable) {
            return Error{ErrorCode::kTransient, "shop.example cannot be reached", "http.connect"};
        }
        const auto secret = services_.secret_for("consumer_secret", &call);
        if (!secret || *secret == "wrong") {
            return Error{ErrorCode::kAuth, "the shop refuses the key", "shop.unauthorized"};
        }
        return CheckReport{"Demo shop", settings_.value("store_url", std::string("shop-1")), {}};
    }

private:
    ShopAccount& account_;
    const Json settings_;
    connectors::ConnectionServices& services_;
};

class FakeAccountSource : public FakeConnectorSource {
public:
    FakeAccountSource(FakeShop& shop, FakeBooks& books, ShopAccount& account)
        : FakeConnectorSource(shop, books), shop_(shop), account_(account) {
        spec_ = *FakeConnectorSource::spec("shop");
        spec_.title = "Shop";
        spec_.settings = {
            setting("store_url", SettingType::kUrl, true),
            setting("consumer_secret", SettingType::kSecret, true),
            setting("webhook_secret", SettingType::kSecret, false),
            setting("webhook_secret_former", SettingType::kSecret, false),
            setting("page_size", SettingType::kInteger, false)};
        spec_.settings.back().min = 1;
        spec_.settings.back().max = 100;
    }

    std::vector<engine::ConnectorDescription> list() const override {
        auto all = FakeConnectorSource::list();
        all.front().spec = spec_;
        return all;
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &spec_ : FakeConnectorSource::spec(platform);
    }

protected:
    std::unique_ptr<connectors::Connector> make_shop(
        const Json& settings, connectors::ConnectionServices& services
    ) override {
        return std::make_unique<AccountShopConnector>(shop_, account_, settings, services);
    }

private:
    FakeShop& shop_;
    ShopAccount& account_;
    Spec spec_;
};

}  // namespace syncline::testing
