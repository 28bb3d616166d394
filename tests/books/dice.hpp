// Random numbers that depend on a seed alone, on every machine.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <vector>

namespace books {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {  // splitmix64
        state_ += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    // From `low` to `high`, both included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
    }
    bool percent(int chance) { return between(1, 100) <= chance; }
    template <class T>
    T one_of(std::initializer_list<T> all) {
        return *(all.begin() + between(0, static_cast<std::int64_t>(all.size()) - 1));
    }

private:
    std::uint64_t state_;
};

}  // namespace books
