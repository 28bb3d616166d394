// Many carts in every kind of company.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger.hpp"
#include "trial.hpp"

namespace books {

struct Tally {
    std::int64_t posted = 0;
    std::int64_t own_tax = 0;                   // whose tax the books took instead of theirs
    std::map<std::string, std::int64_t> held;   // ordinary carts, by rule
    std::map<std::string, std::int64_t> traps;  // carts with something wrong, by rule
    std::int64_t traps_posted = 0;
    RefundTally refunds;
    std::map<std::string, std::int64_t> forms;  // what the posted documents have
};

struct Run {
    std::map<Mode, Tally> tallies;
    std::vector<std::string> broken;  // the first of them, each with what makes it again
    std::int64_t broken_count = 0;
};

struct Wanted {
    std::uint64_t seed = 0;
    std::int64_t first = 0;
    std::int64_t carts = 2000;
    bool until_broken = false;  // stop at the shop that shows the first broken promise
};

// Carts `first` to `first + carts - 1` of the seed. What cart n is depends on the seed and n alone.
Run try_carts(const Wanted& wanted);

// Ordinary carts that were held, of all ordinary ones, in parts of ten thousand. Orders of 0.00
// are none: there is nothing to post.
std::int64_t held_per_ten_thousand(const Run& run);
// The same of what was given back of them; one of more than is left is no ordinary one.
std::int64_t refunds_held_per_ten_thousand(const Run& run);

void print(const Run& run);

}  // namespace books
