// What the API shows of reconciliations: JSON, CSV and a page for people. Pure.
#pragma once

#include <string>
#include <vector>

#include "engine/reconciliation_control.hpp"

namespace syncline::api {

// Without the report.
Json reconciliation_json(const storage::Reconciliation& reconciliation);
// With it: sums by day, what is explained, what was not compared.
Json opened_reconciliation_json(
    const storage::Reconciliation& reconciliation, const std::map<std::string, std::int64_t>& counts
);
Json finding_json(const storage::StoredFinding& stored);
Json healed_json(const engine::ReconciliationControl::Healed& healed);

// Rows of text for CSV, with their heading.
std::vector<std::vector<std::string>> finding_rows(
    const std::vector<storage::StoredFinding>& findings
);
std::vector<std::vector<std::string>> day_rows(const Json& report);

// One page without anything from elsewhere, fit for printing. `shown` findings of all that there
// are.
std::string reconciliation_page(
    const storage::Reconciliation& reconciliation,
    const std::string& tenant,
    const std::map<std::string, std::int64_t>& counts,
    const std::vector<storage::StoredFinding>& shown
);

}  // namespace syncline::api
