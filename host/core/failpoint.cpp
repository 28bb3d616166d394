#include "core/failpoint.hpp"

#ifdef SYNCLINE_FAILPOINTS

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <thread>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace syncline::failpoint {
namespace {

// All the names there are; tests/chaos compares them with the places in the sources, and draws from
// them.
constexpr std::string_view kFailpoints[] = {
    "storage.before_commit",   "storage.after_commit", "http.before_send",
    "http.after_send",         "http.after_answer",    "collect.before_store",
    "collect.in_store",        "collect.after_store",  "collect.before_end",
    "lease.after_claim",       "needs.after_lanes",    "intent.before_open",
    "intent.after_open",       "write.after_answer",   "write.in_settle",
    "write.before_leave_open", "recover.before_find",  "recover.before_send",
    "recover.after_answer",    "refresh.before_store", "refresh.after_store",
};

enum class Action { kKill, kDelay, kError };

struct Armed {
    std::string name;
    Action action = Action::kKill;
    std::int64_t delay_ms = 0;
    std::int64_t at = 1;  // 0: each time
    std::atomic<std::int64_t> hits{0};
};

[[noreturn]] void refuse(const std::string& entry, const char* why) {
    std::fprintf(stderr, "SYNCLINE_FAILPOINTS: '%s': %s\n", entry.c_str(), why);
    std::abort();
}

std::int64_t number(const std::string& text, const std::string& entry) {
    char* end = nullptr;
    const std::int64_t value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || value < 1) {
        refuse(entry, "a number from 1 on is needed");
    }
    return value;
}

void arm(std::deque<Armed>& all, const std::string& entry) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos) {
        refuse(entry, "expected name=action@count");
    }
    Armed& armed = all.emplace_back();
    armed.name = entry.substr(0, equals);
    if (std::find(std::begin(kFailpoints), std::end(kFailpoints), armed.name) ==
        std::end(kFailpoints)) {
        refuse(entry, "there is no failpoint of this name");
    }
    const auto at = entry.find('@', equals);
    const std::string action = entry.substr(equals + 1, at - equals - 1);
    if (at != std::string::npos) {
        const std::string count = entry.substr(at + 1);
        armed.at = count == "*" ? 0 : number(count, entry);
    }
    if (action.rfind("delay:", 0) == 0) {
        armed.action = Action::kDelay;
        armed.delay_ms = number(action.substr(6), entry);
    } else if (action == "error") {
        armed.action = Action::kError;
    } else if (action != "kill") {
        refuse(entry, "the action is kill, error or delay:MS");
    }
}

std::deque<Armed> read_environment() {
    std::deque<Armed> all;
    const char* const set = std::getenv("SYNCLINE_FAILPOINTS");
    std::string rest = set == nullptr ? "" : set;
    while (!rest.empty()) {
        const auto end = std::min(rest.find(';'), rest.size());
        if (end > 0) {
            arm(all, rest.substr(0, end));
        }
        rest.erase(0, end + 1);
    }
    return all;
}

// The file's bytes as they are at any time; null without a file.
const std::atomic<std::int64_t>* map_clock_file() {
    const char* const path = std::getenv("SYNCLINE_CLOCK_FILE");
    if (path == nullptr || *path == '\0') {
        return nullptr;
    }
    const int file = ::open(path, O_RDONLY | O_CLOEXEC);
    void* const bytes =
        file < 0 ? MAP_FAILED : mmap(nullptr, sizeof(std::int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED) {
        std::fprintf(stderr, "SYNCLINE_CLOCK_FILE: %s cannot be read\n", path);
        std::abort();
    }
    ::close(file);
    return static_cast<const std::atomic<std::int64_t>*>(bytes);
}

}  // namespace

std::optional<Error> hit(std::string_view name) {
    static std::deque<Armed> all = read_environment();
    std::optional<Error> error;
    for (auto& armed : all) {
        if (armed.name != name) {
            continue;
        }
        const std::int64_t count = ++armed.hits;
        if (armed.at != 0 && armed.at != count) {
            continue;
        }
        // Written at once: nothing is flushed when the host is killed.
        const std::string line = "failpoint " + armed.name + "\n";
        static_cast<void>(!::write(STDERR_FILENO, line.data(), line.size()));
        if (armed.action == Action::kKill) {
            static_cast<void>(::kill(::getpid(), SIGKILL));
            ::pause();
        } else if (armed.action == Action::kDelay) {
            std::this_thread::sleep_for(std::chrono::milliseconds(armed.delay_ms));
        } else {
            error = Error{ErrorCode::kTransient, "the failpoint " + armed.name, "failpoint"};
        }
    }
    return error;
}

std::int64_t clock_offset_ms() {
    static const std::atomic<std::int64_t>* const ahead = map_clock_file();
    return ahead == nullptr ? 0 : ahead->load();
}

}  // namespace syncline::failpoint

#endif
