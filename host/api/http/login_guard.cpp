#include "api/http/login_guard.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>

#include "core/sha256.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kAddressesMax = 10'000;
constexpr std::size_t kKeysMax = 10'000;
constexpr std::size_t kSessionsMax = 20'000;
constexpr std::int64_t kSessionMs = 24 * 3'600'000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kNotedPerMinute = 60;

std::int64_t every_ms(const IdentityConfig& config) {
    return kMinuteMs / std::max<std::int64_t>(1, config.failed_logins_per_minute);
}

std::string session_of(const LoginAttempt& attempt) {
    return attempt.credential + " " + network_of(attempt.address);
}

bool is_current(const std::int64_t* began_ms, std::int64_t now_ms) {
    return began_ms != nullptr && *began_ms <= now_ms && now_ms - *began_ms < kSessionMs;
}

}  // namespace

std::string network_of(const std::string& address) {
    std::array<unsigned char, 16> bytes{};
    if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
        return address;
    }
    constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
    if (!std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
        std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
    }
    std::array<char, INET6_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
    return text.data();
}

LoginGuard::State::State() : addresses(kAddressesMax), keys(kKeysMax), sessions(kSessionsMax) {}

LoginGuard::LoginGuard(const IdentityConfig& config)
    : address_limit_{config.failed_logins_max, every_ms(config)},
      key_limit_{config.failed_logins_per_key_max, every_ms(config)} {}

std::int64_t LoginGuard::wait_ms(const Used* used, const Limit& limit, std::int64_t now_ms) {
    if (used == nullptr || limit.burst == 0) {
        return 0;
    }
    // A clock that was set back shuts nobody out for longer than a full limit does.
    const std::int64_t ahead = std::min(used->until_ms - now_ms, limit.burst * limit.every_ms);
    return std::max<std::int64_t>(0, ahead - (limit.burst - 1) * limit.every_ms);
}

void LoginGuard::use(Used& used, const Limit& limit, std::int64_t now_ms) {
    const std::int64_t full = now_ms + limit.burst * limit.every_ms;
    used.until_ms = std::min(std::max(used.until_ms, now_ms) + limit.every_ms, full);
}

Result<void> LoginGuard::admit(const LoginAttempt& attempt, std::int64_t now_ms) {
    const std::int64_t wait = state_.with([&](State& state) {
        if (is_current(state.sessions.find(session_of(attempt)), now_ms)) {
            return std::int64_t{0};
        }
        return std::max(
            wait_ms(state.addresses.find(network_of(attempt.address)), address_limit_, now_ms),
            attempt.key_prefix.empty()
                ? 0
                : wait_ms(state.keys.find(attempt.key_prefix), key_limit_, now_ms)
        );
    });
    if (wait == 0) {
        return {};
    }
    return Error{
        ErrorCode::kRateLimited,
        "too many logins failed from this address or with this API key; wait, and check the "
        "credential",
        "login.limited",
        0,
        std::chrono::milliseconds(wait)};
}

bool LoginGuard::failed(const LoginAttempt& attempt, std::int64_t now_ms) {
    return state_.with([&](State& state) {
        Used& address = state.addresses.at(network_of(attempt.address));
        use(address, address_limit_, now_ms);
        bool none_left = wait_ms(&address, address_limit_, now_ms) > 0;
        if (!attempt.key_prefix.empty()) {
            Used& key = state.keys.at(attempt.key_prefix);
            use(key, key_limit_, now_ms);
            none_left = none_left || wait_ms(&key, key_limit_, now_ms) > 0;
        }
        return none_left;
    });
}

bool LoginGuard::succeeded(const LoginAttempt& attempt, std::int64_t now_ms) {
    return state_.with([&](State& state) {
        std::int64_t& began = state.sessions.at(session_of(attempt));
        if (began != 0 && is_current(&began, now_ms)) {
            return false;
        }
        began = now_ms;
        return true;
    });
}

bool LoginGuard::may_note(std::int64_t now_ms, std::int64_t& left_out) {
    return state_.with([&](State& state) {
        if (state.minute != now_ms / kMinuteMs) {
            state.minute = now_ms / kMinuteMs;
            state.noted = 0;
        }
        if (state.noted >= kNotedPerMinute) {
            ++state.left_out;
            return false;
        }
        ++state.noted;
        left_out = state.left_out;
        state.left_out = 0;
        return true;
    });
}

std::size_t LoginGuard::remembered() const {
    return state_.with([](const State& state) {
        return state.addresses.size() + state.keys.size() + state.sessions.size();
    });
}

}  // namespace syncline::api
