// The one way to answer "a value or why not". Named like std::expected, so that it can become an
// alias of it later. Thread rule: plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace syncline {

// What the caller should do next. Values up to 99 are the ABI's statuses (abi.h) and may cross the
// plugin boundary; the others stay inside the host.
enum class ErrorCode : std::int32_t {
    kCancelled = 1,
    kTransient = 2,
    kRateLimited = 3,
    kAuth = 4,
    kConfig = 5,
    kData = 6,
    kConflict = 7,
    kUnsupported = 8,
    kStaleCursor = 9,
    kBug = 10,
    kHold = 11,
    kInvalid = 100,       // the request or setting is wrong; the message says where
    kNotFound = 101,      // no such thing for this tenant
    kUnauthorized = 102,  // no credential, or not a valid one
    kForbidden = 103,     // a valid credential without the right
    kExists = 104,        // it is there already, or in a state that forbids this
    kStorage = 105,       // the database cannot be read or written (full disk, locked, corrupt)
};

struct Error {
    ErrorCode code = ErrorCode::kBug;
    std::string message{};  // names the thing, the value and the way out; never a secret
    std::string name{};     // stable machine name, "qbo.duplicate_name"; may be empty
    int http_status = 0;    // of the remote's answer; 0 = not from HTTP
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

// Either a T or an Error. Ask has_value() before value() or error(); the wrong one throws
// std::bad_variant_access, which is a programmer's error. A T's move must not throw.
// A union of our own: std::variant costs every file that uses many results seconds to compile.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value)  // NOLINT(google-explicit-constructor)
        : value_(std::move(value)), has_value_(true) {}
    Result(Error error)  // NOLINT(google-explicit-constructor)
        : error_(std::move(error)), has_value_(false) {}
    Result(const Result& other) requires std::is_copy_constructible_v<T>
        : has_value_(other.has_value_) {
        if (has_value_) {
            ::new (static_cast<void*>(&value_)) T(other.value_);
        } else {
            ::new (static_cast<void*>(&error_)) Error(other.error_);
        }
    }
    Result(Result&& other) noexcept : has_value_(other.has_value_) { take(std::move(other)); }
    Result& operator=(const Result& other) requires std::is_copy_constructible_v<T> {
        return *this = Result(other);
    }
    Result& operator=(Result&& other) noexcept {
        if (this != &other) {
            destroy();
            has_value_ = other.has_value_;
            take(std::move(other));
        }
        return *this;
    }
    ~Result() { destroy(); }

    bool has_value() const { return has_value_; }
    explicit operator bool() const { return has_value_; }

    const T& value() const& {
        expect(has_value_);
        return value_;
    }
    T& value() & {
        expect(has_value_);
        return value_;
    }
    T&& value() && {
        expect(has_value_);
        return std::move(value_);
    }
    const T& operator*() const& { return value(); }
    T& operator*() & { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    const T* operator->() const { return &value(); }
    T* operator->() { return &value(); }

    const Error& error() const& {
        expect(!has_value_);
        return error_;
    }
    Error&& error() && {
        expect(!has_value_);
        return std::move(error_);
    }

private:
    static void expect(bool right_one) {
        if (!right_one) {
            throw std::bad_variant_access();
        }
    }
    // Out of line, so that g++ 12 does not take the other member of the union for uninitialised.
    [[gnu::noinline]] void take(Result&& other) noexcept {
        if (has_value_) {
            ::new (static_cast<void*>(&value_)) T(std::move(other.value_));
        } else {
            ::new (static_cast<void*>(&error_)) Error(std::move(other.error_));
        }
    }
    [[gnu::noinline]] void destroy() noexcept {
        if (has_value_) {
            value_.~T();
        } else {
            error_.~Error();
        }
    }

    union {
        T value_;
        Error error_;
    };
    bool has_value_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

    bool has_value() const { return !error_.has_value(); }
    explicit operator bool() const { return has_value(); }
    const Error& error() const& { return error_.value(); }
    Error&& error() && { return std::move(error_).value(); }

private:
    std::optional<Error> error_;
};

inline Error invalid(std::string message) {
    return Error{ErrorCode::kInvalid, std::move(message), {}, 0, std::nullopt};
}

}  // namespace syncline

#define SYNCLINE_CONCAT_INNER(a, b) a##b
#define SYNCLINE_CONCAT(a, b) SYNCLINE_CONCAT_INNER(a, b)

// Returns from the enclosing function if the expression (a Result) holds an error.
#define SYNCLINE_RETURN_IF_ERROR(...) \
    SYNCLINE_RETURN_IF_ERROR_INNER(SYNCLINE_CONCAT(syncline_result_, __COUNTER__), __VA_ARGS__)
#define SYNCLINE_RETURN_IF_ERROR_INNER(result, ...) \
    do {                                            \
        if (auto result = (__VA_ARGS__); !result) { \
            return std::move(result).error();       \
        }                                           \
    } while (false)

// `target` is set to the value of the expression (a Result), or the enclosing function returns its
// error. `target` may declare: SYNCLINE_ASSIGN_OR_RETURN(const auto flow, store.find(id));
// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses
#define SYNCLINE_ASSIGN_OR_RETURN(target, ...)                              \
    SYNCLINE_ASSIGN_OR_RETURN_INNER(                                        \
        SYNCLINE_CONCAT(syncline_result_, __COUNTER__), target, __VA_ARGS__ \
    )
#define SYNCLINE_ASSIGN_OR_RETURN_INNER(result, target, ...) \
    auto result = (__VA_ARGS__);                             \
    if (!result) {                                           \
        return std::move(result).error();                    \
    }                                                        \
    target = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
