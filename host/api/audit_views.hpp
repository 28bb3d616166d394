// Rows of the audit log as people get them, from the API and from `syncline audit export`. Pure.
#pragma once

#include <string>
#include <vector>

#include "storage/audit_log.hpp"

namespace syncline::api {

Json audit_json(const storage::AuditRow& row);

std::vector<std::string> audit_csv_header();
std::vector<std::string> audit_csv_row(const storage::AuditRow& row);

}  // namespace syncline::api
