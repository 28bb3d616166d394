#include "quickbooks/books/company.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

std::string name_key(Entity entity, std::string_view name) {
    const bool person = entity == Entity::kVendor || entity == Entity::kEmployee;
    const Entity space = person ? Entity::kCustomer : entity;
    return std::string(info(space).name) + ":" + folded_name(name);
}

std::string name_of(Entity entity, const Json& doc) {
    if (info(entity).family != Family::kList)
        return "";
    const std::string display_name = text_at(doc, "DisplayName");
    return display_name.empty() ? text_at(doc, "Name") : display_name;
}

// Invoices, receipts, credit memos and refunds share their numbers (assumed in the facts page);
// estimates and bills have their own.
std::string number_key(Entity entity, std::string_view number) {
    const bool shared = info(entity).family == Family::kSale && entity != Entity::kEstimate;
    return std::string(shared ? "Sale" : info(entity).name) + ":" + std::string(number);
}

template <typename Map, typename Key>
void erase_entry(Map& map, const std::string& name, const Key& key) {
    const auto [begin, end] = map.equal_range(name);
    const auto it =
        std::find_if(begin, end, [&](const auto& entry) { return entry.second == key; });
    if (it != end)
        map.erase(it);
}

}  // namespace

std::optional<std::int64_t> parse_id(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (text.empty() || text.size() > 18 || !std::all_of(text.begin(), text.end(), is_digit))
        return std::nullopt;
    std::int64_t id = 0;
    for (const char c : text) id = id * 10 + (c - '0');
    return id;
}

std::string folded_name(std::string_view name) {
    if (name.size() > kDeletedSuffix.size() &&
        name.substr(name.size() - kDeletedSuffix.size()) == kDeletedSuffix)
        name.remove_suffix(kDeletedSuffix.size());
    std::string folded(name);
    for (char& c : folded) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return folded;
}

int Company::id_sequence(Entity entity) {
    const Family family = info(entity).family;
    if (family == Family::kSale || family == Family::kOther)
        return kDocumentIds;
    if (entity == Entity::kVendor || entity == Entity::kEmployee)
        return static_cast<int>(Entity::kCustomer);
    return static_cast<int>(entity);
}

TaxMode Company::tax_mode() const {
    const Json& prefs = preferences();
    if (!flag_at(prefs, "TaxPrefs.UsingSalesTax", false))
        return TaxMode::kOff;
    if (text_at(table(Entity::kCompanyInfo).at(1).doc, "Country") != "US")
        return TaxMode::kElsewhere;
    return member(prefs, "TaxPrefs.PartnerTaxEnabled") ? TaxMode::kUsAutomated : TaxMode::kUsManual;
}

std::string Company::home_currency() const {
    return text_at(preferences(), "CurrencyPrefs.HomeCurrency.value");
}

bool Company::multi_currency() const {
    return flag_at(preferences(), "CurrencyPrefs.MultiCurrencyEnabled", false);
}

const Record* Company::find(Entity entity, std::string_view id) const {
    const auto number = parse_id(id);
    if (!number || hidden(entity, *number))
        return nullptr;
    const auto it = table(entity).find(*number);
    return it == table(entity).end() || it->second.deleted ? nullptr : &it->second;
}

Record* Company::find(Entity entity, std::string_view id) {
    return const_cast<Record*>(std::as_const(*this).find(entity, id));
}

std::int64_t Company::next_id(Entity entity) {
    return ++last_ids_[id_sequence(entity)];
}

void Company::put(Entity entity, std::int64_t id, Record record) {
    Table& records = table(entity);
    const auto before = records.find(id);
    if (before != records.end())
        forget_indexes(entity, id, before->second);
    else if (in_batch_)
        fresh_.insert({entity, id});
    std::int64_t& last = last_ids_[id_sequence(entity)];
    last = std::max(last, id);
    note_indexes(entity, id, record);
    records[id] = std::move(record);
}

void Company::forget_indexes(Entity entity, std::int64_t id, const Record& record) {
    erase_entry(names_, name_key(entity, name_of(entity, record.doc)), Key{entity, id});
    erase_entry(numbers_, number_key(entity, text_at(record.doc, "DocNumber")), Key{entity, id});
}

void Company::note_indexes(Entity entity, std::int64_t id, const Record& record) {
    if (record.deleted)
        return;
    const std::string name = name_of(entity, record.doc);
    if (!name.empty())
        names_.emplace(name_key(entity, name), Key{entity, id});
    const std::string number = text_at(record.doc, "DocNumber");
    if (!number.empty())
        numbers_.emplace(number_key(entity, number), Key{entity, id});
}

bool Company::name_taken(Entity entity, const std::string& name, std::int64_t by_others_than)
    const {
    const auto [begin, end] = names_.equal_range(name_key(entity, name));
    return std::any_of(begin, end, [&](const auto& entry) {
        return entry.second != Key{entity, by_others_than};
    });
}

std::pair<Entity, std::int64_t> Company::number_holder(
    Entity entity, const std::string& number, std::int64_t by_others_than
) const {
    const auto [begin, end] = numbers_.equal_range(number_key(entity, number));
    const auto it = std::find_if(begin, end, [&](const auto& entry) {
        return entry.second.second != by_others_than;
    });
    return it == end ? Key{Entity::kInvoice, 0} : it->second;
}

const Company::Applied& Company::applied_to(std::int64_t document) const {
    static const Applied none;
    const auto it = applied_.find(document);
    return it == applied_.end() ? none : it->second;
}

void Company::apply(std::int64_t document, std::int64_t payment, const Decimal& amount) {
    applied_[document][payment] += amount;
}

void Company::take_back(std::int64_t payment) {
    for (auto it = applied_.begin(); it != applied_.end();) {
        it->second.erase(payment);
        it = it->second.empty() ? applied_.erase(it) : std::next(it);
    }
}

void Company::end_batch() {
    in_batch_ = false;
    fresh_.clear();
}

}  // namespace sandbox::quickbooks
