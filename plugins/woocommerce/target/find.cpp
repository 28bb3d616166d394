#include "woocommerce/target/find.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <syncline/model/customer.hpp>

#include "woocommerce/shop_lists.hpp"

namespace syncline::woocommerce {
namespace {

constexpr std::size_t kSkusPerRequest = 20;  // a URL's length

using Keys = std::vector<const FindKey*>;

void take(
    const TargetEntity& target, const FindKey& key, const Json& row, std::vector<Found>& found
) {
    Found one = found_row(target, row, key.body);
    one.key = key.key;
    found.push_back(std::move(one));
}

Result<std::vector<Json>> list(
    plugin::Call& call, Shop& shop, const std::string& path, const QueryParameters& query
) {
    SYNCLINE_ASSIGN_OR_RETURN(Answer answer, get(call, shop, path, query));
    return answer.body.is_array() ? answer.body.get<std::vector<Json>>() : std::vector<Json>();
}

Result<void> find_by_id(
    plugin::Call& call,
    Shop& shop,
    const TargetEntity& target,
    const std::map<std::string, Keys>& keys,
    std::vector<Found>& found
) {
    std::vector<std::string> ids;
    for (const auto& [id, wanted] : keys) {
        ids.push_back(id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const FoundRows rows, rows_by_id(call, shop, *list_of(std::string(target.entity)), ids)
    );
    for (const auto& row : rows.rows) {
        const auto wanted = keys.find(text_in(row, "id"));
        for (const FindKey* key : wanted == keys.end() ? Keys() : wanted->second) {
            take(target, *key, row, found);
        }
    }
    return {};
}

Result<void> find_products(
    plugin::Call& call,
    Shop& shop,
    const TargetEntity& target,
    const Keys& keys,
    std::vector<Found>& found
) {
    std::vector<std::string> skus;
    for (const FindKey* key : keys) {
        skus.push_back(key->natural_key);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, products_with_skus(call, shop, skus));
    for (const FindKey* key : keys) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
            return text_in(one, "sku") == key->natural_key;
        });
        if (row != rows.end()) {
            take(target, *key, *row, found);
        }
    }
    return {};
}

Result<void> find_customers(
    plugin::Call& call,
    Shop& shop,
    const TargetEntity& target,
    const Keys& keys,
    std::vector<Found>& found
) {
    for (const FindKey* key : keys) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto row, customer_with_email(call, shop, key->natural_key)
        );
        if (row) {
            take(target, *key, *row, found);
        }
    }
    return {};
}

// The API filters by no meta, so everything made since then is looked through.
Result<void> find_by_marker(
    plugin::Call& call,
    Shop& shop,
    const TargetEntity& target,
    const Keys& keys,
    std::vector<Found>& found,
    Timestamp since
) {
    ShopList made = *list_of(std::string(target.entity));
    made.query["after"] = Timestamp{since.ms - 1000}.to_string().substr(0, 19);
    made.query["dates_are_gmt"] = "true";
    made.page_max = 100;
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, read_all(call, shop, made));
    for (const FindKey* key : keys) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& one) {
            return marker_in(one) == key->marker;
        });
        if (row != rows.end()) {
            take(target, *key, *row, found);
        }
    }
    return {};
}

}  // namespace

Found found_row(const TargetEntity& target, const Json& row, const Json& body) {
    Found found;
    found.entity = target.entity;
    found.remote_id = text_in(row, "id");
    found.version = version_of(target, row);
    found.owned = owned_of(target, row, body);
    const std::string what = std::string(target.entity) + " " + found.remote_id;
    if (text_in(row, "status") == "trash") {
        found.hold = Reason{
            "IN_TRASH", what + " is in the shop's trash; restore it, or delete it permanently"};
    } else if (target.entity == "product" && text_in(row, "type") == "variation") {
        found.hold = Reason{
            "SKU_OF_VARIATION",
            what + " is a variation and holds this SKU ('" + text_in(row, "sku") +
                "'); give one of the two another SKU"};
    }
    return found;
}

Result<std::vector<Json>> products_with_skus(
    plugin::Call& call, Shop& shop, const std::vector<std::string>& skus
) {
    std::vector<Json> rows;
    for (std::size_t at = 0; at < skus.size(); at += kSkusPerRequest) {
        std::string joined;
        const std::size_t end = std::min(skus.size(), at + kSkusPerRequest);
        for (std::size_t i = at; i < end; ++i) {
            // The list is split at commas, so such a SKU cannot be asked for; the shop's refusal of
            // a second one names its holder.
            const bool askable = skus[i].find(',') == std::string::npos;
            joined += askable ? (joined.empty() ? "" : ",") + skus[i] : "";
        }
        for (const char* status : {"any", "trash"}) {
            if (joined.empty()) {
                continue;
            }
            SYNCLINE_ASSIGN_OR_RETURN(
                auto some,
                list(
                    call,
                    shop,
                    "products",
                    {{"sku", joined}, {"status", status}, {"per_page", "100"}}
                )
            );
            std::move(some.begin(), some.end(), std::back_inserter(rows));
        }
    }
    return rows;
}

Result<std::optional<Json>> customer_with_email(
    plugin::Call& call, Shop& shop, const std::string& email
) {
    SYNCLINE_ASSIGN_OR_RETURN(
        auto rows, list(call, shop, "customers", {{"email", email}, {"role", "all"}})
    );
    for (auto& row : rows) {
        if (normalized_email(text_in(row, "email")) == email) {
            return std::optional<Json>(std::move(row));
        }
    }
    return std::optional<Json>();
}

Result<std::vector<Found>> find_records(
    plugin::Call& call, Shop& shop, const FindRequest& request
) {
    const TargetEntity* target = find_target(request.entity);
    if (target == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "WooCommerce has no entity '" + request.entity + "' to write to",
            "woo.entity"};
    }
    std::map<std::string, Keys> by_id;
    Keys by_identity;
    Keys by_marker;
    for (const auto& key : request.keys) {
        const bool order = !target->makes;
        if (!key.remote_id.empty() || (order && !key.natural_key.empty())) {
            by_id[key.remote_id.empty() ? key.natural_key : key.remote_id].push_back(&key);
        } else if (!key.natural_key.empty()) {
            by_identity.push_back(&key);
        } else if (!key.marker.empty()) {
            by_marker.push_back(&key);
        }
    }
    std::vector<Found> found;
    if (!by_id.empty()) {
        SYNCLINE_RETURN_IF_ERROR(find_by_id(call, shop, *target, by_id, found));
    }
    if (!by_identity.empty()) {
        SYNCLINE_RETURN_IF_ERROR(
            target->entity == "customer" ? find_customers(call, shop, *target, by_identity, found)
                                         : find_products(call, shop, *target, by_identity, found)
        );
    }
    if (!by_marker.empty() && request.since && target->entity == "product") {
        SYNCLINE_RETURN_IF_ERROR(
            find_by_marker(call, shop, *target, by_marker, found, *request.since)
        );
    }
    return found;
}

}  // namespace syncline::woocommerce
