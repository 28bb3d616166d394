// What the database acknowledged survives a power cut; shown on a VFS that loses unsynced writes.
#include <random>
#include <set>
#include <string>

#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage/database.hpp"
#include "support/temp_dir.hpp"

namespace syncline::testing {
namespace {

using namespace syncline::storage;

// Runs the writer on the power-cut VFS for `milliseconds`, kills it, and answers what it
// acknowledged.
std::set<std::int64_t> write_until_power_cut(
    const std::string& file, const char* synchronous, unsigned milliseconds, unsigned seed
) {
    int pipe_ends[2];
    EXPECT_EQ(::pipe(pipe_ends), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, pipe_ends[0]);
    std::string preload = std::string("LD_PRELOAD=") + POWERCUT_VFS;
    std::string seed_text = "POWERCUT_SEED=" + std::to_string(seed);
    std::string leak = "POWERCUT_LEAK=20";
    std::string no_leak_check = "ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0";
    char* environment[] = {
        preload.data(), seed_text.data(), leak.data(), no_leak_check.data(), nullptr};
    std::string program = ACKNOWLEDGING_WRITER;
    std::string path = file;
    std::string mode = synchronous;
    char* arguments[] = {program.data(), path.data(), mode.data(), nullptr};
    pid_t child = 0;
    EXPECT_EQ(
        posix_spawn(&child, ACKNOWLEDGING_WRITER, &actions, nullptr, arguments, environment), 0
    );
    posix_spawn_file_actions_destroy(&actions);
    ::close(pipe_ends[1]);
    ::usleep(milliseconds * 1000);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself with " << status;
    std::string text;
    char buffer[65536];
    for (ssize_t n = 0; (n = ::read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
        text.append(buffer, static_cast<std::size_t>(n));
    }
    ::close(pipe_ends[0]);
    std::set<std::int64_t> acknowledged;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        if (end == std::string::npos) {
            break;
        }
        acknowledged.insert(std::stoll(text.substr(at, end - at)));
        at = end + 1;
    }
    return acknowledged;
}

// Rows that were acknowledged and are not there; a database that does not even open lost all of
// them.
std::size_t lost(const std::string& file, const std::set<std::int64_t>& acknowledged) {
    auto database = Database::open({file, std::chrono::milliseconds(5), 1, "FULL"});
    if (!database) {
        return acknowledged.size();
    }
    const auto rows = (*database)->read([](Sql& sql) -> Result<std::set<std::int64_t>> {
        std::set<std::int64_t> numbers;
        for (const auto& [number] : sql.rows<std::int64_t>("SELECT number FROM rows")) {
            numbers.insert(number);
        }
        return numbers;
    });
    if (!rows) {
        return acknowledged.size();
    }
    std::size_t missing = 0;
    for (const std::int64_t number : acknowledged) {
        missing += rows->count(number) == 0 ? 1U : 0U;
    }
    return missing;
}

TEST(PowerCut, LosesNothingThatWasAcknowledged) {
    const unsigned seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const TempDir dir;
    std::set<std::int64_t> acknowledged;
    for (int round = 0; round < 6; ++round) {
        const auto more = write_until_power_cut(
            dir.file("a.db"),
            "FULL",
            150 + static_cast<unsigned>(random() % 300),
            static_cast<unsigned>(random())
        );
        acknowledged.insert(more.begin(), more.end());
        ASSERT_EQ(lost(dir.file("a.db"), acknowledged), 0u) << "in round " << round;
    }
    EXPECT_GT(acknowledged.size(), 20u);
}

// The harness must be able to fail: without syncs the same cut loses rows.
TEST(PowerCut, FindsThatSynchronousOffLosesRows) {
    const TempDir dir;
    const auto acknowledged = write_until_power_cut(dir.file("b.db"), "OFF", 400, 7);
    ASSERT_FALSE(acknowledged.empty());
    EXPECT_GT(lost(dir.file("b.db"), acknowledged), 0u);
}

}  // namespace
}  // namespace syncline::testing
