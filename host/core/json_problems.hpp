// Strict reading of JSON into a struct with fields() that names everything that is wrong, not only
// the first: unknown members, wrong types, values that do not parse.
//
//   Result<Body> body = strict_from_json<Body>(json);
//
// Several problems travel in one Error, one per line, each "<JSON pointer>: <what is wrong>".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

// One kInvalid for all of `problems` (not empty).
inline Error joined(const std::vector<std::string>& problems, std::string name = {}) {
    std::string message;
    for (const auto& problem : problems) {
        message += (message.empty() ? "" : "\n") + problem;
    }
    return Error{ErrorCode::kInvalid, std::move(message), std::move(name)};
}

// The lines of an error that joined() made; any other message is one line.
inline std::vector<std::string> problem_lines(std::string_view message) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at <= message.size();) {
        const std::size_t end = std::min(message.find('\n', at), message.size());
        lines.emplace_back(message.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

// A line's pointer and its sentence; the pointer is empty when the line has none.
struct ProblemText {
    std::string pointer;
    std::string text;
};
inline ProblemText split_problem(const std::string& line) {
    const std::size_t colon = line.find(": ");
    if (line.empty() || line.front() != '/' || colon == std::string::npos) {
        return {"", line};
    }
    return {line.substr(0, colon), line.substr(colon + 2)};
}

namespace detail {

template <class T>
void find_problems(const Json& json, const JsonPlace& place, std::vector<std::string>& problems);

template <class T>
std::string known_members() {
    std::string names;
    std::apply(
        [&](const auto&... one) {
            ((names += (names.empty() ? "" : ", ") + std::string(one.name)), ...);
        },
        T::fields()
    );
    return names;
}

// Without the value: what is put in the wrong place may be a secret.
template <class T>
void find_unknown(const Json& json, const JsonPlace& place, std::vector<std::string>& problems) {
    for (const auto& entry : json.items()) {
        const bool known = std::apply(
            [&](const auto&... candidate) { return ((candidate.name == entry.key()) || ...); },
            T::fields()
        );
        if (!known) {
            problems.push_back(
                JsonPlace{&place, entry.key()}.pointer() +
                ": unknown (known here: " + known_members<T>() + ")"
            );
        }
    }
}

template <class T>
void find_in_members(const Json& json, const JsonPlace& place, std::vector<std::string>& problems) {
    find_unknown<T>(json, place, problems);
    std::apply(
        [&](const auto&... entry) {
            const auto look = [&](const auto& one) {
                using Member = std::decay_t<decltype(std::declval<T>().*(one.member))>;
                const auto found = json.find(one.name);
                if (found != json.end() && !found->is_null()) {
                    find_problems<Member>(*found, JsonPlace{&place, one.name}, problems);
                }
            };
            (look(entry), ...);
        },
        T::fields()
    );
}

template <class T>
void find_problems(const Json& json, const JsonPlace& place, std::vector<std::string>& problems) {
    if constexpr (HasFields<T>) {
        if (json.is_object()) {
            find_in_members<T>(json, place, problems);
            return;
        }
    } else if constexpr (IsOptional<T>::value) {
        find_problems<typename T::value_type>(json, place, problems);
        return;
    } else if constexpr (IsVector<T>::value) {
        if (json.is_array()) {
            for (std::size_t i = 0; i < json.size(); ++i) {
                find_problems<typename T::value_type>(
                    json[i], JsonPlace{&place, {}, i, true}, problems
                );
            }
            return;
        }
    }
    T value{};
    if (const auto decoded = decode_value(json, value, place, Unknown::kRefuse); !decoded) {
        problems.push_back(decoded.error().message);
    }
}

}  // namespace detail

// Everything that strict reading of `json` as a T objects to; empty: it is a T.
template <class T>
std::vector<std::string> json_problems(const Json& json) {
    std::vector<std::string> problems;
    detail::find_problems<T>(json, detail::JsonPlace{}, problems);
    return problems;
}

// Errors: kInvalid with every problem.
template <class T>
Result<T> strict_from_json(const Json& json) {
    const auto problems = json_problems<T>(json);
    if (!problems.empty()) {
        return joined(problems, "request.invalid");
    }
    return from_json<T>(json, Unknown::kRefuse);
}

}  // namespace syncline
