#include "quickbooks/remote/original_rate.hpp"

namespace syncline::quickbooks {
namespace {

constexpr const char* kRate = "ExchangeRate";

}  // namespace

std::string sale_to_ask(const Job& job) {
    const std::string currency = reference_at(job.sent, "CurrencyRef");
    const bool home = job.home && currency == job.home->code();
    const bool asks = job.create() && !currency.empty() && !home && !job.sent.contains(kRate);
    return asks ? text_at(job.sent, "$order") : std::string();
}

Result<Rates> rates_of_sales(const Api& api, const std::vector<std::string>& ids) {
    const std::string where = is_one_of("Id", ids);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto found,
        api.queries({Query{"Invoice", where, ""}, Query{"SalesReceipt", where, ""}})
    );
    Rates rates;
    for (const auto& rows : found) {
        for (const auto& row : rows) {
            if (const auto rate = number_at(row, kRate)) {
                rates[text_at(row, "Id")] = plain(*rate);
            }
        }
    }
    return rates;
}

Result<void> take_rate(Job& job, const Rates& rates) {
    const std::string sale = sale_to_ask(job);
    if (sale.empty()) {
        return {};
    }
    const auto known = rates.find(sale);
    if (known == rates.end()) {
        return Error{
            ErrorCode::kHold,
            job.what() + ": its sale (id " + sale +
                ") is not in QuickBooks any more, or shows no exchange rate, and what is given "
                "back is worth what was sold; enter it by hand",
            "SALE_RATE_UNKNOWN"};
    }
    job.sent[kRate] = known->second;
    SYNCLINE_ASSIGN_OR_RETURN(job.wire, print_wire(job.sent));
    return {};
}

}  // namespace syncline::quickbooks
