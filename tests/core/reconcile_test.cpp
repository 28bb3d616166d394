// The ten kinds of drift, each from one change to a clean pair; and what is no drift.
#include "core/reconcile.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline {
namespace {

const DayWindow kNovember{"2026-11-01", "2026-11-30"};

Money eur(std::int64_t minor) {
    return {minor, Currency::parse("EUR").value()};
}

struct Pair {
    std::vector<SourceFact> source;
    std::vector<TargetFact> target;
};

SourceFact expected_sale(const std::string& id, std::int64_t total, PostedKind kind) {
    SourceFact fact;
    fact.entity = kind == PostedKind::kRefund ? "refund" : "order";
    fact.record_id = id;
    fact.flow = "shop-books";
    fact.kind = kind;
    fact.day = "2026-11-10";
    fact.total = eur(total);
    fact.tax = kind == PostedKind::kPayment ? eur(0) : eur(total / 5);
    fact.has_money = true;
    fact.customer = "c1";
    fact.target_entity = kind == PostedKind::kSale       ? "invoice"
                         : kind == PostedKind::kPaidSale ? "salesreceipt"
                         : kind == PostedKind::kPayment  ? "payment"
                                                         : "refundreceipt";
    return fact;
}

TargetFact as_posted(const SourceFact& source, const std::string& id) {
    TargetFact fact;
    fact.entity = source.entity;
    fact.record_id = source.record_id;
    fact.target_entity = source.target_entity;
    fact.target_id = id;
    fact.kind = source.kind;
    fact.day = source.day;
    fact.customer = source.customer;
    fact.total = source.total;
    fact.tax = source.tax;
    return fact;
}

void add(Pair& pair, SourceFact fact, const std::string& target_id) {
    fact.mapped_id = target_id;
    pair.target.push_back(as_posted(fact, target_id));
    pair.source.push_back(std::move(fact));
}

// An order paid at once, one with an invoice and its payment, and a refund.
Pair clean_pair() {
    Pair pair;
    add(pair, expected_sale("1", 12'00, PostedKind::kPaidSale), "101");
    add(pair, expected_sale("2", 50'00, PostedKind::kSale), "102");
    add(pair, expected_sale("2", 50'00, PostedKind::kPayment), "103");
    add(pair, expected_sale("9", 5'00, PostedKind::kRefund), "104");
    return pair;
}

Reconciled compare(const Pair& pair) {
    return reconcile(kNovember, pair.source, pair.target);
}

std::vector<std::string> kinds(const Reconciled& result) {
    std::vector<std::string> names;
    for (const auto& finding : result.findings) {
        names.emplace_back(enum_name(finding.kind));
    }
    return names;
}

using Names = std::vector<std::string>;

TEST(Reconcile, ACleanPairHasNoFindingsAndAllItsSumsAgree) {
    const Reconciled result = compare(clean_pair());
    EXPECT_EQ(kinds(result), Names());
    ASSERT_EQ(result.days.size(), 1U);
    const auto& [key, row] = *result.days.begin();
    EXPECT_EQ(key.first, "2026-11-10");
    EXPECT_EQ(key.second, "EUR");
    EXPECT_EQ(row.source, row.target);
    EXPECT_EQ(row.source.count, 3) << "a payment is no document of its own";
    EXPECT_EQ(row.source.gross, eur(62'00));
    EXPECT_EQ(row.source.tax, eur(12'40));
    EXPECT_EQ(row.source.refunds, eur(5'00));
    EXPECT_EQ(row.source.payments, eur(62'00));
    EXPECT_TRUE(net_difference(sums_by_currency(result.days).at("EUR")).is_zero());
}

struct Drift {
    const char* name;
    std::function<void(Pair&)> inject;
    std::int64_t difference = 0;  // what the books have too much
};

const std::vector<Drift>& drifts() {
    static const std::vector<Drift> kDrifts{
        {"MISSING_TARGET",
         [](Pair& pair) {
             pair.source[0].mapped_id.clear();
             pair.target.erase(pair.target.begin());
         },
         -12'00},
        {"DELETED_TARGET", [](Pair& pair) { pair.target.erase(pair.target.begin()); }, -12'00},
        {"ORPHAN_TARGET", [](Pair& pair) { pair.source.erase(pair.source.begin()); }, 12'00},
        {"DUPLICATE",
         [](Pair& pair) { pair.target.push_back(as_posted(pair.source[0], "999")); },
         12'00},
        {"AMOUNT_DIFF", [](Pair& pair) { pair.target[0].total = eur(12'01); }, 1},
        {"TAX_DIFF", [](Pair& pair) { pair.target[0].tax += eur(1); }},
        {"DATE_DIFF", [](Pair& pair) { pair.target[0].day = "2026-11-11"; }},
        {"STATUS_DIFF",
         [](Pair& pair) {
             pair.target[0].voided = true;
             pair.target[0].total = pair.target[0].tax = eur(0);
         },
         -12'00},
        {"CUSTOMER_DIFF", [](Pair& pair) { pair.target[0].customer = "c2"; }},
        {"EDITED_TARGET", [](Pair& pair) { pair.target[0].edited = true; }},
    };
    return kDrifts;
}

TEST(Reconcile, NamesEachKindOfDriftAndWhatItDoesToTheSums) {
    for (const auto& drift : drifts()) {
        Pair pair = clean_pair();
        drift.inject(pair);
        const Reconciled result = compare(pair);
        ASSERT_EQ(kinds(result), Names{drift.name});
        const Finding& finding = result.findings.front();
        EXPECT_EQ(finding.record_id, "1") << drift.name;
        EXPECT_EQ(finding.entity, "order") << drift.name;
        EXPECT_EQ(finding.difference, eur(drift.difference)) << drift.name;
        EXPECT_EQ(net_difference(sums_by_currency(result.days).at("EUR")), eur(drift.difference))
            << drift.name;
        EXPECT_FALSE(finding.message.empty());
        EXPECT_FALSE(advice(finding.kind).empty());
    }
}

TEST(Reconcile, DifferencesInTheBooksAreMendedByADeliveryOnlyIfOneIsDue) {
    for (const bool stale : {false, true}) {
        Pair pair = clean_pair();
        pair.source[0].stale = stale;
        pair.target[0].total = eur(13'00);
        pair.target[0].edited = true;
        ASSERT_EQ(kinds(compare(pair)), Names{"AMOUNT_DIFF"}) << "its edit is told by that";
        EXPECT_EQ(compare(pair).findings.at(0).healable, stale);
    }
    Pair pair = clean_pair();
    drifts()[0].inject(pair);
    EXPECT_TRUE(compare(pair).findings.at(0).healable);
    pair = clean_pair();
    drifts()[1].inject(pair);
    EXPECT_FALSE(compare(pair).findings.at(0).healable) << "somebody deleted it";
}

TEST(Reconcile, AVoidDocumentIsNoneInTheSums) {
    Pair pair = clean_pair();
    pair.target[0].voided = true;  // a platform may leave its amounts in place
    const Reconciled result = compare(pair);
    const DaySums& books = result.days.begin()->second.target;
    EXPECT_EQ(books.count, 2);
    EXPECT_EQ(books.gross, eur(50'00));
}

TEST(Reconcile, ARefundThatIsMissingLeavesTooMuchInTheBooks) {
    Pair pair = clean_pair();
    pair.target.pop_back();
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"DELETED_TARGET"});
    EXPECT_EQ(result.findings[0].difference, eur(5'00));
    EXPECT_EQ(net_difference(sums_by_currency(result.days).at("EUR")), eur(5'00));
}

TEST(Reconcile, ADocumentIsKnownByItsMarkerWhereNoMappingTells) {
    Pair pair = clean_pair();
    for (auto& fact : pair.source) {
        fact.mapped_id.clear();
    }
    EXPECT_EQ(kinds(compare(pair)), Names());
    pair.target.push_back(as_posted(pair.source[1], "1000"));
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"DUPLICATE"});
    EXPECT_EQ(result.findings[0].target_id, "1000") << "the older one is taken for the record's";
}

TEST(Reconcile, ADuplicateIsTheOneThatIsNotMappedWhateverItsNumber) {
    Pair pair = clean_pair();
    pair.target.push_back(as_posted(pair.source[0], "5"));
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"DUPLICATE"});
    EXPECT_EQ(result.findings[0].target_id, "5");
}

TEST(Reconcile, AVoidDuplicateIsNone) {
    Pair pair = clean_pair();
    pair.target.push_back(as_posted(pair.source[0], "5"));
    pair.target.back().voided = true;
    EXPECT_EQ(kinds(compare(pair)), Names());
}

SourceFact without_document(const std::string& id, Expectation expectation) {
    SourceFact fact = expected_sale(id, 70'00, PostedKind::kSale);
    fact.expectation = expectation;
    fact.any_kind = true;
    fact.reason = expectation == Expectation::kHeld ? "CLOSED_PERIOD" : "NOT_POSTED_STATUS";
    fact.explanation = "because";
    return fact;
}

TEST(Reconcile, WhatIsRightlyNotPostedIsExplainedAndNoDrift) {
    Pair pair = clean_pair();
    pair.source.push_back(without_document("20", Expectation::kHeld));
    pair.source.push_back(without_document("21", Expectation::kSkipped));
    pair.source.push_back(without_document("22", Expectation::kSkipped));
    pair.source.push_back(without_document("23", Expectation::kSkipped));
    pair.source.back().day = "2026-10-31";
    const Reconciled result = compare(pair);
    EXPECT_EQ(kinds(result), Names());
    EXPECT_TRUE(net_difference(sums_by_currency(result.days).at("EUR")).is_zero());
    ASSERT_EQ(result.explained.size(), 2U);
    EXPECT_EQ(result.explained.at("CLOSED_PERIOD").records, 1);
    EXPECT_EQ(result.explained.at("NOT_POSTED_STATUS").records, 2);
    EXPECT_EQ(result.explained.at("NOT_POSTED_STATUS").totals.at("EUR"), eur(140'00));
    EXPECT_EQ(result.explained.at("NOT_POSTED_STATUS").example_id, "21");
}

TEST(Reconcile, WhatIsHeldAfterItWasPostedIsComparedWithTheShopsOwnFigures) {
    Pair pair;
    SourceFact held = without_document("20", Expectation::kHeld);
    held.any_kind = false;
    add(pair, held, "105");
    EXPECT_EQ(kinds(compare(pair)), Names());
    EXPECT_EQ(compare(pair).explained.at("CLOSED_PERIOD").records, 1);
    EXPECT_EQ(compare(pair).days.begin()->second.source.gross, eur(70'00));
    pair.target[0].total = eur(69'00);
    EXPECT_EQ(kinds(compare(pair)), Names{"AMOUNT_DIFF"});
    pair.target.clear();
    EXPECT_EQ(kinds(compare(pair)), Names{"DELETED_TARGET"});
}

TEST(Reconcile, WhatTheShopCancelledMustNotStandInTheBooks) {
    Pair pair;
    SourceFact held = without_document("20", Expectation::kHeld);
    held.live = false;
    add(pair, held, "105");
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"STATUS_DIFF"});
    EXPECT_EQ(result.findings[0].difference, eur(70'00));
    pair.target[0].voided = true;
    EXPECT_EQ(kinds(compare(pair)), Names());
    pair.target.clear();
    EXPECT_EQ(kinds(compare(pair)), Names()) << "void or gone: neither counts";
}

TEST(Reconcile, ADocumentThatIsToBeVoidIsFineVoidOrGone) {
    Pair pair = clean_pair();
    pair.source[0].expectation = Expectation::kVoided;
    pair.source[0].live = false;
    pair.source[0].stale = true;
    ASSERT_EQ(kinds(compare(pair)), Names{"STATUS_DIFF"});
    EXPECT_TRUE(compare(pair).findings[0].healable) << "its void is due";
    pair.target[0].voided = true;
    EXPECT_EQ(kinds(compare(pair)), Names());
}

TEST(Reconcile, FactsBeyondTheWindowSayNothing) {
    Pair pair = clean_pair();
    for (const auto& drift : drifts()) {
        Pair outside = clean_pair();
        drift.inject(outside);
        for (auto& fact : outside.source) {
            fact.day = "2026-12-01";
        }
        for (auto& fact : outside.target) {
            fact.day = fact.day == "2026-11-11" ? "2026-12-02" : "2026-12-01";
        }
        const Reconciled result = compare(outside);
        EXPECT_EQ(kinds(result), Names()) << drift.name;
        EXPECT_TRUE(result.days.empty()) << drift.name;
    }
}

TEST(Reconcile, ADocumentThatWasMovedOutOfTheWindowIsFoundThere) {
    Pair pair = clean_pair();
    pair.target[0].day = "2026-12-01";
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"DATE_DIFF"});
    EXPECT_EQ(net_difference(sums_by_currency(result.days).at("EUR")), eur(-12'00));
}

TEST(Reconcile, AsksForTheOtherSideOfWhatStandsAlone) {
    Pair pair = clean_pair();
    const SourceFact order = pair.source[0];
    const TargetFact receipt = pair.target[1];
    EXPECT_TRUE(look_ups(kNovember, pair.source, pair.target).records.empty());
    EXPECT_TRUE(look_ups(kNovember, pair.source, pair.target).documents.empty());
    pair.source.erase(pair.source.begin());
    pair.target.erase(pair.target.begin() + 1);
    LookUps wanted = look_ups(kNovember, pair.source, pair.target);
    EXPECT_EQ(wanted.records, (std::map<std::string, Names>{{"order", {"1"}}}));
    EXPECT_EQ(wanted.documents, (std::map<std::string, Names>{{"invoice", {"102"}}}));
    pair.source.push_back(order);
    pair.target.push_back(receipt);
    EXPECT_EQ(kinds(compare(pair)), Names());
    // A duplicate does not stand in for the document that the mapping names.
    pair.target.erase(pair.target.begin());
    pair.target.push_back(as_posted(order, "999"));
    wanted = look_ups(kNovember, pair.source, pair.target);
    EXPECT_EQ(wanted.documents, (std::map<std::string, Names>{{"salesreceipt", {"101"}}}));
}

TEST(Reconcile, KeepsCurrenciesApart) {
    Pair pair = clean_pair();
    SourceFact yen = expected_sale("30", 700, PostedKind::kPaidSale);
    yen.total = Money{700, Currency::parse("JPY").value()};
    yen.tax = Money{70, yen.total.currency()};
    add(pair, yen, "130");
    pair.target.back().total = Money{701, yen.total.currency()};
    const Reconciled result = compare(pair);
    ASSERT_EQ(kinds(result), Names{"AMOUNT_DIFF"});
    EXPECT_EQ(result.findings[0].currency, "JPY");
    EXPECT_TRUE(net_difference(sums_by_currency(result.days).at("EUR")).is_zero());
    EXPECT_EQ(net_difference(sums_by_currency(result.days).at("JPY")).minor(), 1);
}

TEST(Reconcile, AnAmountInAnotherCurrencyIsNotSubtracted) {
    Pair pair = clean_pair();
    pair.target[0].total = Money{12'00, Currency::parse("USD").value()};
    pair.target[0].tax = Money{2'40, pair.target[0].total.currency()};
    EXPECT_EQ(kinds(compare(pair)), Names{"AMOUNT_DIFF"});
}

// A random month, and one drift somewhere in it.
RC_GTEST_PROP(ReconcileProperty, ExactlyTheDriftThatWasInjectedIsFound, ()) {
    Pair pair;
    const int orders = *rc::gen::inRange(1, 40);
    for (int i = 0; i < orders; ++i) {
        const auto kind =
            *rc::gen::element(PostedKind::kSale, PostedKind::kPaidSale, PostedKind::kRefund);
        SourceFact fact = expected_sale(std::to_string(i), *rc::gen::inRange(100, 100'000), kind);
        const int day = *rc::gen::inRange(1, 29);
        fact.day = std::string("2026-11-") + (day < 10 ? "0" : "") + std::to_string(day);
        fact.customer = "c" + std::to_string(*rc::gen::inRange(1, 5));
        add(pair, fact, std::to_string(1'000 + i));
        if (!*rc::gen::inRange(0, 2)) {
            pair.source.back().mapped_id.clear();
        }
    }
    RC_ASSERT(compare(pair).findings.empty());
    const auto& drift =
        drifts()[static_cast<std::size_t>(*rc::gen::inRange(0, static_cast<int>(drifts().size())))];
    // The injections change the first pair: bring a random one there.
    const auto at = static_cast<std::size_t>(*rc::gen::inRange(0, orders));
    std::swap(pair.source[0], pair.source[at]);
    std::swap(pair.target[0], pair.target[at]);
    pair.source[0].mapped_id = pair.target[0].target_id;
    pair.source[0].total = pair.target[0].total = eur(12'00);
    pair.source[0].day = pair.target[0].day = "2026-11-29";
    const std::string id = pair.source[0].record_id;
    pair.target[0].customer = pair.source[0].customer = "c0";
    drift.inject(pair);
    const Reconciled result = compare(pair);
    RC_ASSERT(kinds(result) == Names{drift.name});
    RC_ASSERT(result.findings[0].record_id == id);
    const auto sums = sums_by_currency(result.days);
    const Money wrong = sums.empty() ? eur(0) : net_difference(sums.at("EUR"));
    RC_ASSERT(wrong == result.findings[0].difference);
}

}  // namespace
}  // namespace syncline
