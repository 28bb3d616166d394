#include "core/match_signs.hpp"

#include <algorithm>
#include <set>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>

namespace syncline {
namespace {

constexpr std::string_view kMarkerStart = "[syncline ";
constexpr std::size_t kMarkerMax = 300;
constexpr std::size_t kPhoneDigitsMin = 6;
constexpr std::size_t kLabelMax = 120;
constexpr std::int64_t kHourMs = 3'600'000;
// Zones of the world, against UTC: which days an instant may be on somebody's calendar.
constexpr std::int64_t kWestMs = -12 * kHourMs;
constexpr std::int64_t kEastMs = 14 * kHourMs;

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) {
        return {};
    }
    return std::string(text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1));
}

// In lower case (ASCII), with one space between words.
std::string plain_name(std::string_view text) {
    std::string name;
    for (const char c : trimmed(text)) {
        const bool space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (space && !name.empty() && name.back() == ' ') {
            continue;
        }
        name += space ? ' ' : c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return name;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string digits_of(std::string_view text) {
    std::string digits;
    std::copy_if(text.begin(), text.end(), std::back_inserter(digits), is_digit);
    return digits;
}

// "1001" of "WC-1001"; a number that is digits alone is its own.
std::string bare_number(const std::string& number) {
    std::size_t begin = number.size();
    while (begin > 0 && is_digit(number[begin - 1])) {
        --begin;
    }
    return number.substr(begin);
}

std::string joined(std::initializer_list<std::string> parts) {
    std::string value;
    for (const auto& part : parts) {
        value += (&part == parts.begin() ? "" : std::string(1, kSignPart)) + part;
    }
    return value;
}

std::string shortened(std::string label) {
    if (label.size() > kLabelMax) {
        std::size_t end = kLabelMax;
        while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        label.resize(end);
    }
    return label;
}

std::string amount_of(const Money& money) {
    return money.to_string() + " " + std::string(money.currency().code());
}

void add(MatchRecord& record, SignKind kind, std::initializer_list<std::string> parts) {
    const bool whole =
        std::none_of(parts.begin(), parts.end(), [](const auto& one) { return one.empty(); });
    if (whole) {
        record.signs.push_back({kind, joined(parts)});
    }
}

std::string customer_name(const Customer& customer) {
    const std::string name = trimmed(customer.first_name + " " + customer.last_name);
    return name.empty() ? trimmed(customer.company) : name;
}

std::vector<MatchRecord> customer_records(const std::string& id, const Customer& customer) {
    MatchRecord record{"customer", id, "", "", customer.active, {}};
    const std::string name = customer_name(customer);
    const std::string email = normalized_email(customer.email);
    record.label = shortened(email.empty() ? name : name + " <" + email + ">");
    add(record, SignKind::kEmail, {email});
    const std::string phone =
        digits_of(customer.phone.empty() ? customer.billing.phone : customer.phone);
    if (phone.size() >= kPhoneDigitsMin) {
        add(record, SignKind::kNamePhone, {plain_name(name), phone});
    }
    add(record, SignKind::kNamePostcode, {plain_name(name), plain_name(customer.billing.postcode)});
    return {std::move(record)};
}

MatchRecord product_record(const std::string& id, const Product& product, const Product* parent) {
    MatchRecord record{"product", id, parent == nullptr ? "" : product.id, "", product.active, {}};
    const std::string sku = trimmed(product.sku);
    const std::string name =
        product.name.empty() && parent != nullptr ? parent->name : product.name;
    record.label = shortened(sku.empty() ? trimmed(name) : sku + " " + trimmed(name));
    add(record, SignKind::kSku, {sku});
    if (product.price) {
        add(record, SignKind::kNamePrice, {plain_name(name), product.price->to_string()});
    }
    return record;
}

std::vector<MatchRecord> product_records(const std::string& id, const Product& product) {
    if (product.variants.empty()) {
        return {product_record(id, product, nullptr)};
    }
    std::vector<MatchRecord> records;
    for (const auto& variant : product.variants) {
        records.push_back(product_record(id, variant, &product));
    }
    return records;
}

struct Sale {
    std::string number;
    Money total;
    std::string email;
    std::set<std::string> dates;
};

void add_sale(MatchRecord& record, const Sale& sale) {
    const std::string total = amount_of(sale.total);
    const std::string number = trimmed(sale.number);
    for (const auto& date : sale.dates) {
        add(record, SignKind::kNumber, {number, total, date});
        add(record, SignKind::kBareNumber, {bare_number(number), total, date});
        add(record, SignKind::kBuyerTotalDate, {normalized_email(sale.email), total, date});
    }
    add(record, SignKind::kNumberTotal, {number, total});
    record.label =
        shortened(number + ", " + total + (sale.dates.empty() ? "" : ", " + *sale.dates.begin()));
}

void add_days(std::set<std::string>& days, const std::optional<Timestamp>& at) {
    if (at && at->ms > 0) {
        for (const std::int64_t shift : {kWestMs, std::int64_t{0}, kEastMs}) {
            days.insert(Timestamp{at->ms + shift}.to_string().substr(0, 10));
        }
    }
}

std::vector<MatchRecord> order_records(const std::string& id, const Order& order) {
    if (order.status == OrderStatus::kDraft || order.status == OrderStatus::kTrash) {
        return {};
    }
    MatchRecord record{"order", id, "", "", true, {}};
    Sale sale{order.number.empty() ? id : order.number, order.total, order.billing.email, {}};
    add_days(sale.dates, order.created_at);
    add_days(sale.dates, order.paid_at);
    add_days(sale.dates, order.completed_at);
    add_sale(record, sale);
    record.label = shortened(
        "order " + sale.number + ", " + amount_of(order.total) + ", " +
        order.created_at.to_string().substr(0, 10)
    );
    return {std::move(record)};
}

std::vector<MatchRecord> invoice_records(
    std::string_view entity, const std::string& id, const Invoice& invoice
) {
    if (invoice.status == "void") {
        return {};
    }
    MatchRecord record{std::string(entity), id, "", "", true, {}};
    Sale sale{invoice.number, invoice.total, invoice.customer_email, {}};
    if (!invoice.issued_on.empty()) {
        sale.dates.insert(invoice.issued_on);
    }
    add_sale(record, sale);
    return {std::move(record)};
}

void collect_markers(const Json& json, std::set<std::string>& into) {
    if (json.is_structured()) {
        for (const auto& child : json) {
            collect_markers(child, into);
        }
    } else if (json.is_string()) {
        const auto& text = json.get_ref<const std::string&>();
        for (auto at = text.find(kMarkerStart); at != std::string::npos;
             at = text.find(kMarkerStart, at + 1)) {
            const auto end = text.find(']', at);
            if (end != std::string::npos && end - at < kMarkerMax) {
                into.insert(text.substr(at, end - at + 1));
            }
        }
    }
}

template <class Model, class Make>
Result<std::vector<MatchRecord>> with_model(const Json& record, Make&& make) {
    const auto model = from_json<Model>(record);
    if (!model) {
        return Error{
            ErrorCode::kData, "it is not in the canonical form: " + model.error().message, {}};
    }
    return make(*model);
}

}  // namespace

std::vector<std::string> counterparts_of(std::string_view entity) {
    if (entity == "order") {
        return {"invoice", "sales_receipt", "order"};
    }
    return {std::string(entity)};
}

Result<std::vector<MatchRecord>> signs_of(
    std::string_view entity, const std::string& id, const Json& record
) {
    if (entity == "customer") {
        return with_model<Customer>(record, [&](const Customer& customer) {
            return customer_records(id, customer);
        });
    }
    if (entity == "product") {
        return with_model<Product>(record, [&](const Product& product) {
            return product_records(id, product);
        });
    }
    if (entity == "order") {
        return with_model<Order>(record, [&](const Order& order) {
            return order_records(id, order);
        });
    }
    if (entity == "invoice" || entity == "sales_receipt") {
        return with_model<Invoice>(record, [&](const Invoice& invoice) {
            return invoice_records(entity, id, invoice);
        });
    }
    return Error{
        ErrorCode::kUnsupported,
        "nothing is known by which a " + std::string(entity) + " could be found again",
        "match.entity"};
}

Sign marker_sign(std::string marker) {
    return {SignKind::kMarker, std::move(marker)};
}

std::vector<Sign> markers_in(const Json& record) {
    std::set<std::string> markers;
    collect_markers(record, markers);
    std::vector<Sign> signs;
    for (const auto& marker : markers) {
        signs.push_back(marker_sign(marker));
    }
    return signs;
}

}  // namespace syncline
