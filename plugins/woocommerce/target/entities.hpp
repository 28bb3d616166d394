// What differs between the entities the shop takes, as one table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::woocommerce {

// The member of `meta_data` by which a record made by us is known again.
inline constexpr std::string_view kMarkerKey = "_syncline_source";

struct TargetEntity {
    std::string_view entity;               // "product"
    std::string_view path;                 // "products"
    bool makes;                            // else only what is there is changed
    std::string_view gone_code;            // of an update: there is no such record
    std::string_view taken_code;           // of a create: another record holds SKU or e-mail
    std::vector<std::string_view> fields;  // that encode() writes, and of which versions are made
    std::vector<std::string_view> owned_paths;
};

const std::vector<TargetEntity>& target_entities();
const TargetEntity* find_target(std::string_view entity);

// `row` in the members of `body` (all fields when it is no object), in the form encode() makes: the
// merge base. What the shop does not give back as it was sent is taken over from `body`.
Json owned_of(const TargetEntity& target, const Json& row, const Json& body);

// Two fingerprints: of the fields encode() can write, and of the whole row. The shop has no
// versions, and its time of change moves with every sale; so the first decides about a conflict,
// and the second tells whether anything at all was changed.
std::string version_of(const TargetEntity& target, const Json& row);

// Whether two versions show the same of the fields encode() can write.
bool same_owned(std::string_view version, std::string_view other);

// Whether nobody but us changed the row: `after`, the answer to sending `sent`, differs from
// `before` only in what was sent and in what the shop derives from it.
bool only_ours(const Json& before, const Json& after, const Json& sent);

// The value of our marker; empty if the row has none.
std::string marker_in(const Json& row);

// A text member, or a number as text; empty for anything else.
std::string text_in(const Json& row, std::string_view member);

}  // namespace syncline::woocommerce
