// One batch of thirty to QuickBooks (the sandbox's company) in which three items are refused, each
// for another reason: the others are settled at once, and each fault goes its own way.
#include <map>

#include <syncline/model/customer.hpp>

#include "plugin_connector.hpp"
#include "quickbooks/connector.hpp"
#include "support/engine_fixture.hpp"
#include "support/sandbox_process.hpp"

namespace syncline::testing {
namespace {

using quickbooks::QuickBooks;

test::SandboxProcess& sandbox() {
    static test::SandboxProcess process;
    return process;
}

nlohmann::json credentials() {
    return sandbox().introduction().at("platforms").at("quickbooks");
}

// Customers of a shop, all of them on one page.
class CustomersConnector : public FakeShopConnector {
public:
    CustomersConnector(FakeShop& shop, const std::map<int, Customer>& customers)
        : FakeShopConnector(shop), shop_(shop), customers_(customers) {}
    Result<Page> read(const ReadRequest&, const connectors::CallContext&) override {
        Page page;
        page.source_time = Timestamp{shop_.now_ms};
        for (const auto& [id, customer] : customers_) {
            page.last_id = customer.id;
            page.records.push_back(
                {"customer",
                 customer.id,
                 RecordOperation::kUpsert,
                 {},
                 dump_json(to_json(customer))}
            );
        }
        return page;
    }

private:
    FakeShop& shop_;
    const std::map<int, Customer>& customers_;
};

// The company's web address. Refuses customers of one name by a rule that the sandbox does not
// know, and keeps what became of each item of a batch.
struct Company {
    std::string refused_name;                         // given name
    std::vector<std::map<std::string, int>> batches;  // how often each code came; "ok"
    int single_writes = 0;                            // of customers, outside of batches

    Result<plugin::HttpResponse> answer(const plugin::HttpRequest& request) {
        const std::string path = request.url.substr(request.url.find('/', 8));
        const auto forward = [&](const std::string& body) {
            return test::send(sandbox().port(), {request.method, path, request.headers, body});
        };
        const auto batch = nlohmann::json::parse(request.body, nullptr, false);
        if (path.find("/batch?") == std::string::npos || !has_writes(batch)) {
            single_writes +=
                request.method == "POST" && path.find("/customer?") != std::string::npos;
            const auto reply = forward(request.body);
            return plugin::HttpResponse{reply.status, reply.headers, reply.body};
        }
        nlohmann::json passed{{"BatchItemRequest", nlohmann::json::array()}};
        nlohmann::json answers = nlohmann::json::array();
        for (const auto& item : batch.at("BatchItemRequest")) {
            if (item.at("Customer").value("GivenName", "") == refused_name) {
                answers.push_back(refusal(item.at("bId")));
            } else {
                passed["BatchItemRequest"].push_back(item);
            }
        }
        const auto reply = forward(passed.dump());
        auto body = reply.json();
        for (const auto& one : body.at("BatchItemResponse")) {
            answers.push_back(one);
        }
        note(answers);
        body["BatchItemResponse"] = answers;
        return plugin::HttpResponse{reply.status, reply.headers, body.dump()};
    }

private:
    static bool has_writes(const nlohmann::json& batch) {
        return batch.is_object() && batch.contains("BatchItemRequest") &&
               !batch.at("BatchItemRequest").front().contains("Query");
    }
    static nlohmann::json refusal(const std::string& batch_id) {
        const nlohmann::json error{
            {"Message", "A business validation error has occurred"},
            {"Detail", "Business Validation Error: not by our rules."},
            {"code", "6000"}};
        return {
            {"bId", batch_id},
            {"Fault", {{"type", "ValidationFault"}, {"Error", nlohmann::json::array({error})}}}};
    }
    void note(const nlohmann::json& answers) {
        std::map<std::string, int> codes;
        for (const auto& one : answers) {
            const bool refused = one.contains("Fault");
            ++codes
                [refused ? one.at("Fault").at("Error").front().at("code").get<std::string>()
                         : "ok"];
        }
        batches.push_back(codes);
    }
};

class BatchSource : public FakeConnectorSource {
public:
    BatchSource(
        FakeShop& shop,
        FakeBooks& unused,
        const std::map<int, Customer>& customers,
        Company& company,
        const Clock& clock
    )
        : FakeConnectorSource(shop, unused),
          shop_(shop),
          customers_(customers),
          company_(company),
          clock_(clock),
          books_spec_(QuickBooks::spec()) {}
    const Spec* spec(const std::string& platform) const override {
        return platform == "books" ? &books_spec_ : FakeConnectorSource::spec(platform);
    }
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity&,
        const Json&,
        connectors::ConnectionServices& services
    ) override {
        if (platform == "shop") {
            return std::unique_ptr<connectors::Connector>(new CustomersConnector(shop_, customers_)
            );
        }
        Json settings = Json::object();
        for (const char* name :
             {"realm_id", "client_id", "environment", "api_base_url", "token_url"}) {
            settings[name] = credentials().at(name).get<std::string>();
        }
        return std::unique_ptr<connectors::Connector>(new PluginConnector<QuickBooks>(
            clock_,
            settings,
            services,
            [this](const plugin::HttpRequest& request) { return company_.answer(request); }
        ));
    }

private:
    FakeShop& shop_;
    const std::map<int, Customer>& customers_;
    Company& company_;
    const Clock& clock_;
    Spec books_spec_;
};

class QuickBooksBatch : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return batch_source_; }

    void SetUp() override {
        EngineTest::SetUp();
        ASSERT_TRUE(engine().stores.vault.put_credentials(
            tenant_,
            books_id(),
            {{"client_secret", credentials().at("client_secret").get<std::string>()},
             {"refresh_token", credentials().at("refresh_token").get<std::string>()}},
            1
        ));
        FlowDefinition definition;
        definition.name = "customers";
        definition.entity = "customer";
        definition.source.connection = "shop";
        definition.target.connection = "books";
        definition.approval.exempt = {Starter::kApi};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    ConnectionId books_id() {
        return engine().stores.connections.find(tenant_, "books").value().id;
    }
    void add_customer(int id, const std::string& first_name, const std::string& last_name) {
        Customer customer;
        customer.id = std::to_string(id);
        customer.email = "c" + customer.id + "@x.example";
        customer.first_name = first_name;
        customer.last_name = last_name;
        customer.phone = "555-0100";
        customers_[id] = customer;
    }
    storage::Run sync_customers() {
        engine::StartRequest request;
        request.entity = "customer";
        const auto started = engine().control.start(tenant_, request);
        EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
        work();
        return status(started->sync_id);
    }
    // A request to the company that is not ours.
    nlohmann::json foreign(
        const std::string& method, const std::string& path, const std::string& body = ""
    ) {
        const auto token =
            engine().stores.vault.credential({tenant_, books_id(), "access_token"}).value();
        const std::string realm = credentials().at("realm_id");
        const auto reply = test::send(
            sandbox().port(),
            {method,
             "/v3/company/" + realm + "/" + path,
             {{"Authorization", "Bearer " + token.value_or("")},
              {"Accept", "application/json"},
              {"Content-Type", "application/json"}},
             body}
        );
        EXPECT_EQ(reply.status, 200) << reply.body;
        return reply.json();
    }
    nlohmann::json in_the_books(const std::string& name) {
        const auto answer = foreign(
            "GET",
            "query?query=SELECT%20*%20FROM%20Customer%20WHERE%20DisplayName%20%3D%20'" +
                plugin::url_encode(name) + "'"
        );
        return answer.at("QueryResponse").at("Customer").at(0);
    }

    std::map<int, Customer> customers_;
    Company company_;
    BatchSource batch_source_{shop_, books_, customers_, company_, clock_};
};

TEST_F(QuickBooksBatch, OfThirtyWithThreeFaultsTwentySevenAreSettledAndEachFaultGoesItsWay) {
    for (int id = 1; id <= 29; ++id) {
        add_customer(id, "Customer", "Number" + std::to_string(id));
    }
    customers_[11].first_name = "Rosa";
    customers_[11].last_name = "Rule";
    EXPECT_EQ(sync_customers().counts.created, 29);

    company_.refused_name = "Rosa";
    const nlohmann::json before = in_the_books("Customer Number3");
    const nlohmann::json by_hand{
        {"Id", before["Id"]},
        {"SyncToken", before["SyncToken"]},
        {"sparse", true},
        {"Notes", "pays late"}};
    foreign("POST", "customer?minorversion=75", by_hand.dump());
    for (auto& [id, customer] : customers_) {
        customer.phone = "555-0199";
    }
    add_customer(30, "Vera", "Vendor");
    for (const char* taken : {"Vera Vendor", "Vera Vendor (c30@x.example)", "Vera Vendor #W30"}) {
        foreign("POST", "vendor?minorversion=75", nlohmann::json{{"DisplayName", taken}}.dump());
    }
    company_.batches.clear();
    company_.single_writes = 0;
    const auto run = sync_customers();

    ASSERT_FALSE(company_.batches.empty());
    const std::map<std::string, int> expected{{"ok", 27}, {"6240", 1}, {"5010", 1}, {"6000", 1}};
    EXPECT_EQ(company_.batches.front(), expected);
    expect_adds_up(run);
    // Stale: read again, nothing of ours was changed, written again at once. The person's note
    // stays.
    EXPECT_EQ(run.counts.updated, 28);
    const nlohmann::json edited = in_the_books("Customer Number3");
    EXPECT_EQ(edited["Notes"], "pays late");
    EXPECT_EQ(edited["PrimaryPhone"]["FreeFormNumber"], "555-0199");
    // The name is taken, and so are the names it tries instead; the rule is the platform's. Both
    // wait for a person.
    EXPECT_EQ(run.counts.held, 2);
    std::map<std::string, std::string> letters;
    const auto dead_letters = engine().stores.jobs.dead_letters(tenant_, {}).value();
    for (const auto& letter : dead_letters) {
        letters[letter.source_id] =
            letter.outcome + " " + letter.error_class + " " + letter.error_code;
    }
    const std::map<std::string, std::string> held{
        {"11", "held business BUSINESS_RULE"}, {"30", "held business DUPLICATE_NAME"}};
    EXPECT_EQ(letters, held);
    const auto batches = company_.batches.size();
    const auto singles = company_.single_writes;
    later(24 * 3'600'000);
    EXPECT_EQ(company_.batches.size(), batches);
    EXPECT_EQ(company_.single_writes, singles);
}

}  // namespace
}  // namespace syncline::testing
