// Jobs per second through the durable queue, against plain SQLite rows with a commit each.
//
//   queue_bench [jobs] [folder]
//
// The way of a job is the engine's: raised in units of 1,000, claimed 30 at a time (the largest
// batch of QuickBooks), settled one unit per claim. Every step is durable when it is counted.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <iostream>
#include <thread>

#include <sqlite3.h>

#include "storage/connection_store.hpp"
#include "storage/flow_store.hpp"
#include "storage/job_store.hpp"
#include "storage/migrator.hpp"
#include "storage/tenant_store.hpp"
#include "storage/vault.hpp"

namespace syncline::bench {
namespace {

using namespace syncline::storage;

constexpr std::size_t kRecordBytes = 3'000;  // a sealed order of the recorded shop
constexpr int kRaiseUnit = 1'000;
constexpr int kClaim = 30;
constexpr int kRaisers = 8;
constexpr std::int64_t kNow = 1'000'000;

[[noreturn]] void fail(const std::string& sentence) {
    std::cerr << "error: " << sentence << "\n";
    std::exit(1);
}

template <class T>
T must(Result<T> result) {
    if (!result) {
        fail(result.error().message);
    }
    return std::move(*result);
}
void must(const Result<void>& result) {
    if (!result) {
        fail(result.error().message);
    }
}

double seconds_of(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void print(const std::string& what, int count, double seconds, double baseline_rate) {
    const double rate = count / seconds;
    std::cout << std::left << std::setw(44) << what << std::right << std::fixed
              << std::setprecision(0) << std::setw(9) << rate << " /s" << std::setprecision(2)
              << std::setw(10) << rate / baseline_rate << "\n";
}

// One flow between two connections in a fresh database.
class Queue {
public:
    explicit Queue(const std::filesystem::path& file)
        : database_(must(Database::open({file.string()}))),
          runs_(*database_),
          jobs_(*database_, runs_) {
        must(migrate(*database_, embedded_migrations(), kNow));
        Vault vault(*database_, must(Key::random()));
        const TenantId tenant = must(TenantStore(*database_).ensure("default", kNow));
        must(vault.prepare_tenant(tenant, kNow));
        ConnectionStore connections(*database_);
        for (const char* name : {"shop", "books"}) {
            NewConnection connection;
            connection.tenant = tenant;
            connection.name = name;
            connection.platform = name;
            must(connections.put(connection, kNow));
        }
        FlowDefinition definition;
        definition.name = "flow";
        definition.entity = "order";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        flow_ = must(FlowStore(*database_).put(tenant, definition, false, kNow));
    }

    void raise(int first, int count) {
        must(database_->write([&](Sql& sql) -> Result<void> {
            for (int i = first; i < first + count; ++i) {
                const std::string id = std::to_string(i);
                RaisedJob job{id, "order:#" + id, std::string(64, 'h'), record_, 2, false};
                jobs_.raise(sql, flow_, job, {}, kNow);
            }
            return {};
        }));
    }

    // Claims and settles until nothing is due; how many jobs that were.
    int deliver(double& claim_seconds, double& settle_seconds) {
        int settled = 0;
        for (std::int64_t token = 1;; ++token) {
            std::vector<Job> claimed;
            claim_seconds += seconds_of([&] {
                claimed = must(jobs_.claim(flow_, kClaim, token, kNow, 600'000));
            });
            if (claimed.empty()) {
                return settled;
            }
            settle_seconds += seconds_of([&] { settle(claimed, token); });
            settled += static_cast<int>(claimed.size());
        }
    }

private:
    void settle(const std::vector<Job>& claimed, std::int64_t token) {
        must(database_->write([&](Sql& sql) -> Result<void> {
            for (const auto& job : claimed) {
                JobOutcome outcome;
                outcome.job = job.id;
                outcome.version = job.version;
                outcome.result = "created";
                SYNCLINE_RETURN_IF_ERROR(jobs_.finish(sql, outcome, token, kNow));
            }
            return {};
        }));
    }

    std::unique_ptr<Database> database_;
    RunStore runs_;
    JobStore jobs_;
    Flow flow_;
    const std::string record_ = std::string(kRecordBytes, 's');
};

void execute(sqlite3* database, const char* sql) {
    char* message = nullptr;
    if (sqlite3_exec(database, sql, nullptr, nullptr, &message) != SQLITE_OK) {
        fail(std::string(sql) + ": " + (message != nullptr ? message : "unknown"));
    }
}

// The baseline: a prepared INSERT of the same bytes, `per_commit` rows to a transaction.
double plain_rate(const std::filesystem::path& file, int rows, int per_commit) {
    sqlite3* database = nullptr;
    if (sqlite3_open(file.c_str(), &database) != SQLITE_OK) {
        fail("cannot open " + file.string());
    }
    execute(
        database,
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE plain (id INTEGER PRIMARY KEY, source_id TEXT UNIQUE, record TEXT)"
    );
    sqlite3_stmt* insert = nullptr;
    sqlite3_prepare_v2(
        database, "INSERT INTO plain (source_id, record) VALUES (?, ?)", -1, &insert, nullptr
    );
    const std::string record(kRecordBytes, 's');
    const double seconds = seconds_of([&] {
        for (int at = 0; at < rows; at += per_commit) {
            execute(database, "BEGIN IMMEDIATE");
            for (int i = at; i < at + per_commit; ++i) {
                const std::string id = std::to_string(i);
                sqlite3_bind_text(insert, 1, id.c_str(), -1, nullptr);
                sqlite3_bind_text(insert, 2, record.c_str(), -1, nullptr);
                if (sqlite3_step(insert) != SQLITE_DONE) {
                    fail(sqlite3_errmsg(database));
                }
                sqlite3_reset(insert);
            }
            execute(database, "COMMIT");
        }
    });
    sqlite3_finalize(insert);
    sqlite3_close(database);
    return rows / seconds;
}

void raise_one_by_one(Queue& queue, int count) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kRaisers; ++thread) {
        threads.emplace_back([&queue, thread, count] {
            for (int i = thread; i < count; i += kRaisers) {
                queue.raise(i, 1);
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
}

void run(int jobs, const std::filesystem::path& folder) {
    const int few = std::max(jobs / 10, kRaiseUnit);
    const double baseline = plain_rate(folder / "plain.db", few, 1);
    const double baseline_groups = plain_rate(folder / "plain-groups.db", jobs, kRaiseUnit);
    std::cout << std::left << std::setw(44) << "" << std::right << std::setw(12) << "rate"
              << std::setw(10) << "ratio"
              << "\n";
    print("baseline: plain rows, a commit each", 1, 1 / baseline, baseline);
    print("plain rows, 1,000 to a commit", 1, 1 / baseline_groups, baseline);

    Queue queue(folder / "queue.db");
    const double raised = seconds_of([&] {
        for (int at = 0; at < jobs; at += kRaiseUnit) {
            queue.raise(at, std::min(kRaiseUnit, jobs - at));
        }
    });
    double claimed = 0;
    double settled = 0;
    if (queue.deliver(claimed, settled) != jobs) {
        fail("the queue did not hand out every job");
    }
    print("enqueue, 1,000 to a unit", jobs, raised, baseline);
    print("lease, 30 at a time", jobs, claimed, baseline);
    print("settle, 30 to a unit", jobs, settled, baseline);
    print("a job's whole way", jobs, raised + claimed + settled, baseline);

    Queue single(folder / "single.db");
    const double singly = seconds_of([&] { raise_one_by_one(single, few); });
    print("enqueue, one to a unit, 8 threads", few, singly, baseline);
}

}  // namespace
}  // namespace syncline::bench

int main(int argc, char** argv) {
    const int jobs = argc > 1 ? std::atoi(argv[1]) : 20'000;
    if (jobs < 1'000 || jobs % 1'000 != 0) {
        syncline::bench::fail("jobs must be a multiple of 1,000");
    }
    std::string folder =
        (argc > 2 ? std::string(argv[2]) : std::string("/tmp")) + "/syncline-queue-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
        syncline::bench::fail("cannot make a folder " + folder);
    }
    syncline::bench::run(jobs, folder);
    std::filesystem::remove_all(folder);
    return 0;
}
