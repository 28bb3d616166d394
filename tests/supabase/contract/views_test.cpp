// The views over the recorded orders of two shops, against figures that are worked out here from
// the shops' own JSON: nothing of the connectors takes part in them.
#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "../support/both_projects.hpp"
#include "woocommerce/convert.hpp"

namespace syncline::test {
namespace {

struct RecordedShop {
    const char* folder;
    const char* source;
};
constexpr RecordedShop kShops[] = {
    {"woocommerce", "woocommerce:exclusive"}, {"woocommerce-inclusive", "woocommerce:inclusive"}};

std::vector<Json> recorded_orders(const RecordedShop& shop) {
    std::ifstream stream(std::string(SYNCLINE_TEST_DATA "/") + shop.folder + "/orders.json");
    const std::string text((std::istreambuf_iterator<char>(stream)), {});
    const auto orders = parse_json(text);
    EXPECT_TRUE(orders) << shop.folder;
    return orders ? orders->get<std::vector<Json>>() : std::vector<Json>{};
}

Decimal number(const Json& object, const char* member) {
    const Json& value = object.at(member);
    return *Decimal::parse(value.is_string() ? value.get<std::string>() : dump_json(value));
}

bool is_sale(const Json& order) {
    static const std::set<std::string> kNone{
        "cancelled", "refunded", "failed", "checkout-draft", "trash"};
    return kNone.count(order.at("status").get<std::string>()) == 0;
}

std::string id_text(const Json& value) {
    return value.is_string() ? value.get<std::string>() : dump_json(value);
}

struct Figures {
    std::int64_t orders = 0;
    std::map<std::string, Decimal> sums;

    void add(const std::string& name, const Decimal& amount) {
        sums[name] = *sums[name].plus(amount);
    }
};
using Book = std::map<std::string, Figures>;  // by the view's key

// A refund's total is negative where it is recorded.
Decimal refunds_of(const Json& order) {
    Decimal sum;
    for (const auto& refund : order.at("refunds")) {
        std::string amount = refund.at("total").get<std::string>();
        amount.erase(0, amount[0] == '-' ? 1 : 0);
        sum = *sum.plus(*Decimal::parse(amount));
    }
    return sum;
}

void add_sale(Book& days, Book& buyers, const RecordedShop& shop, const Json& order) {
    const std::string currency = order.at("currency");
    const std::string date = order.at("date_created_gmt").get<std::string>().substr(0, 10);
    std::string email = order.at("billing").at("email");
    std::transform(email.begin(), email.end(), email.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    const std::string id = id_text(order.at("customer_id"));
    const std::string buyer = id == "0" ? "guest:" + email : id;
    for (Figures* figures :
         {&days[std::string(shop.source) + "|" + date + "|" + currency],
          &buyers[std::string(shop.source) + "|" + buyer + "|" + currency]}) {
        ++figures->orders;
        figures->add("gross_total", number(order, "total"));
        figures->add("tax_total", number(order, "total_tax"));
        figures->add("shipping_total", number(order, "shipping_total"));
        figures->add("discount_total", number(order, "discount_total"));
        figures->add("refunded_total", refunds_of(order));
    }
}

void add_items(Book& products, const RecordedShop& shop, const Json& order) {
    std::set<std::string> seen;
    for (const auto& line : order.at("line_items")) {
        const std::string variation = id_text(line.at("variation_id"));
        const std::string product = id_text(line.at("product_id"));
        const std::string name = line.at("name");
        const std::string key = variation != "0" ? variation
                                : product != "0" ? product
                                : name.empty()   ? ""
                                                 : "name:" + name;
        const std::string place =
            std::string(shop.source) + "|" + key + "|" + order.at("currency").get<std::string>();
        Figures& figures = products[place];
        figures.orders += seen.insert(place).second ? 1 : 0;
        figures.add("units_sold", number(line, "quantity"));
        figures.add("net_sales", number(line, "total"));
        figures.add("tax_total", number(line, "total_tax"));
    }
}

void expect_figures(
    const std::string& view,
    const std::string& key,
    const Book& wanted,
    const std::set<std::string>& names
) {
    std::string columns;
    for (const auto& name : names) {
        columns += "," + name + "::text";
    }
    const Json rows = real_project().get(
        "/" + view + "?select=source_system," + key + ",currency,order_count" + columns
    );
    EXPECT_EQ(rows.size(), wanted.size()) << view;
    for (const auto& row : rows) {
        const std::string place = row["source_system"].get<std::string>() + "|" +
                                  row[key].get<std::string>() + "|" +
                                  row["currency"].get<std::string>();
        const auto found = wanted.find(place);
        ASSERT_NE(found, wanted.end()) << view << " " << place;
        EXPECT_EQ(row["order_count"], found->second.orders) << view << " " << place;
        for (const auto& name : names) {
            EXPECT_EQ(*Decimal::parse(row[name].get<std::string>()), found->second.sums.at(name))
                << view << " " << place << " " << name << " is " << row[name];
        }
    }
}

TEST(SupabaseFigures, OfEveryViewAreThoseOfTheRecordedOrders) {
    real_project().clear();
    Connected connected(real_project());
    Book days;
    Book buyers;
    Book products;
    std::size_t sales = 0;
    for (const auto& shop : kShops) {
        std::vector<Json> records;
        for (const auto& order : recorded_orders(shop)) {
            records.push_back(to_json(woocommerce::to_order(order, {})));
            if (is_sale(order)) {
                ++sales;
                add_sale(days, buyers, shop, order);
                add_items(products, shop, order);
            }
        }
        EncodeContext context;
        context.entity = "order";
        context.tenant = "acme";
        context.source = shop.source;
        const auto items = connected.encode_in(context, records);
        expect_all_done(connected.write(items), records.size() * 2);
    }
    EXPECT_EQ(sales, 43U + 31U);
    EXPECT_EQ(real_project().get("/sales_orders?select=id").size(), sales);
    expect_figures(
        "sales_summary",
        "sale_date",
        days,
        {"gross_total", "tax_total", "shipping_total", "discount_total", "refunded_total"}
    );
    expect_figures(
        "customer_lifetime_value", "customer_key", buyers, {"gross_total", "refunded_total"}
    );
    expect_figures(
        "product_performance", "product_key", products, {"units_sold", "net_sales", "tax_total"}
    );
    for (const auto& row : real_project().get(
             "/sales_summary?select=gross_total::text,refunded_total::text,net_total::text"
         )) {
        const auto of = [&](const char* column) {
            return *Decimal::parse(row[column].get<std::string>());
        };
        EXPECT_EQ(*of("net_total").plus(of("refunded_total")), of("gross_total"));
    }
}

TEST(SupabaseFigures, LeaveOutAnOrderThatIsMarkedAsDeleted) {
    real_project().clear();
    Connected connected(real_project());
    expect_all_done(connected.write(connected.encode("order", orders(2, 1))), 4);
    real_project().database().sql("update orders set deleted_at = now() where source_id = '700'");
    const Json rows = real_project().get("/sales_summary?select=order_count,gross_total::text");
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0]["order_count"], 1);
    EXPECT_EQ(rows[0]["gross_total"], "13.50");
    EXPECT_EQ(real_project().get("/product_performance?select=order_count")[0]["order_count"], 1);
}

}  // namespace
}  // namespace syncline::test
