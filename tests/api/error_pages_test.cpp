// Every problem has a page, and every page a problem.
#include "api/error_pages.hpp"

#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "api/http/problem.hpp"
#include "api/support/api_fixture.hpp"

namespace syncline::testing {
namespace {

namespace fs = std::filesystem;

// Texts of the form of an error's name that are none: what is written into the audit log, the logs
// of records, or not answered by the API.
const std::set<std::string>& other_names() {
    static const std::set<std::string> kNames{
        // Events of the audit log.
        "alert.acknowledged",
        "alert_channel.changed",
        "alert_channel.created",
        "alert_channel.removed",
        "alert_channel.tested",
        "api_key.created",
        "api_key.rotated",
        "app.changed",
        "app.created",
        "app.removed",
        "approval.confirmed",
        "approval.refused",
        "approval.requested",
        "connection.authorized",
        "connection.authorizing",
        "connection.disconnected",
        "connection.tested",
        "credential.opened",
        "credential.removed",
        "credential.stored",
        "failures.retried",
        "flow.created",
        "flow.cursor_changed",
        "flow.paused",
        "flow.removed",
        "flow.restarted",
        "flow.resumed",
        "flow.stopped",
        "id_mapping.created",
        "id_mapping.imported",
        "id_mapping.removed",
        "keys.rotation_completed",
        "keys.rotation_started",
        "login.failed",
        "login.succeeded",
        "mapping.created",
        "match_proposals.detail",  // a column
        "mapping.imported",
        "mapping.published",
        "mapping.removed",
        "mapping.rolled_back",
        "reconciliation.healed",
        "reconciliation.requested",
        "match.confirmed",
        "match.rejected",
        "match.started",
        "schedule.created",
        "schedule.paused",
        "schedule.removed",
        "schedule.resumed",
        "setting.changed",
        "tenant.created",
        "tenant.resumed",
        // Events of records and connections.
        "budget.warning",
        "conflict.opened",
        "conflict.resolved",
        "conflict.updated",
        "intent.in_doubt",
        "record.unreadable",
        "run.started",
        "source.shrunk",
        "source.swept_today",
        "webhook.catch_up_refused",
        "webhook.check_failed",
        "webhook.disabled",
        "webhook.lapsed",
        "webhook.left_behind",
        "webhook.missing",
        "webhook.paused",
        "webhook.registered",
        "webhook.silent",
        // Types of the messages to alert channels.
        "alert.opened",
        "alert.resolved",
        "alert.test",
        // Columns that hold what is sealed.
        "alert_channels.secrets",
        "apps.sealed",
        "conflicts.decision",
        "conflicts.sides",
        "connector_kv.sealed",
        "credentials.sealed",
        "data_keys.wrapped",
        "id_mappings.owned",
        "idempotency_keys.answer",
        "intents.request",
        "oauth_states.sealed",
        "sync_queue.detail",
        "sync_queue.record",
        "webhook_events.sealed",
        "webhook_strays.sealed",
        // They stop the start of the host, or are asked for by the command line alone.
        "api.listen",
        "api.tls",
        "backup.damaged",
        "backup.exists",
        "backup.file",
        "backup.no_database",
        "backup.scratch",
        "backup.unknown",
        "plugin.abi_major",
        "plugin.abi_minor",
        "plugin.load",
        "plugin.magic",
        "plugin.missing",
        "plugin.no_symbol",
        "plugin.not_a_file",
        "plugin.not_a_library",
        "plugin.path",
        "plugin.pin",
        "plugin.platform_taken",
        "plugin.struct_size",
        "plugin.symlink",
        "plugin.unreadable",
        "plugin.writable",
        "storage.in_use",
        "storage.schema",
        // No names at all.
        "a.b",
        "billing.email",
        "e.sealed",
        "expected.db",
        "restored.db",
        "shop.example",
        "syncline.example",
        "syncline.json"};
    return kNames;
}

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::set<std::string> names_in(const std::string& text) {
    static const std::regex kName(R"re("([a-z_]+\.[a-z_]+)")re");
    std::set<std::string> names;
    for (std::sregex_iterator it(text.begin(), text.end(), kName), end; it != end; ++it) {
        names.insert((*it)[1]);
    }
    return names;
}

std::set<std::string> names_in_sources() {
    const fs::path root = SYNCLINE_SOURCE_DIR;
    const std::set<std::string> failpoints = names_in(read(root / "host/core/failpoint.cpp"));
    std::set<std::string> names;
    for (const char* folder : {"api", "core", "engine", "storage", "connectors"}) {
        for (const auto& entry : fs::recursive_directory_iterator(root / "host" / folder)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp") {
                continue;
            }
            for (const auto& name : names_in(read(entry.path()))) {
                if (failpoints.count(name) == 0) {
                    names.insert(name);
                }
            }
        }
    }
    return names;
}

TEST(ErrorPages, EveryNameOfAnErrorHasItsSection) {
    const auto sections = api::documented_errors();
    const std::set<std::string> documented(sections.begin(), sections.end());
    EXPECT_EQ(documented.size(), sections.size()) << "two sections have the same name";
    const auto names = names_in_sources();
    EXPECT_GT(names.size(), 150u);
    for (const auto& name : names) {
        EXPECT_NE(documented.count(name), other_names().count(name))
            << name << ": an error needs a section in docs/errors/"
            << name.substr(0, name.find('.')) << ".md, anything else a line in this test";
    }
}

TEST(ErrorPages, EverySectionIsOfAnErrorThatThereIs) {
    const auto names = names_in_sources();
    // Of errors without a name of their own, and of those that host/main names and the API answers.
    const std::set<std::string> unnamed{
        "auth",
        "bug",
        "business",
        "config.key",
        "conflict",
        "keys.former_is_there",
        "keys.from_environment",
        "managed_by_config",
        "needs_data",
        "not_found",
        "platform.refused",
        "rate_limited",
        "stale_version",
        "transient"};
    for (const auto& section : api::documented_errors()) {
        EXPECT_TRUE(names.count(section) == 1 || unnamed.count(section) == 1)
            << "docs/errors has a section about " << section << ", which no source names";
    }
    for (const auto& name : other_names()) {
        EXPECT_TRUE(
            names.count(name) == 1 || name == "expected.db" || name == "restored.db" ||
            name == "syncline.json" || name.rfind("backup.", 0) == 0
        ) << name
          << " is in no source any more";
    }
}

TEST(ErrorPages, ASectionSaysWhatHappenedAndWhatToDo) {
    for (const auto& section : api::documented_errors()) {
        const std::string page = api::error_page(section).value_or("");
        EXPECT_EQ(page.rfind("## " + section + "\n", 0), 0u);
        EXPECT_NE(page.find("\nStatus "), std::string::npos) << page;
        EXPECT_NE(page.find("\nWhat to do: "), std::string::npos) << page;
        EXPECT_LE(std::count(page.begin(), page.end(), '\n'), 8) << page;
    }
}

class ErrorPagesTest : public ApiTest {};

TEST_F(ErrorPagesTest, TheTypeOfAProblemIsTheAddressOfItsPage) {
    const Answer problem = get("/api/flows/nowhere");
    ASSERT_EQ(problem.json["type"], "/errors/flow.unknown");
    const Answer page = call({"GET", problem.json["type"], "", "", {}});
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/markdown; charset=utf-8");
    EXPECT_NE(page.text.find("GET /api/flows"), std::string::npos) << page.text;
    EXPECT_EQ(page.text.find("flow.exists"), std::string::npos) << page.text;
    const Answer all = call({"GET", "/errors/flow", "", "", {}});
    EXPECT_NE(all.text.find("flow.exists"), std::string::npos);
    EXPECT_EQ(call({"GET", "/errors/flow.nothing", "", "", {}}).status, 404);
    EXPECT_EQ(call({"GET", "/errors/no_such_word", "", "", {}}).status, 404);
    EXPECT_EQ(call({"GET", "/errors/..%2Fflow", "", "", {}}).status, 404);
}

TEST(Problem, WhatAConnectorNamesItselfIsSaidBesideTheType) {
    const auto refused = api::problem(Error{ErrorCode::kData, "the books say no", "books.no"}, "r");
    const Json json = parse_json(refused.body).value();
    EXPECT_EQ(json["type"], "/errors/platform.refused");
    EXPECT_EQ(json["code"], "books.no");
    EXPECT_TRUE(api::error_page("platform.refused").has_value());
    const auto bug = api::problem(Error{ErrorCode::kBug, "inner matters", "books.bug"}, "r");
    EXPECT_EQ(parse_json(bug.body).value()["type"], "/errors/bug");
    EXPECT_EQ(bug.body.find("books.bug"), std::string::npos);
}

}  // namespace
}  // namespace syncline::testing
