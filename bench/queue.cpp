// Jobs per second through the durable queue, against sqlite3 by hand; see bench/README.md.
//
//   queue_bench [jobs] [folder]            a job's whole way, and the same rows by hand
//   queue_bench --backlog JOBS [folder]    the same with 1,000 and up to JOBS jobs queued already
//   queue_bench --purge JOBS [folder]      a writer's longest wait while so many settled jobs go
//
// The way of a job is the engine's: raised in units of 1,000, claimed 30 at a time (the largest
// batch of QuickBooks), settled one unit per claim. Every step is durable when it is counted.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <thread>

#include "queue_by_hand.hpp"
#include "queue_store.hpp"
#include "storage/retention.hpp"

namespace syncline::bench {
namespace {

namespace fs = std::filesystem;

constexpr int kRaisers = 8;
constexpr int kRounds = 3;
constexpr int kProbe = 6'000;               // jobs whose way is measured on top of a backlog
constexpr std::size_t kOrderBytes = 3'000;  // a sealed order of the recorded shop
constexpr std::size_t kBacklogBytes = 500;  // a million of them are a gigabyte with their indexes

// Anonymous memory of this process in MiB: what files keep in the page cache is not ours.
double memory_mib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("RssAnon:", 0) == 0) {
            return static_cast<double>(std::stol(line.substr(8))) / 1024;
        }
    }
    return 0;
}

struct Rates {
    double raise = 0;
    double claim = 0;
    double settle = 0;
    double whole() const { return 1 / (1 / raise + 1 / claim + 1 / settle); }
};

// The way of `jobs` new jobs; whatever was queued before is claimed first, which is the same work.
template <class Queue>
Rates way_of(Queue& queue, int first, int jobs) {
    const double raised = seconds_of([&] {
        for (int at = 0; at < jobs; at += kRaiseUnit) {
            queue.raise(first + at, std::min(kRaiseUnit, jobs - at));
        }
    });
    double claimed = 0;
    double settled = 0;
    for (int done = 0; done < jobs;) {
        claimed += seconds_of([&] { queue.claim(std::min(kClaim, jobs - done)); });
        done += std::min(kClaim, jobs - done);
        settled += seconds_of([&] { queue.settle(); });
    }
    return {jobs / raised, jobs / claimed, jobs / settled};
}

Rates median(std::vector<Rates> rounds) {
    const auto middle = [&](double Rates::*member) {
        std::sort(rounds.begin(), rounds.end(), [&](const Rates& a, const Rates& b) {
            return a.*member < b.*member;
        });
        return rounds[rounds.size() / 2].*member;
    };
    return {middle(&Rates::raise), middle(&Rates::claim), middle(&Rates::settle)};
}

void print_row(const std::string& what, double ours, double by_hand) {
    std::cout << std::left << std::setw(38) << what << std::right << std::fixed
              << std::setprecision(0) << std::setw(10) << ours << " /s" << std::setw(10) << by_hand
              << " /s" << std::setprecision(0) << std::setw(8) << 100 * ours / by_hand << " %\n";
}

void print_head(const char* first) {
    std::cout << std::left << std::setw(38) << first << std::right << std::setw(13) << "Syncline"
              << std::setw(13) << "by hand" << std::setw(10) << "ratio"
              << "\n";
}

void raise_one_by_one(StoreQueue& queue, int count) {
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

// By turns, so that both meet the same moods of the disk.
void compare(int jobs, const fs::path& folder) {
    std::vector<Rates> ours;
    std::vector<Rates> by_hand;
    for (int round = 0; round < kRounds; ++round) {
        const std::string number = std::to_string(round);
        {
            StoreQueue queue(folder / ("store" + number + ".db"), kOrderBytes);
            ours.push_back(way_of(queue, 0, jobs));
        }
        {
            HandQueue queue(folder / ("hand" + number + ".db"), kOrderBytes);
            by_hand.push_back(way_of(queue, 0, jobs));
        }
    }
    const Rates mine = median(ours);
    const Rates theirs = median(by_hand);
    print_head("median of 3 rounds");
    print_row("enqueue, 1,000 to a unit", mine.raise, theirs.raise);
    print_row("lease, 30 at a time", mine.claim, theirs.claim);
    print_row("settle, 30 to a unit", mine.settle, theirs.settle);
    print_row("a job's whole way (aim >= 50 %)", mine.whole(), theirs.whole());

    const int few = std::max(jobs / 10, kRaiseUnit);
    StoreQueue single(folder / "single.db", kOrderBytes);
    const double singly = seconds_of([&] { raise_one_by_one(single, few); });
    HandQueue plain(folder / "plain.db", kOrderBytes);
    const double plainly = seconds_of([&] {
        for (int i = 0; i < few; ++i) {
            plain.raise(i, 1);
        }
    });
    print_row("enqueue one by one, 8 threads : 1", few / singly, few / plainly);
}

void grow(int jobs, const fs::path& folder) {
    StoreQueue store(folder / "store.db", kBacklogBytes);
    HandQueue hand(folder / "hand.db", kBacklogBytes);
    std::cout << std::left << std::setw(14) << "queued" << std::right << std::setw(13)
              << "whole way" << std::setw(13) << "by hand" << std::setw(10) << "ratio"
              << std::setw(12) << "of the first" << std::setw(12) << "memory"
              << "\n";
    double first = 0;
    int queued = 0;
    int next = 0;
    for (int size = 1'000; size <= jobs; size *= 10) {
        for (; queued < size; queued += kRaiseUnit, next += kRaiseUnit) {
            store.raise(next, kRaiseUnit);
            hand.raise(next, kRaiseUnit);
        }
        std::vector<Rates> ours;
        std::vector<Rates> by_hand;
        for (int round = 0; round < kRounds; ++round, next += kProbe) {
            ours.push_back(way_of(store, next, kProbe));
            by_hand.push_back(way_of(hand, next, kProbe));
        }
        const double mine = median(ours).whole();
        const double theirs = median(by_hand).whole();
        first = first > 0 ? first : mine;
        std::cout << std::left << std::setw(14) << size << std::right << std::fixed
                  << std::setprecision(0) << std::setw(10) << mine << " /s" << std::setw(10)
                  << theirs << " /s" << std::setw(8) << 100 * mine / theirs << " %" << std::setw(10)
                  << 100 * mine / first << " %" << std::setprecision(1) << std::setw(8)
                  << memory_mib() << " MiB\n";
    }
}

// The engine's pace: units of some milliseconds, and pauses of four times as long.
int purge_all(storage::Retention& retention) {
    std::int64_t rows = 100;
    for (int units = 1;; ++units) {
        std::int64_t gone = 0;
        const double took = seconds_of([&] {
            gone = must(retention.purge(storage::Finished::kJobs, kNow + 1, rows));
        });
        if (gone < rows) {
            return units;
        }
        std::this_thread::sleep_for(
            std::chrono::microseconds(std::max(10'000, static_cast<int>(took * 4e6)))
        );
        rows = std::clamp<std::int64_t>(took > 0.005 ? rows / 2 : rows * 2, 10, 1'000);
    }
}

std::vector<double> writes_until(StoreQueue& queue, int first, const std::atomic<bool>& end) {
    std::vector<double> waits;
    while (!end) {
        waits.push_back(seconds_of([&] { queue.raise(first++, 1); }));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    std::sort(waits.begin(), waits.end());
    return waits;
}

void print_waits(const char* what, const std::vector<double>& waits) {
    const auto at = [&](double part) {
        return 1000 * waits[std::min(
                          waits.size() - 1,
                          static_cast<std::size_t>(part * static_cast<double>(waits.size()))
                      )];
    };
    std::cout << std::left << std::setw(28) << what << std::right << std::fixed
              << std::setprecision(2) << std::setw(9) << at(0.5) << " ms" << std::setw(9)
              << at(0.99) << " ms" << std::setw(9) << at(0.999) << " ms" << std::setw(9)
              << 1000 * waits.back() << " ms" << std::setw(10) << waits.size() << "\n";
}

void purge(int jobs, const fs::path& folder) {
    StoreQueue queue(folder / "store.db", kBacklogBytes);
    const double filled = seconds_of([&] { queue.fill_settled(jobs); });
    std::cout << jobs << " settled jobs (made in " << std::fixed << std::setprecision(0) << filled
              << " s)\n"
              << std::left << std::setw(28) << "waits of a writer" << std::right << std::setw(12)
              << "median" << std::setw(12) << "99 %" << std::setw(12) << "99.9 %" << std::setw(12)
              << "longest" << std::setw(10) << "writes"
              << "\n";
    std::atomic<bool> end{false};
    std::thread timer([&] {
        std::this_thread::sleep_for(std::chrono::seconds(5));
        end = true;
    });
    print_waits("nothing purged, 5 s", writes_until(queue, 0, end));
    timer.join();
    end = false;
    int units = 0;
    double took = 0;
    std::thread purger([&] {
        storage::Retention retention(queue.database());
        took = seconds_of([&] { units = purge_all(retention); });
        end = true;
    });
    print_waits("while they are purged", writes_until(queue, jobs, end));
    purger.join();
    std::cout << units << " units in " << std::setprecision(0) << took << " s, "
              << jobs / std::max(took, 0.001) << " jobs/s; " << std::setprecision(1) << memory_mib()
              << " MiB\n";
}

}  // namespace
}  // namespace syncline::bench

int main(int argc, char** argv) {
    using namespace syncline::bench;
    const std::string what = argc > 1 && argv[1][0] == '-' ? argv[1] : "";
    const int at = what.empty() ? 1 : 2;
    const int jobs = argc > at ? std::atoi(argv[at]) : 20'000;
    if (jobs < 1'000 || jobs % 1'000 != 0) {
        fail("jobs must be a multiple of 1,000");
    }
    std::string folder = (argc > at + 1 ? std::string(argv[at + 1]) : std::string("/tmp")) +
                         "/syncline-queue-XXXXXX";
    if (mkdtemp(folder.data()) == nullptr) {
        fail("cannot make a folder " + folder);
    }
    if (what == "--backlog") {
        grow(jobs, folder);
    } else if (what == "--purge") {
        purge(jobs, folder);
    } else if (what.empty()) {
        compare(jobs, folder);
    } else {
        fail("unknown: " + what);
    }
    std::filesystem::remove_all(folder);
    return 0;
}
