// Handlers of /api/reconciliations; see routes.hpp.
#pragma once

#include "api/http/route.hpp"

namespace syncline::api {

Result<Response> start_reconciliation(Backend& backend, const Request& request);
Result<Response> list_reconciliations(Backend& backend, const Request& request);
Result<Response> show_reconciliation(Backend& backend, const Request& request);
Result<Response> stop_reconciliation(Backend& backend, const Request& request);
Result<Response> list_reconciliation_findings(Backend& backend, const Request& request);
Result<Response> reconciliation_report_csv(Backend& backend, const Request& request);
Result<Response> reconciliation_report_html(Backend& backend, const Request& request);
Result<Response> heal_reconciliation(Backend& backend, const Request& request);

}  // namespace syncline::api
