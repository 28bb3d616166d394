// What every fuzz target is: a function that takes any bytes, tries them, and throws when one of
// the promises of the code it calls is broken. libFuzzer runs one of them (tools/fuzz), fuzz.short
// all.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace syncline::fuzz {

// Each throws, or is ended by a sanitizer, when something is wrong.
void route(std::string_view input);
void request(std::string_view input);
void body(std::string_view input);
void cursor(std::string_view input);
void cron(std::string_view input);
void merge(std::string_view input);
void mapping(std::string_view input);
void token(std::string_view input);
void proof(std::string_view input);
void woocommerce(std::string_view input);
void quickbooks(std::string_view input);
void supabase(std::string_view input);

inline void require(bool holds, const char* promise) {
    if (!holds) {
        throw std::logic_error(promise);
    }
}

// Takes an input apart: choices from its first bytes, the rest as text. An input that is used up
// goes on as zeros and empty texts.
class Feed {
public:
    explicit Feed(std::string_view input) : left_(input) {}

    std::uint8_t byte() {
        const char first = left_.empty() ? '\0' : left_.front();
        left_.remove_prefix(left_.empty() ? 0 : 1);
        return static_cast<std::uint8_t>(first);
    }
    std::uint64_t number(int bytes) {
        std::uint64_t value = 0;
        for (int i = 0; i < bytes; ++i) {
            value = value << 8U | byte();
        }
        return value;
    }
    // The bytes before the next `end`, which is dropped.
    std::string_view until(char end) {
        const std::size_t found = left_.find(end);
        const std::string_view text = left_.substr(0, found);
        left_.remove_prefix(found == std::string_view::npos ? left_.size() : found + 1);
        return text;
    }
    std::string_view rest() const { return left_; }

private:
    std::string_view left_;
};

}  // namespace syncline::fuzz
