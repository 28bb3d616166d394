// What QuickBooks complains about, and what the host should do then (accounting.md 4.33).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

namespace syncline::quickbooks {

struct Fault {
    std::string code;     // "6140"; empty if the fault names none
    std::string message;  // Message and Detail, as QuickBooks words them
    std::string element;  // the member at fault, where it says so
};

// The fault in an answer, in either of the two spellings, whatever the HTTP status was. Of several
// entries the first whose code we know.
std::optional<Fault> fault_in(const Json& answer);

// What an answer was to, for messages: "creating the invoice (intuit_tid 1-6a00)".
struct Occasion {
    std::string what;
    std::string tid;
    int http_status = 0;
    std::optional<std::chrono::milliseconds> retry_after = std::nullopt;
};

Error to_error(const Fault& fault, const Occasion& occasion);
// For an answer that is not 2xx and holds no fault (a gateway's page).
Error to_error_by_status(const Occasion& occasion);

// Concerns the connection and not one record: the whole call fails with it.
bool concerns_connection(const Error& error);

// The id of the document that holds the number (fault 6140). The text is localised; "TxnId=" is
// not.
std::optional<std::string> number_holder(const Fault& fault);

}  // namespace syncline::quickbooks
