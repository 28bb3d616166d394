#include "woocommerce/source_object.hpp"

#include <algorithm>
#include <utility>

#include "woocommerce/html.hpp"

namespace syncline::woocommerce {
namespace {

const Json kNull;
const Json kEmptyObject = Json::object();

// Enough for any unit price; what PHP prints beyond is the noise of binary division.
constexpr std::size_t kDerivedDigits = 12;

std::string as_text(const Json& value) {
    if (value.is_string()) {
        return value.get_ref<const std::string&>();
    }
    return value.is_number() || value.is_boolean() ? dump_json(value) : std::string();
}

// "7.0000000000000007e-5" -> "7.000000000000e-5"
std::string without_noise(const std::string& number) {
    const auto point = number.find('.');
    const auto exponent = std::min(number.find_first_of("eE"), number.size());
    if (point == std::string::npos || exponent - point <= kDerivedDigits) {
        return number;
    }
    return number.substr(0, point + 1 + kDerivedDigits) + number.substr(exponent);
}

}  // namespace

SourceObject::SourceObject(const Json& json, Reading& reading, std::string path)
    : json_(json.is_object() ? &json : &kEmptyObject), reading_(&reading), path_(std::move(path)) {}

const Json& SourceObject::member(std::string_view name) const {
    const auto found = json_->find(name);
    return found == json_->end() ? kNull : *found;
}

void SourceObject::note(std::string_view code, std::string_view name, std::string value) const {
    reading_->issues.push_back(
        {std::string(code), path_ + "/" + std::string(name), std::move(value)}
    );
}

std::string SourceObject::text(std::string_view name) const {
    return as_text(member(name));
}

std::string SourceObject::title(std::string_view name) const {
    return decode_entities(text(name));
}

std::string SourceObject::id(std::string_view name) const {
    std::string value = text(name);
    return value == "0" ? std::string() : value;
}

bool SourceObject::flag(std::string_view name) const {
    const std::string value = text(name);
    return value == "true" || value == "1" || value == "yes";
}

Money SourceObject::to_money(std::string_view name, const std::string& value) const {
    const Money zero{0, reading_->currency};
    if (value.empty() || reading_->currency.empty()) {
        return zero;
    }
    const auto number = Decimal::parse(value);
    const auto amount =
        number ? Money::rounded(*number, reading_->currency) : Result<Money>(number.error());
    if (!amount) {
        note("AMOUNT_UNREADABLE", name, value);
        return zero;
    }
    if (amount->decimal() != *number) {
        note("AMOUNT_PRECISION", name, value);
    }
    return *amount;
}

Money SourceObject::money(std::string_view name) const {
    return to_money(name, text(name));
}

std::optional<Money> SourceObject::price(std::string_view name) const {
    const std::string value = text(name);
    if (value.empty() || reading_->currency.empty()) {
        return std::nullopt;
    }
    return to_money(name, value);
}

Decimal SourceObject::decimal(std::string_view name) const {
    const std::string value = text(name);
    if (value.empty()) {
        return {};
    }
    const auto number = Decimal::parse(value);
    if (!number) {
        note("AMOUNT_UNREADABLE", name, value);
        return {};
    }
    return *number;
}

Decimal SourceObject::derived(std::string_view name) const {
    const auto number = Decimal::parse(without_noise(text(name)));
    return number ? *number : decimal(name);
}

std::optional<Timestamp> SourceObject::time(std::string_view name) const {
    if (const auto gmt = Timestamp::parse(text(std::string(name) + "_gmt")); gmt) {
        return *gmt;
    }
    const auto local = Timestamp::parse(text(name));
    return local ? std::optional<Timestamp>(Timestamp{
                       local->ms - reading_->gmt_offset_minutes * 60'000})
                 : std::nullopt;
}

std::vector<SourceObject> SourceObject::list(std::string_view name) const {
    std::vector<SourceObject> items;
    const Json& array = member(name);
    for (std::size_t i = 0; array.is_array() && i < array.size(); ++i) {
        if (array[i].is_object()) {
            items.emplace_back(
                array[i], *reading_, path_ + "/" + std::string(name) + "/" + std::to_string(i)
            );
        }
    }
    return items;
}

SourceObject SourceObject::object(std::string_view name) const {
    return {member(name), *reading_, path_ + "/" + std::string(name)};
}

}  // namespace syncline::woocommerce
