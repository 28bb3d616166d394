#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "platform.hpp"
#include "quickbooks/exact/calendar.hpp"
#include "quickbooks/exact/exact_json.hpp"

namespace sandbox::quickbooks {

// One entry of a fault's "Error" list. `element` names the member to blame, often nothing.
struct Error {
    int code = 0;
    std::string message;
    std::string detail;
    std::string element;
};
using Errors = std::vector<Error>;

// An object for the answer, or why there is none. Exactly one of the two counts: a fault when
// `errors` is not empty.
struct Outcome {
    Json value;
    Errors errors;

    bool ok() const { return errors.empty(); }
    static Outcome fault(Error error) { return Outcome{Json(), {std::move(error)}}; }
};

// The faults of the books, each with its published code and message.
Error unsupported_operation(std::string_view what);                                   // 500
Error object_not_found();                                                             // 610
Error unknown_property(std::string_view name);                                        // 2010
Error missing(std::string_view element);                                              // 2020
Error invalid_id(std::string_view value);                                             // 2030
Error invalid_characters(std::string_view element, std::string_view detail);          // 2040
Error wrong_length(std::string_view element, std::size_t max, std::size_t supplied);  // 2050
Error invalid_date(std::string_view element, std::string_view value);                 // 2070
Error invalid_number(std::string_view element, std::string_view value);               // 2090
Error invalid_enumeration(std::string_view element, std::string_view value);          // 2170
Error invalid_email(std::string_view element, std::string_view value);                // 2210
Error invalid_reference(std::string_view list, std::string_view id);                  // 2500
Error query_not_parsed(std::string_view why);                                         // 4000
Error query_not_valid(std::string_view why);                                          // 4001
Error stale_object();                                                                 // 5010
Error business_rule(std::string_view why);                                            // 6000
Error wrong_amount(std::string_view supplied);                                        // 6070
Error wrong_line_tax_code(std::string_view supplied);                                 // 6100
Error duplicate_number(
    std::string_view number, std::string_view txn_type, std::string_view txn_id
);                       // 6140
Error period_closed();   // 6210
Error duplicate_name();  // 6240
Error deposited();       // 6540
// Any other published code.
Error other_fault(int code, std::string_view message, std::string_view detail);

// {"Error": [...], "type": "ValidationFault"}
Json fault_json(const Errors& errors);
// {"Fault": ..., "time": "..."}, status 400 unless told otherwise.
Response fault_response(const Errors& errors, Millis now, int status = 400);

// The gateway's own shape, lower-case and with a numeric time: 3200 (401), 3100 (403), 3001 (429).
Response token_refused(std::string_view detail, Millis now);
Response realm_refused(Millis now);
Response throttled(Millis now);

}  // namespace sandbox::quickbooks
