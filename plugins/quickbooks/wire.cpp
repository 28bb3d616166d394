#include "quickbooks/wire.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace syncline::quickbooks {
namespace {

constexpr std::array<std::string_view, 14> kNumericMembers{
    "Amount",
    "Balance",
    "DiscountPercent",
    "DueDays",
    "ExchangeRate",
    "HomeTotalAmt",
    "Qty",
    "NetAmountTaxable",
    "RateValue",
    "TaxInclusiveAmt",
    "TaxPercent",
    "TotalAmt",
    "TotalTax",
    "UnitPrice",
};

Error unprintable(std::string_view member, const Json& value, std::string_view why) {
    return Error{
        ErrorCode::kBug,
        "the document's member '" + std::string(member) + "' " + std::string(why) + ": " +
            dump_json(value).substr(0, 60),
        "qbo.unprintable"};
}

Result<void> print(const Json& value, std::string_view member, std::string& out);

Result<void> print_object(const Json& object, std::string& out) {
    out += '{';
    bool first = true;
    for (const auto& entry : object.items()) {
        if (entry.key() == "$need") {
            return unprintable(entry.key(), entry.value(), "is a reference without an id");
        }
        if (entry.key().rfind('$', 0) == 0) {
            continue;
        }
        out += first ? "" : ",";
        first = false;
        out += dump_json(entry.key()) + ":";
        SYNCLINE_RETURN_IF_ERROR(print(entry.value(), entry.key(), out));
    }
    out += '}';
    return {};
}

Result<void> print_array(const Json& array, std::string_view member, std::string& out) {
    out += '[';
    for (std::size_t i = 0; i < array.size(); ++i) {
        out += i == 0 ? "" : ",";
        SYNCLINE_RETURN_IF_ERROR(print(array[i], member, out));
    }
    out += ']';
    return {};
}

Result<void> print(const Json& value, std::string_view member, std::string& out) {
    if (value.is_object()) {
        return print_object(value, out);
    }
    if (value.is_array()) {
        return print_array(value, member, out);
    }
    if (value.is_number_float()) {
        return unprintable(member, value, "is a binary floating point number");
    }
    if (value.is_string() && is_numeric_member(member)) {
        const auto number = Decimal::parse(value.get_ref<const std::string&>());
        if (!number) {
            return unprintable(member, value, "is no decimal number");
        }
        out += plain(*number);
        return {};
    }
    out += dump_json(value);
    return {};
}

}  // namespace

bool is_numeric_member(std::string_view name) {
    return std::find(kNumericMembers.begin(), kNumericMembers.end(), name) != kNumericMembers.end();
}

Result<std::string> print_wire(const Json& body) {
    std::string out;
    SYNCLINE_RETURN_IF_ERROR(print(body, {}, out));
    return out;
}

std::optional<Decimal> number_at(const Json& object, std::string_view member) {
    const auto found = object.is_object() ? object.find(member) : object.end();
    if (!object.is_object() || found == object.end()) {
        return std::nullopt;
    }
    if (found->is_number_integer()) {
        return Decimal{found->get<std::int64_t>(), 0};
    }
    if (!found->is_string()) {
        return std::nullopt;
    }
    const auto parsed = Decimal::parse(found->get_ref<const std::string&>());
    return parsed ? std::optional<Decimal>(*parsed) : std::nullopt;
}

std::string text_at(const Json& object, std::string_view member) {
    if (!object.is_object()) {
        return {};
    }
    const auto found = object.find(member);
    return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string reference_at(const Json& object, std::string_view member) {
    return text_at(child_at(object, member), "value");
}

const Json& child_at(const Json& object, std::string_view member) {
    static const Json kEmpty = Json::object();
    if (!object.is_object()) {
        return kEmpty;
    }
    const auto found = object.find(member);
    return found != object.end() && found->is_structured() ? *found : kEmpty;
}

bool flag_at(const Json& object, std::string_view member, bool absent) {
    if (!object.is_object()) {
        return absent;
    }
    const auto found = object.find(member);
    return found != object.end() && found->is_boolean() ? found->get<bool>() : absent;
}

std::string plain(const Decimal& number) {
    return number.normalized().to_string();
}

std::string base64(std::string_view bytes) {
    static constexpr std::string_view kAlphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t group = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            group = group << 8U | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            out += i <= count ? kAlphabet[group >> (18U - 6U * i) & 63U] : '=';
        }
    }
    return out;
}

}  // namespace syncline::quickbooks
