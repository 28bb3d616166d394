// What one piece of work reads, as platforms count it: everything that connections read on this
// thread while the object lives. One at a time on a thread.
#pragma once

#include <cstdint>
#include <map>

#include "core/ids.hpp"

namespace syncline::engine {

class ReadsHere {
public:
    ReadsHere() { current() = this; }
    ~ReadsHere() { current() = nullptr; }
    ReadsHere(const ReadsHere&) = delete;
    ReadsHere& operator=(const ReadsHere&) = delete;

    std::int64_t of(ConnectionId connection) const {
        const auto found = reads_.find(connection);
        return found == reads_.end() ? 0 : found->second;
    }
    static void note(ConnectionId connection, std::int64_t reads) {
        if (current() != nullptr) {
            current()->reads_[connection] += reads;
        }
    }

private:
    static ReadsHere*& current() {
        static thread_local ReadsHere* here = nullptr;
        return here;
    }

    std::map<ConnectionId, std::int64_t> reads_;
};

}  // namespace syncline::engine
