// books_check --carts N [--seed S] [--first I] [--until-broken 1]: random carts through the
// connector into the sandbox's books. Exit 1 when a promise was broken, or 1 % of the ordinary
// carts or of their refunds were held.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "run.hpp"

int main(int argc, char** argv) {
    books::Wanted wanted;
    wanted.seed = static_cast<std::uint64_t>(
        std::chrono::system_clock::now().time_since_epoch().count() / 1'000 % 1'000'000
    );
    for (int i = 1; i < argc; i += 2) {
        const long long value = i + 1 < argc ? std::atoll(argv[i + 1]) : -1;
        if (std::strcmp(argv[i], "--carts") == 0 && value > 0) {
            wanted.carts = value;
        } else if (std::strcmp(argv[i], "--first") == 0 && value >= 0) {
            wanted.first = value;
        } else if (std::strcmp(argv[i], "--seed") == 0 && value >= 0) {
            wanted.seed = static_cast<std::uint64_t>(value);
        } else if (std::strcmp(argv[i], "--until-broken") == 0 && value >= 0) {
            wanted.until_broken = value > 0;
        } else {
            std::fprintf(
                stderr, "'%s' is no option with a number; see tools/books --help\n", argv[i]
            );
            return 2;
        }
    }
    const auto begin = std::chrono::steady_clock::now();
    std::printf("seed %llu\n", static_cast<unsigned long long>(wanted.seed));
    const books::Run run = books::try_carts(wanted);
    books::print(run);
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin
    );
    std::printf(
        "%lld carts in 4 kinds of companies took %lld.%lld s\n",
        static_cast<long long>(wanted.carts),
        static_cast<long long>(took.count() / 1000),
        static_cast<long long>(took.count() % 1000 / 100)
    );
    const bool few_held =
        books::held_per_ten_thousand(run) < 100 && books::refunds_held_per_ten_thousand(run) < 100;
    return run.broken_count == 0 && few_held ? 0 : 1;
}
