#include "core/merge.hpp"

#include <algorithm>
#include <set>

namespace syncline {
namespace {

bool is_decimal(const std::string& text) {
    const std::size_t start = !text.empty() && text.front() == '-' ? 1 : 0;
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto digits = [&](std::size_t from, std::size_t to) {
        return from < to && std::all_of(
                                text.begin() + static_cast<std::ptrdiff_t>(from),
                                text.begin() + static_cast<std::ptrdiff_t>(to),
                                [](char c) { return c >= '0' && c <= '9'; }
                            );
    };
    return digits(start, point) && (point == text.size() || digits(point + 1, text.size()));
}

// Without zeros at the end of its fraction; those at its beginning may be part of a number's name.
std::string plain_decimal(std::string text) {
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text == "-0" ? "0" : text;
}

std::optional<std::string> decimal_of(const Json& value) {
    if (!value.is_string() && !value.is_number()) {
        return std::nullopt;
    }
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    return is_decimal(text) ? std::optional(plain_decimal(std::move(text))) : std::nullopt;
}

const Json& member(const Json& object, const std::string& name) {
    static const Json kNone;
    const auto found = object.find(name);
    return found == object.end() ? kNone : *found;
}

bool same_members(const Json& a, const Json& b) {
    std::set<std::string> names;
    for (const auto* side : {&a, &b}) {
        for (const auto& entry : side->items()) {
            names.insert(entry.key());
        }
    }
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return same_value(member(a, name), member(b, name));
    });
}

void collect_fields(const Json& json, const std::string& path, std::set<std::string>& into) {
    if (!json.is_object()) {
        if (!json.is_null()) {
            into.insert(path);
        }
        return;
    }
    for (const auto& entry : json.items()) {
        collect_fields(entry.value(), path + "/" + detail::pointer_token(entry.key()), into);
    }
}

bool lies_in(const std::string& path, const std::string& outer) {
    return path.size() > outer.size() && path.compare(0, outer.size(), outer) == 0 &&
           path[outer.size()] == '/';
}

// Where one side has an object and the other a value, the whole is one field.
std::vector<std::string> fields_of(const Json& base, const Json& source) {
    std::set<std::string> all;
    collect_fields(base, "", all);
    collect_fields(source, "", all);
    std::vector<std::string> fields;
    for (const auto& path : all) {
        const bool within = std::any_of(all.begin(), all.end(), [&](const auto& outer) {
            return lies_in(path, outer);
        });
        if (!within) {
            fields.push_back(path);
        }
    }
    return fields;
}

// The members that a path names, from the outermost. Own code: the library's pointers take a name
// of digits for a place in an array, and make one.
std::vector<std::string> steps_of(const std::string& path) {
    std::vector<std::string> steps;
    for (std::size_t i = 0; i < path.size(); ++i) {
        if (path[i] == '/') {
            steps.emplace_back();
        } else if (path[i] == '~' && i + 1 < path.size()) {
            steps.back() += path[++i] == '1' ? '/' : '~';
        } else {
            steps.back() += path[i];
        }
    }
    return steps;
}

Json at(const Json& document, const std::string& path) {
    static const Json kNone;
    const Json* here = &document;
    for (const auto& step : steps_of(path)) {
        here = here->is_object() ? &member(*here, step) : &kNone;
    }
    return *here;
}

void put(Json& document, const std::string& path, const Json& value) {
    auto steps = steps_of(path);
    if (steps.empty()) {
        document = value;
        return;
    }
    const std::string last = std::move(steps.back());
    steps.pop_back();
    Json* here = &document;
    for (const auto& step : steps) {
        if (value.is_null() && !here->contains(step)) {
            return;
        }
        here = &(*here)[step];
    }
    if (!value.is_null()) {
        (*here)[last] = value;
    } else if (here->is_object()) {
        here->erase(last);
    }
}

// `value` with those members only that `like` has: in an array of ours the target may show members
// that are not ours.
Json cut_to(const Json& value, const Json& like) {
    if (value.is_object() && like.is_object()) {
        Json cut = Json::object();
        for (const auto& entry : like.items()) {
            const auto found = value.find(entry.key());
            if (found != value.end()) {
                cut[entry.key()] = cut_to(*found, entry.value());
            }
        }
        return cut;
    }
    if (value.is_array() && like.is_array() && value.size() == like.size()) {
        Json cut = Json::array();
        for (std::size_t i = 0; i < value.size(); ++i) {
            cut.push_back(cut_to(value[i], like[i]));
        }
        return cut;
    }
    return value;
}

// Whether the target shows what `wanted` says; what it shows besides is not ours.
bool shows(const Json& target, const Json& wanted) {
    return same_value(cut_to(target, wanted), wanted);
}

std::optional<MergeSide> by_policy(ConflictPolicy policy, const MergeInput& input) {
    switch (policy) {
        case ConflictPolicy::kTargetWins:
            return MergeSide::kTarget;
        case ConflictPolicy::kLastWriteWins:
            if (input.source_changed_at && input.target_changed_at) {
                return *input.source_changed_at > *input.target_changed_at ? MergeSide::kSource
                                                                           : MergeSide::kTarget;
            }
            return std::nullopt;
        case ConflictPolicy::kSourceWins:
        case ConflictPolicy::kManual:
            break;
    }
    return std::nullopt;
}

class Merger {
public:
    Merger(const MergeInput& input, const ConflictRules& rules, const Decisions& decisions)
        : input_(input), rules_(rules), decisions_(decisions) {}

    Merge run() {
        if (input_.source.is_null()) {
            remove();
        } else {
            result_.document = input_.source;
            for (const auto& path : fields_of(input_.base, input_.source)) {
                merge_field(path);
            }
        }
        return std::move(result_);
    }

private:
    // The record is gone: the document goes too, unless somebody changed it.
    void remove() {
        result_.removes = true;
        result_.writes = true;
        MergedField whole{kWholeDocument, input_.base, {}, input_.target, rules_.policy, false};
        if (!input_.base.is_null() && shows(input_.target, input_.base)) {
            return;
        }
        const auto side = decide(whole);
        if (!side) {
            result_.conflict = whole.conflict = true;
        } else if (*side != MergeSide::kSource) {
            result_.removes = result_.writes = false;
        }
        result_.fields.push_back(std::move(whole));
    }

    void merge_field(const std::string& path) {
        MergedField field{
            path,
            at(input_.base, path),
            at(input_.source, path),
            at(input_.target, path),
            rules_.of(path),
            false};
        if (shows(field.target, field.source)) {
            return;  // both sides agree, whoever said it first
        }
        const bool unchanged = shows(field.target, field.base);
        const auto kept = kept_of(path);
        const bool was_kept = kept != input_.kept.end();
        if (was_kept && unchanged && same_value(at(input_.source, kept.key()), kept.value())) {
            take(field, field.target);  // decided before, and nothing is new
        } else if (unchanged && !was_kept) {
            result_.writes = true;  // only the source changed it
        } else {
            differ(field);
        }
        result_.fields.push_back(std::move(field));
    }

    // What was kept of the field, or of what it lies in: a value that was kept whole may have
    // become an object.
    Json::const_iterator kept_of(const std::string& path) const {
        for (auto it = input_.kept.begin(); it != input_.kept.end(); ++it) {
            if (it.key() == path || lies_in(path, it.key())) {
                return it;
            }
        }
        return input_.kept.end();
    }

    void differ(MergedField& field) {
        const auto side = decide(field);
        if (!side) {
            result_.conflict = field.conflict = true;
        } else if (*side == MergeSide::kTarget) {
            take(field, field.target);
        } else if (*side == MergeSide::kValue) {
            const Json& value = decisions_.at(field.path).value;
            result_.writes = result_.writes || !same_value(value, field.target);
            take(field, value);
        } else {
            result_.writes = true;
        }
    }

    // A person's word comes before any policy.
    std::optional<MergeSide> decide(const MergedField& field) {
        const auto decision = decisions_.find(field.path);
        if (decision == decisions_.end()) {
            return by_policy(field.policy, input_);
        }
        if (same_value(decision->second.source, field.source) &&
            same_value(decision->second.target, field.target)) {
            return decision->second.keep;
        }
        return by_policy(field.policy, input_);
    }

    void take(const MergedField& field, const Json& value) {
        put(result_.document, field.path, value);
        if (!same_value(value, field.source)) {
            result_.kept[field.path] = field.source;
        }
        for (const Json* one : {&value, &field.source}) {
            const bool text = one->is_null() || (one->is_string() && !decimal_of(*one));
            result_.keeps_amounts = result_.keeps_amounts || !text;
        }
    }

    const MergeInput& input_;
    const ConflictRules& rules_;
    const Decisions& decisions_;
    Merge result_;
};

}  // namespace

ConflictPolicy ConflictRules::of(const std::string& path) const {
    const FieldPolicy* nearest = nullptr;
    for (const auto& one : fields) {
        const bool matches = one.path == path || lies_in(path, one.path);
        if (matches && (nearest == nullptr || one.path.size() > nearest->path.size())) {
            nearest = &one;
        }
    }
    return nearest == nullptr ? policy : nearest->policy;
}

Result<void> check_conflict_fields(const std::vector<FieldPolicy>& fields) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        const std::string& path = fields[i].path;
        const std::string place = "/conflict_fields/" + std::to_string(i) + "/path: ";
        if (path.size() < 2 || path.front() != '/' || path.back() == '/') {
            return invalid(
                place +
                "expected a field of the target's documents as a JSON Pointer, such as "
                "\"/PrivateNote\", found '" +
                path.substr(0, 40) + "'"
            );
        }
        if (!seen.insert(path).second) {
            return invalid(place + "'" + path.substr(0, 40) + "' is there twice");
        }
    }
    return {};
}

bool same_value(const Json& a, const Json& b) {
    if (a.is_object() && b.is_object()) {
        return same_members(a, b);
    }
    if (a.is_array() && b.is_array()) {
        return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), same_value);
    }
    if (a == b) {
        return true;
    }
    const auto left = decimal_of(a);
    const auto right = decimal_of(b);
    return left && right && *left == *right;
}

Json joined_shape(const Json& below, const Json& over) {
    if (below.is_object() && over.is_object()) {
        Json joined = below;
        for (const auto& entry : over.items()) {
            const auto found = joined.find(entry.key());
            joined[entry.key()] =
                found == joined.end() ? entry.value() : joined_shape(*found, entry.value());
        }
        return joined;
    }
    if (below.is_array() && over.is_array()) {
        Json joined = Json::array();
        for (std::size_t i = 0; i < std::max(below.size(), over.size()); ++i) {
            joined.push_back(
                i >= below.size()  ? over[i]
                : i >= over.size() ? below[i]
                                   : joined_shape(below[i], over[i])
            );
        }
        return joined;
    }
    return over.is_null() ? below : over;
}

Merge merge(const MergeInput& input, const ConflictRules& rules, const Decisions& decisions) {
    return Merger(input, rules, decisions).run();
}

}  // namespace syncline
