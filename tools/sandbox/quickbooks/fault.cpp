#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {
namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
    std::string text;
    for (const auto part : parts) text += part;
    return text;
}

Json gateway_fault(Json error, std::string_view type) {
    return {{"error", Json::array({std::move(error)})}, {"type", type}};
}

Response gateway_refusal(int status, Json fault, Millis now) {
    const Json body{
        {"warnings", nullptr},
        {"intuitObject", nullptr},
        {"fault", std::move(fault)},
        {"time", now}};
    return json_response(status, print(body));
}

}  // namespace

Error unsupported_operation(std::string_view what) {
    return {500, "Unsupported Operation", joined({"Operation ", what, " is not supported."}), ""};
}

Error object_not_found() {
    return {
        610,
        "Object Not Found",
        "Object Not Found : Something you're trying to use has been made inactive. Check the "
        "fields with accounts, customers, items, vendors or employees.",
        ""};
}

Error unknown_property(std::string_view name) {
    return {
        2010,
        "Request has invalid or unsupported property",
        joined({"Property Name:", name, " specified is unsupported or invalid"}),
        std::string(name)};
}

Error missing(std::string_view element) {
    return {
        2020,
        "Required param missing, need to supply the required value for the API",
        joined({"Required parameter ", element, " is missing in the request"}),
        std::string(element)};
}

Error invalid_id(std::string_view value) {
    return {
        2030, "Invalid ID", joined({"Id should be a valid number. Supplied value:", value}), "Id"};
}

Error invalid_characters(std::string_view element, std::string_view detail) {
    return {2040, "Invalid String", std::string(detail), std::string(element)};
}

Error wrong_length(std::string_view element, std::size_t max, std::size_t supplied) {
    return {
        2050,
        "String length is either shorter or longer than supported by specification",
        joined(
            {"String length specified does not match the supported length. Min:0 Max:",
             std::to_string(max),
             " supported. Supplied length:",
             std::to_string(supplied)}
        ),
        std::string(element)};
}

Error invalid_date(std::string_view element, std::string_view value) {
    return {
        2070,
        "Invalid Date",
        joined({"Date should be a valid day, written YYYY-MM-DD. Supplied value:", value}),
        std::string(element)};
}

Error invalid_number(std::string_view element, std::string_view value) {
    return {
        2090,
        "Invalid Number",
        joined({"Number supplied is not supported. Supplied value:", value}),
        std::string(element)};
}

Error invalid_enumeration(std::string_view element, std::string_view value) {
    return {
        2170,
        "Invalid Enumeration",
        joined({"Enumeration value is not supported. Supplied value:", value}),
        std::string(element)};
}

Error invalid_email(std::string_view element, std::string_view value) {
    return {
        2210,
        "Invalid Email Address Format",
        joined({"Email address does not conform to RFC 822. Supplied value:", value}),
        std::string(element)};
}

Error invalid_reference(std::string_view list, std::string_view id) {
    return {
        2500,
        "Invalid Reference Id",
        joined({"Invalid Reference Id : ", list, " element id ", id, " not found"}),
        ""};
}

Error query_not_parsed(std::string_view why) {
    return {4000, "Error parsing query", joined({"QueryParserError: ", why}), ""};
}

Error query_not_valid(std::string_view why) {
    return {4001, "Invalid query", joined({"QueryValidationError: ", why}), ""};
}

Error stale_object() {
    return {
        5010,
        "Stale Object Error",
        "Stale Object Error : You and J. Bookkeeper were working on this at the same time. J. "
        "Bookkeeper finished before you did, so your work was not saved.",
        ""};
}

Error business_rule(std::string_view why) {
    return {
        6000,
        "A business validation error has occurred while processing your request",
        joined({"Business Validation Error: ", why}),
        ""};
}

Error wrong_amount(std::string_view supplied) {
    return {
        6070,
        "Amount calculation incorrect in the request",
        joined(
            {"Amount calculation incorrect in the request. : Amount is not equal to UnitPrice * "
             "Qty. Supplied value:",
             supplied}
        ),
        "Line.Amount"};
}

Error wrong_line_tax_code(std::string_view supplied) {
    return {
        6100,
        "Invalid Line TaxCode in the request",
        joined(
            {"Invalid Line TaxCode in the request : For US, specify TAX or NON. Supplied value:",
             supplied}
        ),
        "TaxCodeRef"};
}

Error duplicate_number(
    std::string_view number, std::string_view txn_type, std::string_view txn_id
) {
    return {
        6140,
        "Duplicate Document Number Error",
        joined(
            {"Duplicate Document Number Error : You must specify a different number. This number "
             "has already been used. DocNumber=",
             number,
             " is assigned to TxnType=",
             txn_type,
             " with TxnId=",
             txn_id}
        ),
        ""};
}

Error period_closed() {
    return {
        6210,
        "Account Period Closed, Cannot Update Through Services Error",
        "The account period has closed and the account books cannot be updated through through "
        "the QBO Services API.",
        ""};
}

Error duplicate_name() {
    return {6240, "Duplicate Name Exists Error", "The name supplied already exists. : null", ""};
}

Error deposited() {
    return {
        6540,
        "Deposited Transaction cannot be changed",
        "Deposited Transaction cannot be changed : This transaction is part of a deposit. Remove "
        "it from the deposit it appears on before you change or delete it.",
        ""};
}

Error other_fault(int code, std::string_view message, std::string_view detail) {
    return {code, std::string(message), joined({message, " : ", detail}), ""};
}

Json fault_json(const Errors& errors) {
    Json list = Json::array();
    for (const Error& error : errors) {
        list.push_back(
            {{"Message", error.message},
             {"Detail", error.detail},
             {"code", std::to_string(error.code)},
             {"element", error.element}}
        );
    }
    return Json{{"Error", std::move(list)}, {"type", "ValidationFault"}};
}

Response fault_response(const Errors& errors, Millis now, int status) {
    const Json body{{"Fault", fault_json(errors)}, {"time", server_time_exact(now)}};
    return json_response(status, print(body));
}

Response token_refused(std::string_view detail, Millis now) {
    Json error{
        {"message", "message=AuthenticationFailed; errorCode=003200; statusCode=401"},
        {"detail", detail},
        {"code", "3200"},
        {"element", nullptr}};
    const Json body{
        {"warnings", nullptr},
        {"intuitObject", nullptr},
        {"fault", gateway_fault(std::move(error), "AUTHENTICATION")},
        {"report", nullptr},
        {"queryResponse", nullptr},
        {"batchItemResponse", Json::array()},
        {"attachableResponse", Json::array()},
        {"syncErrorResponse", nullptr},
        {"requestId", nullptr},
        {"time", now},
        {"status", nullptr},
        {"cdcresponse", Json::array()}};
    return json_response(401, print(body));
}

Response realm_refused(Millis now) {
    Json error{
        {"message", "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403"},
        {"detail", ""},
        {"code", "3100"},
        {"element", nullptr}};
    return gateway_refusal(403, gateway_fault(std::move(error), "SERVICE"), now);
}

Response throttled(Millis now) {
    Json error{
        {"message", "message=ThrottleExceeded; errorCode=003001; statusCode=429"},
        {"detail", "The request limit was reached."},
        {"code", "3001"},
        {"element", nullptr}};
    return gateway_refusal(429, gateway_fault(std::move(error), "SERVICE"), now);
}

}  // namespace sandbox::quickbooks
