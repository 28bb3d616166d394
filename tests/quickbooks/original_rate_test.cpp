// What is given back in another currency is worth what was sold.
#include "refunds.hpp"
#include "sandbox_company.hpp"
#include "shop.hpp"
#include "writes.hpp"

namespace syncline::quickbooks {
namespace {

// The order with the same figures in euros, and the shop's rate of the day.
Order in_euros(const Order& order, const char* id, const char* rate) {
    std::string text = dump_json(to_json(order));
    const std::string home = "\"USD\"";
    for (auto at = text.find(home); at != std::string::npos; at = text.find(home, at + 1)) {
        text.replace(at, home.size(), "\"EUR\"");
    }
    Order own = *from_json<Order>(parsed(text));
    own.id = own.number = id;
    own.raw = {{"meta_data", Json::array({{{"key", "_rate"}, {"value", rate}}})}};
    return own;
}

class OriginalRate : public ::testing::Test {
protected:
    OriginalRate() {
        Company::control_qbo(
            "POST", "/preferences", {{"CurrencyPrefs", {{"MultiCurrencyEnabled", true}}}}
        );
        company_.discover();
        company_.books.settings["exchange_rate_meta"] = "_rate";
    }

    Company::Delivery put(std::vector<WriteItem> items) {
        for (std::size_t i = 0; i < items.size(); ++i) {
            items[i].index = static_cast<std::int64_t>(i);
            items[i].body = company_.resolved(items[i].body);
        }
        auto delivery = company_.write(items);
        for (const auto& [index, written] : delivery.done) {
            const WriteItem& item = items.at(static_cast<std::size_t>(index));
            company_.ids["document:" + item.role] = written.remote_id;
        }
        return delivery;
    }
    void sell(const Order& order) {
        const auto delivery = put({company_.documents(order).at(0)});
        ASSERT_EQ(delivery.done.size(), 1u) << delivery.failed.begin()->second.message;
        company_.ids["order:" + order.id] = delivery.done.at(0).remote_id;
    }
    std::vector<WriteItem> refund(const Order& order, const char* id) {
        Refund one = refund_of(order, id, "10.00");
        one.order->raw = order.raw;
        return company_.prepare({encoded(company_.books, one)});
    }
    std::string rate_of(const char* entity, const Written& written) {
        FindKey key;
        key.key = "k";
        key.remote_id = written.remote_id;
        key.body = {{"ExchangeRate", ""}};
        const auto found = company_.find(entity, {key});
        EXPECT_EQ(found.size(), 1u) << entity;
        return found.empty() ? "" : text_at(found.front().owned, "ExchangeRate");
    }

    Company company_;
};

TEST_F(OriginalRate, IsTheRefundsWhateverTheShopSaysByThen) {
    sell(in_euros(paid_order(), "61", "1.5"));
    sell(in_euros(paid_order(), "62", "1.25"));
    auto items = refund(in_euros(paid_order(), "61", "1.9"), "115");
    items.push_back(refund(in_euros(paid_order(), "62", "1.9"), "116").at(0));
    EXPECT_FALSE(items.at(0).body.contains("ExchangeRate"));
    const auto delivery = put(items);
    ASSERT_EQ(delivery.done.size(), 2u) << delivery.failed.begin()->second.message;
    EXPECT_EQ(rate_of("refundreceipt", delivery.done.at(0)), "1.5");
    EXPECT_EQ(rate_of("refundreceipt", delivery.done.at(1)), "1.25");

    // An update leaves it, although the sale is gone by then.
    WriteItem update = items.at(0);
    update.remote_id = delivery.done.at(0).remote_id;
    update.version = delivery.done.at(0).version;
    update.body["$order"] = "999";
    update.body["CustomerMemo"] = {{"value", "broken"}};
    const auto updated = put({update});
    ASSERT_EQ(updated.done.size(), 1u) << updated.failed.begin()->second.message;
    EXPECT_EQ(rate_of("refundreceipt", updated.done.at(0)), "1.5");
}

TEST_F(OriginalRate, IsThatOfACreditAndOfItsUseForTheInvoice) {
    sell(in_euros(unpaid_order(), "61", "1.5"));
    const auto items = refund(in_euros(unpaid_order(), "61", "1.9"), "115");
    ASSERT_EQ(items.size(), 2u);
    const auto memo = put({items.at(0)});
    ASSERT_EQ(memo.done.size(), 1u) << memo.failed.begin()->second.message;
    EXPECT_EQ(rate_of("creditmemo", memo.done.at(0)), "1.5");
    const auto use = put({items.at(1)});
    ASSERT_EQ(use.done.size(), 1u) << use.failed.begin()->second.message;
    EXPECT_EQ(rate_of("payment", use.done.at(0)), "1.5");
}

TEST_F(OriginalRate, OfASaleThatIsGoneNobodyKnows) {
    const Order gone = in_euros(paid_order(), "61", "1.5");
    const Order sold = in_euros(paid_order(), "62", "1.25");
    sell(sold);
    company_.ids["order:61"] = "999";
    auto items = refund(gone, "115");
    items.push_back(refund(sold, "116").at(0));
    const auto delivery = put(items);
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.at(0).code, ErrorCode::kHold);
    EXPECT_EQ(delivery.failed.at(0).name, "SALE_RATE_UNKNOWN");
    EXPECT_NE(delivery.failed.at(0).message.find("999"), std::string::npos);
    EXPECT_EQ(delivery.done.count(1), 1u) << "it holds up no other";
    EXPECT_EQ(Company::ledger("RefundReceipt").size(), 1u);
}

TEST(OriginalRateAsked, OnlyWhereTheRefundIsInAnotherCurrency) {
    Books books;
    books.facts.multi_currency = true;
    books.host.memory["home_currency"] = "USD";
    const WriteItem own =
        item_of(encoded(books, refund_of(paid_order(), "115", "5.00")).documents.at(0), 0);
    ASSERT_EQ(reference_at(own.body, "CurrencyRef"), "USD");
    plugin::testing::FakeOutcomes outcomes;
    const Script script(
        books, {{with_key("refundreceipt"), answered("RefundReceipt", stored(own, "9121"))}}
    );
    EXPECT_FALSE(written(books, {own}, outcomes));
    EXPECT_EQ(outcomes.done.size(), 1u);
}

}  // namespace
}  // namespace syncline::quickbooks
