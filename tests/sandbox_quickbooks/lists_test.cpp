#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

TEST(SandboxNames, AreUniqueOverCustomersVendorsAndEmployees) {
    Books books;
    books.made("/customer", {{"DisplayName", "Cedar Works"}});
    const Answer vendor = books.post("/vendor", {{"DisplayName", "Cedar Works"}});
    EXPECT_EQ(vendor.status, 400);
    EXPECT_EQ(vendor.body["Fault"], sample("fault_6240_duplicate_name")["Fault"]);
    EXPECT_EQ(books.post("/employee", {{"DisplayName", "cedar works"}}).fault(), "6240");
    EXPECT_EQ(books.post("/customer", {{"DisplayName", "Cedar Works"}}).fault(), "6240");
    EXPECT_EQ(books.post("/customer", {{"DisplayName", "Cedar Works (2)"}}).status, 200);
}

TEST(SandboxNames, AreMadeOfTheirPartsWhenMissing) {
    Books books;
    EXPECT_EQ(
        books.made("/customer", {{"GivenName", "Ines"}, {"FamilyName", "Okafor"}})["DisplayName"],
        "Ines Okafor"
    );
    EXPECT_EQ(books.post("/customer", {{"CompanyName", "X Ltd"}}).fault(), "6080");
}

TEST(SandboxNames, HaveNoColonTabOrNewLineAndAHundredCharacters) {
    Books books;
    for (const char* bad : {"a:b", "a\tb", "a\nb"})
        EXPECT_EQ(books.post("/customer", {{"DisplayName", bad}}).fault(), "2040") << bad;
    EXPECT_EQ(books.post("/customer", {{"DisplayName", std::string(101, 'x')}}).fault(), "2050");
    EXPECT_EQ(books.post("/customer", {{"DisplayName", std::string(100, 'x')}}).status, 200);
    EXPECT_EQ(books.post("/item", {{"Name", "a:b"}, {"Type", "Category"}}).fault(), "2040");
}

TEST(SandboxNames, MayShareAnEmailAddress) {
    Books books;
    const Json email{{"Address", "both@x.test"}};
    books.made("/customer", {{"DisplayName", "A"}, {"PrimaryEmailAddr", email}});
    books.made("/customer", {{"DisplayName", "B"}, {"PrimaryEmailAddr", email}});
}

TEST(SandboxCustomer, HasAPathOfNamesBelowItsParent) {
    Books books;
    const Json parent = books.made("/customer", {{"DisplayName", "Parent"}});
    const Json child = books.made(
        "/customer",
        {{"DisplayName", "Child"}, {"Job", true}, {"ParentRef", {{"value", parent["Id"]}}}}
    );
    EXPECT_EQ(child["FullyQualifiedName"], "Parent:Child");
    EXPECT_EQ(books.post("/customer", {{"DisplayName", "X"}, {"Job", true}}).fault(), "6150");
}

Json inventory() {
    return {
        {"Name", "Mug"},
        {"Type", "Inventory"},
        {"TrackQtyOnHand", true},
        {"QtyOnHand", 118},
        {"InvStartDate", "2026-01-01"},
        {"IncomeAccountRef", {{"value", "79"}}},
        {"ExpenseAccountRef", {{"value", "80"}}},
        {"AssetAccountRef", {{"value", "81"}}}};
}

TEST(SandboxItem, OfInventoryNeedsItsAccountsQuantityAndDate) {
    Books books;
    for (const char* name :
         {"TrackQtyOnHand",
          "QtyOnHand",
          "InvStartDate",
          "IncomeAccountRef",
          "ExpenseAccountRef",
          "AssetAccountRef"}) {
        Json item = inventory();
        item.erase(name);
        const Answer answer = books.post("/item", item);
        EXPECT_EQ(answer.fault(), "2020") << name;
        EXPECT_EQ(answer.element(), name);
    }
    EXPECT_EQ(books.post("/item", inventory()).status, 200);
    EXPECT_EQ(books.post("/item", inventory()).fault(), "6240");
}

TEST(SandboxItem, ChecksTheKindOfItsAccounts) {
    Books books;
    for (const auto& [name, account] : std::vector<std::pair<std::string, std::string>>{
             {"IncomeAccountRef", "80"}, {"ExpenseAccountRef", "79"}, {"AssetAccountRef", "4"}}) {
        Json item = inventory();
        item[name]["value"] = account;
        EXPECT_EQ(books.post("/item", item).fault(), "6430") << name;
    }
}

TEST(SandboxItem, KeepsItsTypeAndItsTracking) {
    Books books;
    const Json made = books.made("/item", inventory());
    const auto change = [&](const Json& members) {
        Json body{{"Id", made["Id"]}, {"SyncToken", "0"}, {"sparse", true}};
        body.update(members);
        return books.post("/item", body).faults();
    };
    EXPECT_EQ(change({{"Type", "Service"}}).substr(0, 4), "2120");
    EXPECT_EQ(change({{"TrackQtyOnHand", false}}), "6000");
    EXPECT_EQ(change({{"UnitPrice", amount("24.5")}}), "");
}

TEST(SandboxItem, OfOtherTypesNeedsAnIncomeAccount) {
    Books books;
    EXPECT_EQ(
        books.post("/item", {{"Name", "Gift wrap"}, {"Type", "Service"}}).element(),
        "IncomeAccountRef"
    );
    EXPECT_EQ(books.post("/item", {{"Name", "Gift wrap"}}).faults().substr(0, 4), "2020");
    EXPECT_EQ(
        books.post("/item", {{"Name", "Set"}, {"Type", "Group"}}).faults().substr(0, 4), "2170"
    );
}

TEST(SandboxLists, CoverTermsMethodsClassesAndDepartments) {
    Books books;
    EXPECT_EQ(books.made("/term", {{"Name", "Net 45"}, {"DueDays", 45}})["Type"], "STANDARD");
    EXPECT_EQ(books.post("/term", {{"Name", "Net ?"}}).element(), "DueDays");
    EXPECT_EQ(books.made("/paymentmethod", {{"Name", "Wire"}})["Type"], "NON_CREDIT_CARD");
    EXPECT_EQ(books.made("/class", {{"Name", "Web"}})["FullyQualifiedName"], "Web");
    EXPECT_EQ(books.made("/department", {{"Name", "East"}})["Active"], true);
    const Json account = books.made("/account", {{"Name", "PayPal"}, {"AccountType", "Bank"}});
    EXPECT_EQ(account["Classification"], "Asset");
    EXPECT_EQ(books.post("/account", {{"Name", "?"}}).fault(), "6010");
    EXPECT_EQ(
        books.post("/account", {{"Name", "?"}, {"AccountType", "bank"}}).faults().substr(0, 4),
        "2170"
    );
}

}  // namespace
}  // namespace sandbox::quickbooks::test
