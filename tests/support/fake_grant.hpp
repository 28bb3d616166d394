// The fake books behind OAuth 2.0: access tokens expire, and every refresh voids the refresh token
// before it.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "support/fake_platform.hpp"

namespace syncline::testing {

// What the platform knows of the grant.
struct FakeGrant {
    std::mutex mutex;
    int generation = 1;  // "r1" is good for one refresh, which gives "a2" and "r2"
    bool expired = true;
    int refreshes = 0;
    // Uses of an access token while the refresh token that came with it was not at rest yet.
    int used_before_stored = 0;
    std::int64_t refresh_lives_s = 0;  // as it tells; 0: it does not
    std::int64_t lives_s = 0;
    std::function<void()> during_refresh;
    // An access token was refused; the caller hears of it when this returns.
    std::function<void()> before_refusal;

    void expire() {
        const std::lock_guard lock(mutex);
        expired = true;
    }
};

class GrantBooksConnector : public FakeBooksConnector {
public:
    GrantBooksConnector(
        FakeBooks& books, FakeGrant& grant, connectors::ConnectionServices& services
    )
        : FakeBooksConnector(books), grant_(grant), services_(services) {}

    Result<Tokens> oauth_refresh(const connectors::CallContext&) override {
        const std::lock_guard lock(grant_.mutex);
        const auto token = services_.secret("refresh_token");
        if (!token || *token != "r" + std::to_string(grant_.generation)) {
            return Error{ErrorCode::kAuth, "the refresh token is void", "auth.grant_gone"};
        }
        if (grant_.during_refresh) {
            grant_.during_refresh();
        }
        ++grant_.refreshes;
        ++grant_.generation;
        grant_.expired = false;
        const std::string number = std::to_string(grant_.generation);
        return Tokens{"a" + number, 3600, "r" + number, grant_.refresh_lives_s, grant_.lives_s};
    }
    Result<std::vector<Found>> find(const FindRequest& request, const connectors::CallContext& call)
        override {
        SYNCLINE_RETURN_IF_ERROR(use());
        return FakeBooksConnector::find(request, call);
    }
    Result<std::vector<Result<Written>>> write(
        const WriteRequest& request, const connectors::CallContext& call
    ) override {
        SYNCLINE_RETURN_IF_ERROR(use());
        return FakeBooksConnector::write(request, call);
    }

private:
    Result<void> use() {
        auto used = use_token();
        if (!used && grant_.before_refusal) {
            grant_.before_refusal();
        }
        return used;
    }
    Result<void> use_token() {
        const std::lock_guard lock(grant_.mutex);
        const std::string number = std::to_string(grant_.generation);
        const auto access = services_.secret("access_token");
        if (grant_.expired || !access || *access != "a" + number) {
            return Error{ErrorCode::kAuth, "the token has expired", "auth.token_expired", 401};
        }
        const auto at_rest = services_.secret("refresh_token");
        grant_.used_before_stored += at_rest && *at_rest == "r" + number ? 0 : 1;
        return {};
    }

    FakeGrant& grant_;
    connectors::ConnectionServices& services_;
};

class FakeGrantSource : public FakeConnectorSource {
public:
    FakeGrantSource(FakeShop& shop, FakeBooks& books, FakeGrant& grant)
        : FakeConnectorSource(shop, books), books_(books), grant_(grant) {
        spec_ = *FakeConnectorSource::spec("books");
        spec_.auth = AuthKind::kOAuth2;
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "books" ? &spec_ : FakeConnectorSource::spec(platform);
    }

protected:
    std::unique_ptr<connectors::Connector> make_books(
        const Json&, connectors::ConnectionServices& services
    ) override {
        return std::make_unique<GrantBooksConnector>(books_, grant_, services);
    }

    FakeBooks& books_;
    FakeGrant& grant_;
    Spec spec_;
};

}  // namespace syncline::testing
