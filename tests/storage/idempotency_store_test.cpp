// What belongs into a unit of work besides its own code, and the keys that are stored that way.
#include "storage/idempotency_store.hpp"

#include "storage/alongside.hpp"
#include "storage/retention.hpp"
#include "support/filled_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

constexpr std::int64_t kMadeMs = 1'795'161'600'000;

class IdempotencyStoreTest : public ::testing::Test {
protected:
    IdempotencyStore store(IdempotencyBounds bounds = {}) {
        return IdempotencyStore(*filled_.database, *filled_.vault, bounds);
    }
    KeyedRequest request(
        const std::string& key, const std::string& attempt, const std::string& hash = "h"
    ) {
        KeyedRequest made{filled_.tenant, "ann", key, hash, attempt, {}};
        made.mark = store().mark(made).value();
        return made;
    }
    Result<void> begin(
        const IdempotencyStore& keys, const KeyedRequest& wanted, std::int64_t now_ms = kMadeMs
    ) {
        return filled_.database->write([&](Sql& sql) { return keys.begin(sql, wanted, now_ms); });
    }
    std::int64_t count(const char* query) {
        return filled_.database
            ->read([&](Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>(query).value_or(-1);
            })
            .value();
    }

    TempDir dir_;
    FilledStore filled_{dir_.file("a.db")};
};

TEST_F(IdempotencyStoreTest, AnAnswerIsThereForADayAndSealed) {
    auto keys = store();
    ASSERT_TRUE(keys.keep(request("k", "1"), "slk_4f0c9a1be2d7_secret", kMadeMs));
    const auto found = keys.find(request("k", "2"), kMadeMs + kIdempotencyKeptMs - 1).value();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->answer, "slk_4f0c9a1be2d7_secret");
    EXPECT_FALSE(keys.find(request("k", "2"), kMadeMs + kIdempotencyKeptMs).value().has_value());
    EXPECT_FALSE(keys.find(request("other", "2"), kMadeMs).value().has_value());
    EXPECT_EQ(count("SELECT instr(answer, CAST('slk_' AS BLOB)) FROM idempotency_keys"), 0);
}

TEST_F(IdempotencyStoreTest, WhatIsStoredOfARequestTellsOnlyThatItIsTheSame) {
    auto keys = store();
    const std::string hash = "3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea";
    ASSERT_TRUE(keys.keep(request("k", "1", hash), "a", kMadeMs));
    EXPECT_TRUE(keys.find(request("k", "2", hash), kMadeMs).value()->same);
    EXPECT_FALSE(keys.find(request("k", "2", "another"), kMadeMs).value()->same);
    EXPECT_EQ(
        count("SELECT count(*) FROM idempotency_keys WHERE request_hash LIKE '%3f79bb7b%'"), 0
    );
    EXPECT_NE(request("k", "1", hash).mark, request("k", "2", hash).mark);
}

TEST_F(IdempotencyStoreTest, AKeyIsOfItsTenantAndItsUser) {
    auto keys = store();
    ASSERT_TRUE(keys.keep(request("k", "1"), "a", kMadeMs));
    KeyedRequest other = request("k", "2");
    other.subject = "bob";
    EXPECT_FALSE(keys.find(other, kMadeMs).value().has_value());
    other = request("k", "2");
    other.tenant = TenantId{filled_.tenant.value + 1};
    EXPECT_FALSE(keys.find(other, kMadeMs).value().has_value());
}

TEST_F(IdempotencyStoreTest, WhatBeganWithoutAnAnswerIsSeenAndBlocksOthers) {
    auto keys = store();
    ASSERT_TRUE(begin(keys, request("k", "1")));
    const auto found = keys.find(request("k", "2"), kMadeMs).value();
    ASSERT_TRUE(found.has_value());
    EXPECT_FALSE(found->answer.has_value());
    EXPECT_EQ(begin(keys, request("k", "2")).error().name, "idempotency.under_way");
    EXPECT_EQ(keys.keep(request("k", "2"), "b", kMadeMs).error().name, "idempotency.under_way");
    EXPECT_TRUE(begin(keys, request("k", "2"), kMadeMs + kIdempotencyKeptMs));
    ASSERT_TRUE(keys.forget(request("k", "2")));
    EXPECT_FALSE(keys.find(request("k", "3"), kMadeMs).value().has_value());
}

TEST_F(IdempotencyStoreTest, ATenantsKeysAreBoundedAndCounted) {
    auto keys = store({2, 1'000'000});
    ASSERT_TRUE(keys.keep(request("1", "1"), "a", kMadeMs));
    ASSERT_TRUE(begin(keys, request("2", "2")));
    EXPECT_TRUE(keys.keep(request("2", "2"), "b", kMadeMs)) << "it is there already";
    EXPECT_EQ(begin(keys, request("3", "3")).error().name, "idempotency.full");
    EXPECT_EQ(keys.keep(request("3", "3"), "c", kMadeMs).error().name, "idempotency.full");
    Retention retention(*filled_.database);
    EXPECT_EQ(retention.purge(Finished::kIdempotencyKeys, kMadeMs + 1, 100).value(), 2);
    EXPECT_TRUE(begin(keys, request("3", "3")));
    EXPECT_EQ(count("SELECT keys FROM idempotency_usage"), 1);
    EXPECT_EQ(count("SELECT answer_bytes FROM idempotency_usage"), 0);
}

TEST_F(IdempotencyStoreTest, TheOldestAnswersGoWhenThereAreTooManyBytesButNotTheirKeys) {
    auto keys = store({1000, 5'000});
    for (int i = 0; i < 12; ++i) {
        const std::string name = std::to_string(i);
        ASSERT_TRUE(keys.keep(request(name, name), std::string(1'000, 'x'), kMadeMs + i));
    }
    EXPECT_LE(count("SELECT answer_bytes FROM idempotency_usage"), 5'000);
    EXPECT_EQ(
        count("SELECT answer_bytes FROM idempotency_usage"),
        count("SELECT sum(length(answer)) FROM idempotency_keys")
    );
    const auto oldest = keys.find(request("0", "x"), kMadeMs + 20).value();
    ASSERT_TRUE(oldest.has_value());
    EXPECT_FALSE(oldest->answer.has_value());
    EXPECT_TRUE(keys.find(request("11", "x"), kMadeMs + 20).value()->answer.has_value());
}

TEST_F(IdempotencyStoreTest, AnEffectAndWhatIsAlongsideItAreThereTogetherOrNotAtAll) {
    auto& database = *filled_.database;
    const auto keys = store();
    const auto effect = [&](bool succeeds) {
        return database.write([&](Sql& sql) -> Result<void> {
            sql.run("INSERT INTO settings VALUES (?, 'k', '{}', 'ann', 1)", filled_.tenant.value);
            return succeeds ? Result<void>() : Result<void>(invalid("no"));
        });
    };
    int looked = 0;
    const auto look = [&](Sql&) -> Result<void> {
        ++looked;
        return looked > 1 ? Result<void>() : Result<void>(invalid("not yet"));
    };
    {
        const Alongside alongside(database, look, [&](Sql& sql) {
            return keys.begin(sql, request("k", "1"), kMadeMs);
        });
        EXPECT_EQ(effect(true).error().message, "not yet");
        EXPECT_FALSE(effect(false).has_value());
        EXPECT_EQ(count("SELECT count(*) FROM settings"), 0);
        EXPECT_EQ(count("SELECT count(*) FROM idempotency_keys"), 0);
        EXPECT_FALSE(alongside.committed());
        EXPECT_TRUE(effect(true).has_value());
        EXPECT_TRUE(alongside.committed());
        EXPECT_EQ(count("SELECT count(*) FROM idempotency_keys"), 1);
        EXPECT_FALSE(effect(true).has_value()) << "there already, and only its own error counts";
        EXPECT_EQ(looked, 3) << "only before the first that is durable";
    }
    const Alongside refused(database, {}, [&](Sql& sql) {
        return keys.begin(sql, request("k", "2"), kMadeMs);
    });
    const auto other = database.write([&](Sql& sql) -> Result<void> {
        sql.run("DELETE FROM settings");
        return {};
    });
    EXPECT_EQ(other.error().name, "idempotency.under_way");
    EXPECT_EQ(count("SELECT count(*) FROM settings"), 1);
}

}  // namespace
}  // namespace syncline::testing
