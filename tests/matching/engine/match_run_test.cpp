// A match over a real database: what it proposes, what people decide, and that the next sync makes
// no second document of what was there.
#include "engine/id_mapping_control.hpp"
#include "engine/match_control.hpp"
#include "matching/shared_accounts.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class MatchTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        make_controls();
        FlowDefinition customers;
        customers.name = "shop-books-customers";
        customers.entity = "customer";
        customers.source.connection = "shop";
        customers.target.connection = "books";
        ASSERT_TRUE(engine().stores.flows.put(tenant_, customers, false, 1).has_value());
    }
    engine::ConnectorSource& source() override { return shared_source_; }
    void make_controls() {
        auto& stores = engine().stores;
        matches_ =
            std::make_unique<engine::MatchControl>(stores, engine().pool, engine().writer, clock_);
        mappings_ = std::make_unique<engine::IdMappingControl>(
            stores, engine().pool, engine().writer, clock_
        );
    }
    storage::Match match(const std::string& flow) {
        engine::MatchRequest request;
        request.flow = flow;
        const auto created = matches_->create(tenant_, request, "ann");
        EXPECT_TRUE(created.has_value()) << (created ? "" : created.error().message);
        EXPECT_TRUE(matches_->run_waiting().has_value());
        return matches_->store().by_id(tenant_, created->id).value();
    }
    std::vector<storage::MatchProposal> proposals(const storage::Match& match) {
        return matches_->store().proposals(tenant_, match.id, {}).value();
    }
    // "1 customer:58 exact proposed"
    std::vector<std::string> told(const storage::Match& match) {
        std::vector<std::string> all;
        for (const auto& one : proposals(match)) {
            all.push_back(
                one.source_id + " " +
                (one.target_id.empty() ? "?" : one.target_entity + ":" + one.target_id) + " " +
                std::string(enum_name(one.grade)) + " " + one.state
            );
        }
        return all;
    }
    Result<engine::Decided> confirm_all(const storage::Match& match, const std::string& grade) {
        return matches_->confirm(match, {{}, grade}, std::nullopt, "ann");
    }
    std::vector<storage::IdMappingRow> links() {
        return mappings_->directory().list(tenant_, {}).value();
    }
    Json counts(const storage::Match& match) { return parse_json(match.counts).value(); }
    std::string error_of_match(const std::string& flow) {
        const auto done = match(flow);
        EXPECT_EQ(done.state, "failed");
        return done.error_code;
    }

    SharedAccounts shared_;
    ShopAccount account_;
    SharedSource shared_source_{shop_, books_, account_, shared_};
    SharedRecords records_{books_, shared_};
    std::unique_ptr<engine::MatchControl> matches_;
    std::unique_ptr<engine::IdMappingControl> mappings_;
};

TEST_F(MatchTest, ProposesCustomersAndSaysWhoTheyCouldBe) {
    records_.shop_customer(1, "ann@x.example");
    records_.shop_customer(2, "two@x.example");
    records_.shop_customer(3, "", "Cid Roe", "555-010099");
    records_.shop_customer(4, "nobody@x.example");
    for (const std::int64_t id : {50, 51, 52, 53}) {
        records_.books_customer(
            id,
            id == 50   ? " ANN@x.example"
            : id == 53 ? ""
                       : "two@x.example",
            id == 53 ? "cid  roe" : "",
            id == 53 ? "555010099" : ""
        );
    }
    const auto done = match("shop-books-customers");
    EXPECT_EQ(done.state, "completed") << done.error_message;
    EXPECT_EQ(
        told(done),
        (std::vector<std::string>{
            "1 customer:50 exact proposed",
            "3 customer:53 assisted proposed",
            "2 ? ambiguous proposed"})
    );
    const auto all = proposals(done);
    EXPECT_EQ(all[0].detail["evidence"][0], "the same e-mail ann@x.example");
    ASSERT_EQ(all[2].detail["candidates"].size(), 2U);
    EXPECT_EQ(all[2].detail["candidates"][1]["id"], "52");
    EXPECT_EQ(counts(done)["unmatched"], 1);
    EXPECT_EQ(counts(done)["source_read"], 4);
    EXPECT_EQ(counts(done)["target_read"], 4);
}

TEST_F(MatchTest, WhatIsAmbiguousIsLinkedOneByOneOnly) {
    records_.shop_customer(2, "two@x.example");
    records_.books_customer(51, "two@x.example");
    records_.books_customer(52, "two@x.example");
    const auto done = match("shop-books-customers");
    EXPECT_EQ(confirm_all(done, "exact")->done, 0);
    EXPECT_EQ(confirm_all(done, "ambiguous").error().name, "match.ambiguous");
    const auto id = proposals(done).at(0).id;
    EXPECT_EQ(
        matches_->confirm(done, {{id}, ""}, std::nullopt, "ann").error().name, "match.ambiguous"
    );
    EXPECT_EQ(
        matches_->confirm(done, {{id}, ""}, engine::ChosenTarget{"customer", "77"}, "ann")
            .error()
            .code,
        ErrorCode::kInvalid
    );
    EXPECT_TRUE(links().empty());
    const auto chosen =
        matches_->confirm(done, {{id}, ""}, engine::ChosenTarget{"customer", "52"}, "ann");
    ASSERT_TRUE(chosen.has_value()) << chosen.error().message;
    ASSERT_EQ(links().size(), 1U);
    EXPECT_EQ(links()[0].target_id, "52");
    EXPECT_EQ(links()[0].role, "customer");
    EXPECT_EQ(links()[0].identity, "two@x.example");
    EXPECT_FALSE(links()[0].written);
    EXPECT_EQ(
        matches_->confirm(done, {{id}, ""}, engine::ChosenTarget{"customer", "52"}, "ann")
            .error()
            .name,
        "match.decided"
    );
}

TEST_F(MatchTest, DocumentsThatAreThereAreLinkedAndNotPostedAgain) {
    records_.books_customer(50, "ann@x.example");
    records_.order(60, "12.00", "ann@x.example", true);
    records_.order(61, "13.00", "ann@x.example");
    records_.order(62, "14.00", "ann@x.example");
    records_.invoice(70, "60", "12.00", "", "50");
    records_.payment(71, 70);
    records_.invoice(72, "X-9", "13.00", "[syncline shop:shop:61 v1]", "50");
    const auto done = match("shop-books-orders");
    EXPECT_EQ(
        told(done),
        (std::vector<std::string>{"60 invoice:70 exact proposed", "61 invoice:72 exact proposed"})
    );
    EXPECT_EQ(proposals(done)[0].detail["also"][0]["id"], "71");
    EXPECT_NE(
        proposals(done)[1].detail["evidence"][0].get<std::string>().find("marker"),
        std::string::npos
    );
    ASSERT_EQ(confirm_all(done, "exact")->done, 2);
    EXPECT_EQ(links().size(), 3U);
    run();
    // 62 is new; nothing else was written, since the books show what the shop wants.
    EXPECT_EQ(books_.count("invoice"), 3U);
    EXPECT_EQ(books_.count("payment"), 1U);
    EXPECT_EQ(books_.count("customer"), 1U);
    EXPECT_EQ(books_.writes, 1);
    for (const auto& link : links()) {
        EXPECT_FALSE(link.unseen) << link.source_id << " " << link.role;
    }
}

TEST_F(MatchTest, WhatIsLinkedIsComparedBeforeAnythingIsWritten) {
    records_.books_customer(50, "ann@x.example");
    records_.order(60, "12.00", "ann@x.example");
    records_.invoice(70, "60", "12.00", "", "49");  // another customer than the shop wants
    const auto done = match("shop-books-orders");
    ASSERT_EQ(confirm_all(done, "exact")->done, 1);
    run();
    EXPECT_EQ(books_.writes, 0);
    EXPECT_EQ(books_.count("invoice"), 1U);
    EXPECT_EQ(books_.documents.at("70").body.at("customer"), "49");
    const auto conflicts = engine().stores.conflicts.list(tenant_, {}).value();
    ASSERT_EQ(conflicts.size(), 1U);
    EXPECT_EQ(conflicts[0].target_id, "70");
    // A person decides; only then it is written, with the version the books have.
    engine::Resolution resolution;
    resolution.keep = MergeSide::kSource;
    resolution.reason = "the shop knows better";
    ASSERT_TRUE(engine().conflicts.resolve(tenant_, conflicts[0].id, resolution, "ann"));
    work();
    EXPECT_EQ(books_.documents.at("70").body.at("customer"), "50");
    EXPECT_EQ(books_.documents.at("70").version, 5);
}

TEST_F(MatchTest, SeveralPaymentsMakeAnInvoiceOneToLookAt) {
    records_.order(60, "12.00", "ann@x.example", true);
    records_.invoice(70, "60", "12.00");
    records_.payment(71, 70);
    records_.payment(72, 70);
    const auto done = match("shop-books-orders");
    ASSERT_EQ(told(done), std::vector<std::string>{"60 invoice:70 assisted proposed"});
    EXPECT_TRUE(proposals(done)[0].detail["also"].empty());
    EXPECT_EQ(confirm_all(done, "exact")->done, 0);
}

TEST_F(MatchTest, WhatIsLinkedOrRejectedIsNotProposedAgain) {
    records_.shop_customer(1, "ann@x.example");
    records_.shop_customer(2, "bob@x.example");
    records_.books_customer(50, "ann@x.example");
    records_.books_customer(51, "bob@x.example");
    const auto first = match("shop-books-customers");
    ASSERT_TRUE(matches_->confirm(first, {{proposals(first)[0].id}, ""}, std::nullopt, "ann"));
    ASSERT_TRUE(matches_->reject(first, {{}, "exact"}, "ann", "another Bob"));
    const auto second = match("shop-books-customers");
    EXPECT_TRUE(proposals(second).empty());
    EXPECT_EQ(counts(second)["linked_before"], 1);
    EXPECT_EQ(counts(second)["rejected_before"], 1);
}

TEST_F(MatchTest, OfAWholeGradeWhatIsTakenIsLeftAndTheOthersAreLinked) {
    records_.shop_customer(1, "ann@x.example");
    records_.shop_customer(2, "bob@x.example");
    records_.books_customer(50, "ann@x.example");
    records_.books_customer(51, "bob@x.example");
    const auto done = match("shop-books-customers");
    const Flow flow = engine().stores.flows.find(tenant_, "shop-books-customers").value();
    const storage::NewLink other{
        {tenant_, flow.source, flow.target, "customer", "9", "#9"}, "customer", "customer", "50"};
    ASSERT_TRUE(engine().stores.database.write([&](storage::Sql& sql) {
        return mappings_->create(sql, other);
    }));
    const auto decided = confirm_all(done, "exact");
    ASSERT_TRUE(decided.has_value()) << decided.error().message;
    EXPECT_EQ(decided->done, 1);
    ASSERT_EQ(decided->refused.size(), 1U);
    EXPECT_EQ(decided->refused[0].second.name, "id_mapping.target_taken");
    EXPECT_EQ(proposals(done)[0].state, "proposed");
    EXPECT_EQ(
        matches_->confirm(done, {{proposals(done)[0].id}, ""}, std::nullopt, "ann").error().name,
        "id_mapping.target_taken"
    );
}

TEST_F(MatchTest, ReadsAgainAfterWhatPassesAndFailsForWhatDoesNot) {
    records_.shop_customer(1, "ann@x.example");
    records_.books_customer(50, "ann@x.example");
    shared_.next_errors = {
        Error{ErrorCode::kTransient, "busy", "books.busy", 503, std::chrono::milliseconds(10)}};
    EXPECT_EQ(told(match("shop-books-customers")).size(), 1U);
    shared_.next_errors = {Error{ErrorCode::kData, "no", "books.no"}};
    EXPECT_EQ(error_of_match("shop-books-customers"), "books.no");
    EXPECT_TRUE(matches_->rests());
}

TEST_F(MatchTest, AMatchThatWasInterruptedIsBegunAnew) {
    records_.shop_customer(1, "ann@x.example");
    records_.books_customer(50, "ann@x.example");
    const auto created = matches_->create(tenant_, {"shop-books-customers", "", "", "", {}}, "ann");
    storage::MatchStore store(engine().stores.database, engine().stores.vault);
    ASSERT_TRUE(store.start(created->id, 1));
    storage::MatchProposal half;
    half.source_id = "1";
    ASSERT_TRUE(store.add(*created, {half}));
    EXPECT_EQ(
        matches_->create(tenant_, {"shop-books-customers", "", "", "", {}}, "ann").error().name,
        "match.under_way"
    );
    matches_.reset();
    restart();
    make_controls();
    ASSERT_TRUE(matches_->run_waiting());
    EXPECT_EQ(
        told(matches_->store().by_id(tenant_, created->id).value()),
        std::vector<std::string>{"1 customer:50 exact proposed"}
    );
}

TEST_F(MatchTest, ThreadsWorkThroughWhatWaits) {
    records_.shop_customer(1, "ann@x.example");
    records_.books_customer(50, "ann@x.example");
    matches_->start();
    const auto created = matches_->create(tenant_, {"shop-books-customers", "", "", "", {}}, "ann");
    std::string state;
    for (int i = 0; i < 500 && state != "completed"; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        state = matches_->store().by_id(tenant_, created->id)->state;
    }
    EXPECT_EQ(state, "completed");
    matches_->stop();
}

TEST_F(MatchTest, TheFirstRunOfAFlowNeedsAConfirmationThatKnowsOfTheComparison) {
    records_.shop_customer(1, "ann@x.example");
    records_.books_customer(50, "ann@x.example");
    records_.order(60, "12.00", "ann@x.example");
    run();  // orders are written to the books; customers never were
    ASSERT_EQ(books_.count("invoice"), 1U);
    engine::StartRequest request;
    request.entity = "customer";
    records_.shop_customer(2, "new@x.example");
    const auto unknown = engine().control.start(tenant_, request);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().name, "approval.required");
    EXPECT_NE(
        unknown.error().message.find("syncline match --flow shop-books-customers"),
        std::string::npos
    ) << unknown.error().message;
    const auto done = match("shop-books-customers");
    EXPECT_NE(
        engine().control.start(tenant_, request).error().message.find("nobody decided about 1"),
        std::string::npos
    );
    ASSERT_EQ(confirm_all(done, "exact")->done, 1);
    // Being linked is no writing: it is still the first run.
    const auto still = engine().control.start(tenant_, request);
    ASSERT_FALSE(still.has_value());
    EXPECT_EQ(still.error().message.find("proposal"), std::string::npos) << still.error().message;
}

TEST_F(MatchTest, AnImportIsWholeOrNothingAndAnExportComesBack) {
    const std::string heading = "source,target,entity,source_id,role,target_entity,target_id\n";
    const auto wrong = mappings_->import(
        tenant_,
        heading +
            "shop,books,customers,1,customer,customer,50\n"
            "shop,nowhere,customer,2,customer,customer,51\n"
            "shop,books,customer,3,customer,customer,50\n"
            "shop,books,dogs,,customer,customer,52\n",
        false
    );
    ASSERT_TRUE(wrong.has_value()) << wrong.error().message;
    std::vector<std::string> problems;
    for (const auto& one : wrong->problems) {
        problems.push_back(std::to_string(one.line) + " " + one.column);
    }
    EXPECT_EQ(
        problems, (std::vector<std::string>{"3 target", "5 source_id", "5 entity", "4 target_id"})
    );
    EXPECT_TRUE(links().empty());
    const std::string good = heading +
                             "shop,books,customer,1,customer,customer,50\n"
                             "shop,books,order,'=2+3,invoice,invoice,51\n";
    EXPECT_EQ(mappings_->import(tenant_, good, true)->created, 2);
    EXPECT_TRUE(links().empty());
    EXPECT_EQ(mappings_->import(tenant_, good, false)->created, 2);
    ASSERT_EQ(links().size(), 2U);
    EXPECT_EQ(links()[0].source_id, "=2+3");
    EXPECT_EQ(mappings_->import(tenant_, good, false)->unchanged, 2);
    std::string text;
    for (const auto& cells : {engine::id_mapping_columns(), engine::id_mapping_cells(links()[0])}) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            text += (i == 0 ? "" : ",") + cells[i];
        }
        text += "\r\n";
    }
    EXPECT_NE(text.find("'=2+3"), std::string::npos);
    EXPECT_EQ(mappings_->import(tenant_, text, false)->unchanged, 1);
    EXPECT_NE(
        mappings_->import(tenant_, "a,b\n", false).error().message.find("line 1"), std::string::npos
    );
}

TEST_F(MatchTest, ALinkByHandIsLookedUpOnBothSides) {
    records_.shop_customer(1, "ann@x.example");
    records_.books_customer(50, "other@x.example");
    engine::WantedLink wanted{"shop", "books", "customer", "1", "customer", "50", "", ""};
    const auto link = mappings_->look_up(tenant_, wanted);
    ASSERT_TRUE(link.has_value()) << link.error().message;
    EXPECT_EQ(link->role, "customer");
    EXPECT_EQ(link->record.identity, "ann@x.example");
    wanted.target_id = "99";
    EXPECT_EQ(mappings_->look_up(tenant_, wanted).error().name, "id_mapping.not_in_target");
    wanted.source_id = "99";
    EXPECT_EQ(mappings_->look_up(tenant_, wanted).error().name, "id_mapping.not_in_source");
    wanted.source = "nowhere";
    EXPECT_EQ(mappings_->look_up(tenant_, wanted).error().code, ErrorCode::kInvalid);
}

}  // namespace
}  // namespace syncline::testing
