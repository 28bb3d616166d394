#include "quickbooks/remote/fault.hpp"

#include "books.hpp"

namespace syncline::quickbooks {
namespace {

Error error_of(const std::string& sample, int status = 400) {
    const auto fault = fault_in(recorded(sample));
    EXPECT_TRUE(fault) << sample;
    return fault ? to_error(*fault, {"creating the invoice", "1-6a00", status}) : Error{};
}

TEST(Faults, RecordedOnesBecomeWhatTheHostShouldDo) {
    struct Case {
        const char* sample;
        int status;
        ErrorCode code;
        const char* name;
    };
    for (const auto& one : {
             Case{"fault_2050_length", 400, ErrorCode::kData, "qbo.invalid_field"},
             Case{"fault_2500_invalid_ref", 400, ErrorCode::kData, "qbo.reference"},
             Case{"fault_3001_throttle", 429, ErrorCode::kRateLimited, "qbo.throttled"},
             Case{"fault_3100_app_auth", 403, ErrorCode::kAuth, "qbo.not_authorised"},
             Case{"fault_3200_token_expired", 401, ErrorCode::kAuth, "auth.token_expired"},
             Case{"fault_5010_stale", 400, ErrorCode::kConflict, "qbo.stale"},
             Case{"fault_6000_tax_required", 400, ErrorCode::kHold, "BUSINESS_RULE"},
             Case{"fault_610_not_found", 400, ErrorCode::kData, "qbo.reference"},
             Case{"fault_6140_duplicate_docnum", 400, ErrorCode::kHold, "DUPLICATE_DOC_NUMBER"},
             Case{"fault_6210_closed_period", 400, ErrorCode::kHold, "CLOSED_PERIOD"},
             Case{"fault_6240_duplicate_name", 200, ErrorCode::kHold, "DUPLICATE_NAME"},
         }) {
        const Error error = error_of(one.sample, one.status);
        EXPECT_EQ(error.code, one.code) << one.sample;
        EXPECT_EQ(error.name, one.name) << one.sample;
        EXPECT_EQ(error.http_status, one.status) << one.sample;
        EXPECT_NE(error.message.find("1-6a00"), std::string::npos) << error.message;
    }
}

TEST(Faults, CodesWithoutASampleBecomeWhatTheHostShouldDo) {
    struct Case {
        const char* code;
        int status;
        ErrorCode error;
        const char* name;
    };
    for (const auto& one : {
             Case{"120", 401, ErrorCode::kAuth, "qbo.authorisation_failed"},
             Case{"610", 400, ErrorCode::kData, "qbo.reference"},
             Case{"2040", 400, ErrorCode::kData, "qbo.invalid_field"},
             Case{"6070", 400, ErrorCode::kBug, "qbo.line_arithmetic"},
             Case{"6190", 400, ErrorCode::kConfig, "qbo.subscription"},
             Case{"6210", 400, ErrorCode::kHold, "CLOSED_PERIOD"},
             Case{"6540", 400, ErrorCode::kHold, "LOCKED_DEPOSITED"},
             Case{"5020", 400, ErrorCode::kHold, "PERMISSION_DENIED"},
             Case{"10000", 500, ErrorCode::kTransient, "qbo.server"},
             Case{"10000", 400, ErrorCode::kTransient, "qbo.server"},
             Case{"17", 403, ErrorCode::kAuth, "qbo.authorisation_failed"},
             Case{"2999", 400, ErrorCode::kData, "qbo.refused"},
             Case{"", 503, ErrorCode::kTransient, "qbo.server"},
             Case{"", 400, ErrorCode::kData, "qbo.refused"},
         }) {
        const Error error = to_error({one.code, "text", ""}, {"x", "a1-tid", one.status});
        EXPECT_EQ(error.code, one.error) << one.code;
        EXPECT_EQ(error.name, one.name) << one.code;
        EXPECT_NE(error.message.find("intuit_tid a1-tid"), std::string::npos) << error.message;
    }
}

TEST(Faults, ThrottlingWaitsAMinuteUnlessTheAnswerSaysOtherwise) {
    EXPECT_EQ(error_of("fault_3001_throttle", 429).retry_after, std::chrono::seconds(60));
    const Occasion told{"x", "", 429, std::chrono::seconds(7)};
    EXPECT_EQ(to_error_by_status(told).retry_after, std::chrono::seconds(7));
}

TEST(Faults, AnAnswerWithoutFaultIsJudgedByItsStatus) {
    struct Case {
        int status;
        ErrorCode error;
    };
    for (const auto& one : {
             Case{401, ErrorCode::kAuth},
             Case{403, ErrorCode::kAuth},
             Case{404, ErrorCode::kConfig},
             Case{408, ErrorCode::kTransient},
             Case{429, ErrorCode::kRateLimited},
             Case{502, ErrorCode::kTransient},
             Case{400, ErrorCode::kData},
         }) {
        EXPECT_EQ(to_error_by_status({"x", "", one.status}).code, one.error) << one.status;
    }
    EXPECT_EQ(to_error_by_status({"x", "", 401}).name, "auth.token_expired");
}

TEST(Faults, AnOrdinaryAnswerIsNone) {
    for (const char* sample : {"invoice", "query_response", "query_empty", "batch_response"}) {
        EXPECT_FALSE(fault_in(recorded(sample))) << sample;
    }
}

TEST(Faults, OfSeveralTheOneWeKnowCounts) {
    const auto fault = fault_in(parsed(
        R"({"Fault": {"Error": [{"code": "9999", "Message": "a"}, {"code": "6210", "Message": "b"}]}})"
    ));
    ASSERT_TRUE(fault);
    EXPECT_EQ(fault->code, "6210");
}

TEST(Faults, TheHolderOfANumberIsReadFromItsLabelInAnyLanguage) {
    EXPECT_EQ(number_holder(*fault_in(recorded("fault_6140_duplicate_docnum"))), "9120");
    EXPECT_EQ(number_holder({"6140", "Numéro double : TxnType=Facture avec TxnId=77.", ""}), "77");
    EXPECT_FALSE(number_holder({"6140", "a number is taken", ""}));
}

}  // namespace
}  // namespace syncline::quickbooks
