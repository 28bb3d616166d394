// What was seen lately, by name, at most so many: the one that was not touched for longest goes.
// Pure; not for several threads at once.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <unordered_map>
#include <utility>

namespace syncline {

template <class Value>
class Recent {
public:
    explicit Recent(std::size_t max) : max_(max) {}

    // The value of that name, touched; a new one if there was none.
    Value& at(const std::string& name) {
        if (Value* known = find(name)) {
            return *known;
        }
        if (entries_.size() >= max_) {
            places_.erase(entries_.back().first);
            entries_.pop_back();
        }
        entries_.emplace_front(name, Value{});
        places_[name] = entries_.begin();
        return entries_.front().second;
    }

    // Touched; nullptr if there is none.
    Value* find(const std::string& name) {
        const auto place = places_.find(name);
        if (place == places_.end()) {
            return nullptr;
        }
        entries_.splice(entries_.begin(), entries_, place->second);
        return &entries_.front().second;
    }

    std::size_t size() const { return entries_.size(); }

private:
    using Entries = std::list<std::pair<std::string, Value>>;

    std::size_t max_;
    Entries entries_;  // the one touched last comes first
    std::unordered_map<std::string, typename Entries::iterator> places_;
};

}  // namespace syncline
