#include "main/open_files.hpp"

#include <algorithm>
#include <limits>

#include <sys/resource.h>

namespace syncline::host {

std::int64_t raise_file_limit() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    const rlim_t before = files.rlim_cur;
    files.rlim_cur = files.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        files.rlim_cur = before;
    }
    constexpr rlim_t kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int64_t>(std::min(files.rlim_cur, kMost));
}

std::int64_t connections_within(std::int64_t files, std::int64_t listeners, std::int64_t wanted) {
    const std::int64_t left = files - std::max<std::int64_t>(64, files / 4);
    return std::min(wanted, std::max<std::int64_t>(16, left / listeners));
}

}  // namespace syncline::host
