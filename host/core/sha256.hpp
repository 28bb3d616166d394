// SHA-256 and the ids made from hashes and random bytes. Pure; random bytes come from the caller.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <syncline/timestamp.hpp>

namespace syncline {

// 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

// UUID version 5 (RFC 9562 5.5) of `name` in Syncline's own namespace: the same name, the same id.
std::string uuid_v5(std::string_view name);

// UUID version 7 (RFC 9562 5.7): sortable by `at`; `random` fills the rest.
std::string uuid_v7(Timestamp at, const std::array<std::uint8_t, 10>& random);

}  // namespace syncline
