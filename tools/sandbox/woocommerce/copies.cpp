#include "woocommerce/copies.hpp"

#include <vector>

#include "woocommerce/shop.hpp"

namespace sandbox::woo {
namespace {

constexpr std::int64_t kLineIdStride = 1'000'000;
constexpr std::int64_t kSecondsPerRound = 3600;

// "c8@example.test" -> "c8-3@example.test"
void vary_email(Json& address, const char* name, int copy) {
    std::string email = text_of(address, name);
    const auto at = email.find('@');
    if (at != std::string::npos)
        address[name] = email.insert(at, "-" + std::to_string(copy));
}

void vary_text(Json& object, const char* name, const std::string& suffix) {
    const std::string text = text_of(object, name);
    if (!text.empty())
        object[name] = text + suffix;
}

void vary_address(Json& address, int copy) {
    vary_email(address, "email", copy);
    vary_text(address, "last_name", " " + std::to_string(copy));
}

Record copy_of(const Record& original, std::int64_t id, int copy, int rounds) {
    const std::int64_t back = -kSecondsPerRound * (rounds - copy + 1);
    Record record = original;
    record.id = id;
    record.copy = copy;
    record.created = shifted(original.created, back);
    record.modified = shifted(original.modified, back);
    return record;
}

void copy_refunds(Shop& shop, const Record& original, const Record& order, int rounds) {
    for (const std::int64_t refund_id : shop.refunds_of(original.id)) {
        Record refund = copy_of(shop.refunds.at(refund_id), shop.ids.post++, order.copy, rounds);
        refund.parent = order.id;
        shop.add_refund(refund);
    }
}

std::int64_t copy_customer(
    Shop& shop, std::int64_t customer, int copy, std::int64_t stride, int rounds
) {
    const auto original = shop.customers.find(customer);
    if (original == shop.customers.end())
        return 0;
    const std::int64_t id = customer + copy * stride;
    if (shop.customers.count(id) == 0)
        shop.customers.emplace(id, copy_of(original->second, id, copy, rounds));
    shop.ids.user = std::max(shop.ids.user, id + 1);
    return id;
}

}  // namespace

void multiply_orders(Shop& shop, int orders) {
    std::vector<Record> originals;
    for (const auto& [id, record] : shop.orders)
        if (record.status != "checkout-draft")
            originals.push_back(record);
    const int recorded = static_cast<int>(originals.size());
    if (orders <= recorded || recorded == 0)
        return;
    const std::int64_t stride = shop.ids.user;
    const int rounds = (orders - 1) / recorded;
    for (int i = recorded; i < orders; ++i) {
        const Record& original = originals[static_cast<std::size_t>(i % recorded)];
        const int copy = i / recorded;
        Record order = copy_of(original, shop.ids.post++, copy, rounds);
        order.customer = copy_customer(shop, original.customer, copy, stride, rounds);
        copy_refunds(shop, original, order, rounds);
        shop.orders.emplace(order.id, order);
    }
}

void vary_copy(Json& document, int copy) {
    const std::string suffix = std::to_string(copy);
    vary_email(document, "email", copy);
    for (const char* name : {"username", "order_key", "transaction_id"})
        vary_text(document, name, "-" + suffix);
    if (document.contains("username"))
        vary_text(document, "last_name", " " + suffix);
    for (const char* name : {"billing", "shipping"})
        if (document.contains(name))
            vary_address(document[name], copy);
    for (const char* lines :
         {"line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines"})
        if (document.contains(lines))
            for (Json& line : document[lines])
                line["id"] = integer_of(line, "id") + copy * kLineIdStride;
}

}  // namespace sandbox::woo
