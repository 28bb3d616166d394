#include "books.hpp"

namespace syncline::quickbooks {
namespace {

// The order's own date is 2026-11-20 in Chicago.
struct ClosedBooks : Books {
    explicit ClosedBooks(const char* closed_until) {
        settings["closed_books"] = "first_open_day";
        facts.book_close_date = closed_until;
    }
};

// As the host tells the next encode what is there.
KnownDocument posted(const Document& document, Json owned) {
    return {document.role, document.entity, "9120", std::move(owned)};
}
std::vector<KnownDocument> all_posted(const Encoded& encoded) {
    std::vector<KnownDocument> known;
    for (const auto& document : encoded.documents) {
        known.push_back(posted(document, document.body));
    }
    return known;
}

std::vector<std::string> dates_of(const Encoded& encoded) {
    std::vector<std::string> dates;
    for (const auto& document : encoded.documents) {
        dates.push_back(text_at(document.body, "TxnDate"));
    }
    return dates;
}

TEST(ClosedBooks, TheFirstOpenDayIsTheDayAfterTheClosingDate) {
    struct Case {
        const char* closed_until;
        const char* date;
    };
    for (const auto& one : {
             Case{"", "2026-11-20"},
             Case{"2026-10-31", "2026-11-20"},
             Case{"2026-11-19", "2026-11-20"},
             Case{"2026-11-20", "2026-11-21"},
             Case{"2026-11-30", "2026-12-01"},
             Case{"2026-12-31", "2027-01-01"},
             Case{"2028-02-28", "2028-02-29"},
         }) {
        ClosedBooks books(one.closed_until);
        const Encoded encoded = books.order(paid_order());
        ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
        const Json& body = encoded.documents[0].body;
        EXPECT_EQ(body.at("TxnDate"), one.date) << one.closed_until;
        const bool moved = std::string(one.date) != "2026-11-20";
        const std::string original = moved ? "\nOriginal date 2026-11-20 (books closed)" : "";
        EXPECT_EQ(
            body.at("PrivateNote"),
            "[syncline woocommerce:shop:60 v1]" + original +
                "\nOrder 60, Credit card\nTransaction ch_3Qtest0000"
        );
        ASSERT_EQ(encoded.warnings.size(), moved ? 1u : 0u);
        EXPECT_TRUE(!moved || encoded.warnings[0].code == "DATE_MOVED");
        EXPECT_EQ(encoded.documents[0].marker, "[syncline woocommerce:shop:60 v1]");
    }
}

TEST(ClosedBooks, AreHeldUnlessTheTenantChoseAndWithoutADayAfterThem) {
    Books books;
    books.facts.book_close_date = "2026-11-20";
    const Encoded held = books.order(paid_order());
    EXPECT_EQ(Books::hold_code(held), "CLOSED_PERIOD");
    EXPECT_NE(held.hold->message.find("set closed_books to first_open_day"), std::string::npos);
    ClosedBooks unreadable("no date");
    EXPECT_EQ(Books::hold_code(unreadable.order(paid_order())), "CLOSED_PERIOD");
}

TEST(ClosedBooks, AnInvoiceIsDueCountedFromTheDateItIsGiven) {
    ClosedBooks books("2026-11-30");
    books.settings["terms"] = {{"bacs", "Net 30"}};
    const Json body = books.body(unpaid_order());
    EXPECT_EQ(body.at("TxnDate"), "2026-12-01");
    EXPECT_EQ(body.at("DueDate"), "2026-12-31");
    EXPECT_EQ(body.at("SalesTermRef").at("value"), "3");
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    const Json paid = books.order(paid_order()).documents.at(0).body;
    EXPECT_EQ(paid.at("DueDate"), "2026-12-01") << "paid when it was ordered";
    EXPECT_FALSE(paid.contains("SalesTermRef"));
}

TEST(ClosedBooks, ThePaymentHasADateOfItsOwn) {
    ClosedBooks books("2026-11-30");
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    Order order = paid_order();
    EXPECT_EQ(dates_of(books.order(order)), (std::vector<std::string>{"2026-12-01", "2026-12-01"}));
    order.paid_at = at("2026-12-05T15:00:00Z");
    const Encoded later = books.order(order);
    EXPECT_EQ(dates_of(later), (std::vector<std::string>{"2026-12-01", "2026-12-05"}));
    const std::string note = text_at(later.documents[1].body, "PrivateNote");
    EXPECT_EQ(note.find("Original date"), std::string::npos) << note;
}

TEST(ClosedBooks, WhatWasMovedStaysWhereItIs) {
    ClosedBooks books("2026-11-30");
    books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    const Encoded first = books.order(paid_order());
    ASSERT_EQ(first.documents.size(), 2u) << Books::why(first);
    const auto known = all_posted(first);
    // Closed further, opened again, the choice taken back: the documents need no update.
    for (const char* closed_until : {"2026-11-30", "2026-12-31", "2026-10-31", ""}) {
        for (const char* choice : {"first_open_day", "hold"}) {
            books.facts.book_close_date = closed_until;
            books.settings["closed_books"] = choice;
            const Encoded again = books.order(paid_order(), known);
            ASSERT_EQ(again.documents.size(), 2u) << Books::why(again);
            EXPECT_EQ(again.documents[0].body, first.documents[0].body) << closed_until << choice;
            EXPECT_EQ(again.documents[1].body, first.documents[1].body) << closed_until << choice;
            EXPECT_TRUE(again.warnings.empty()) << Books::why(again);
        }
    }
}

TEST(ClosedBooks, AMovedInvoiceThatIsPaidLaterKeepsItsTerm) {
    ClosedBooks books("2026-11-30");
    const Encoded unpaid = books.order(unpaid_order());
    Order paid = unpaid_order();
    paid.payment_status = PaymentStatus::kPaid;
    paid.paid_at = at("2026-11-25T15:00:00Z");  // before the day the invoice was given
    const Encoded later = books.order(paid, all_posted(unpaid));
    ASSERT_EQ(later.documents.size(), 2u) << Books::why(later);
    EXPECT_EQ(later.documents[0].body, unpaid.documents[0].body) << "it needs no update";
    EXPECT_EQ(later.documents[1].body.at("TxnDate"), "2026-12-01");
}

TEST(ClosedBooks, WhatWasPostedBeforeTheyWereClosedKeepsItsDate) {
    ClosedBooks books("2026-10-31");
    const Encoded before = books.order(paid_order());
    books.facts.book_close_date = "2026-11-30";
    for (const Json& owned : {before.documents[0].body, Json()}) {
        const Encoded after = books.order(paid_order(), {posted(before.documents[0], owned)});
        ASSERT_EQ(after.documents.size(), 1u) << Books::why(after);
        EXPECT_EQ(after.documents[0].body, before.documents[0].body) << "it needs no update";
    }
}

TEST(ClosedBooks, AMovedDocumentFollowsItsOrderOnlyToAnOpenDay) {
    ClosedBooks books("2026-11-30");
    books.settings["txn_date"] = "completed";
    Order order = paid_order();
    const auto known = all_posted(books.order(order));
    order.completed_at = at("2026-11-27T15:00:00Z");
    const Encoded closed = books.order(order, known);
    EXPECT_EQ(dates_of(closed), (std::vector<std::string>{"2026-12-01"}));
    EXPECT_NE(
        text_at(closed.documents.at(0).body, "PrivateNote").find("Original date 2026-11-27"),
        std::string::npos
    );
    order.completed_at = at("2026-12-03T15:00:00Z");
    const Encoded open = books.order(order, known);
    EXPECT_EQ(dates_of(open), (std::vector<std::string>{"2026-12-03"}));
    EXPECT_EQ(
        text_at(open.documents.at(0).body, "PrivateNote").find("Original date"), std::string::npos
    );
}

}  // namespace
}  // namespace syncline::quickbooks
