// Mappings: drafts, numbered versions of which one is in force, and the dead letters that name
// them.
#include "storage/mapping_store.hpp"

#include "core/sha256.hpp"
#include "storage/support/job_store_fixture.hpp"

namespace syncline::testing {
namespace {

class MappingStoreTest : public JobStoreTest {
protected:
    void SetUp() override {
        JobStoreTest::SetUp();
        mappings_ = std::make_unique<MappingStore>(*database_);
        other_ = TenantStore(*database_).ensure("other", 1).value();
    }
    StoredMapping create(const std::string& name, const std::string& draft) {
        return mappings_->create(flow_.tenant, name, draft, {"ann"}, ++now_).value();
    }
    void draft(const std::string& text) {
        ASSERT_TRUE(mappings_->set_draft(flow_.tenant, "m", text, {"ben"}, ++now_).has_value());
    }
    Result<MappingVersion> publish(const std::string& text) {
        return mappings_->publish(flow_.tenant, "m", sha256_hex(text), {"ann", "why"}, ++now_);
    }
    Result<MappingVersion> bring_back(std::int64_t version) {
        return mappings_->bring_back(flow_.tenant, "m", version, {"cleo", "it broke"}, ++now_);
    }
    std::int64_t in_force() {
        const auto now = mappings_->in_force(flow_.tenant, "m").value();
        return now ? now->version : 0;
    }
    void name_in_flow(const std::string& mapping) {
        FlowDefinition definition = flow_.definition;
        definition.mapping = mapping;
        flow_ = FlowStore(*database_).put(flow_.tenant, definition, false, now_).value();
    }
    // A dead letter of record `id` that a version of "m" adjusted.
    void kill(const std::string& id, const Error& error, std::int64_t version = 1) {
        raise(id, "a" + id);
        const auto jobs = claim(++token_, 100);
        ASSERT_EQ(jobs.size(), 1u);
        JobOutcome outcome;
        outcome.job = jobs[0].id;
        outcome.version = jobs[0].version;
        outcome.kind = Kind::kDead;
        outcome.result = error.code == ErrorCode::kHold ? "held" : "failed";
        outcome.error = error;
        outcome.mapping = "m";
        outcome.mapping_version = version;
        ASSERT_TRUE(database_->write([&](Sql& sql) {
            return jobs_->finish(sql, outcome, token_, now_);
        }));
    }
    std::vector<std::string> dead() {
        std::vector<std::string> ids;
        for (const auto& letter : jobs_->dead_letters(flow_.tenant, {}).value()) {
            ids.push_back(letter.source_id);
        }
        std::sort(ids.begin(), ids.end());
        return ids;
    }

    std::unique_ptr<MappingStore> mappings_;
    TenantId other_;
    std::int64_t token_ = 100;
};

const Error kHeldByMapping{ErrorCode::kHold, "no number", "MAPPING_REQUIRED"};
const Error kRefused{ErrorCode::kData, "too long", "books.refused"};

TEST_F(MappingStoreTest, ADraftIsInForceOnlyOnceItIsPublished) {
    const auto made = create("m", "{\"a\":1}");
    EXPECT_EQ(made.draft_hash, sha256_hex("{\"a\":1}"));
    EXPECT_EQ(made.in_force, 0);
    EXPECT_EQ(in_force(), 0);
    const auto first = publish("{\"a\":1}").value();
    EXPECT_EQ(first.version, 1);
    EXPECT_EQ(first.state, "in_force");
    EXPECT_EQ(first.published_by, "ann");
    EXPECT_EQ(first.reason, "why");
    EXPECT_EQ(first.content_hash, made.draft_hash);
    draft("{\"a\":2}");
    EXPECT_EQ(mappings_->in_force(flow_.tenant, "m").value()->definition, "{\"a\":1}");
    EXPECT_EQ(mappings_->find(flow_.tenant, "m").value().updated_by, "ben");
}

TEST_F(MappingStoreTest, VersionsAreNumberedAndNeverChange) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    draft("2");
    ASSERT_EQ(publish("2").value().version, 2);
    draft("3");
    const auto versions = mappings_->versions(flow_.tenant, "m").value();
    ASSERT_EQ(versions.size(), 2u);
    EXPECT_EQ(versions[0].definition, "2");
    EXPECT_EQ(versions[0].state, "in_force");
    EXPECT_EQ(versions[1].definition, "1");
    EXPECT_EQ(versions[1].state, "retired");
    EXPECT_EQ(mappings_->version(flow_.tenant, "m", 1).value().definition, "1");
    EXPECT_EQ(mappings_->version(flow_.tenant, "m", 3).error().name, "mapping.version_unknown");
}

TEST_F(MappingStoreTest, WhatChangedWhileItWasCheckedIsNotPublished) {
    create("m", "1");
    draft("2");
    EXPECT_EQ(publish("1").error().name, "mapping.changed");
    EXPECT_EQ(in_force(), 0);
    ASSERT_TRUE(publish("2").has_value());
    EXPECT_EQ(publish("2").error().name, "mapping.nothing_new");
}

TEST_F(MappingStoreTest, AnEarlierVersionComesBackUnderItsNumber) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    draft("2");
    ASSERT_TRUE(publish("2").has_value());
    const auto back = bring_back(1).value();
    EXPECT_EQ(back.version, 1);
    EXPECT_EQ(back.reason, "it broke");
    EXPECT_GT(back.in_force_at_ms, back.published_at_ms);
    EXPECT_EQ(in_force(), 1);
    EXPECT_EQ(bring_back(1).error().name, "mapping.nothing_new");
    EXPECT_EQ(bring_back(7).error().name, "mapping.version_unknown");
    // The draft stays, and its next version has the next number.
    EXPECT_EQ(mappings_->find(flow_.tenant, "m").value().draft, "2");
    EXPECT_EQ(publish("2").value().version, 3);
}

TEST_F(MappingStoreTest, AMappingIsOfOneTenant) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    EXPECT_EQ(mappings_->find(other_, "m").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(mappings_->versions(other_, "m").error().code, ErrorCode::kNotFound);
    EXPECT_EQ(
        mappings_->set_draft(other_, "m", "9", {"eve"}, 1).error().code, ErrorCode::kNotFound
    );
    EXPECT_EQ(
        mappings_->publish(other_, "m", sha256_hex("1"), {"eve"}, 1).error().code,
        ErrorCode::kNotFound
    );
    EXPECT_EQ(mappings_->bring_back(other_, "m", 1, {"eve"}, 1).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(mappings_->remove(other_, "m").error().code, ErrorCode::kNotFound);
    EXPECT_FALSE(mappings_->in_force(other_, "m").value().has_value());
    EXPECT_TRUE(mappings_->list(other_).value().empty());
    EXPECT_EQ(mappings_->find(flow_.tenant, "m").value().draft, "1");
    // A name of ours is free for them.
    EXPECT_TRUE(mappings_->create(other_, "m", "9", {"eve"}, 1).has_value());
}

TEST_F(MappingStoreTest, AMappingThatAFlowNamesStays) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    EXPECT_EQ(mappings_->create(flow_.tenant, "m", "2", {"ann"}, 1).error().name, "mapping.exists");
    name_in_flow("m");
    const auto refused = mappings_->remove(flow_.tenant, "m");
    EXPECT_EQ(refused.error().name, "mapping.in_use");
    EXPECT_NE(refused.error().message.find("'flow'"), std::string::npos);
    EXPECT_EQ(mappings_->flows_with(flow_.tenant, "m").value(), (std::vector<std::string>{"flow"}));
    name_in_flow("");
    ASSERT_TRUE(mappings_->remove(flow_.tenant, "m").has_value());
    EXPECT_EQ(mappings_->find(flow_.tenant, "m").error().name, "mapping.unknown");
}

TEST_F(MappingStoreTest, ADeadLetterNamesTheVersionThatMadeItsDocuments) {
    kill("1", kRefused, 4);
    const auto letter = jobs_->dead_letters(flow_.tenant, {}).value().at(0);
    EXPECT_EQ(letter.mapping, "m");
    EXPECT_EQ(letter.mapping_version, 4);
}

TEST_F(MappingStoreTest, WhatAMappingKeptBackIsSentAgainWhenAnotherVersionIsInForce) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    kill("1", kHeldByMapping);
    kill("2", kRefused);
    kill("3", {ErrorCode::kHold, "closed books", "PERIOD_CLOSED"});
    kill("4", {ErrorCode::kBug, "threw", "connector.threw"});
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 0);
    draft("2");
    ASSERT_TRUE(publish("2").has_value());
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 2);
    EXPECT_EQ(dead(), (std::vector<std::string>{"3", "4"}));
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 0);
    const auto sent = claim(++token_, 100);
    for (const auto& job : sent) {
        ASSERT_TRUE(finish(job, token_, Kind::kSettled));
    }
    // Version 1 comes back: what died of version 2 goes again.
    kill("5", kHeldByMapping, 2);
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 0);
    ASSERT_TRUE(bring_back(1).has_value());
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 1);
}

TEST_F(MappingStoreTest, WhatIsInQuarantineWaitsForAPerson) {
    create("m", "1");
    ASSERT_TRUE(publish("1").has_value());
    kill("1", kHeldByMapping, 9);
    for (int i = 0; i < kRedrivesMax; ++i) {
        ASSERT_EQ(jobs_->send_remapped(now_).value(), 1) << i;
        const auto jobs = claim(++token_, 100);
        JobOutcome outcome;
        outcome.job = jobs.at(0).id;
        outcome.version = jobs[0].version;
        outcome.kind = Kind::kDead;
        outcome.result = "held";
        outcome.error = kHeldByMapping;
        outcome.mapping = "m";
        outcome.mapping_version = 9;
        ASSERT_TRUE(database_->write([&](Sql& sql) {
            return jobs_->finish(sql, outcome, token_, now_);
        }));
    }
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 0);
}

TEST_F(MappingStoreTest, AnotherTenantsMappingOfTheSameNameSendsNothingAgain) {
    kill("1", kHeldByMapping, 1);
    ASSERT_TRUE(mappings_->create(other_, "m", "9", {"eve"}, 1).has_value());
    ASSERT_TRUE(mappings_->publish(other_, "m", sha256_hex("9"), {"eve"}, 1).has_value());
    const auto second = mappings_->set_draft(other_, "m", "8", {"eve"}, 1);
    ASSERT_TRUE(mappings_->publish(other_, "m", second.value().draft_hash, {"eve"}, 2).has_value());
    EXPECT_EQ(jobs_->send_remapped(now_).value(), 0);
}

}  // namespace
}  // namespace syncline::testing
