#include "woocommerce/shop.hpp"

#include <fstream>
#include <stdexcept>

#include "woocommerce/copies.hpp"

namespace sandbox::woo {
namespace {

Json read_json(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream)
        throw std::runtime_error("cannot read " + file.string() + ", part of a recorded shop");
    try {
        return Json::parse(stream);
    } catch (const Json::exception& error) {
        throw std::runtime_error(file.string() + ": " + error.what());
    }
}

Json read_json_if_there(const std::filesystem::path& file) {
    return std::filesystem::exists(file) ? read_json(file) : Json::array();
}

void load(Records& into, const Json& list) {
    for (const Json& document : list) {
        Record record = make_record(document);
        into.emplace(record.id, record);
    }
}

void load_variations(Records& into, const Json& by_parent) {
    for (const auto& [parent, list] : by_parent.items()) load(into, list);
}

std::int64_t highest_item_id(const Records& records) {
    std::int64_t highest = 0;
    for (const auto& [id, record] : records)
        for (const char* lines :
             {"line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines"})
            for (const Json& line : member(*record.document, lines))
                highest = std::max(highest, integer_of(line, "id"));
    return highest;
}

std::int64_t highest_id(const Records& records) {
    return records.empty() ? 0 : records.rbegin()->first;
}

NextIds next_ids(const Shop& shop) {
    NextIds ids;
    for (const Records* records :
         {&shop.orders, &shop.refunds, &shop.products, &shop.variations, &shop.coupons})
        ids.post = std::max(ids.post, highest_id(*records) + 1);
    ids.user = highest_id(shop.customers) + 1;
    ids.item = std::max(highest_item_id(shop.orders), highest_item_id(shop.refunds)) + 1;
    ids.meta = 100'000;
    return ids;
}

}  // namespace

std::string currency_sign(const std::string& currency) {
    if (currency == "USD")
        return "$";
    if (currency == "EUR")
        return "\u20ac";
    if (currency == "GBP")
        return "\u00a3";
    return currency == "JPY" ? "\u00a5" : currency;
}

Shop::Shop(const PlatformOptions& options, const std::string& folder)
    : clock(*options.clock),
      site(read_json(options.data / folder / "site.json")),
      system_status(read_json(options.data / folder / "system_status.json")),
      settings{
          {"general", read_json(options.data / folder / "settings_general.json")},
          {"tax", read_json(options.data / folder / "settings_tax.json")},
      },
      time(clock, text_of(site, "timezone_string")) {
    const std::filesystem::path data = options.data / folder;
    load(orders, read_json(data / "orders_dp6.json"));
    load(orders, read_json_if_there(data / "orders_draft.json"));
    for (const Json& refund : read_json(data / "refunds.json")) add_refund(make_record(refund));
    load(products, read_json(data / "products.json"));
    load_variations(variations, read_json_if_there(data / "variations.json"));
    load(customers, read_json(data / "customers.json"));
    load(coupons, read_json(data / "coupons.json"));
    load(taxes, read_json(data / "taxes.json"));
    currency = text_of(system_status["settings"], "currency");
    decimals = static_cast<int>(integer_of(system_status["settings"], "number_of_decimals", 2));
    ids = next_ids(*this);
    multiply_orders(*this, options.orders);
}

void Shop::add_refund(const Record& refund) {
    refunds[refund.id] = refund;
    refunds_by_order_[refund.parent].insert(refund.id);
}

void Shop::erase_refund(std::int64_t id) {
    const auto it = refunds.find(id);
    if (it == refunds.end())
        return;
    refunds_by_order_[it->second.parent].erase(id);
    refunds.erase(it);
}

std::vector<std::int64_t> Shop::refunds_of(std::int64_t order) const {
    const auto it = refunds_by_order_.find(order);
    if (it == refunds_by_order_.end())
        return {};
    return {it->second.rbegin(), it->second.rend()};
}

void Shop::erase_order(std::int64_t id) {
    for (const std::int64_t refund : refunds_of(id)) erase_refund(refund);
    orders.erase(id);
}

const Record* Shop::product_of_sku(const std::string& sku) const {
    for (const Records* records : {&products, &variations})
        for (const auto& [id, record] : *records)
            if (!sku.empty() && text_of(*record.document, "sku") == sku)
                return &record;
    return nullptr;
}

const Record* Shop::product_or_variation(std::int64_t id) const {
    for (const Records* records : {&products, &variations}) {
        const auto it = records->find(id);
        if (it != records->end())
            return &it->second;
    }
    return nullptr;
}

std::string Shop::setting(const std::string& id) const {
    for (const Json& group : settings)
        for (const Json& one : group)
            if (text_of(one, "id") == id)
                return text_of(one, "value");
    return "";
}

}  // namespace sandbox::woo
