// acknowledging_writer FILE SYNCHRONOUS: writes row after row from four threads and prints each
// number after the database said it is durable, until it is killed.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "storage/database.hpp"

int main(int argc, char** argv) {
    using namespace syncline;
    using namespace syncline::storage;
    if (argc != 3) {
        return 2;
    }
    auto database = Database::open({argv[1], std::chrono::milliseconds(5), 1, argv[2]});
    if (!database) {
        return 1;
    }
    const auto made = (*database)->write([](Sql& sql) -> Result<void> {
        sql.run(
            "CREATE TABLE IF NOT EXISTS rows (number INTEGER PRIMARY KEY, body TEXT NOT NULL) "
            "STRICT"
        );
        return {};
    });
    if (!made) {
        return 1;
    }
    std::atomic<std::int64_t> next{
        (*database)
            ->read([](Sql& sql) -> Result<std::int64_t> {
                return sql.value<std::int64_t>("SELECT coalesce(max(number), 0) FROM rows")
                    .value_or(0);
            })
            .value()};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (;;) {
                const std::int64_t number = ++next;
                const auto stored = (*database)->write([&](Sql& sql) -> Result<void> {
                    sql.run("INSERT INTO rows VALUES (?, ?)", number, std::string(300, 'x'));
                    return {};
                });
                const std::string line = std::to_string(number) + "\n";
                if (!stored || ::write(STDOUT_FILENO, line.data(), line.size()) < 0) {
                    return;
                }
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return 0;
}
