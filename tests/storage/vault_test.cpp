#include "storage/vault.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "storage/connection_store.hpp"
#include "storage/migrator.hpp"
#include "storage/tenant_store.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

// Test case 16 of "The Galois/Counter Mode of Operation" (McGrew, Viega): AES-256, 96-bit nonce,
// AAD.
TEST(Seal, OpensThePublishedVectorOfAes256Gcm) {
    const Key key =
        Key::from_bytes(from_hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308")
        )
            .value();
    const std::string sealed = from_hex(
        "cafebabefacedbaddecaf888"
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        "76fc6ece0f4e1768cddf8853bb2d551b"
    );
    const std::string place = from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    EXPECT_EQ(
        decrypt(key, sealed, place).value(),
        from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    );
}

TEST(Seal, RefusesAnotherKeyAnotherPlaceAndEveryFlippedByte) {
    const Key key = Key::random().value();
    const std::string sealed = encrypt(key, "secret", "here").value();
    EXPECT_EQ(decrypt(key, sealed, "here").value(), "secret");
    EXPECT_FALSE(decrypt(Key::random().value(), sealed, "here").has_value());
    EXPECT_FALSE(decrypt(key, sealed, "there").has_value());
    for (std::size_t i = 0; i < sealed.size(); ++i) {
        std::string changed = sealed;
        changed[i] = static_cast<char>(changed[i] ^ 1);
        EXPECT_FALSE(decrypt(key, changed, "here").has_value()) << "byte " << i;
    }
}

TEST(Key, SaysWhatIsWrongWithoutShowingIt) {
    for (const char* text : {"", "short", "c2hvcnQ=", "not base64 at all!!!"}) {
        const auto key = Key::from_base64(text);
        ASSERT_FALSE(key.has_value()) << text;
        if (*text != 0) {
            EXPECT_EQ(key.error().message.find(text), std::string::npos);
        }
        EXPECT_NE(key.error().message.find("openssl rand -base64 32"), std::string::npos);
    }
    const Key random = Key::random().value();
    EXPECT_EQ(Key::from_base64(random.to_base64() + "\n")->reveal(), random.reveal());
}

class VaultTest : public ::testing::Test {
protected:
    void SetUp() override {
        open(Key::from_bytes(std::string(32, 'k')).value());
        tenant_ = TenantStore(*database_).ensure("default", 1).value();
        other_ = TenantStore(*database_).ensure("other", 1).value();
        for (const TenantId tenant : {tenant_, other_}) {
            ASSERT_TRUE(vault_->prepare_tenant(tenant, 1));
        }
        ConnectionStore connections(*database_);
        shop_ = connections.put({tenant_, "shop", "woocommerce"}, 1)->id;
    }
    void open(Key key) {
        vault_.reset();
        database_.reset();
        database_ = Database::open({dir_.file("a.db")}).value();
        ASSERT_TRUE(migrate(*database_, embedded_migrations(), 1));
        vault_ = std::make_unique<Vault>(*database_, std::move(key));
    }
    std::string everything_on_disk() {
        std::string all;
        for (const char* name : {"a.db", "a.db-wal"}) {
            std::ifstream file(dir_.file(name), std::ios::binary);
            all.append(std::istreambuf_iterator<char>(file), {});
        }
        return all;
    }

    TempDir dir_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<Vault> vault_;
    TenantId tenant_;
    TenantId other_;
    ConnectionId shop_;
};

TEST_F(VaultTest, KeepsACredentialAcrossARestartAndNeverInPlainText) {
    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"consumer_secret", "cs_canary_42"}}, 1));
    EXPECT_EQ(everything_on_disk().find("cs_canary_42"), std::string::npos);
    open(Key::from_bytes(std::string(32, 'k')).value());
    ASSERT_TRUE(vault_->check_key());
    EXPECT_EQ(vault_->credential({tenant_, shop_, "consumer_secret"}).value(), "cs_canary_42");
    EXPECT_EQ(vault_->credential({tenant_, shop_, "none"}).value(), std::nullopt);
}

TEST_F(VaultTest, SaysThatTheKeyIsTheWrongOne) {
    open(Key::from_bytes(std::string(32, 'x')).value());
    const auto checked = vault_->check_key();
    ASSERT_FALSE(checked.has_value());
    EXPECT_EQ(checked.error().name, "vault.wrong_key");
}

TEST_F(VaultTest, AValueCannotBeMovedToAnotherPlace) {
    const std::string sealed = vault_->seal({tenant_, shop_, "a"}, "secret").value();
    EXPECT_EQ(vault_->open({tenant_, shop_, "a"}, sealed).value(), "secret");
    EXPECT_FALSE(vault_->open({tenant_, shop_, "b"}, sealed).has_value());
    EXPECT_FALSE(vault_->open({other_, shop_, "a"}, sealed).has_value());
    EXPECT_FALSE(vault_->open({tenant_, {}, "a"}, sealed).has_value());
}

TEST_F(VaultTest, ACredentialOfAnotherTenantsConnectionIsRefused) {
    const auto stolen = vault_->put_credentials(other_, shop_, {{"consumer_secret", "x"}}, 1);
    ASSERT_FALSE(stolen.has_value());
    EXPECT_EQ(stolen.error().code, ErrorCode::kNotFound);
}

// Otherwise a restart would bring a dead refresh token back.
TEST_F(VaultTest, ASeedIsAppliedOnceAndAgainOnlyWhenItChanges) {
    const Place place{tenant_, shop_, "refresh_token"};
    EXPECT_TRUE(vault_->seed_credential(place, "seed-1", 1).value());
    ASSERT_TRUE(vault_->put_credentials(tenant_, shop_, {{"refresh_token", "rotated"}}, 2));
    EXPECT_FALSE(vault_->seed_credential(place, "seed-1", 3).value());
    EXPECT_EQ(vault_->credential(place).value(), "rotated");
    EXPECT_TRUE(vault_->seed_credential(place, "seed-2", 4).value());
    EXPECT_EQ(vault_->credential(place).value(), "seed-2");
}

}  // namespace
}  // namespace syncline::testing
