#include "quickbooks/remote/fault.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

struct Policy {
    std::string_view code;
    ErrorCode error;
    std::string_view name;
    std::string_view advice;
};

constexpr std::array kPolicies{
    Policy{"3200", ErrorCode::kAuth, "auth.token_expired", ""},
    Policy{
        "3100",
        ErrorCode::kAuth,
        "qbo.not_authorised",
        "check realm_id and environment (sandbox and production use different keys), then connect "
        "the company again"},
    Policy{"3001", ErrorCode::kRateLimited, "qbo.throttled", ""},
    Policy{"120", ErrorCode::kAuth, "qbo.authorisation_failed", "connect the company again"},
    Policy{"500", ErrorCode::kData, "qbo.unsupported", ""},
    Policy{
        "610",
        ErrorCode::kData,
        "qbo.reference",
        "something it refers to is missing or inactive in QuickBooks"},
    Policy{"2010", ErrorCode::kData, "qbo.invalid_field", ""},
    Policy{"2020", ErrorCode::kData, "qbo.invalid_field", ""},
    Policy{"2040", ErrorCode::kData, "qbo.invalid_field", ""},
    Policy{"2050", ErrorCode::kData, "qbo.invalid_field", ""},
    Policy{"2170", ErrorCode::kData, "qbo.invalid_field", ""},
    Policy{
        "2500",
        ErrorCode::kData,
        "qbo.reference",
        "something it refers to does not exist in QuickBooks"},
    Policy{"4000", ErrorCode::kBug, "qbo.query", ""},
    Policy{"4001", ErrorCode::kBug, "qbo.query", ""},
    Policy{"5010", ErrorCode::kConflict, "qbo.stale", "it was changed in QuickBooks meanwhile"},
    Policy{
        "5020",
        ErrorCode::kHold,
        "PERMISSION_DENIED",
        "give the connected QuickBooks user the right to do this"},
    Policy{"6000", ErrorCode::kHold, "BUSINESS_RULE", "mend what QuickBooks names, then retry"},
    Policy{"6070", ErrorCode::kBug, "qbo.line_arithmetic", ""},
    Policy{"6100", ErrorCode::kData, "qbo.tax_code", ""},
    Policy{
        "6140",
        ErrorCode::kHold,
        "DUPLICATE_DOC_NUMBER",
        "renumber the other document, or change doc_number_format"},
    Policy{
        "6190",
        ErrorCode::kConfig,
        "qbo.subscription",
        "the QuickBooks subscription has ended or does not allow this: renew it"},
    Policy{
        "6210",
        ErrorCode::kHold,
        "CLOSED_PERIOD",
        "open the period in QuickBooks or change the date"},
    Policy{
        "6240",
        ErrorCode::kHold,
        "DUPLICATE_NAME",
        "rename the customer, vendor, employee or item that has this name"},
    Policy{
        "6540",
        ErrorCode::kHold,
        "LOCKED_DEPOSITED",
        "it is part of a deposit: take it out of the deposit first"},
};

const Policy* policy_of(std::string_view code) {
    const auto found = std::find_if(kPolicies.begin(), kPolicies.end(), [&](const Policy& policy) {
        return policy.code == code;
    });
    return found == kPolicies.end() ? nullptr : &*found;
}

// Codes without a row of their own, by the ranges QuickBooks gives them.
Policy policy_of_range(std::string_view code, int http_status) {
    const bool number = !code.empty() && code.size() <= 6 &&
                        code.find_first_not_of("0123456789") == std::string_view::npos;
    const long value = number ? std::stol(std::string(code)) : 0;
    if (value >= 10'000 || http_status >= 500) {
        return {code, ErrorCode::kTransient, "qbo.server", ""};
    }
    if (value >= 1 && value < 500) {
        return {code, ErrorCode::kAuth, "qbo.authorisation_failed", "connect the company again"};
    }
    return {code, ErrorCode::kData, "qbo.refused", ""};
}

std::string lower_or_upper(const Json& object, std::string_view upper, std::string_view lower) {
    const std::string text = text_at(object, upper);
    return text.empty() ? text_at(object, lower) : text;
}

Fault fault_of_entry(const Json& entry) {
    Fault fault;
    fault.code = text_at(entry, "code");
    fault.message = lower_or_upper(entry, "Message", "message");
    const std::string detail = lower_or_upper(entry, "Detail", "detail");
    if (!detail.empty() && detail != fault.message) {
        fault.message += (fault.message.empty() ? "" : ": ") + detail;
    }
    fault.element = text_at(entry, "element");
    return fault;
}

std::string tid_text(const Occasion& occasion) {
    return occasion.tid.empty() ? "" : " (intuit_tid " + occasion.tid + ")";
}

Error finish(Error error, const Occasion& occasion) {
    error.http_status = occasion.http_status;
    error.retry_after = occasion.retry_after;
    // QuickBooks counts per minute and rarely says how long to wait.
    if (error.code == ErrorCode::kRateLimited && !error.retry_after) {
        error.retry_after = std::chrono::seconds(60);
    }
    return error;
}

}  // namespace

std::optional<Fault> fault_in(const Json& answer) {
    const Json& outer = child_at(answer, answer.contains("Fault") ? "Fault" : "fault");
    if (outer.empty()) {
        return std::nullopt;
    }
    const Json& entries = child_at(outer, outer.contains("Error") ? "Error" : "error");
    std::optional<Fault> first;
    for (const auto& entry : entries) {
        Fault fault = fault_of_entry(entry);
        if (policy_of(fault.code) != nullptr) {
            return fault;
        }
        first = first ? first : std::optional<Fault>(std::move(fault));
    }
    return first ? first : Fault{{}, "a fault without an explanation", {}};
}

Error to_error(const Fault& fault, const Occasion& occasion) {
    const Policy* known = policy_of(fault.code);
    const Policy policy =
        known != nullptr ? *known : policy_of_range(fault.code, occasion.http_status);
    std::string text = occasion.what + ": QuickBooks says " +
                       (fault.code.empty() ? "" : fault.code + " ") + "'" + fault.message + "'";
    text += fault.element.empty() ? "" : " at " + fault.element;
    text += policy.advice.empty() ? "" : "; " + std::string(policy.advice);
    return finish(
        Error{policy.error, text + tid_text(occasion), std::string(policy.name)}, occasion
    );
}

Error to_error_by_status(const Occasion& occasion) {
    const int status = occasion.http_status;
    const std::string text =
        occasion.what + " answered HTTP " + std::to_string(status) + tid_text(occasion);
    if (status == 401) {
        return finish(Error{ErrorCode::kAuth, text, "auth.token_expired"}, occasion);
    }
    if (status == 403) {
        return finish(Error{ErrorCode::kAuth, text, "qbo.not_authorised"}, occasion);
    }
    if (status == 429) {
        return finish(Error{ErrorCode::kRateLimited, text, "qbo.throttled"}, occasion);
    }
    if (status == 408 || status >= 500) {
        return finish(Error{ErrorCode::kTransient, text, "qbo.server"}, occasion);
    }
    if (status == 404) {
        return finish(
            Error{ErrorCode::kConfig, text + "; check api_base_url", "qbo.no_such_address"},
            occasion
        );
    }
    return finish(Error{ErrorCode::kData, text, "http." + std::to_string(status)}, occasion);
}

bool concerns_connection(const Error& error) {
    return error.code == ErrorCode::kAuth || error.code == ErrorCode::kConfig ||
           error.code == ErrorCode::kRateLimited || error.code == ErrorCode::kTransient ||
           error.code == ErrorCode::kCancelled;
}

std::optional<std::string> number_holder(const Fault& fault) {
    static constexpr std::string_view kLabel = "TxnId=";
    const auto at = fault.message.rfind(kLabel);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const auto begin = at + kLabel.size();
    const auto end = fault.message.find_first_not_of("0123456789", begin);
    std::string id = fault.message.substr(begin, end == std::string::npos ? end : end - begin);
    return id.empty() ? std::nullopt : std::optional<std::string>(std::move(id));
}

}  // namespace syncline::quickbooks
