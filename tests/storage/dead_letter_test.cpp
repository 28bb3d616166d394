// Dead letters: kinds, redrives with rate and loop guard, edits, resolutions, causes that clear.
#include "storage/support/job_store_fixture.hpp"

namespace syncline::testing {
namespace {

class DeadLetterTest : public JobStoreTest {
protected:
    // Raises and kills records "1" to "count".
    void kill(int count, const Error& error, const std::string& waits_for = {}) {
        for (int i = 1; i <= count; ++i) {
            raise(std::to_string(i), "a");
        }
        kill_due(error, waits_for);
    }
    void kill_due(const Error& error, const std::string& waits_for = {}) {
        const auto jobs = claim(++token_, 1'000);
        ASSERT_FALSE(jobs.empty());
        ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
            for (const auto& job : jobs) {
                JobOutcome outcome;
                outcome.job = job.id;
                outcome.version = job.version;
                outcome.kind = Kind::kDead;
                outcome.result = "failed";
                outcome.error = error;
                outcome.error->message += " (record " + job.source_id + ")";
                outcome.waits_for = waits_for;
                outcome.detail = "sealed detail";
                SYNCLINE_RETURN_IF_ERROR(jobs_->finish(sql, outcome, token_, now_));
            }
            return {};
        }));
    }
    std::vector<DeadLetter> letters(const DeadLetterFilter& filter = {}) {
        return jobs_->dead_letters(flow_.tenant, filter).value();
    }
    Result<void> redrive(JobId id, LoopGuard guard = LoopGuard::kOn) {
        return database_->write([&](Sql& sql) {
            return jobs_->redrive(sql, flow_.tenant, id, guard, now_);
        });
    }
    // How many are sent again when the customer is in the target.
    std::int64_t arrives(const std::string& identity, ConnectionId source, ConnectionId target) {
        return database_
            ->write([&](Sql& sql) -> Result<std::int64_t> {
                return jobs_->dependency_arrived(
                    sql, {flow_.tenant, source, target, "customer", "", identity}, now_
                );
            })
            .value();
    }
    std::int64_t arrives(const std::string& identity) {
        return arrives(identity, flow_.source, flow_.target);
    }
    Raised raise_always(const std::string& id, const std::string& hash) {
        return database_
            ->write([&](Sql& sql) -> Result<Raised> {
                return jobs_->raise(
                    sql, flow_, {id, "order:#" + id, hash, "sealed " + hash, 2, true}, {}, now_
                );
            })
            .value();
    }

    const Error refused_{ErrorCode::kData, "refused", "books.refused"};
    std::int64_t token_ = 0;
};

TEST_F(DeadLetterTest, ThoseOfOneKindAreAGroup) {
    kill(3, refused_);
    raise("4", "a");
    kill_due(Error{ErrorCode::kBug, "threw", "connector.threw"});
    const auto groups = jobs_->failure_groups(flow_.tenant, {}).value();
    ASSERT_EQ(groups.size(), 2u);
    EXPECT_EQ(groups[0].count, 3);
    EXPECT_EQ(groups[0].error_code, "books.refused");
    EXPECT_EQ(groups[0].error_class, "business");
    EXPECT_EQ(groups[0].first_failed_at_ms, now_);
    EXPECT_EQ(groups[1].count, 1);
    DeadLetterFilter filter;
    filter.fingerprint = groups[0].fingerprint;
    EXPECT_EQ(letters(filter).size(), 3u);
    EXPECT_TRUE(jobs_->failure_groups(TenantId{99}, {})->empty());
}

TEST_F(DeadLetterTest, EveryFilterTakesItsOwn) {
    kill(2, refused_);
    raise("3", "a");
    kill_due(Error{ErrorCode::kBug, "threw", "connector.threw"});
    const auto count = [&](auto DeadLetterFilter::*member, auto value) {
        DeadLetterFilter filter;
        filter.*member = value;
        return letters(filter).size();
    };
    using F = DeadLetterFilter;
    EXPECT_EQ(count(&F::flow, "flow"), 3u);
    EXPECT_EQ(count(&F::flow, "other"), 0u);
    EXPECT_EQ(count(&F::entity, "order"), 3u);
    EXPECT_EQ(count(&F::outcome, "held"), 0u);
    EXPECT_EQ(count(&F::error_class, "bug"), 1u);
    EXPECT_EQ(count(&F::code, "books.refused"), 2u);
    EXPECT_EQ(count(&F::source_id, "2"), 1u);
    EXPECT_EQ(count(&F::connection, "shop"), 3u);
    EXPECT_EQ(count(&F::connection, "books"), 3u);
    EXPECT_EQ(count(&F::connection, "elsewhere"), 0u);
    EXPECT_EQ(count(&F::quarantined, true), 0u);
    EXPECT_EQ(count(&F::quarantined, false), 3u);
}

TEST_F(DeadLetterTest, SeveralAreSentAgainAtTheRateThatIsAskedFor) {
    kill(5, refused_);
    const RedriveOptions two_a_minute{2, LoopGuard::kOn};
    const auto expected = jobs_->redrivable(flow_.tenant, {}, two_a_minute, now_).value();
    EXPECT_EQ(expected.count, 5);
    EXPECT_EQ(expected.last_at_ms, now_ + 120'000);
    EXPECT_EQ(letters().size(), 5u) << "asking changes nothing";
    const auto done = jobs_->redrive_all(flow_.tenant, {}, two_a_minute, now_).value();
    EXPECT_EQ(done.count, 5);
    EXPECT_EQ(done.last_at_ms, now_ + 120'000);
    EXPECT_TRUE(letters().empty());
    for (const std::size_t due : {1u, 1u, 1u, 1u, 1u}) {
        EXPECT_EQ(claim(++token_).size(), due);
        now_ += 29'999;
        EXPECT_TRUE(claim(++token_).empty());
        now_ += 1;
    }
}

TEST_F(DeadLetterTest, MoreThanOneUnitOfWorkIsSentAgainOnce) {
    kill(450, refused_);
    EXPECT_EQ(jobs_->redrive_all(flow_.tenant, {}, {}, now_)->count, 450);
    EXPECT_EQ(claim(++token_, 1'000).size(), 450u);
}

TEST_F(DeadLetterTest, AfterThreeRedrivesItIsInQuarantineUntilItIsForcedOrChanges) {
    kill(1, refused_);
    const JobId id = letters().at(0).id;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(redrive(id));
        kill_due(refused_);
    }
    EXPECT_TRUE(letters().at(0).quarantined());
    EXPECT_EQ(redrive(id).error().name, "failure.quarantined");
    EXPECT_EQ(redrive(id).error().code, ErrorCode::kExists);
    const auto left_out = jobs_->redrive_all(flow_.tenant, {}, {}, now_).value();
    EXPECT_EQ(left_out.count, 0);
    EXPECT_EQ(left_out.quarantined, 1);
    EXPECT_EQ(letters().size(), 1u);
    EXPECT_EQ(jobs_->redrive_all(flow_.tenant, {}, {0, LoopGuard::kOff}, now_)->count, 1);
    kill_due(refused_);
    EXPECT_TRUE(letters().at(0).quarantined());
    ASSERT_TRUE(redrive(id, LoopGuard::kOff));
    kill_due(refused_);
    raise("1", "b");
    kill_due(refused_);
    EXPECT_FALSE(letters().at(0).quarantined()) << "another record is another try";
}

TEST_F(DeadLetterTest, TheTimeOfFailuresCountsAnewFromARedrive) {
    kill(1, refused_);
    const std::int64_t first = now_;
    now_ += 100'000;
    ASSERT_TRUE(redrive(letters().at(0).id));
    const Job job = claim(++token_).at(0);
    EXPECT_EQ(job.failing_for_ms, 0);
    EXPECT_EQ(job.attempts, 0);
    ASSERT_TRUE(finish(job, token_, Kind::kDead));
    EXPECT_EQ(letters().at(0).first_failed_at_ms, first);
    EXPECT_EQ(letters().at(0).updated_at_ms, now_);
}

TEST_F(DeadLetterTest, AnEditedRecordIsDeliveredUntilTheSourceHasAnother) {
    kill(1, refused_);
    const DeadLetter letter = letters().at(0);
    const auto edit = [&](std::int64_t version) {
        return database_->write([&](Sql& sql) {
            return jobs_->redrive_edited(
                sql, flow_.tenant, letter.id, {"sealed by hand", "order:#1", version}, now_
            );
        });
    };
    EXPECT_EQ(edit(letter.version + 1).error().name, "failure.changed");
    ASSERT_TRUE(edit(letter.version));
    EXPECT_EQ(edit(letter.version).error().name, "failure.changed") << "it is queued already";
    Job job = claim(++token_).at(0);
    EXPECT_EQ(job.record, "sealed by hand");
    ASSERT_TRUE(finish(job, token_, Kind::kSettled));
    EXPECT_EQ(raise("1", "a"), Raised::kUnchanged);
    EXPECT_EQ(raise_always("1", "a"), Raised::kPending);  // a full run
    job = claim(++token_).at(0);
    EXPECT_EQ(job.record, "sealed by hand");
    ASSERT_TRUE(finish(job, token_, Kind::kSettled));
    EXPECT_EQ(raise("1", "b"), Raised::kPending);
    job = claim(++token_).at(0);
    EXPECT_EQ(job.record, "sealed b");
}

TEST_F(DeadLetterTest, WhatIsResolvedStaysAwayUntilItChangesAtItsSource) {
    kill(2, refused_);
    const DeadLetter letter = letters().at(0);
    const auto resolve = [&](TenantId tenant) {
        return database_->write([&](Sql& sql) {
            return jobs_->resolve(sql, tenant, letter.id, "entered by hand", now_);
        });
    };
    EXPECT_EQ(resolve(TenantId{99}).error().code, ErrorCode::kNotFound);
    ASSERT_TRUE(resolve(flow_.tenant));
    EXPECT_EQ(resolve(flow_.tenant).error().code, ErrorCode::kNotFound);
    EXPECT_EQ(letters().size(), 1u);
    EXPECT_EQ(jobs_->redrive_all(flow_.tenant, {}, {}, now_)->count, 1) << "the other one";
    EXPECT_EQ(raise(letter.source_id, "a"), Raised::kUnchanged);
    EXPECT_EQ(raise_always(letter.source_id, "a"), Raised::kUnchanged);
    EXPECT_EQ(raise(letter.source_id, "b"), Raised::kPending);
    EXPECT_EQ(raise_always(letter.source_id, "b"), Raised::kPending);
}

TEST_F(DeadLetterTest, WhatWaitsForARecordIsSentAgainWhenThatArrives) {
    kill(2, refused_, "customer:ann@x.example");
    raise("3", "a");
    kill_due(refused_, "customer:bob@x.example");
    EXPECT_EQ(arrives("ann@x.example", flow_.source, flow_.source), 0) << "another target";
    EXPECT_EQ(arrives("cid@x.example"), 0);
    EXPECT_EQ(arrives("ann@x.example"), 2);
    EXPECT_EQ(arrives("ann@x.example"), 0);
    EXPECT_EQ(letters().size(), 1u);
    for (const auto& job : claim(++token_)) {
        ASSERT_TRUE(finish(job, token_, Kind::kSettled));
    }
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(redrive(letters().at(0).id, LoopGuard::kOff));
        kill_due(refused_, "customer:bob@x.example");
    }
    EXPECT_EQ(arrives("bob@x.example"), 0) << "in quarantine";
}

TEST_F(DeadLetterTest, ANumberOfAnotherSourceIsNotTheRecordThatIsMissing) {
    kill(1, refused_, "customer:#7");
    EXPECT_EQ(arrives("#7", ConnectionId{99}, flow_.target), 0);
    EXPECT_EQ(arrives("#7"), 1);
    kill_due(refused_, "customer:ann@x.example");
    EXPECT_EQ(arrives("ann@x.example", ConnectionId{99}, flow_.target), 1) << "an e-mail is one";
}

TEST_F(DeadLetterTest, WhatCredentialsHeldUpIsDueWhenThereAreNewOnes) {
    kill(1, Error{ErrorCode::kForbidden, "no right", "books.forbidden"});
    raise("2", "a");
    JobOutcome waits;
    const Job job = claim(++token_).at(0);
    waits.job = job.id;
    waits.version = job.version;
    waits.kind = Kind::kWait;
    waits.delay_ms = 60'000;
    waits.error = Error{ErrorCode::kAuth, "void", "books.void"};
    ASSERT_TRUE(database_->write([&](Sql& sql) { return jobs_->finish(sql, waits, token_, now_); })
    );
    raise("3", "a");
    kill_due(refused_);
    EXPECT_EQ(jobs_->credentials_renewed(flow_.tenant, ConnectionId{99}, now_).value(), 0);
    EXPECT_EQ(jobs_->credentials_renewed(TenantId{99}, flow_.target, now_).value(), 0);
    EXPECT_TRUE(claim(++token_).empty());
    EXPECT_EQ(jobs_->credentials_renewed(flow_.tenant, flow_.target, now_).value(), 2);
    EXPECT_EQ(claim(++token_).size(), 2u);
    EXPECT_EQ(letters().size(), 1u) << "another class has another cause";
}

TEST_F(DeadLetterTest, AnArrivalThatManyWaitForIsDoneInSlices) {
    kill(450, refused_, "customer:ann@x.example");
    const auto put = [&](Sql& sql) -> Result<void> {
        sql.run(
            "INSERT INTO id_mappings (tenant_id, source_connection_id, entity, source_id, role, "
            "identity_key, target_connection_id, target_entity, target_id, target_version, "
            "written_hash, created_at_ms, updated_at_ms) "
            "VALUES (?, ?, 'customer', '', 'customer', 'ann@x.example', ?, 'customer', 'c1', '1', "
            "'', 1, 1)",
            flow_.tenant.value,
            flow_.source.value,
            flow_.target.value
        );
        return {};
    };
    EXPECT_EQ(jobs_->send_arrived(now_).value(), 0) << "nothing has arrived yet";
    ASSERT_TRUE(database_->write(put));
    EXPECT_EQ(arrives("ann@x.example"), 200);
    EXPECT_EQ(jobs_->send_arrived(now_).value(), 200);
    EXPECT_EQ(jobs_->send_arrived(now_).value(), 50);
    EXPECT_EQ(jobs_->send_arrived(now_).value(), 0);
    EXPECT_TRUE(letters().empty());
}

}  // namespace
}  // namespace syncline::testing
