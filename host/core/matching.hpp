// Which records of two systems are the same thing: compared by what they can be known by, proposed
// as pairs with a grade and the reasons in words. What could be several is no pair but a doubt, and
// names everybody it could be. Pure; about n log n for n records.
//
// The two sides are alike: match_records(b, a) finds the pairs of match_records(a, b) the other way
// round, and the order of the records changes nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

// What a person may do with a proposal: confirm those that are exact all at once; look at assisted
// ones first; choose one by one where it is ambiguous.
enum class MatchGrade { kExact, kAssisted, kAmbiguous };
template <>
struct EnumNames<MatchGrade> {
    static constexpr std::array<std::pair<MatchGrade, std::string_view>, 3> kNames{{
        {MatchGrade::kExact, "exact"},
        {MatchGrade::kAssisted, "assisted"},
        {MatchGrade::kAmbiguous, "ambiguous"},
    }};
};

// What a record is known by, the strongest first. A name alone is never one.
enum class SignKind {
    kMarker,         // we made the document ourselves
    kEmail,          // normalised
    kSku,            // case-sensitive, trimmed
    kNumber,         // a document's number with total and date
    kNamePhone,      // assisted from here on
    kNamePostcode,   //
    kNamePrice,      //
    kBareNumber,     // the digits at the end of the number, with total and date
    kNumberTotal,    // number and total, another date
    kBuyerTotalDate  // the buyer's e-mail, total and date, another number
};

// One such thing: records of both sides with equal signs may be the same.
struct Sign {
    SignKind kind = SignKind::kMarker;
    std::string value;  // its parts joined with kSignPart

    friend bool operator==(const Sign&, const Sign&) = default;
};
inline constexpr char kSignPart = '\x1f';

// "the same e-mail ann@x.example".
std::string sign_words(const Sign& sign);

struct MatchRecord {
    std::string entity;  // canonical
    std::string id;
    std::string part;   // of one record that is several things in the target: a variation's id
    std::string label;  // for people
    bool active = true;
    std::vector<Sign> signs;
};

// The records are known by their places in what was compared.
struct MatchPair {
    std::size_t left = 0;
    std::size_t right = 0;
    MatchGrade grade = MatchGrade::kExact;  // never kAmbiguous
    std::vector<std::string> evidence;
};

// Each of `left` could be each of `right`, as far as the signs tell.
struct MatchDoubt {
    std::vector<std::size_t> left;
    std::vector<std::size_t> right;
    std::vector<std::string> evidence;
};

struct MatchResult {
    std::vector<MatchPair> pairs;    // in the order of the left records' ids
    std::vector<MatchDoubt> doubts;  // the same, by the first of them
};

// (entity, id, part) is there once on each side. A record is in one pair or one doubt at most: what
// a stronger sign decides, or leaves in doubt, a weaker one does not decide otherwise.
MatchResult match_records(
    const std::vector<MatchRecord>& left, const std::vector<MatchRecord>& right
);

}  // namespace syncline
