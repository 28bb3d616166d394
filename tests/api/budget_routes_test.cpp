#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

class BudgetRoutesTest : public ApiTest {};

TEST_F(BudgetRoutesTest, ShowsWhatIsUsedOfTheAppsOfTheTenant) {
    clock_.set(Timestamp::parse("2026-12-05T12:00:00Z").value());
    auto& stores = engine().stores;
    EXPECT_EQ(get("/api/budgets").json["items"], Json::array());
    engine().pool.budgets().set_budgets({{{"shop", ""}, 1'000}, {{"books", "app-2"}, 500}});
    ASSERT_TRUE(stores.budgets.add(tenant_, {"shop", ""}, "2026-12", 700, 1).has_value());
    ASSERT_TRUE(stores.budgets.add(tenant_, {"shop", ""}, "2026-11", 44, 1).has_value());
    const TenantId other = other_tenant();
    ASSERT_TRUE(stores.budgets.add(other, {"shop", ""}, "2026-12", 151, 1).has_value());
    ASSERT_TRUE(stores.budgets.add(other, {"books", "app-2"}, "2026-12", 7, 1).has_value());
    const Answer answer = get("/api/budgets");
    ASSERT_EQ(answer.status, 200) << answer.text;
    EXPECT_EQ(
        answer.json["items"],
        Json::array({{
            {"platform", "shop"},
            {"app", ""},
            {"month", "2026-12"},
            {"budget", 1'000},
            {"used", 851},
            {"used_by_tenant", 700},
            {"used_percent", 85},
            {"state", "high"},
            {"resets_at", "2027-01-01T00:00:00.000Z"},
        }})
    );
    const Answer others = call({"GET", "/api/budgets", "", token(api::Role::kViewer, "other"), {}});
    EXPECT_EQ(others.json["items"], Json::array());  // it has no connection
    EXPECT_EQ(get("/api/budgets?month=2026-11").status, 400);
}

}  // namespace
}  // namespace syncline::testing
