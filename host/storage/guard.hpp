// The one place where the database's exceptions become errors.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include <syncline/result.hpp>

namespace syncline::storage {

// What is said of a damaged file, and what to do; `how` as SQLite describes it.
std::string damaged(const std::string& how);

// Whether the file could not be read or written, as opposed to what is in it.
bool is_file_failure(const Error& error);

// The Error of the exception in flight: kStorage for what the disk, the file or a lock does,
// kExists for a broken constraint, kBug for a statement that is wrong.
Error storage_error(std::exception_ptr exception);

// Runs `fn` (which answers a Result) and translates what it throws.
template <class Fn>
auto guard_storage(Fn&& fn) noexcept -> decltype(fn()) {
    try {
        return std::forward<Fn>(fn)();
    } catch (...) {
        return storage_error(std::current_exception());
    }
}

}  // namespace syncline::storage
