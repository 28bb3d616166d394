#include "core/matching.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

#include <syncline/record.hpp>

namespace syncline {
namespace {

// Signs that decide together; a later tier looks only at what the tiers before it left alone.
struct Tier {
    SignKind first;
    SignKind last;
    MatchGrade grade;
};
constexpr std::array<Tier, 3> kTiers{{
    {SignKind::kMarker, SignKind::kMarker, MatchGrade::kExact},
    {SignKind::kEmail, SignKind::kNumber, MatchGrade::kExact},
    {SignKind::kNamePhone, SignKind::kBuyerTotalDate, MatchGrade::kAssisted},
}};

std::vector<std::string> parts_of(const std::string& value) {
    std::vector<std::string> parts(1);
    for (const char c : value) {
        if (c == kSignPart) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

bool comes_before(const MatchRecord& a, const MatchRecord& b) {
    if (a.entity != b.entity) {
        return a.entity < b.entity;
    }
    return a.id != b.id ? id_less(a.id, b.id) : id_less(a.part, b.part);
}

// A sign of a record. Nodes are the left records and after them the right ones.
struct Entry {
    const Sign* sign;
    std::size_t node;
};

bool entry_less(const Entry& a, const Entry& b) {
    return std::tie(a.sign->kind, a.sign->value, a.node) <
           std::tie(b.sign->kind, b.sign->value, b.node);
}

class Matcher {
public:
    Matcher(const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right)
        : left_(left), right_(right), decided_(left.size() + right.size(), false) {}

    MatchResult run() {
        for (const Tier& tier : kTiers) {
            run_tier(tier);
        }
        std::sort(result_.pairs.begin(), result_.pairs.end(), [&](const auto& a, const auto& b) {
            return comes_before(left_[a.left], left_[b.left]);
        });
        std::sort(result_.doubts.begin(), result_.doubts.end(), [&](const auto& a, const auto& b) {
            return comes_before(left_[a.left.front()], left_[b.left.front()]);
        });
        return std::move(result_);
    }

private:
    const MatchRecord& record(std::size_t node) const {
        return node < left_.size() ? left_[node] : right_[node - left_.size()];
    }

    void run_tier(const Tier& tier) {
        std::vector<Entry> entries = entries_of(tier);
        std::sort(entries.begin(), entries.end(), entry_less);
        set_.resize(decided_.size());
        std::iota(set_.begin(), set_.end(), std::size_t{0});
        std::vector<Entry> shared;  // one per sign that both sides have
        for (std::size_t begin = 0; begin < entries.size();) {
            std::size_t end = begin;
            while (end < entries.size() && *entries[end].sign == *entries[begin].sign) {
                ++end;
            }
            // Left nodes come first.
            if (entries[begin].node < left_.size() && entries[end - 1].node >= left_.size()) {
                for (std::size_t i = begin + 1; i < end; ++i) {
                    unite(entries[begin].node, entries[i].node);
                }
                shared.push_back(entries[begin]);
            }
            begin = end;
        }
        conclude(tier, entries, shared);
    }

    std::vector<Entry> entries_of(const Tier& tier) const {
        std::vector<Entry> entries;
        for (std::size_t node = 0; node < decided_.size(); ++node) {
            for (const auto& sign : record(node).signs) {
                if (!decided_[node] && sign.kind >= tier.first && sign.kind <= tier.last) {
                    entries.push_back({&sign, node});
                }
            }
        }
        return entries;
    }

    std::size_t root(std::size_t node) {
        while (set_[node] != node) {
            node = set_[node] = set_[set_[node]];
        }
        return node;
    }

    void unite(std::size_t a, std::size_t b) { set_[root(b)] = root(a); }

    void conclude(
        const Tier& tier, const std::vector<Entry>& entries, const std::vector<Entry>& shared
    ) {
        std::vector<std::pair<std::size_t, std::size_t>> members;  // root, node
        for (const auto& entry : entries) {
            members.emplace_back(root(entry.node), entry.node);
        }
        std::sort(members.begin(), members.end());
        members.erase(std::unique(members.begin(), members.end()), members.end());
        std::vector<std::pair<std::size_t, const Sign*>> reasons;  // root, sign
        for (const auto& entry : shared) {
            reasons.emplace_back(root(entry.node), entry.sign);
        }
        std::stable_sort(reasons.begin(), reasons.end(), [](const auto& a, const auto& b) {
            return a.first < b.first;
        });
        auto reason = reasons.begin();
        for (auto begin = members.begin(); begin != members.end();) {
            auto end = begin;
            MatchDoubt group;
            for (; end != members.end() && end->first == begin->first; ++end) {
                const std::size_t node = end->second;
                (node < left_.size() ? group.left : group.right)
                    .push_back(node < left_.size() ? node : node - left_.size());
            }
            // One sentence per kind: an order that could be of several dates has a sign for each.
            const Sign* said = nullptr;
            for (; reason != reasons.end() && reason->first <= begin->first; ++reason) {
                const Sign& sign = *reason->second;
                if (reason->first == begin->first && (said == nullptr || said->kind != sign.kind)) {
                    group.evidence.push_back(sign_words(sign));
                    said = &sign;
                }
            }
            begin = end;
            if (!group.left.empty() && !group.right.empty()) {
                decide(tier, std::move(group));
            }
        }
    }

    void decide(const Tier& tier, MatchDoubt group) {
        for (const std::size_t left : group.left) {
            decided_[left] = true;
        }
        for (const std::size_t right : group.right) {
            decided_[left_.size() + right] = true;
        }
        if (group.left.size() > 1 || group.right.size() > 1) {
            const auto in_order = [](const std::vector<MatchRecord>& records) {
                return [&records](std::size_t a, std::size_t b) {
                    return comes_before(records[a], records[b]);
                };
            };
            std::sort(group.left.begin(), group.left.end(), in_order(left_));
            std::sort(group.right.begin(), group.right.end(), in_order(right_));
            result_.doubts.push_back(std::move(group));
            return;
        }
        MatchPair pair{group.left.front(), group.right.front(), tier.grade, {}};
        pair.evidence = std::move(group.evidence);
        if (!left_[pair.left].active || !right_[pair.right].active) {
            pair.grade = MatchGrade::kAssisted;
            pair.evidence.emplace_back("one of the two is inactive");
        }
        result_.pairs.push_back(std::move(pair));
    }

    const std::vector<MatchRecord>& left_;
    const std::vector<MatchRecord>& right_;
    std::vector<bool> decided_;  // by node
    std::vector<std::size_t> set_;
    MatchResult result_;
};

}  // namespace

std::string sign_words(const Sign& sign) {
    auto parts = parts_of(sign.value);
    parts.resize(4);
    const std::string& first = parts[0];
    switch (sign.kind) {
        case SignKind::kMarker:
            return "the document carries the marker " + first;
        case SignKind::kEmail:
            return "the same e-mail " + first;
        case SignKind::kSku:
            return "the same SKU " + first;
        case SignKind::kNumber:
            return "the same number " + first + ", total " + parts[1] + " and date " + parts[2];
        case SignKind::kNamePhone:
            return "the same name '" + first + "' and phone " + parts[1];
        case SignKind::kNamePostcode:
            return "the same name '" + first + "' and postcode " + parts[1];
        case SignKind::kNamePrice:
            return "the same name '" + first + "' and price " + parts[1];
        case SignKind::kBareNumber:
            return "the number ends with " + first + " on both sides, with the same total " +
                   parts[1] + " and date " + parts[2];
        case SignKind::kNumberTotal:
            return "the same number " + first + " and total " + parts[1] + ", but another date";
        case SignKind::kBuyerTotalDate:
            return "the same buyer " + first + ", total " + parts[1] + " and date " + parts[2] +
                   ", but another number";
    }
    return {};
}

MatchResult match_records(
    const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right
) {
    return Matcher(left, right).run();
}

}  // namespace syncline
