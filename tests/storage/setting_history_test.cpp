// The values that settings had.
#include "storage/setting_history.hpp"

#include <gtest/gtest.h>

#include "storage/migrator.hpp"
#include "storage/setting_store.hpp"
#include "storage/tenant_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

TEST(SettingHistory, KeepsEveryValueOfEveryKeyAndTenantByNumber) {
    const TempDir dir;
    const auto database = Database::open({dir.file("a.db")}).value();
    ASSERT_TRUE(migrate(*database, embedded_migrations(), 1));
    const TenantId one = TenantStore(*database).ensure("one", 1).value();
    const TenantId two = TenantStore(*database).ensure("two", 1).value();
    SettingStore settings(*database);
    ASSERT_TRUE(settings.put(one, "a", {"1", "ann", 10}));
    ASSERT_TRUE(settings.put(one, "a", {"2", "bob", 20}));
    ASSERT_TRUE(settings.put(one, "b", {"3", "ann", 30}));
    ASSERT_TRUE(settings.put(two, "a", {"4", "eve", 40}));

    const SettingHistory history(*database);
    const auto all = history.list(one, "a", 0, 10).value();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(all[0].version, 2);
    EXPECT_EQ(all[0].value, "2");
    EXPECT_EQ(all[0].changed_by, "bob");
    EXPECT_EQ(all[0].changed_at_ms, 20);
    EXPECT_EQ(all[1].version, 1);
    EXPECT_EQ(history.list(one, "a", 2, 10).value().size(), 1u);
    EXPECT_EQ(history.list(one, "a", 0, 1).value().front().version, 2);
    EXPECT_EQ(history.find(one, "b", 1).value()->value, "3");
    EXPECT_EQ(history.find(two, "a", 1).value()->value, "4");
    EXPECT_FALSE(history.find(two, "a", 2).value().has_value());
    EXPECT_FALSE(history.find(two, "b", 1).value().has_value());
}

}  // namespace
}  // namespace syncline::testing
