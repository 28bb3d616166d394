#include "quickbooks/remote/verify.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

std::size_t lines_of(const Json& document) {
    const Json& lines = child_at(document, "Line");
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const Json& line) {
        return text_at(line, "DetailType") != "SubTotalLineDetail";
    }));
}

// A rate whose tax was given in a line of its own, and is shown with another amount, or not at all.
std::optional<std::string> rate_that_differs(const Json& answered, const Json& sent) {
    for (const auto& line : child_at(child_at(sent, "TxnTaxDetail"), "TaxLine")) {
        const std::string rate = reference_at(child_at(line, "TaxLineDetail"), "TaxRateRef");
        const Decimal wanted = number_at(line, "Amount").value_or(Decimal{});
        Decimal shown;
        for (const auto& other : child_at(child_at(answered, "TxnTaxDetail"), "TaxLine")) {
            if (reference_at(child_at(other, "TaxLineDetail"), "TaxRateRef") == rate) {
                shown = number_at(other, "Amount").value_or(Decimal{});
            }
        }
        if (shown != wanted) {
            return "it shows " + plain(shown) + " of tax under its rate " + rate + ", " +
                   plain(wanted) + " was sent";
        }
    }
    return std::nullopt;
}

std::string shown(const std::optional<Decimal>& number) {
    return number ? plain(*number) : std::string("nothing");
}

}  // namespace

std::optional<Difference> difference(
    const Json& answered, const Json& sent, const DocumentMoney& money
) {
    const auto total = number_at(answered, "TotalAmt");
    const auto tax = number_at(child_at(answered, "TxnTaxDetail"), "TotalTax");
    const Decimal tax_shown = tax.value_or(Decimal{});
    const bool total_differs = !total || *total != money.total.decimal();
    const bool tax_differs = tax_shown != money.tax.decimal();
    if (total_differs || tax_differs) {
        const auto net = total ? total->minus(tax_shown) : Result<Decimal>(invalid(""));
        const bool only_tax = net && *net == (money.total - money.tax).decimal();
        return Difference{
            "it shows a total of " + shown(total) + " with " + plain(tax_shown) +
                " tax, the order has " + plain(money.total.decimal()) + " with " +
                plain(money.tax.decimal()) + " tax",
            only_tax};
    }
    if (auto rate = rate_that_differs(answered, sent)) {
        return Difference{*std::move(rate), true};
    }
    if (lines_of(answered) != lines_of(sent)) {
        return Difference{
            "it shows " + std::to_string(lines_of(answered)) + " lines, " +
                std::to_string(lines_of(sent)) + " were sent",
            false};
    }
    const std::string currency = reference_at(answered, "CurrencyRef");
    if (!currency.empty() && currency != money.total.currency().code()) {
        return Difference{
            "it is in " + currency + ", the order is in " +
                std::string(money.total.currency().code()),
            false};
    }
    const auto unapplied = number_at(answered, "UnappliedAmt");
    if (unapplied && !unapplied->is_zero()) {
        return Difference{
            plain(*unapplied) + " of the payment is not applied to the invoice", false};
    }
    return std::nullopt;
}

bool is_voided(const Json& answered) {
    const auto total = number_at(answered, "TotalAmt");
    return total && total->is_zero() && text_at(answered, "PrivateNote").rfind("Voided", 0) == 0;
}

}  // namespace syncline::quickbooks
