#include "quickbooks/ledger.hpp"

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr std::string_view kMarkerStart = "[syncline ";

struct Sum {
    int count = 0;
    int voided = 0;
    Decimal total{};
    Decimal tax{};
};
using Sums = std::map<std::pair<std::string, std::string>, Sum>;

nlohmann::json entry_of(const EntityInfo& entity, const Record& record) {
    const Json& doc = record.doc;
    const std::string currency = text_at(doc, "CurrencyRef.value");
    const int places = currency_places(currency);
    const std::string note = text_at(doc, "PrivateNote");
    const bool bill = entity.entity == Entity::kBill;
    return {
        {"entity", entity.name},
        {"id", text_at(doc, "Id")},
        {"doc_number", text_at(doc, "DocNumber")},
        {"txn_date", text_at(doc, "TxnDate")},
        {"currency", currency},
        {"total", number_at(doc, "TotalAmt").fixed(places)},
        {"tax", number_at(doc, "TxnTaxDetail.TotalTax").fixed(places)},
        {"balance", number_at(doc, "Balance").fixed(places)},
        {"customer_id", text_at(doc, bill ? "VendorRef.value" : "CustomerRef.value")},
        {"customer", text_at(doc, bill ? "VendorRef.name" : "CustomerRef.name")},
        {"marker", marker_of(note)},
        {"private_note", note},
        {"voided", record.voided},
        {"sync_token", text_at(doc, "SyncToken")},
        {"created", text_at(doc, "MetaData.CreateTime")}};
}

void add(Sums& sums, const EntityInfo& entity, const Record& record) {
    const std::string currency = text_at(record.doc, "CurrencyRef.value");
    Sum& sum = sums[{std::string(entity.name), currency}];
    sum.count += 1;
    sum.voided += record.voided ? 1 : 0;
    sum.total += number_at(record.doc, "TotalAmt");
    sum.tax += number_at(record.doc, "TxnTaxDetail.TotalTax");
}

nlohmann::json totals_of(const Sums& sums) {
    nlohmann::json totals = nlohmann::json::array();
    for (const auto& [key, sum] : sums) {
        const int places = currency_places(key.second);
        totals.push_back(
            {{"entity", key.first},
             {"currency", key.second},
             {"count", sum.count},
             {"voided", sum.voided},
             {"total", sum.total.fixed(places)},
             {"tax", sum.tax.fixed(places)}}
        );
    }
    return totals;
}

nlohmann::json customers_of(const Company& company) {
    nlohmann::json customers = nlohmann::json::array();
    for (const auto& [id, record] : company.table(Entity::kCustomer)) {
        customers.push_back(
            {{"id", id},
             {"display_name", text_at(record.doc, "DisplayName")},
             {"email", text_at(record.doc, "PrimaryEmailAddr.Address")}}
        );
    }
    return customers;
}

}  // namespace

std::string marker_of(const std::string& note) {
    const auto start = note.find(kMarkerStart);
    const auto end = start == std::string::npos ? start : note.find(']', start);
    return end == std::string::npos ? "" : note.substr(start, end + 1 - start);
}

nlohmann::json ledger(const Company& company) {
    nlohmann::json documents = nlohmann::json::array();
    nlohmann::json lists = nlohmann::json::object();
    Sums sums;
    int deleted = 0;
    for (const EntityInfo& entity : all_entities()) {
        const bool document = entity.family == Family::kSale || entity.family == Family::kOther;
        for (const auto& [id, record] : company.table(entity.entity)) {
            deleted += record.deleted ? 1 : 0;
            if (record.deleted || !document)
                continue;
            documents.push_back(entry_of(entity, record));
            add(sums, entity, record);
        }
        if (!document)
            lists[std::string(entity.name)] = company.table(entity.entity).size();
    }
    return {
        {"realm", company.realm()},
        {"profile", company.profile()},
        {"currency", company.home_currency()},
        {"documents", std::move(documents)},
        {"totals", totals_of(sums)},
        {"lists", std::move(lists)},
        {"customers", customers_of(company)},
        {"deleted", deleted}};
}

}  // namespace sandbox::quickbooks
