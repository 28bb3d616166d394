#include "quickbooks/rules.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::string_view kMetaPrefix = "meta:";
constexpr std::string_view kAnyValue = "*";

bool is_meta(const std::string& source) {
    return source.rfind(kMetaPrefix, 0) == 0;
}

bool among(const std::vector<std::string>& wanted, std::string_view value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool matches(const Condition& when, const Order& order) {
    if (!among(when.gateways, order.payment_method) || !among(when.statuses, order.source_status) ||
        !among(when.countries, order.billing.country) ||
        !among(when.currencies, order.currency.code())) {
        return false;
    }
    return std::all_of(when.meta.begin(), when.meta.end(), [&](const auto& wanted) {
        const auto value = order_meta(order, wanted.first);
        return value && (wanted.second == kAnyValue || *value == wanted.second);
    });
}

// The member at a dotted path; null if there is none.
Json at_path(const Json& whole, const std::string& path) {
    Json at = whole;
    for (std::size_t start = 0; start <= path.size();) {
        const std::size_t end = std::min(path.find('.', start), path.size());
        const auto found = at.is_object() ? at.find(path.substr(start, end - start)) : at.end();
        if (!at.is_object() || found == at.end()) {
            return nullptr;
        }
        Json next = *found;
        at = std::move(next);
        start = end + 1;
    }
    return at;
}

}  // namespace

const Rule* rule_for(const Rules& rules, const Order& order) {
    for (const auto& [name, rule] : rules) {
        if (matches(rule.when, order)) {
            return &rule;
        }
    }
    return nullptr;
}

std::optional<std::string> order_meta(const Order& order, std::string_view key) {
    for (const auto& entry : child_at(order.raw, "meta_data")) {
        if (text_at(entry, "key") != key) {
            continue;
        }
        const Json value = entry.value("value", Json());
        if (value.is_null()) {
            return std::nullopt;
        }
        return value.is_string() ? value.get<std::string>() : dump_json(value);
    }
    return std::nullopt;
}

std::string order_text(const Order& order, const std::string& source) {
    if (is_meta(source)) {
        return order_meta(order, source.substr(kMetaPrefix.size())).value_or("");
    }
    const Json found = at_path(to_json(order), source);
    return found.is_string() ? found.get<std::string>() : std::string();
}

bool is_order_text(const std::string& source) {
    if (is_meta(source)) {
        return source.size() > kMetaPrefix.size();
    }
    return at_path(to_json(Order{}), source).is_string();
}

}  // namespace syncline::quickbooks
