#include "quickbooks/books/sales_tax.hpp"

namespace sandbox::quickbooks {

Json settle_tax(const TaxCase& tax_case, SaleLines& lines, bool& kept, Errors& errors) {
    kept = false;
    if (tax_case.given && !tax_case.given->is_object()) {
        errors.push_back(unknown_property("TxnTaxDetail"));
        return nullptr;
    }
    if (tax_case.rules.tax == TaxMode::kOff)
        return nullptr;  // what was given is ignored and not stored
    if (tax_case.rules.not_applicable) {
        if (tax_case.given && !number_at(*tax_case.given, "TotalTax").is_zero())
            errors.push_back(other_fault(
                6170,
                "Invalid TxnTaxDetail",
                "TxnTaxDetail is not allowed when GlobalTaxCalculation is NotApplicable."
            ));
        return nullptr;
    }
    return tax_case.rules.tax == TaxMode::kElsewhere ? vat(tax_case, lines, kept, errors)
                                                     : us_tax(tax_case, lines, kept, errors);
}

}  // namespace sandbox::quickbooks
