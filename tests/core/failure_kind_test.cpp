#include "core/failure_kind.hpp"

#include <gtest/gtest.h>

namespace syncline::testing {
namespace {

TEST(FailureKind, WhatDiffersFromRecordToRecordIsNoPartOfTheForm) {
    const std::pair<const char*, const char*> cases[] = {
        {"order 57 was refused", "order # was refused"},
        {"the customer ann@x.example is not there", "the customer # is not there"},
        {"the name 'Ann O Neil' is taken", "the name # is taken"},
        {"field \"line 3\": wrong.", "field #: wrong."},
        {"it's no date: 2026-11-21T10:00:00Z.", "it's no date: #."},
        {"woocommerce:shop:7: total 12.50, not 12.49", "#: total #, not #"},
        {"no quote ends 'here", "no quote ends 'here"},
        {"", ""}};
    for (const auto& [message, form] : cases) {
        EXPECT_EQ(message_form(message), form);
    }
}

TEST(FailureKind, ACauseIsItsClassItsCodeAndTheFormOfItsMessage) {
    const std::string cause = failure_cause("business", "qbo.refused", "order 57 was refused");
    EXPECT_EQ(cause.size(), 12u);
    EXPECT_EQ(cause, failure_cause("business", "qbo.refused", "order 58 was refused"));
    EXPECT_NE(cause, failure_cause("business", "qbo.refused", "order 57 was lost"));
    EXPECT_NE(cause, failure_cause("business", "qbo.tax_code", "order 57 was refused"));
    EXPECT_NE(cause, failure_cause("transient", "qbo.refused", "order 57 was refused"));
}

TEST(FailureKind, EveryFailureHasAWayOut) {
    const std::string by_code = failure_hint("held", "needs_data", "NEED_MISSING");
    const std::string by_class = failure_hint("held", "needs_data", "books.refused");
    const std::string by_outcome = failure_hint("held", "business", "NO_TOTAL");
    EXPECT_NE(by_code, by_class);
    EXPECT_NE(by_class, by_outcome);
    EXPECT_NE(by_outcome, failure_hint("failed", "business", "qbo.refused"));
    EXPECT_NE(
        failure_hint("conflict", "stale_version", "conflict.changed"),
        failure_hint("conflict", "stale_version", "qbo.stale")
    );
    for (const char* of :
         {"transient", "rate_limited", "stale_version", "auth", "bug", "unheard"}) {
        EXPECT_FALSE(failure_hint("failed", of, "").empty()) << of;
    }
}

}  // namespace
}  // namespace syncline::testing
