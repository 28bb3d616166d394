#include "storage/audit_log.hpp"

#include <gtest/gtest.h>

#include "core/sha256.hpp"
#include "storage/backup.hpp"
#include "storage/backup_check.hpp"
#include "storage/installation.hpp"
#include "storage/migrator.hpp"
#include "storage/plain_session.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

constexpr TenantId kAcme{7};
constexpr TenantId kOther{8};

AuditEntry entry(const std::string& event, TenantId tenant = kAcme) {
    AuditEntry made;
    made.tenant = tenant;
    made.at_ms = 1'000;
    made.event = event;
    made.object = "schedule nightly";
    made.detail = {{"cron", "0 3 * * *"}};
    made.actor = {"ann", "token t-1", "admin", "127.0.0.1", "r-1"};
    return made;
}

class AuditLogTest : public ::testing::Test {
protected:
    void SetUp() override {
        open();
        ASSERT_TRUE(migrate(*database_, embedded_migrations(), 1));
        ASSERT_TRUE(installation_id(*database_, 1).has_value());
    }
    void open() {
        database_ = Database::open({file()}).value();
        log_ = std::make_unique<AuditLog>(*database_);
    }
    std::string file() const { return dir_.file("a.db"); }

    void append(const std::string& event, TenantId tenant = kAcme) {
        ASSERT_TRUE(log_->append(entry(event, tenant)));
    }
    AuditVerdict verify(const std::string& head = {}) {
        Sql sql = plain_session(file());
        return verify_audit(sql, head);
    }
    // As somebody does who has the file and may do anything to it.
    void tamper(const std::string& statements) {
        Sql sql = plain_session(file());
        sql.script(
            "DROP TRIGGER IF EXISTS audit_log_is_not_changed;"
            "DROP TRIGGER IF EXISTS audit_log_is_not_deleted;"
            "DROP TRIGGER IF EXISTS audit_log_grows_at_its_end;" +
            statements
        );
    }
    std::string error_of(const std::string& statement) {
        const auto done = database_->write([&](Sql& sql) -> Result<void> {
            sql.script(statement);
            return {};
        });
        return done ? "" : done.error().message;
    }
    std::vector<std::string> events(const AuditFilter& filter, bool with_installation = false) {
        const auto rows = log_->list(kAcme, with_installation, filter);
        std::vector<std::string> all;
        for (const auto& row : rows.value()) {
            all.push_back(row.entry.event);
        }
        return all;
    }

    TempDir dir_;
    std::unique_ptr<Database> database_;
    std::unique_ptr<AuditLog> log_;
};

TEST_F(AuditLogTest, EachRowHoldsTheHashOfTheOneBeforeIt) {
    for (const char* event : {"a.one", "a.two", "a.three"}) {
        append(event);
    }
    const auto rows = log_->list(kAcme, false, {}).value();
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_EQ(rows[0].previous_hash, rows[1].hash);
    EXPECT_EQ(rows[1].previous_hash, rows[2].hash);
    for (const auto& row : rows) {
        EXPECT_EQ(row.hash, sha256_hex(audit_canonical(row)));
    }
    EXPECT_EQ(rows[0].entry.actor.name, "ann");
    EXPECT_EQ(rows[0].entry.detail, (Json{{"cron", "0 3 * * *"}}));
    const auto verdict = verify();
    EXPECT_EQ(verdict.problem, "");
    EXPECT_EQ(verdict.rows, 3);
    EXPECT_EQ(verdict.head, rows[0].hash);
}

// What docs/audit.md says a row's hash is made of; whoever checks an export relies on it.
TEST_F(AuditLogTest, TheCanonicalFormIsTheOneOfTheDocumentation) {
    AuditRow row;
    row.id = 3;
    row.entry = entry("schedule.changed");
    row.detail = R"({"cron":"0 3 * * *"})";
    row.previous_hash = "ab";
    EXPECT_EQ(
        audit_canonical(row),
        R"(["ab",3,7,1000,"schedule.changed","schedule nightly","done","",)"
        R"("{\"cron\":\"0 3 * * *\"}","ann","token t-1","admin","127.0.0.1","r-1"])"
    );
}

TEST_F(AuditLogTest, ARowStandsOrFallsWithItsUnitOfWork) {
    append("a.one");
    const auto failed = database_->write([&](Sql& sql) -> Result<void> {
        append_audit(sql, entry("a.lost"));
        return invalid("the change failed");
    });
    ASSERT_FALSE(failed);
    append("a.two");
    EXPECT_EQ(events({}), (std::vector<std::string>{"a.two", "a.one"}));
    EXPECT_EQ(verify().problem, "");
}

TEST_F(AuditLogTest, TheDatabaseRefusesWhateverIsNotAtItsEnd) {
    append("a.one");
    append("a.two");
    EXPECT_NE(
        error_of("UPDATE audit_log SET actor = 'eve'").find("append-only"), std::string::npos
    );
    EXPECT_NE(
        error_of("DELETE FROM audit_log WHERE id = 2").find("append-only"), std::string::npos
    );
    const std::string columns = ", 7, 1, 'x', '', 'done', '', '{}', '', '', '', '', '', '', '')";
    for (const char* id : {"1", "2", "4", "-5"}) {
        for (const char* verb : {"INSERT", "INSERT OR REPLACE", "REPLACE"}) {
            const std::string statement =
                std::string(verb) + " INTO audit_log VALUES (" + id + columns;
            EXPECT_NE(error_of(statement).find("at its end only"), std::string::npos) << statement;
        }
    }
    EXPECT_EQ(events({}), (std::vector<std::string>{"a.two", "a.one"}));
    EXPECT_EQ(verify().problem, "");
}

TEST_F(AuditLogTest, TheFirstRowThatWasChangedIsNamed) {
    for (int i = 0; i < 5; ++i) {
        append("a.event");
    }
    for (const char* column :
         {"tenant_id = 8",
          "at_ms = 2",
          "event = 'x'",
          "object = 'x'",
          "outcome = 'refused'",
          "reason = 'x'",
          "detail = '{}'",
          "actor = 'eve'",
          "credential = 'x'",
          "role = 'viewer'",
          "address = 'x'",
          "request = 'x'",
          "hash = 'x'"}) {
        tamper("CREATE TABLE kept AS SELECT * FROM audit_log;");
        tamper(std::string("UPDATE audit_log SET ") + column + " WHERE id IN (3, 5)");
        const auto verdict = verify();
        EXPECT_EQ(verdict.broken_row, 3) << column;
        EXPECT_EQ(verdict.rows, 2) << column;
        EXPECT_NE(verdict.problem.find("row 3 was changed"), std::string::npos) << column;
        tamper("DELETE FROM audit_log; INSERT INTO audit_log SELECT * FROM kept; DROP TABLE kept;");
        ASSERT_EQ(verify().problem, "");
    }
    tamper("UPDATE audit_log SET previous_hash = 'x' WHERE id = 4");
    EXPECT_EQ(verify().broken_row, 4);
}

TEST_F(AuditLogTest, ARowThatWasTakenOutIsMissed) {
    for (int i = 0; i < 5; ++i) {
        append("a.event");
    }
    tamper("DELETE FROM audit_log WHERE id = 3");
    EXPECT_EQ(verify().broken_row, 3);
    EXPECT_EQ(verify().problem, "row 3 is missing: the next one is row 4");
    // The gap does not close by itself.
    append("a.later");
    EXPECT_EQ(verify().broken_row, 3);
}

TEST_F(AuditLogTest, RowsCutOffTheEndAreMissed) {
    for (int i = 0; i < 5; ++i) {
        append("a.event");
    }
    tamper("DELETE FROM audit_log WHERE id > 3");
    EXPECT_EQ(verify().problem, "row 4 is missing: 5 rows were written");
    append("a.later");
    EXPECT_EQ(verify().problem, "row 4 is missing: the next one is row 6");
}

TEST_F(AuditLogTest, ALogThatWasWrittenAnewDoesNotHaveTheHashThatWasSeen) {
    append("a.one");
    const std::string seen = verify().head;
    append("a.two");
    EXPECT_EQ(verify(seen).problem, "");
    tamper("DELETE FROM audit_log; DELETE FROM sqlite_sequence WHERE name = 'audit_log'");
    append("a.other");
    EXPECT_EQ(verify().problem, "");
    EXPECT_NE(verify(seen).problem.find("no row has the expected hash"), std::string::npos);
}

TEST_F(AuditLogTest, RowsOfAnotherInstallationDoNotFit) {
    append("a.one");
    tamper("UPDATE installation SET id = 'another'");
    const auto verdict = verify();
    EXPECT_EQ(verdict.broken_row, 1);
    EXPECT_NE(verdict.problem.find("this installation"), std::string::npos);
}

TEST_F(AuditLogTest, ALongLogIsReadInSlices) {
    ASSERT_TRUE(database_->write([&](Sql& sql) -> Result<void> {
        for (int i = 0; i < 2'500; ++i) {
            append_audit(sql, entry("a.event"));
        }
        return {};
    }));
    EXPECT_EQ(verify().rows, 2'500);
    tamper("UPDATE audit_log SET actor = 'eve' WHERE id = 2001");
    EXPECT_EQ(verify().broken_row, 2'001);
    std::int64_t seen = 0;
    Sql sql = plain_session(file());
    each_audit_row(sql, [&](const AuditRow& row) { EXPECT_EQ(row.id, ++seen); });
    EXPECT_EQ(seen, 2'500);
}

TEST_F(AuditLogTest, RowsAreFoundByWhatTheyAre) {
    append("credential.stored");
    append("credential.opened");
    append("credentials");
    append("login.failed", TenantId{0});
    append("credential.opened", kOther);
    AuditFilter filter;
    EXPECT_EQ(events(filter).size(), 3u);
    EXPECT_EQ(events(filter, true).size(), 4u);
    filter.event = "credential.";
    EXPECT_EQ(events(filter), (std::vector<std::string>{"credential.opened", "credential.stored"}));
    filter.event = "credential.stored";
    EXPECT_EQ(events(filter).size(), 1u);
    filter = {};
    filter.before_id = 3;
    EXPECT_EQ(events(filter).size(), 2u);
    filter = {};
    filter.actor = "bob";
    EXPECT_TRUE(events(filter).empty());
    filter = {};
    filter.from_ms = 1'001;
    EXPECT_TRUE(events(filter).empty());
    filter = {};
    filter.to_ms = 1'000;
    EXPECT_TRUE(events(filter).empty());
    filter = {};
    filter.object = "schedule nightly";
    filter.outcome = "done";
    filter.limit = 2;
    EXPECT_EQ(events(filter).size(), 2u);
}

TEST_F(AuditLogTest, ABackupWithABrokenLogIsNotSound) {
    append("a.one");
    append("a.two");
    ASSERT_TRUE(create_backup(file(), dir_.file("good.db")).has_value());
    EXPECT_TRUE(
        check_backup(dir_.file("good.db"), dir_.file(""), std::nullopt).value().problems.empty()
    );
    const auto triggers = database_->read([](Sql& sql) -> Result<std::string> {
        std::string all;
        for (const auto& [text] :
             sql.rows<std::string>("SELECT sql FROM sqlite_master WHERE type = 'trigger' "
                                   "AND tbl_name = 'audit_log'")) {
            all += text + ";";
        }
        return all;
    });
    tamper("UPDATE audit_log SET actor = 'eve' WHERE id = 2;" + triggers.value());
    ASSERT_TRUE(create_backup(file(), dir_.file("bad.db")).has_value());
    const auto report = check_backup(dir_.file("bad.db"), dir_.file(""), std::nullopt).value();
    ASSERT_EQ(report.problems.size(), 1u);
    EXPECT_EQ(
        report.problems[0],
        "the audit log is not what was written: row 2 was changed after it was written: its hash "
        "is not that of its content"
    );
}

}  // namespace
}  // namespace syncline::testing
