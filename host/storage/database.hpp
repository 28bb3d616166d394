// The database file: one writer thread that commits units of work in groups, and readers beside it.
//
// A unit of work runs on the writer thread inside a savepoint of its own; the group it lands in is
// committed once, with one fsync, and only then is its caller answered. So an answer means:
// durable. A unit that answers an error, or throws, is rolled back alone. Units must be short (<= 5
// ms): no network, no plugin, no waiting.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/guarded.hpp"
#include "storage/guard.hpp"
#include "storage/sql.hpp"

namespace syncline::storage {

struct DatabaseConfig {
    // The file; created with its folder's existing rights, mode 0600.
    std::string path;
    // How long a group may gather work before it is committed.
    std::chrono::milliseconds group_max{5};
    // Connections for reading; more readers wait.
    int readers = 4;
    // FULL: what was answered survives a power cut. Tests plant OFF to see that they notice.
    std::string synchronous = "FULL";
    // Whether to be the only host of the file. A command that writes beside a host is not.
    bool exclusive = true;
};

class Database {
public:
    // Opens and locks the file, and looks whether it is sound (soundness.hpp). Errors: kStorage
    // naming the file and what to do, and who holds it ("held by process 4711 since ...") when
    // another host does.
    static Result<std::unique_ptr<Database>> open(DatabaseConfig config);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs `work(Sql&)` (which answers a Result) as a unit of work; returns when it is durable.
    // Called from within a unit of work it joins that one: what it writes is rolled back with its
    // own error, and becomes durable with the unit around it. [any thread]
    template <class Work>
    auto write(Work&& work) -> std::invoke_result_t<Work, Sql&> {
        using Answer = std::invoke_result_t<Work, Sql&>;
        std::optional<Answer> answer;
        const auto run = [&](Sql& sql) -> Result<void> {
            answer.emplace(work(sql));
            return *answer ? Result<void>() : Result<void>(answer->error());
        };
        const Result<void> committed = in_unit() ? join(run) : submit(run);
        if (!committed) {
            return committed.error();
        }
        return std::move(*answer);
    }

    // Whether what is written becomes durable: the last failure, until a write of the file succeeds
    // again (tried every second). A damaged page stays until the program is started with a sound
    // file; nothing is written any more. Errors: kStorage. [any thread]
    Result<void> health() const;

    // Runs `work(Sql&)` on a reader's connection, against what is committed; from within a unit of
    // work, against what that one sees. [any thread]
    template <class Work>
    auto read(Work&& work) const -> std::invoke_result_t<Work, Sql&> {
        if (in_unit()) {
            return guard_storage([&] { return work(*writer_); });
        }
        const std::unique_ptr<Sql, ReturnReader> reader = borrow_reader();
        auto answer = guard_storage([&] { return work(*reader); });
        if (!answer) {
            answer = note_failure(answer.error());
        }
        return answer;
    }

    const std::string& path() const { return config_.path; }

private:
    struct Unit {
        std::function<Result<void>(Sql&)> work;
        std::promise<Result<void>> done;
        Result<void> answer;
    };
    struct ReturnReader {
        const Database* owner;
        void operator()(Sql* sql) const;
    };

    explicit Database(DatabaseConfig config);
    bool in_unit() const { return std::this_thread::get_id() == writer_thread_.get_id(); }
    Result<void> submit(std::function<Result<void>(Sql&)> work);
    Result<void> join(const std::function<Result<void>(Sql&)>& work);
    // The error with the file's name, if it is the file's; remembered for health().
    Error note_failure(Error error) const;
    std::unique_ptr<Sql, ReturnReader> borrow_reader() const;
    void write_groups();
    bool commit_group(std::deque<Unit> group);
    Result<void> undamaged() const;
    void probe();
    void roll_back();
    // Runs one unit in its savepoint; false when the whole transaction is gone.
    bool run_unit(Unit& unit);
    Poco::Data::Session new_session() const;

    const DatabaseConfig config_;
    int lock_file_ = -1;
    std::unique_ptr<Sql> writer_;  // used by the writer thread only

    std::mutex queue_mutex_;
    std::condition_variable queue_filled_;
    std::deque<Unit> queue_;
    bool stopping_ = false;

    mutable std::mutex readers_mutex_;
    mutable std::condition_variable reader_returned_;
    mutable std::vector<std::unique_ptr<Sql>> readers_;

    mutable Guarded<std::optional<Error>>
        failure_;  // of the last write; of a damaged page for good

    std::thread writer_thread_;
};

}  // namespace syncline::storage
