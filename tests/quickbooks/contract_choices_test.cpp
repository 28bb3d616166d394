// Discount lines and closed books against the running sandbox, which adds up and refuses by itself.
#include "sandbox_company.hpp"
#include "shop.hpp"

namespace syncline::quickbooks {
namespace {

std::vector<std::string> discounts_in(const Json& document) {
    std::vector<std::string> amounts;
    for (const auto& line : document.at("Line")) {
        if (line.at("DetailType") == "DiscountLineDetail") {
            amounts.push_back(text_at(line, "Amount"));
        }
    }
    return amounts;
}

Order with_coupon(const char* id, std::size_t line, const char* subtotal, const char* tax) {
    Order order = paid_order();
    order.id = order.number = id;
    order.lines[line].subtotal = money(subtotal);
    order.lines[line].subtotal_tax = money(tax);
    return order;
}

TEST(ContractDiscount, TheBooksShowTheOrdersTotalsWithOneLineTakenOff) {
    struct Case {
        Order order;
        std::vector<std::string> discounts;
        bool invoice = false;
    };
    std::vector<Case> cases{
        {with_coupon("60", 0, "45.00", "4.00"), {"4.36"}},
        {with_coupon("61", 1, "30.00", "0.00"), {"2.64"}},
        {with_coupon("62", 0, "45.01", "4.00"), {"4.37"}, true},
        {with_coupon("63", 1, "27.36", "2.43"), {"27.36"}},  // given away, and would be taxed
        {with_coupon("64", 1, "1000.00", "0.00"), {}},       // would leave less than the tax
        {with_coupon("65", 0, "40.64", "3.61"), {}},         // no coupon
        {with_coupon("66", 0, "45.00", "4.00"), {"4.36"}},   // with a cent of the shop's own
        {with_coupon("67", 0, "54.64", "4.86"), {"14"}},     // with a fee that is store credit
    };
    cases[3].order.lines[1].total = cases[4].order.lines[1].total = money("0.00");
    cases[7].order.fees = {{"1", "Store credit", money("-20.00"), money("0.00"), {}}};
    for (auto& one : cases) {
        balanced(one.order);
        one.order.payment_method = one.invoice ? "bacs" : "stripe";
    }
    cases[6].order.total += money("0.01");
    cases[2].order.lines[0].quantity = decimal("7");

    Company company;
    company.books.settings["discounts"] = "line";
    company.books.settings["document_choice"] = {{"bacs", "invoice"}};
    for (const auto& one : cases) {
        const auto items = company.documents(one.order);
        ASSERT_EQ(items.size(), 1u) << one.order.id;
        const auto delivery = company.write(items);
        ASSERT_EQ(delivery.done.size(), 1u)
            << one.order.id << delivery.failed.begin()->second.message;
        const Written& written = delivery.done.begin()->second;
        EXPECT_EQ(written.owned, items.at(0).body)
            << Json::diff(items.at(0).body, written.owned).dump(1);
        EXPECT_EQ(discounts_in(written.owned), one.discounts) << one.order.id;
        const auto rows = Company::ledger(one.invoice ? "Invoice" : "SalesReceipt");
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const Json& each) {
            return each.at("id") == written.remote_id;
        });
        ASSERT_NE(row, rows.end());
        EXPECT_EQ(row->at("total"), one.order.total.to_string()) << one.order.id;
        EXPECT_EQ(row->at("tax"), one.order.tax_total.to_string()) << one.order.id;
    }
}

TEST(ContractDiscount, TheRecordedShopComesToTheSameTotals) {
    Company company;
    company.books.settings["discounts"] = "line";
    company.books.settings["discount_account"] = "Discounts given";
    company.books.host.on_local_date = [](const std::string&, Timestamp instant) {
        return instant.to_string().substr(0, 10);
    };
    std::vector<Encoded> encoded;
    std::map<std::string, Json> posted;  // marker to the shop's own order
    for (const auto& [source, order] : recorded_orders("woocommerce", "USD")) {
        encoded.push_back(company.books.order(order));
        if (!encoded.back().documents.empty()) {
            posted[encoded.back().documents.front().marker] = source;
        }
    }
    std::size_t discounted = 0;
    company.write_all(company.prepare(encoded), [&](const WriteItem& item, const Written& written) {
        EXPECT_EQ(written.owned, item.body) << Json::diff(item.body, written.owned).dump(1);
        discounted += discounts_in(written.owned).size();
    });
    EXPECT_EQ(discounted, 16u);
    const Json ledger = Company::control_qbo("GET", "/ledger");
    EXPECT_EQ(ledger.at("documents").size(), 45u);
    for (const auto& row : ledger.at("documents")) {
        const Json& source = posted.at(row.at("marker"));
        EXPECT_EQ(row.at("total"), source.at("total")) << row.at("doc_number");
        EXPECT_EQ(row.at("tax"), source.at("total_tax")) << row.at("doc_number");
    }
}

TEST(ContractDiscount, ACouponThatIsTakenBackTakesTheLineWithIt) {
    Company company;
    company.books.settings["discounts"] = "line";
    Order order = with_coupon("60", 0, "45.00", "4.00");
    auto items = company.documents(order);
    const auto made = company.write(items);
    ASSERT_EQ(made.done.size(), 1u);
    order.lines[0].total = order.lines[0].subtotal;
    order.lines[0].total_tax = order.lines[0].subtotal_tax;
    balanced(order);
    items =
        company.documents(order, {{"sales_receipt", "salesreceipt", made.done.at(0).remote_id}});
    items.at(0).remote_id = made.done.at(0).remote_id;
    items.at(0).version = made.done.at(0).version;
    const auto updated = company.write(items);
    ASSERT_EQ(updated.done.size(), 1u) << updated.failed.begin()->second.message;
    EXPECT_TRUE(discounts_in(updated.done.at(0).owned).empty());
    EXPECT_EQ(Company::ledger("SalesReceipt").at(0).at("total"), order.total.to_string());
}

TEST(ContractDiscount, ACompanyWithoutDiscountsGetsNetLines) {
    Company company;
    company.books.settings["discounts"] = "line";
    const Order order = with_coupon("60", 0, "45.00", "4.00");
    const auto stale = company.documents(order);
    Company::control_qbo("POST", "/preferences", {{"SalesFormsPrefs", {{"AllowDiscount", false}}}});
    // Switched off after the facts were read: refused there, and held.
    const auto refused = company.write(stale);
    ASSERT_EQ(refused.failed.size(), 1u);
    EXPECT_EQ(refused.failed.at(0).code, ErrorCode::kHold);
    EXPECT_NE(refused.failed.at(0).message.find("AllowDiscount"), std::string::npos);
    company.discover();
    const auto items = company.documents(order);
    EXPECT_TRUE(discounts_in(items.at(0).body).empty());
    ASSERT_EQ(company.write(items).done.size(), 1u);
    EXPECT_EQ(Company::ledger("SalesReceipt").at(0).at("total"), "76.56");
}

TEST(ContractClosedBooks, SaleAndPaymentAreDatedOnTheFirstOpenDayAndStayThere) {
    Company company;
    Company::control_qbo("POST", "/close-books", {{"date", "2026-11-30"}});
    company.discover();
    company.books.settings["document_choice"] = {{"*", "invoice_and_payment"}};
    EXPECT_EQ(Books::hold_code(company.books.order(paid_order())), "CLOSED_PERIOD");
    company.books.settings["closed_books"] = "first_open_day";

    auto items = company.documents(paid_order());
    ASSERT_EQ(items.size(), 2u);
    const auto invoice = company.write({items.at(0)});
    ASSERT_EQ(invoice.done.size(), 1u) << invoice.failed.begin()->second.message;
    company.ids["document:invoice"] = invoice.done.at(0).remote_id;
    items = company.documents(paid_order());
    const auto payment = company.write({items.at(1)});
    ASSERT_EQ(payment.done.size(), 1u) << payment.failed.begin()->second.message;
    for (const char* type : {"Invoice", "Payment"}) {
        const Json row = Company::ledger(type).at(0);
        EXPECT_EQ(row.at("txn_date"), "2026-12-01") << type;
        EXPECT_EQ(row.at("marker"), "[syncline woocommerce:shop:60 v1]") << type;
        EXPECT_NE(
            row.at("private_note").get<std::string>().find("\nOriginal date 2026-11-20"),
            std::string::npos
        ) << type;
    }

    // The order is read again: nothing to do, until it changes, and then not to the date.
    const Written& written = invoice.done.at(0);
    const std::vector<KnownDocument> known{
        {"invoice", "invoice", written.remote_id, written.owned},
        {"payment", "payment", payment.done.at(1).remote_id, payment.done.at(1).owned}};
    EXPECT_EQ(company.documents(paid_order(), known).at(0).body, items.at(0).body);
    EXPECT_EQ(company.documents(paid_order(), known).at(1).body, items.at(1).body);
    Order changed = paid_order();
    changed.customer_note = "Ring twice";
    WriteItem update = company.documents(changed, known).at(0);
    update.remote_id = written.remote_id;
    update.version =
        company.find("invoice", {FindKey{"k", "", "", written.remote_id, Json()}}).at(0).version;
    const auto updated = company.write({update});
    ASSERT_EQ(updated.done.size(), 1u) << updated.failed.begin()->second.message;
    EXPECT_EQ(Company::ledger("Invoice").at(0).at("txn_date"), "2026-12-01");
}

}  // namespace
}  // namespace syncline::quickbooks
