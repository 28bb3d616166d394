// Going over from one key-encryption key to another, and giving up what a lost one sealed.
#include "storage/key_store.hpp"

#include <gtest/gtest.h>

#include "storage/connection_store.hpp"
#include "storage/key_reset.hpp"
#include "storage/kv_store.hpp"
#include "storage/migrator.hpp"
#include "storage/plain_session.hpp"
#include "storage/sealed_columns.hpp"
#include "storage/tenant_store.hpp"
#include "support/key_safe.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

class KeyStoreTest : public ::testing::Test {
protected:
    void SetUp() override {
        open();
        tenant_ = add_tenant("default");
        shop_ = add_shop(tenant_, "shop", "cs_of_default");
    }
    void open() {
        keys_.reset();
        vault_.reset();
        database_.reset();
        database_ = Database::open({dir_.file("a.db")}).value();
        ASSERT_TRUE(migrate(*database_, embedded_migrations(), 1));
        vault_ = std::make_unique<Vault>(*database_, safe_.ring());
        keys_ = std::make_unique<KeyStore>(*database_, *vault_);
    }
    TenantId add_tenant(const std::string& name) {
        const TenantId tenant = TenantStore(*database_).ensure(name, 1).value();
        EXPECT_TRUE(vault_->prepare_tenant(tenant, 1));
        return tenant;
    }
    ConnectionId add_shop(TenantId tenant, const std::string& name, const std::string& secret) {
        const auto shop = ConnectionStore(*database_).put({tenant, name, "woocommerce"}, 1)->id;
        EXPECT_TRUE(vault_->put_credentials(tenant, shop, {{"consumer_secret", secret}}, 1));
        return shop;
    }
    // A new key, and a rotation to it that has not done a step yet.
    KeyRotationRow begin() {
        EXPECT_TRUE(vault_->keys().renew());
        return keys_->begin("ann", 5).value();
    }
    KeyRotationRow finish(KeyRotationRow rotation) {
        for (int i = 0; i < 1000 && rotation.state != "completed"; ++i) {
            rotation = keys_->step(rotation, 9).value();
        }
        EXPECT_EQ(rotation.state, "completed");
        return rotation;
    }
    std::string secret(TenantId tenant, ConnectionId shop) {
        const auto value = vault_->credential({tenant, shop, "consumer_secret"});
        return value && *value ? **value : "unreadable";
    }
    void execute(const char* statement) {
        ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            sql.run(statement);
            return {};
        }));
    }
    std::string text(const char* query) {
        return database_
            ->read([&](Sql& sql) -> Result<std::string> {
                return sql.value<std::string>(query).value_or("");
            })
            .value();
    }

    TempDir dir_;
    KeySafe safe_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Vault> vault_;
    std::unique_ptr<KeyStore> keys_;
    TenantId tenant_;
    ConnectionId shop_;
};

TEST_F(KeyStoreTest, EveryValueCanBeReadAtEveryStepAndAfterTheFormerKeyIsGone) {
    const TenantId other = add_tenant("other");
    const ConnectionId theirs = add_shop(other, "shop", "cs_of_other");
    auto rotation = begin();
    EXPECT_EQ(rotation.data_keys, 2);
    while (rotation.state != "completed") {
        // Not from the cache: as another process reads it.
        vault_->forget_opened();
        EXPECT_EQ(secret(tenant_, shop_), "cs_of_default");
        EXPECT_EQ(secret(other, theirs), "cs_of_other");
        rotation = keys_->step(rotation, 9).value();
    }
    EXPECT_EQ(rotation.wrapped, 2);
    EXPECT_EQ(rotation.checked, 2);
    EXPECT_EQ(rotation.unreadable, 0);
    EXPECT_EQ(rotation.finished_at_ms, 9);
    safe_.former = 0;
    open();
    ASSERT_TRUE(vault_->check_key());
    EXPECT_EQ(secret(tenant_, shop_), "cs_of_default");
    EXPECT_EQ(secret(other, theirs), "cs_of_other");
}

TEST_F(KeyStoreTest, AKillBetweenTwoStepsLosesNothingOfThem) {
    for (int i = 0; i < 120; ++i) {
        add_tenant("t" + std::to_string(i));
    }
    auto rotation = begin();
    EXPECT_EQ(rotation.data_keys, 121);
    rotation = keys_->step(rotation, 6).value();
    EXPECT_EQ(rotation.wrapped, 50) << "a step is bounded";
    open();
    const auto found = keys_->under_way().value();
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->wrapped, 50);
    EXPECT_EQ(keys_->count_to_wrap().value(), 71);
    const auto done = finish(*found);
    EXPECT_EQ(done.wrapped, 121);
    EXPECT_EQ(done.checked, 1);
    EXPECT_EQ(safe_.renewed, 1);
    EXPECT_FALSE(keys_->under_way().value().has_value());
}

TEST_F(KeyStoreTest, TheCheckGoesOnBehindTheRowItReached) {
    for (int i = 0; i < 450; ++i) {
        ASSERT_TRUE(KvStore(*database_, *vault_).put(tenant_, shop_, std::to_string(i), "v", 1));
    }
    auto rotation = begin();
    while (rotation.reached_column != "connector_kv.sealed" || rotation.checked < 201) {
        rotation = keys_->step(rotation, 6).value();
    }
    EXPECT_EQ(rotation.checked, 201) << "a step is bounded";
    open();
    EXPECT_EQ(finish(*keys_->under_way().value()).checked, 451);
}

TEST_F(KeyStoreTest, AKeyThatIsStillNeededIsNamedWithTheTenantsThatNeedIt) {
    add_tenant("acme");
    ASSERT_TRUE(vault_->keys().renew());
    safe_.former = 0;
    open();
    const auto checked = vault_->check_key();
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().name, "vault.wrong_key");
    for (const std::string& part :
         {key_name(key_of('k').id()) + " is still needed",
          std::string("tenants acme, default"),
          std::string("INTEGRATION_ENCRYPTION_KEY_FORMER"),
          std::string("syncline keys reset")}) {
        EXPECT_NE(checked.error().message.find(part), std::string::npos)
            << part << " is not in: " << checked.error().message;
    }
}

TEST_F(KeyStoreTest, NeedsSayWhichKeyMayGo) {
    const std::uint32_t former = key_of('k').id();
    auto rotation = begin();
    auto needs = keys_->needs().value();
    ASSERT_EQ(needs.size(), 1u);
    EXPECT_EQ(needs[0].kek_id, former);
    EXPECT_EQ(needs[0].tenants, std::vector<std::string>{"default"});
    finish(rotation);
    needs = keys_->needs().value();
    ASSERT_EQ(needs.size(), 1u);
    EXPECT_EQ(needs[0].kek_id, key_of('l').id());
}

TEST_F(KeyStoreTest, ACorruptedCredentialIsNamedAndStopsNothing) {
    const ConnectionId second = add_shop(tenant_, "second", "cs_of_second");
    execute(
        "UPDATE credentials SET seed = '1:abc', sealed = substr(sealed, 1, length(sealed) - 1) "
        "WHERE connection_id = 1"
    );
    const auto rotation = finish(begin());
    EXPECT_EQ(rotation.unreadable, 1);
    const auto unreadable = keys_->unreadable(10).value();
    ASSERT_EQ(unreadable.size(), 1u);
    EXPECT_EQ(unreadable[0].kept_in, "credentials.sealed");
    EXPECT_EQ(unreadable[0].tenant_name, "default");
    EXPECT_EQ(unreadable[0].connection_name, "shop");
    EXPECT_EQ(unreadable[0].name, "consumer_secret");
    EXPECT_EQ(text("SELECT state FROM connections WHERE id = 1"), "needs_reauth");
    EXPECT_EQ(text("SELECT state FROM connections WHERE id = 2"), "active");
    EXPECT_EQ(text("SELECT seed FROM credentials WHERE connection_id = 1"), "")
        << "the configuration's value is applied again";
    EXPECT_EQ(secret(tenant_, second), "cs_of_second");
    safe_.former = 0;
    open();
    EXPECT_TRUE(vault_->check_key()) << "it keeps no key from being removed";

    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"consumer_secret", "new"}}, 1));
    EXPECT_TRUE(keys_->unreadable(10)->empty()) << "it can be read again";
    EXPECT_EQ(keys_->count_unreadable().value(), 0);
}

TEST_F(KeyStoreTest, ADamagedDataKeyIsNamedAndTheOthersGoOver) {
    const TenantId other = add_tenant("other");
    const ConnectionId theirs = add_shop(other, "shop", "cs_of_other");
    execute("UPDATE data_keys SET wrapped = zeroblob(60) WHERE id = 1");
    open();
    ASSERT_TRUE(vault_->check_key()) << "the others can be read";
    const auto rotation = finish(begin());
    EXPECT_EQ(rotation.wrapped, 1);
    EXPECT_EQ(rotation.unreadable, 2) << "the key, and the one value it sealed";
    const auto unreadable = keys_->unreadable(10).value();
    ASSERT_EQ(unreadable.size(), 2u);
    EXPECT_EQ(unreadable[1].kept_in, "data_keys.wrapped");
    EXPECT_EQ(unreadable[1].tenant_name, "default");
    safe_.former = 0;
    open();
    ASSERT_TRUE(vault_->check_key());
    EXPECT_EQ(secret(other, theirs), "cs_of_other");
}

TEST_F(KeyStoreTest, WithoutItsFormerKeyItWaitsAndSaysSo) {
    ASSERT_TRUE(vault_->keys().renew());
    safe_.former = 0;
    open();
    const auto rotation = keys_->begin("ann", 5).value();
    const auto stepped = keys_->step(rotation, 6);
    ASSERT_FALSE(stepped.has_value());
    EXPECT_EQ(stepped.error().name, "vault.key_missing");
    ASSERT_TRUE(keys_->note_error(rotation.id, stepped.error().message));
    EXPECT_EQ(keys_->by_id(rotation.id)->error, stepped.error().message);
    safe_.former = 'k';
    ASSERT_TRUE(vault_->keys().reload());
    const auto done = finish(rotation);
    EXPECT_EQ(done.wrapped, 1);
    EXPECT_EQ(done.unreadable, 0);
    EXPECT_EQ(keys_->by_id(rotation.id)->error, "");
}

TEST_F(KeyStoreTest, ASeedStaysAppliedUnderAnotherKey) {
    const Place place{tenant_, shop_, "refresh_token"};
    ASSERT_TRUE(vault_->seed_credential(place, "seed-1", 1).value());
    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"refresh_token", "rotated"}}, 2));
    finish(begin());
    safe_.former = 0;
    open();
    EXPECT_FALSE(vault_->seed_credential(place, "seed-1", 3).value());
    EXPECT_EQ(vault_->credential(place).value(), "rotated");
    EXPECT_TRUE(vault_->seed_credential(place, "seed-2", 4).value());
}

// As it was written before data keys told seeds apart.
TEST_F(KeyStoreTest, ASeedOfAnOlderDatabaseIsKnownAndMadeToLast) {
    const Place place{tenant_, shop_, "refresh_token"};
    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"refresh_token", "rotated"}}, 2));
    const auto older =
        vault_->keys().fingerprints("tenant=1;connection=1;field=refresh_tokenseed-1").at(0);
    execute(("UPDATE credentials SET seed = '" + older + "' WHERE field = 'refresh_token'").c_str()
    );
    EXPECT_FALSE(vault_->seed_credential(place, "seed-1", 3).value());
    EXPECT_NE(text("SELECT seed FROM credentials WHERE field = 'refresh_token'"), older);
    finish(begin());
    safe_.former = 0;
    open();
    EXPECT_FALSE(vault_->seed_credential(place, "seed-1", 3).value());
    EXPECT_EQ(vault_->credential(place).value(), "rotated");
}

// Whoever adds a column that holds sealed values adds it to sealed_columns().
TEST_F(KeyStoreTest, EveryBlobOfTheSchemaIsWalkedOverOrKnownToHoldNothingSealed) {
    std::set<std::string> known{"data_keys.wrapped", "webhook_events.identity"};
    for (const auto& column : sealed_columns()) {
        EXPECT_TRUE(known.insert(column.name).second) << column.name;
    }
    Sql sql = plain_session(dir_.file("a.db"));
    std::set<std::string> blobs;
    for (auto& [name] : sql.rows<std::string>(
             "SELECT t.name || '.' || c.name FROM sqlite_master t, pragma_table_info(t.name) c "
             "WHERE t.type = 'table' AND c.type = 'BLOB'"
         )) {
        blobs.insert(std::move(name));
    }
    EXPECT_EQ(blobs, known);
}

TEST_F(KeyStoreTest, AResetGivesUpWhatTheLostKeySealedAndTheTenantsGoOn) {
    ASSERT_TRUE(KvStore(*database_, *vault_).put(tenant_, shop_, "seen", "v", 1));
    safe_.current = 'x';
    open();
    ASSERT_FALSE(vault_->check_key().has_value());
    const auto shown = unreadable_by(*database_, *vault_).value();
    EXPECT_EQ(shown.data_keys, 1);
    EXPECT_EQ(shown.connections, std::vector<std::string>{"default/shop"});
    EXPECT_EQ(text("SELECT state FROM connections"), "active") << "it only looked";

    const auto done = reset_keys(*database_, *vault_, 7).value();
    EXPECT_EQ(done.values, shown.values);
    EXPECT_EQ(done.values.at("credentials.sealed"), 1);
    EXPECT_EQ(done.values.at("connector_kv.sealed"), 1);
    EXPECT_EQ(text("SELECT state FROM connections"), "needs_reauth");
    ASSERT_TRUE(vault_->check_key());
    EXPECT_EQ(vault_->credential({tenant_, shop_, "consumer_secret"}).value(), std::nullopt);
    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"consumer_secret", "new"}}, 8));
    EXPECT_EQ(secret(tenant_, shop_), "new");
    EXPECT_FALSE(unreadable_by(*database_, *vault_)->anything());
}

TEST_F(KeyStoreTest, AResetLeavesWhatCanBeReadAsItIs) {
    const TenantId other = add_tenant("other");
    const ConnectionId theirs = add_shop(other, "shop", "cs_of_other");
    execute("UPDATE data_keys SET wrapped = zeroblob(60) WHERE id = 1");
    open();
    const auto done = reset_keys(*database_, *vault_, 7).value();
    EXPECT_EQ(done.connections, std::vector<std::string>{"default/shop"});
    EXPECT_EQ(secret(other, theirs), "cs_of_other");
    EXPECT_EQ(text("SELECT state FROM connections WHERE tenant_id = 2"), "active");
}

}  // namespace
}  // namespace syncline::testing
