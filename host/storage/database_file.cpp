#include "storage/database_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace syncline::storage {
namespace {

Error cannot(const std::string& what, const std::string& path) {
    return Error{
        ErrorCode::kStorage,
        "cannot " + what + " " + path + ": " + std::strerror(errno) +
            "; the user that runs Syncline must be able to read and write it and its folder",
        "storage.open"};
}

std::string read_start(int file) {
    std::array<char, 200> text{};
    const ssize_t count = pread(file, text.data(), text.size() - 1, 0);
    return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count))
                     : "an unknown process";
}

std::string our_name() {
    std::array<char, 100> host{};
    gethostname(host.data(), host.size() - 1);
    std::array<char, 40> since{};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::strftime(since.data(), since.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return "process " + std::to_string(getpid()) + " on " + host.data() + " since " + since.data();
}

}  // namespace

Result<int> lock_database(const std::string& path) {
    const std::string lock_path = path + ".lock";
    const int file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return cannot("open the lock file", lock_path);
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = read_start(file);
        ::close(file);
        return Error{
            ErrorCode::kStorage,
            "the database " + path + " is in use by another host: " + holder +
                "; stop that one or give this one a database of its own",
            "storage.in_use"};
    }
    const std::string name = our_name();
    if (ftruncate(file, 0) != 0 || pwrite(file, name.data(), name.size(), 0) < 0) {
        ::close(file);
        return cannot("write the lock file", lock_path);
    }
    return file;
}

Result<void> create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return cannot("open the database", path);
    }
    ::close(file);
    return {};
}

}  // namespace syncline::storage
