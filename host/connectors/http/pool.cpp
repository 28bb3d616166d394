#include "connectors/http/pool.hpp"

#include <algorithm>

namespace syncline::connectors {
namespace {

template <class Shelves>
std::size_t count_idle(const Shelves& shelves) {
    std::size_t count = 0;
    for (const auto& [server, shelf] : shelves) {
        count += shelf.size();
    }
    return count;
}

}  // namespace

std::unique_ptr<Connection> ConnectionPool::take(const std::string& server) {
    while (true) {
        // Closing is I/O: what is dropped dies outside the lock.
        std::vector<Idle> expired;
        Idle newest = shelves_.with([&](Shelves& shelves) {
            const auto found = shelves.find(server);
            if (found == shelves.end()) {
                return Idle{};
            }
            auto& shelf = found->second;
            const auto oldest_allowed = std::chrono::steady_clock::now() - options_.idle_max;
            const auto first_fresh =
                std::find_if(shelf.begin(), shelf.end(), [&](const Idle& idle) {
                    return idle.since >= oldest_allowed;
                });
            std::move(shelf.begin(), first_fresh, std::back_inserter(expired));
            shelf.erase(shelf.begin(), first_fresh);
            Idle taken;
            if (!shelf.empty()) {
                taken = std::move(shelf.back());
                shelf.pop_back();
            }
            if (shelf.empty()) {
                shelves.erase(found);
            }
            return taken;
        });
        if (!newest.connection || newest.connection->is_quiet()) {
            return std::move(newest.connection);
        }
    }
}

void ConnectionPool::give_back(const std::string& server, std::unique_ptr<Connection> connection) {
    std::vector<Idle> dropped;
    shelves_.with([&](Shelves& shelves) {
        auto& shelf = shelves[server];
        shelf.push_back({std::move(connection), std::chrono::steady_clock::now()});
        if (shelf.size() > options_.idle_per_host_max) {
            dropped.push_back(std::move(shelf.front()));
            shelf.erase(shelf.begin());
        }
        if (shelf.empty()) {
            shelves.erase(server);
        }
        while (count_idle(shelves) > options_.idle_total_max) {
            drop_oldest(shelves, dropped);
        }
    });
}

void ConnectionPool::drop_oldest(Shelves& shelves, std::vector<Idle>& dropped) {
    const auto oldest =
        std::min_element(shelves.begin(), shelves.end(), [](const auto& a, const auto& b) {
            return a.second.front().since < b.second.front().since;
        });
    dropped.push_back(std::move(oldest->second.front()));
    oldest->second.erase(oldest->second.begin());
    if (oldest->second.empty()) {
        shelves.erase(oldest);
    }
}

std::size_t ConnectionPool::idle_count() const {
    return shelves_.with([](const Shelves& shelves) { return count_idle(shelves); });
}

}  // namespace syncline::connectors
