#include "sandbox_quickbooks/support/books.hpp"

namespace sandbox::quickbooks::test {
namespace {

class SandboxQuery : public ::testing::Test {
protected:
    // Ids of what a statement finds, in order, joined by spaces; "" for nothing; else the fault.
    std::string found(const std::string& statement) {
        const Answer answer = books.query(statement);
        if (answer.status != 200)
            return answer.faults();
        std::string names;
        for (const auto& [name, value] : answer.body["QueryResponse"].items())
            for (const Json& object : value.is_array() ? value : Json::array())
                names += (names.empty() ? "" : " ") +
                         object.value("DisplayName", object.value("DocNumber", "?"));
        return names;
    }
    void customers(const std::vector<std::string>& names) {
        for (const std::string& name : names)
            books.made(
                "/customer",
                {{"DisplayName", name}, {"PrimaryEmailAddr", {{"Address", name + "@x.test"}}}}
            );
    }
    void invoices(const std::vector<std::array<std::string, 3>>& all) {
        for (const auto& [number, date, total] : all) {
            Json document = books.document({books.line(total, "NON")});
            document["DocNumber"] = number;
            document["TxnDate"] = date;
            document["PrivateNote"] = "note";
            books.made("/invoice", document);
        }
    }
    Books books;
};

TEST_F(SandboxQuery, FindsByEachOperator) {
    invoices(
        {{"A-1", "2026-01-05", "10"}, {"A-2", "2026-02-05", "9.5"}, {"B-1", "2026-03-05", "100"}}
    );
    const std::vector<std::pair<std::string, std::string>> cases{
        {"DocNumber = 'A-1'", "A-1"},
        {"DocNumber = 'a-1'", ""},
        {"DocNumber IN ('A-1','B-1')", "A-1 B-1"},
        {"DocNumber LIKE 'A-%'", "A-1 A-2"},
        {"DocNumber LIKE '%1'", "A-1 B-1"},
        {"DocNumber LIKE '%-%'", "A-1 A-2 B-1"},
        {"DocNumber LIKE 'A'", ""},
        {"TotalAmt > '9.5'", "A-1 B-1"},
        {"TotalAmt >= 9.50", "A-1 A-2 B-1"},
        {"TotalAmt < '10'", "A-2"},
        {"TxnDate >= '2026-02-05' AND TxnDate < '2026-03-05'", "A-2"},
        {"CustomerRef = '" + books.customer() + "' AND TotalAmt <= '10'", "A-1 A-2"},
        {"MetaData.CreateTime >= '2020-01-01T00:00:00-07:00'", "A-1 A-2 B-1"},
        {"MetaData.LastUpdatedTime < '2020-01-01T00:00:00Z'", ""},
    };
    for (const auto& [where, expected] : cases)
        EXPECT_EQ(found("SELECT * FROM Invoice WHERE " + where + " ORDERBY DocNumber"), expected)
            << where;
}

TEST_F(SandboxQuery, ComparesIdsAsNumbers) {
    customers({"a", "b"});
    EXPECT_EQ(found("select * from Customer where Id > '99' orderby Id"), "a b");
    EXPECT_EQ(found("select * from Customer where Id in ('181','9')"), "a");
}

TEST_F(SandboxQuery, RefusesMembersThatCannotBeFiltered) {
    for (const char* where :
         {"PrivateNote = 'x'",
          "Line.Amount = '1'",
          "Line = '1'",
          "CustomerMemo = 'x'",
          "TxnTaxDetail.TotalTax = '1'",
          "docnumber = 'x'"})
        EXPECT_EQ(found(std::string("select * from Invoice where ") + where), "4001") << where;
    EXPECT_EQ(found("select * from Customer where Notes = 'x'"), "4001");
    EXPECT_EQ(found("select * from Customer where PrimaryEmailAddr.Address = 'a@x.test'"), "4001");
    EXPECT_EQ(found("select * from Invoice orderby PrivateNote"), "4001");
}

TEST_F(SandboxQuery, FindsByEmailAddress) {
    customers({"ann", "bob"});
    EXPECT_EQ(found("select * from Customer where PrimaryEmailAddr = 'bob@x.test'"), "bob");
    EXPECT_EQ(found("select * from Customer where PrimaryEmailAddr = 'BOB@x.test'"), "");
}

TEST_F(SandboxQuery, UnderstandsEscapedQuotes) {
    customers({"O'Neil", "back\\slash"});
    EXPECT_EQ(found(R"(select * from Customer where DisplayName = 'O\'Neil')"), "O'Neil");
    EXPECT_EQ(found(R"(select * from Customer where DisplayName = 'back\\slash')"), "back\\slash");
    EXPECT_EQ(found("select * from Customer where DisplayName = 'O'Neil'"), "4000");
    EXPECT_EQ(found("select * from Customer where DisplayName = 'O''Neil'"), "4000");
}

TEST_F(SandboxQuery, RefusesWhatIsNoStatement) {
    for (const char* statement :
         {"",
          "select",
          "select * from",
          "select * Invoice",
          "select * from Invoice where",
          "select * from Invoice where DocNumber",
          "select * from Invoice where DocNumber = ",
          "select * from Invoice where DocNumber = 'x' or DocNumber = 'y'",
          "select * from Invoice where DocNumber != 'x'",
          "select * from Invoice where DocNumber in 'x'",
          "select * from Invoice limit 5",
          "select * from Invoice order by DocNumber",
          "select * from Invoice;",
          "select * from Invoice maxresults ten",
          "select * from Invoice maxresults 5 startposition 1",
          "select * from Invoice startposition -1",
          "delete from Invoice"})
        EXPECT_EQ(found(statement), "4000") << statement;
    EXPECT_EQ(found("select * from salesreceipt"), "");
    EXPECT_EQ(found("select * from Orders"), "4001");
}

TEST_F(SandboxQuery, RefusesValuesOfTheWrongKind) {
    for (const char* where :
         {"TxnDate > 'yesterday'",
          "TxnDate = '2026-02-30'",
          "TotalAmt > 'ten'",
          "MetaData.CreateTime > '2026-01-01T00:00:00 00:00'",  // a '+' that was not encoded
          "TotalAmt like '1%'",
          "Id = 'x'"})
        EXPECT_EQ(found(std::string("select * from Invoice where ") + where), "4001") << where;
    EXPECT_EQ(found("select * from Customer where Active > true"), "4001");
    EXPECT_EQ(found("select * from Customer where Active = 'yes'"), "4001");
}

TEST_F(SandboxQuery, PagesByStartPositionAndMaxResults) {
    customers({"a", "b", "c", "d", "e"});
    EXPECT_EQ(found("select * from Customer orderby Id startposition 2 maxresults 2"), "b c");
    EXPECT_EQ(found("select * from Customer orderby DisplayName desc maxresults 2"), "e d");
    const Json page = books.query("select * from Customer orderby Id startposition 4 maxresults 10")
                          .body["QueryResponse"];
    EXPECT_EQ(page["startPosition"], 4);
    EXPECT_EQ(page["maxResults"], 2);  // the number returned
    EXPECT_EQ(found("select * from Customer startposition 0"), "4001");
    EXPECT_EQ(found("select * from Customer maxresults 1001"), "4001");
    EXPECT_EQ(found("select * from Customer maxresults 1000"), "a b c d e");
    EXPECT_EQ(
        books.query("select * from Customer startposition 6").body["QueryResponse"], Json::object()
    );
}

TEST_F(SandboxQuery, GivesAHundredByDefault) {
    std::vector<std::string> names;
    for (int i = 0; i < 101; ++i) names.push_back("c" + std::to_string(i));
    customers(names);
    EXPECT_EQ(books.query("select * from Customer").body["QueryResponse"]["maxResults"], 100);
    EXPECT_EQ(
        books.query("select count(*) from Customer").body["QueryResponse"],
        Json({{"totalCount", 101}})
    );
}

TEST_F(SandboxQuery, AnswersNothingWithAnEmptyObject) {
    Json answer = books.query("select * from Invoice").body;
    answer["time"] = sample("query_empty")["time"];
    EXPECT_EQ(answer, sample("query_empty"));
}

TEST_F(SandboxQuery, HidesInactiveObjectsUnlessAskedFor) {
    customers({"a", "b"});
    books.made(
        "/customer", {{"Id", "181"}, {"SyncToken", "0"}, {"sparse", true}, {"Active", false}}
    );
    EXPECT_EQ(found("select * from Customer"), "b");
    EXPECT_EQ(found("select * from Customer where Active = false"), "a (deleted)");
    EXPECT_EQ(
        found("select * from Customer where Active IN (true,false) orderby Id"), "a (deleted) b"
    );
}

TEST_F(SandboxQuery, ProjectsColumns) {
    customers({"a"});
    const Json found =
        books.query("select Id, DisplayName from Customer").body["QueryResponse"]["Customer"][0];
    EXPECT_EQ(
        found, Json({{"domain", "QBO"}, {"sparse", true}, {"Id", "181"}, {"DisplayName", "a"}})
    );
    EXPECT_EQ(this->found("select Foo from Customer"), "4001");
    EXPECT_TRUE(books.query("select *, Sku from Item").status == 200);
}

TEST_F(SandboxQuery, ReadsTheStatementFromTheUrlToo) {
    customers({"O'Neil"});
    const Answer answer = books.get(
        "/query?query=select%20*%20from%20Customer%20where%20DisplayName%20%3D%20%27O%5C%27Neil%27"
        "&minorversion=75"
    );
    EXPECT_EQ(answer.body["QueryResponse"]["Customer"].size(), 1u) << answer.text;
    EXPECT_EQ(books.get("/query").fault(), "4000");
    books.content_type = "application/json";
    EXPECT_EQ(books.send("POST", "/query", "select * from Customer").status, 415);
}

TEST_F(SandboxQuery, ReadsCompanyPreferencesAndTaxCodes) {
    EXPECT_EQ(
        books.query("select * from CompanyInfo").body["QueryResponse"]["CompanyInfo"].size(), 1u
    );
    EXPECT_EQ(
        books.query("select * from Preferences").body["QueryResponse"]["Preferences"].size(), 1u
    );
    EXPECT_EQ(
        books.query("select * from TaxCode where Name = 'NY'")
            .body["QueryResponse"]["TaxCode"][0]["SalesTaxRateList"]["TaxRateDetail"]
            .size(),
        2u
    );
}

}  // namespace
}  // namespace sandbox::quickbooks::test
