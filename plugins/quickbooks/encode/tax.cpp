#include "quickbooks/encode/tax.hpp"

#include <algorithm>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// Automated sales tax would compute its own figure; TotalTax overrides it, but only while some line
// is taxed. With no tax at all every line is NON, so that nothing can be added.
Result<Json> automated(const Order& order, std::vector<SalesLine>& lines) {
    if (order.tax_total.is_negative()) {
        return hold(
            "NEGATIVE_TAX",
            "the order's tax is " + order.tax_total.to_string() +
                "; QuickBooks takes no negative tax on a sale"
        );
    }
    bool any = false;
    for (auto& line : lines) {
        line.taxed = line.carries_tax && !order.tax_total.is_zero();
        any = any || line.taxed;
    }
    if (!any && !order.tax_total.is_zero()) {
        return hold(
            "TAX_WITHOUT_LINE",
            "the order has " + order.tax_total.to_string() +
                " of tax, but no line that is taxed; QuickBooks would drop it"
        );
    }
    return Json{{"TotalTax", plain(order.tax_total.decimal())}};
}

std::string unsupported_text(TaxMode mode) {
    switch (mode) {
        case TaxMode::kUsAstNotSetUp:
            return "automated sales tax is switched on in QuickBooks but not set up; finish its "
                   "set-up";
        case TaxMode::kUsManual:
            return "the company keeps sales tax by hand, which this connector does not post to yet";
        case TaxMode::kNonUs:
            return "the company is outside the US, whose taxes this connector does not post yet";
        case TaxMode::kOff:
            return "sales tax is switched off in QuickBooks, so the order's tax would be lost; "
                   "switch it "
                   "on";
        case TaxMode::kUsAst:
        case TaxMode::kUnknown:
            break;
    }
    return "how the company computes sales tax is not known; test the connection again";
}

}  // namespace

Result<Json> apply_tax(
    const CompanyFacts& company, const Order& order, std::vector<SalesLine>& lines
) {
    if (company.tax_mode == TaxMode::kUsAst) {
        return automated(order, lines);
    }
    return hold("TAX_MODE_UNSUPPORTED", unsupported_text(company.tax_mode));
}

}  // namespace syncline::quickbooks
