#include "storage/vault.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <new>
#include <set>

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

// Test cases 13, 14 and 15 of the same paper, and 16 again: the way out as well as the way in.
TEST(Seal, MakesThePublishedVectorsOfAes256Gcm) {
    const std::string long_key("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    const std::string long_plain(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255"
    );
    struct Vector {
        std::string key, nonce, plain, place, cipher, tag;
    };
    const std::vector<Vector> vectors{
        {std::string(64, '0'),
         std::string(24, '0'),
         "",
         "",
         "",
         "530f8afbc74536b9a963b4f1c4cb738b"},
        {std::string(64, '0'),
         std::string(24, '0'),
         std::string(32, '0'),
         "",
         "cea7403d4d606b6e074ec5d3baf39d18",
         "d0d1c8a799996bf0265b98b5d48ab919"},
        {long_key,
         "cafebabefacedbaddecaf888",
         long_plain,
         "",
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad",
         "b094dac5d93471bdec1a502270e3cc6c"},
        {long_key,
         "cafebabefacedbaddecaf888",
         long_plain.substr(0, 120),
         "feedfacedeadbeeffeedfacedeadbeefabaddad2",
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
         "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
         "76fc6ece0f4e1768cddf8853bb2d551b"}};
    for (const auto& vector : vectors) {
        const Key key = Key::from_bytes(from_hex(vector.key)).value();
        const std::string sealed =
            encrypt_with_nonce(
                key, from_hex(vector.nonce), from_hex(vector.plain), from_hex(vector.place)
            )
                .value();
        EXPECT_EQ(sealed, from_hex(vector.nonce + vector.cipher + vector.tag)) << vector.tag;
        EXPECT_EQ(decrypt(key, sealed, from_hex(vector.place)).value(), from_hex(vector.plain));
    }
}

TEST(Seal, NeverUsesANonceTwice) {
    const Key key = Key::random().value();
    std::set<std::string> nonces;
    for (int i = 0; i < 1000; ++i) {
        nonces.insert(encrypt(key, "secret", "here").value().substr(0, 12));
    }
    EXPECT_EQ(nonces.size(), 1000u);
}

TEST(Key, LeavesNoByteWhereItWas) {
    alignas(Key) std::array<char, sizeof(Key)> room{};
    Key* key = new (room.data()) Key(Key::from_bytes(std::string(32, 'k')).value());
    ASSERT_NE(std::count(room.begin(), room.end(), 'k'), 0);
    key->~Key();
    EXPECT_EQ(std::count(room.begin(), room.end(), 'k'), 0);
    key = new (room.data()) Key(Key::from_bytes(std::string(32, 'k')).value());
    const Key elsewhere(std::move(*key));
    EXPECT_EQ(std::count(room.begin(), room.end(), 'k'), 0);
    EXPECT_EQ(elsewhere.reveal(), std::string(32, 'k'));
    key->~Key();
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

// Made by another program (AES-256-GCM of Python's cryptography) from this description: a change of
// the form would leave every database unreadable.
TEST_F(VaultTest, OpensASealedRowOfTheFirstDay) {
    std::string kek;
    for (char byte = 0; byte < 32; ++byte) {
        kek += byte;
    }
    open(Key::from_bytes(kek).value());
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        sql.run("DELETE FROM data_keys");
        sql.run(
            "INSERT INTO data_keys (id, tenant_id, kek_id, wrapped, created_at_ms) "
            "VALUES (7, 1, 1661848873, ?, 1)",
            Blob{from_hex("404142434445464748494a4b"
                          "c2988c000219a124e5ed3d1db7493d7449f7606f830039144f7e74deab2ed3e4"
                          "71e4aaf8a9a13251986ecdb35d958819")}
        );
        return {};
    }));
    const std::string sealed = from_hex(
        "01"                        // version
        "630dcd29"                  // key-encryption key: start of its SHA-256
        "0000000000000007"          // data key
        "606162636465666768696a6b"  // nonce
        "81e7f2c09dbf0c3ba62509cf622f01"
        "1c6ddb348c865ccfd6d3e503fd8142b3"  // tag
    );
    EXPECT_EQ(vault_->open({tenant_, shop_, "consumer_secret"}, sealed).value(), "cs_known_answer");
    // And ours begin so.
    const std::string ours = vault_->seal({tenant_, shop_, "consumer_secret"}, "x").value();
    EXPECT_EQ(ours.substr(0, 13), sealed.substr(0, 13));
    EXPECT_EQ(ours.size(), 13u + 12u + 1u + 16u);
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
