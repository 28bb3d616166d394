#include "woocommerce/target/entities.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "woocommerce/convert_parts.hpp"

namespace syncline::woocommerce {
namespace {

// Sent, but not compared: the marker is only sent when a record is made, and descriptions come back
// as the shop formats them.
constexpr std::array<const char*, 2> kNotCompared{"meta_data", "description"};

// What the shop sets when something else is written: prices in effect, times, links.
constexpr std::array<std::string_view, 17> kDerived{
    "date_modified",
    "date_modified_gmt",
    "price",
    "price_html",
    "on_sale",
    "purchasable",
    "permalink",
    "avatar_url",
    "date_paid",
    "date_paid_gmt",
    "date_completed",
    "date_completed_gmt",
    "needs_payment",
    "needs_processing",
    "is_editable",
    "_links",
    "related_ids"};

// FNV-1a in 16 hex digits.
std::string fingerprint(std::string_view text) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    std::string hex;
    for (int shift = 60; shift >= 0; shift -= 4) {
        hex += kDigits[hash >> static_cast<unsigned>(shift) & 15U];
    }
    return hex;
}

Json cut(const Json& value, const Json& like) {
    if (!value.is_object() || !like.is_object()) {
        return value;
    }
    Json out = Json::object();
    for (const auto& entry : like.items()) {
        const auto found = value.find(entry.key());
        if (found != value.end() && !found->is_null()) {
            out[entry.key()] = cut(*found, entry.value());
        }
    }
    return out;
}

}  // namespace

const std::vector<TargetEntity>& target_entities() {
    static const std::vector<TargetEntity> kTargets{
        {"product",
         "products",
         true,
         "woocommerce_rest_product_invalid_id",
         "product_invalid_sku",
         {"name",
          "sku",
          "status",
          "regular_price",
          "sale_price",
          "tax_status",
          "virtual",
          "manage_stock"},
         {"/sku", "/regular_price", "/sale_price", "/meta_data"}},
        {"customer",
         "customers",
         true,
         "woocommerce_rest_invalid_id",
         "registration-error-email-exists",
         {"email", "first_name", "last_name", "billing", "shipping"},
         {"/email", "/meta_data"}},
        {"order",
         "orders",
         false,
         "woocommerce_rest_shop_order_invalid_id",
         "",
         {"status"},
         {"/status"}},
    };
    return kTargets;
}

const TargetEntity* find_target(std::string_view entity) {
    const auto& all = target_entities();
    const auto found = std::find_if(all.begin(), all.end(), [&](const TargetEntity& target) {
        return target.entity == entity;
    });
    return found == all.end() ? nullptr : &*found;
}

Json owned_of(const TargetEntity& target, const Json& row, const Json& body) {
    Json out = Json::object();
    if (!body.is_object()) {
        for (const auto& field : target.fields) {
            if (row.is_object() && row.contains(std::string(field))) {
                out[std::string(field)] = row[std::string(field)];
            }
        }
        return out;
    }
    out = cut(row, body);
    for (const char* member : kNotCompared) {
        if (body.contains(member)) {
            out[member] = body[member];
        }
    }
    return out;
}

std::string version_of(const TargetEntity& target, const Json& row) {
    return fingerprint(dump_json(owned_of(target, row, Json()))) + "." +
           fingerprint(dump_json(stable_form(row)));
}

bool same_owned(std::string_view version, std::string_view other) {
    return version.substr(0, version.find('.')) == other.substr(0, other.find('.'));
}

bool only_ours(const Json& before, const Json& after, const Json& sent) {
    if (!before.is_object() || !after.is_object()) {
        return before == after;
    }
    const auto same = [&](const Json& here, const Json& there) {
        for (const auto& entry : here.items()) {
            const auto other = there.find(entry.key());
            const auto ours = sent.find(entry.key());
            const bool derived =
                std::find(kDerived.begin(), kDerived.end(), entry.key()) != kDerived.end();
            if (derived || (ours != sent.end() && !ours->is_object())) {
                continue;
            }
            if (other == there.end() ||
                (ours == sent.end() ? entry.value() != *other
                                    : !only_ours(entry.value(), *other, *ours))) {
                return false;
            }
        }
        return true;
    };
    return same(after, before) && same(before, after);
}

std::string marker_in(const Json& row) {
    const auto meta = row.is_object() ? row.find("meta_data") : row.end();
    if (!row.is_object() || meta == row.end() || !meta->is_array()) {
        return {};
    }
    for (const auto& entry : *meta) {
        if (text_in(entry, "key") == kMarkerKey) {
            return text_in(entry, "value");
        }
    }
    return {};
}

std::string text_in(const Json& row, std::string_view member) {
    const auto found = row.is_object() ? row.find(member) : row.end();
    if (!row.is_object() || found == row.end()) {
        return {};
    }
    if (found->is_number_integer()) {
        return dump_json(*found);
    }
    return found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace syncline::woocommerce
