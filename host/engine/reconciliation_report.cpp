#include "engine/reconciliation_report.hpp"

namespace syncline::engine {
namespace {

Json sums_json(const DaySums& sums) {
    return {
        {"count", sums.count},
        {"gross", sums.gross.to_string()},
        {"tax", sums.tax.to_string()},
        {"refunds", sums.refunds.to_string()},
        {"payments", sums.payments.to_string()}};
}

// What the books have more than the source.
DaySums difference(const DayRow& row) {
    return {
        row.target.count - row.source.count,
        row.target.gross - row.source.gross,
        row.target.tax - row.source.tax,
        row.target.refunds - row.source.refunds,
        row.target.payments - row.source.payments};
}

Json row_json(const DayRow& row) {
    return {
        {"source", sums_json(row.source)},
        {"target", sums_json(row.target)},
        {"difference", sums_json(difference(row))}};
}

}  // namespace

Json reconciled_json(const Reconciled& result) {
    Json json{{"days", Json::array()}, {"sums", Json::array()}, {"explained", Json::array()}};
    for (const auto& [key, row] : result.days) {
        Json one = row_json(row);
        one["day"] = key.first;
        one["currency"] = key.second;
        json["days"].push_back(std::move(one));
    }
    for (const auto& [currency, row] : sums_by_currency(result.days)) {
        Json one = row_json(row);
        one["currency"] = currency;
        one["net"] = net_difference(row).to_string();
        json["sums"].push_back(std::move(one));
    }
    for (const auto& [reason, entry] : result.explained) {
        Json totals = Json::object();
        for (const auto& [currency, total] : entry.totals) {
            totals[currency] = total.to_string();
        }
        json["explained"].push_back(
            {{"reason", reason},
             {"records", entry.records},
             {"totals", std::move(totals)},
             {"example", entry.example_id},
             {"explanation", entry.explanation}}
        );
    }
    return json;
}

}  // namespace syncline::engine
