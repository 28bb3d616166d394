#include "books.hpp"
#include "quickbooks/encode/dates.hpp"
#include "quickbooks/encode/text.hpp"

namespace syncline::quickbooks {
namespace {

Customer ines() {
    Customer customer;
    customer.id = "731";
    customer.email = " Ines.Okafor@Example.test";
    customer.first_name = "Ines";
    customer.last_name = "Okafor";
    customer.phone = "218-555-0142";
    customer.billing.line1 = "418 Mill Race Rd";
    customer.billing.country = "US";
    return customer;
}

Document customer_document(Books& books, const Customer& customer) {
    const Encoded encoded = books.encode("customer", customer);
    EXPECT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    return encoded.documents.empty() ? Document{} : encoded.documents.front();
}

TEST(EncodeCustomer, HasANameEmailPhoneAndAddress) {
    Books books;
    const Document document = customer_document(books, ines());
    EXPECT_EQ(document.natural_key, "ines.okafor@example.test");
    const Json expected = parsed(R"json({
        "DisplayName": "Ines Okafor", "GivenName": "Ines", "FamilyName": "Okafor",
        "$alternatives": ["Ines Okafor (ines.okafor@example.test)", "Ines Okafor #W731"],
        "PrimaryEmailAddr": {"Address": "ines.okafor@example.test"},
        "PrimaryPhone": {"FreeFormNumber": "218-555-0142"},
        "BillAddr": {"Line1": "418 Mill Race Rd", "Country": "USA"}
    })json");
    EXPECT_EQ(document.body, expected) << Json::diff(expected, document.body).dump(1);
}

TEST(EncodeCustomer, NamesAreDeterministicDistinctAndWithinTheLimits) {
    struct Case {
        const char* what;
        std::function<void(Customer&)> change;
        std::vector<std::string> names;
    };
    const std::string email = "(ines.okafor@example.test)";
    for (const auto& one : std::vector<Case>{
             {"the company comes first",
              [](Customer& c) { c.company = "Harbour & Pine"; },
              {"Harbour & Pine", "Harbour & Pine " + email, "Harbour & Pine #W731"}},
             {"no colon, tab or line end",
              [](Customer& c) { c.company = "A:B\tC\nD"; },
              {"A-B C D", "A-B C D " + email, "A-B C D #W731"}},
             {"a guest has a hash for an id",
              [](Customer& c) { c.id = ""; },
              {"Ines Okafor",
               "Ines Okafor " + email,
               "Ines Okafor #W" + short_hash("ines.okafor@example.test")}},
             {"without a name the e-mail is one",
              [](Customer& c) { c.first_name = c.last_name = ""; },
              {"ines.okafor@example.test", "ines.okafor@example.test #W731"}},
             {"without e-mail the name must be its own",
              [](Customer& c) { c.email = ""; },
              {"Ines Okafor #W731"}},
             {"long names keep their endings",
              [](Customer& c) { c.company = std::string(120, 'x'); },
              {std::string(100, 'x'),
               std::string(73, 'x') + " " + email,
               std::string(94, 'x') + " #W731"}},
         }) {
        Books books;
        Customer customer = ines();
        one.change(customer);
        const Json body = customer_document(books, customer).body;
        std::vector<std::string> names{body.at("DisplayName").get<std::string>()};
        if (body.contains("$alternatives")) {
            for (const auto& name : body.at("$alternatives")) {
                names.push_back(name.get<std::string>());
            }
        }
        EXPECT_EQ(names, one.names) << one.what;
        for (const auto& name : names) {
            EXPECT_LE(code_points(name), 100u);
        }
    }
}

TEST(EncodeCustomer, WhatIsTooLongIsCutWithAWarning) {
    Books books;
    Customer customer = ines();
    customer.first_name = "Wolfeschlegelsteinhausenbergerdorff";
    customer.phone = "+1 218 555 0142 extension 17";
    const Encoded encoded = books.encode("customer", customer);
    const Json& body = encoded.documents.at(0).body;
    EXPECT_EQ(body.at("GivenName"), "Wolfeschlegelsteinhausenb");
    EXPECT_EQ(body.at("PrimaryPhone").at("FreeFormNumber"), "+1 218 555 0142 exten");
    EXPECT_EQ(encoded.warnings.size(), 2u);
    customer.email = std::string(100, 'a') + "@example.test";
    const Encoded long_email = books.encode("customer", customer);
    EXPECT_FALSE(long_email.documents.at(0).body.contains("PrimaryEmailAddr"));
    EXPECT_EQ(long_email.documents.at(0).natural_key, customer.email);
    EXPECT_EQ(long_email.warnings.at(1).code, "EMAIL_TOO_LONG");
}

TEST(EncodeCustomer, TheRecordOfAnOrdersNeedGivesTheSameKey) {
    Books books;
    for (const auto& change : std::vector<std::function<void(Order&)>>{
             [](Order&) {},
             [](Order& o) { o.customer_id = ""; },
             [](Order& o) { o.billing.email = ""; },
             [](Order& o) {
                 o.billing.email = "";
                 o.customer_id = "";
             }}) {
        Order order = paid_order();
        change(order);
        const Need need = books.order(order).needs.back();
        const Encoded made = books.encode("customer", *from_json<Customer>(need.record));
        EXPECT_EQ(made.documents.at(0).natural_key, need.natural_key);
    }
}

TEST(EncodeCustomer, TheMultiCurrencyCompanysCustomerHasItsCurrency) {
    Books books;
    books.facts.multi_currency = true;
    EXPECT_EQ(customer_document(books, ines()).body.at("CurrencyRef").at("value"), "USD");
}

Product mug() {
    Product product;
    product.id = "43";
    product.sku = "MUG-CED-L";
    product.name = "Cedar Mug: Large";
    product.type = "simple";
    product.price = money("24.50");
    product.description = "<p>A <b>mug</b></p>";
    return product;
}

TEST(EncodeProduct, HasSkuNamePriceAndAccount) {
    Books books;
    const Encoded encoded = books.encode("product", mug());
    ASSERT_EQ(encoded.documents.size(), 1u) << Books::why(encoded);
    EXPECT_EQ(encoded.documents[0].natural_key, "MUG-CED-L");
    const Json expected = parsed(R"json({
        "Name": "Cedar Mug- Large", "$alternatives": ["Cedar Mug- Large (MUG-CED-L)", "Cedar Mug- Large #W43"],
        "Sku": "MUG-CED-L", "Type": "NonInventory", "IncomeAccountRef": {"value": "79"},
        "Taxable": true, "UnitPrice": "24.5", "Description": "A mug"
    })json");
    EXPECT_EQ(encoded.documents[0].body, expected)
        << Json::diff(expected, encoded.documents[0].body).dump(1);
}

TEST(EncodeProduct, WithoutASkuItsNameIsItsOwn) {
    Books books;
    Product product = mug();
    product.sku = " ";
    const Encoded encoded = books.encode("product", product);
    EXPECT_EQ(encoded.documents.at(0).natural_key, "name:Cedar Mug- Large #W43");
    EXPECT_EQ(encoded.documents.at(0).body.at("Name"), "Cedar Mug- Large #W43");
    EXPECT_FALSE(encoded.documents.at(0).body.contains("$alternatives"));
}

TEST(EncodeProduct, WithNeitherNameNorSkuItIsHeldAndInactiveItIsSkipped) {
    Books books;
    Product product;
    product.id = "12";
    product.active = true;
    EXPECT_EQ(Books::hold_code(books.encode("product", product)), "NAME_MISSING");
    product.name = "Mug";
    product.active = false;
    EXPECT_EQ(Books::skip_code(books.encode("product", product)), "NOT_ACTIVE");
}

TEST(EncodeProduct, VariationsAreItemsAndTheirParentIsNot) {
    Books books;
    Product parent = mug();
    parent.name = "Shirt";
    parent.type = "variable";
    EXPECT_EQ(Books::skip_code(books.encode("product", parent)), "NO_VARIATIONS");
    Product red = mug();
    red.id = "51";
    red.sku = "SHIRT-S-R";
    red.name = "S, Red";
    red.attributes = {{"Size", "S"}, {"Color", "Red"}};
    Product blue = red;
    blue.id = "52";
    blue.sku = "";
    blue.attributes[1].option = "Blue";
    parent.variants = {red, blue};
    const Encoded encoded = books.encode("product", parent);
    ASSERT_EQ(encoded.documents.size(), 2u) << Books::why(encoded);
    EXPECT_EQ(encoded.documents[0].role, "item:51");
    EXPECT_EQ(encoded.documents[0].body.at("Name"), "Shirt - S, Red");
    EXPECT_EQ(encoded.documents[1].natural_key, "name:Shirt - S, Blue #W52");
}

TEST(EncodeProduct, TheAccountIsTheTenantsOrTheFirstForProducts) {
    Books books;
    books.settings["income_account"] = "Stripe clearing";
    EXPECT_EQ(
        books.encode("product", mug()).documents.at(0).body.at("IncomeAccountRef").at("value"), "35"
    );
    books.settings["income_account"] = "Sales";
    EXPECT_EQ(Books::hold_code(books.encode("product", mug())), "INCOME_ACCOUNT_UNKNOWN");
    books.settings.erase("income_account");
    books.facts.accounts.clear();
    EXPECT_EQ(Books::hold_code(books.encode("product", mug())), "INCOME_ACCOUNT_UNKNOWN");
}

TEST(EncodeProduct, TheRecordOfAnOrdersNeedGivesTheSameKey) {
    Books books;
    Order order = paid_order();
    order.lines[1].sku = "";
    order.lines[1].variation_id = "77";
    order.fees = {{"1", "Wrap", money("1.00"), money("0.00"), {}}};
    balanced(order);
    const Encoded encoded = books.order(order);
    ASSERT_EQ(encoded.needs.size(), 4u);
    for (std::size_t i = 0; i < 3; ++i) {
        const Need& need = encoded.needs[i];
        const Encoded made = books.encode("product", *from_json<Product>(need.record));
        ASSERT_EQ(made.documents.size(), 1u) << Books::why(made);
        EXPECT_EQ(made.documents[0].natural_key, need.natural_key);
    }
    EXPECT_EQ(encoded.needs[1].source_id, "77");
    EXPECT_EQ(encoded.needs[1].natural_key, "name:Product 2 #W77");
}

TEST(DueDate, FollowsDaysOrADayOfTheMonth) {
    const Term net30{"3", "Net 30", 30, 0, 0};
    const Term fifteenth{"5", "15th", 0, 15, 5};
    const Term last{"6", "Month end", 0, 31, 0};
    struct Case {
        const Term& term;
        const char* date;
        const char* due;
    };
    for (const auto& one : {
             Case{net30, "2026-11-21", "2026-12-21"},
             Case{net30, "2028-01-31", "2028-03-01"},
             Case{fifteenth, "2026-11-10", "2026-11-15"},
             Case{fifteenth, "2026-11-11", "2026-12-15"},
             Case{fifteenth, "2026-12-20", "2027-01-15"},
             Case{last, "2026-02-10", "2026-02-28"},
             Case{last, "2026-11-30", "2026-11-30"},
             Case{last, "2027-01-31", "2027-01-31"},
         }) {
        EXPECT_EQ(due_date(one.term, one.date), one.due) << one.date;
    }
}

TEST(Text, IsCleaned) {
    EXPECT_EQ(one_line("  a \t\n b\x02 c "), "a b c");
    EXPECT_EQ(name_text("a:b"), "a-b");
    EXPECT_EQ(without_html("<br/>x &lt;y&gt; &#039;z&#39;<!-- c --> a<b"), "x <y> 'z' a<b");
    EXPECT_EQ(code_points("Müller"), 6u);
    plugin::testing::FakeHost host;
    EXPECT_EQ(with_suffix(host.handle(), "Müller GmbH", " #W1", 10), "Müller #W1");
    EXPECT_EQ(with_suffix(host.handle(), "A", std::string(20, 'x'), 20), "");
}

}  // namespace
}  // namespace syncline::quickbooks
