// File descriptors. Every connection takes one, and so do the database, the shops and the mail: a
// host without any left answers nobody.
#pragma once

#include <cstdint>

namespace syncline::host {

// Raises how many files this process may have open as far as it may; answers the limit.
std::int64_t raise_file_limit();

// How many connections each of so many listeners may hold, of those that are wanted, so that a
// quarter of the files, and 64 at least, is left for everything else; 16 in any case.
std::int64_t connections_within(std::int64_t files, std::int64_t listeners, std::int64_t wanted);

}  // namespace syncline::host
