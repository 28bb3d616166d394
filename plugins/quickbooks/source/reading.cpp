#include "quickbooks/source/reading.hpp"

#include <utility>

#include "quickbooks/encode/countries.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::string_view kShippingItem = "SHIPPING_ITEM_ID";
constexpr std::string_view kMarkerStart = "[syncline ";
constexpr std::string_view kMarkerEnd = " v1]";
constexpr std::string_view kRefundPart = ":refund:";

std::optional<Timestamp> time_at(const Json& object, std::string_view member) {
    const auto time = Timestamp::parse(text_at(child_at(object, "MetaData"), member));
    return time ? std::optional<Timestamp>(*time) : std::nullopt;
}

std::string path_of(const std::string& parent, std::size_t index) {
    return parent + "/" + std::to_string(index);
}

LineItem line_of(const Json& line, const std::string& path, Reading& reading) {
    LineItem item;
    item.id = text_at(line, "Id");
    item.total = item.subtotal = reading.money(line, "Amount", path + "/Amount");
    item.subtotal_tax = item.total_tax = Money{0, reading.currency};
    item.quantity = Decimal{1, 0};
    item.name = text_at(line, "Description");
    return item;
}

LineItem sold(const Json& line, const std::string& path, Reading& reading) {
    const Json& detail = child_at(line, "SalesItemLineDetail");
    LineItem item = line_of(line, path, reading);
    item.product_id = reference_at(detail, "ItemRef");
    const std::string name = text_at(child_at(detail, "ItemRef"), "name");
    item.name = name.empty() ? item.name : name;
    item.quantity = number_at(detail, "Qty").value_or(Decimal{1, 0});
    item.unit_price = number_at(detail, "UnitPrice").value_or(item.total.decimal());
    item.tax_class = reference_at(detail, "TaxCodeRef");
    return item;
}

LineItem taken_off(const Json& line, const std::string& path, Reading& reading) {
    LineItem item = line_of(line, path, reading);
    item.total = item.subtotal = -item.total;
    item.unit_price = item.total.decimal();
    item.name = item.name.empty() ? "Discount" : item.name;
    return item;
}

void add_lines(const Json& lines, const std::string& path, Reading& reading, SaleLines& into);

void add_line(const Json& line, const std::string& path, Reading& reading, SaleLines& into) {
    const std::string type = text_at(line, "DetailType");
    if (type == "SalesItemLineDetail") {
        LineItem item = sold(line, path, reading);
        if (item.product_id != kShippingItem) {
            into.items.push_back(std::move(item));
            return;
        }
        ShippingLine shipping;
        shipping.id = item.id;
        shipping.method = "shipping";
        shipping.title = item.name.empty() ? "Shipping" : item.name;
        shipping.total = item.total;
        shipping.total_tax = item.total_tax;
        into.shipping.push_back(std::move(shipping));
    } else if (type == "DiscountLineDetail") {
        into.items.push_back(taken_off(line, path, reading));
    } else if (type == "GroupLineDetail") {
        // The amount of a bundle is the sum of its lines.
        const Json& bundle = child_at(line, type);
        add_lines(child_at(bundle, "Line"), path + "/" + type + "/Line", reading, into);
    }
}

void add_lines(const Json& lines, const std::string& path, Reading& reading, SaleLines& into) {
    for (std::size_t i = 0; lines.is_array() && i < lines.size(); ++i) {
        add_line(lines[i], path_of(path, i), reading, into);
    }
}

}  // namespace

Money Reading::money(const Json& object, std::string_view member, const std::string& path) {
    const auto found = object.is_object() ? object.find(member) : object.end();
    if (!object.is_object() || found == object.end() || found->is_null()) {
        return Money{0, currency};
    }
    const auto number = number_at(object, member);
    if (!number) {
        note("AMOUNT_UNREADABLE", path, dump_json(*found));
        return Money{0, currency};
    }
    if (const auto exact = Money::from_decimal(*number, currency)) {
        return *exact;
    }
    const auto rounded = Money::rounded(*number, currency);
    note(rounded ? "AMOUNT_PRECISION" : "AMOUNT_UNREADABLE", path, number->to_string());
    return rounded ? *rounded : Money{0, currency};
}

void Reading::note(std::string_view code, const std::string& path, std::string value) {
    issues.push_back(Issue{std::string(code), path, std::move(value)});
}

Reading reading_of(const Json& object, Currency home) {
    const std::string code = reference_at(object, "CurrencyRef");
    Reading reading{home, {}};
    const auto own = Currency::parse(code);
    if (own) {
        reading.currency = *own;
    } else if (!code.empty() || home.empty()) {
        reading.currency = Currency();
        reading.note("CURRENCY_UNKNOWN", "/CurrencyRef/value", code);
    }
    return reading;
}

std::optional<Timestamp> changed_at(const Json& object) {
    return time_at(object, "LastUpdatedTime");
}

std::optional<Timestamp> created_at(const Json& object) {
    return time_at(object, "CreateTime");
}

Address address_of(const Json& object) {
    Address address;
    address.line1 = text_at(object, "Line1");
    address.line2 = text_at(object, "Line2");
    address.city = text_at(object, "City");
    address.state = text_at(object, "CountrySubDivisionCode");
    address.postcode = text_at(object, "PostalCode");
    address.country = country_alpha2(text_at(object, "Country"));
    return address;
}

std::string first_email(const Json& object, std::string_view member) {
    const std::string all = text_at(child_at(object, member), "Address");
    const std::string first = all.substr(0, all.find(','));
    const auto begin = first.find_first_not_of(' ');
    return begin == std::string::npos
               ? std::string()
               : first.substr(begin, first.find_last_not_of(' ') + 1 - begin);
}

std::string marked_record(std::string_view note) {
    const auto start = note.find(kMarkerStart);
    const auto end = start == std::string_view::npos ? start : note.find(kMarkerEnd, start);
    if (end == std::string_view::npos) {
        return {};
    }
    std::string_view inside = note.substr(start, end - start);
    inside = inside.substr(0, inside.find(kRefundPart));  // of a refund the order is wanted
    const auto colon = inside.rfind(':');
    return colon == std::string_view::npos ? std::string() : std::string(inside.substr(colon + 1));
}

SaleLines sale_lines(const Json& object, Reading& reading) {
    SaleLines lines;
    add_lines(child_at(object, "Line"), "/Line", reading, lines);
    return lines;
}

std::vector<LineItem> all_lines(SaleLines lines) {
    for (auto& shipping : lines.shipping) {
        LineItem item;
        item.id = std::move(shipping.id);
        item.name = std::move(shipping.title);
        item.quantity = Decimal{1, 0};
        item.unit_price = shipping.total.decimal();
        item.subtotal = item.total = shipping.total;
        item.subtotal_tax = item.total_tax = shipping.total_tax;
        lines.items.push_back(std::move(item));
    }
    return std::move(lines.items);
}

std::vector<TaxLine> tax_lines(const Json& object, Reading& reading) {
    std::vector<TaxLine> all;
    const Json& lines = child_at(child_at(object, "TxnTaxDetail"), "TaxLine");
    for (std::size_t i = 0; lines.is_array() && i < lines.size(); ++i) {
        const Json& detail = child_at(lines[i], "TaxLineDetail");
        TaxLine line;
        line.rate_id = reference_at(detail, "TaxRateRef");
        line.percent = number_at(detail, "TaxPercent").value_or(Decimal());
        line.amount =
            reading.money(lines[i], "Amount", path_of("/TxnTaxDetail/TaxLine", i) + "/Amount");
        line.shipping_amount = Money{0, reading.currency};
        all.push_back(std::move(line));
    }
    return all;
}

}  // namespace syncline::quickbooks
