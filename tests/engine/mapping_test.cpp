// A flow's mapping in deliveries and dry runs, what becomes of records that it keeps back, and how
// versions are put in force.
#include "engine/support/mapping_fixture.hpp"

namespace syncline::testing {
namespace {

TEST_F(MappingTest, ADeliveryIsAdjustedByTheVersionInForce) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    store(memo_from("status"));  // a draft changes no delivery
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    EXPECT_EQ(run().counts.created, 1);
    EXPECT_EQ(memo(1), "A-1");
    ASSERT_TRUE(publish().has_value());
    shop_.put(2, "10.00", "a@x.example", {{"number", "A-2"}, {"status", "completed"}});
    later(60'000);
    run();
    EXPECT_EQ(memo(2), "completed");
    EXPECT_EQ(memo(1), "A-1");  // what was delivered is adjusted when it is delivered again
}

TEST_F(MappingTest, AFlowWithoutAMappingSendsWhatWasEncoded) {
    put_in_force(memo_from("number"));
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    run();
    EXPECT_EQ(memo(1), Json());
}

TEST_F(MappingTest, ADryRunShowsTheSameDocumentsAndTheVersion) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    const auto plan = engine().preview.plan(flow(), SyncMode::kFull, {}, 10).value();
    ASSERT_TRUE(plan.mapping.has_value());
    EXPECT_EQ(plan.mapping->name, "memo");
    EXPECT_EQ(plan.mapping->version, 1);
    ASSERT_EQ(plan.entries.size(), 1u);
    EXPECT_EQ(plan.entries[0].planned.documents.at(0).document.body["memo"], "A-1");
    EXPECT_EQ(books_.documents.size(), 0u);
    // A run writes what the dry run showed, so it has nothing to do afterwards.
    run();
    const auto after = engine().preview.plan(flow(), SyncMode::kFull, {}, 10).value();
    EXPECT_EQ(after.writes, 0);
}

TEST_F(MappingTest, EachRecordOfADryRunIsAdjustedByItself) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    shop_.put(2, "20.00", "b@x.example", {{"number", "A-2"}});
    const auto plan = engine().preview.plan(flow(), SyncMode::kFull, {}, 10).value();
    ASSERT_EQ(plan.entries.size(), 2u);
    for (const auto& entry : plan.entries) {
        const auto& body = entry.planned.documents.at(0).document.body;
        EXPECT_EQ(body["memo"], "A-" + entry.source_id);
    }
}

TEST_F(MappingTest, ARecordWithoutARequiredFieldIsHeldWithTheVersionThatAskedForIt) {
    put_in_force(memo_from("number", true));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example");
    shop_.put(2, "20.00", "b@x.example", {{"number", "A-2"}});
    const auto run = MappingTest::run();
    EXPECT_EQ(run.counts.held, 1);
    EXPECT_EQ(run.counts.created, 1);
    EXPECT_EQ(books_.copies("shop:shop:1"), 0u);
    const auto held = letters();
    ASSERT_EQ(held.size(), 1u);
    EXPECT_EQ(held[0].source_id, "1");
    EXPECT_EQ(held[0].outcome, "held");
    EXPECT_EQ(held[0].error_code, "MAPPING_REQUIRED");
    EXPECT_EQ(held[0].mapping, "memo");
    EXPECT_EQ(held[0].mapping_version, 1);
    const Json detail = engine().failures.open(tenant_, held[0].id).value().detail;
    EXPECT_EQ(detail["stage"], "map");
    EXPECT_EQ(detail["mapping"], Json({{"name", "memo"}, {"version", 1}}));
}

TEST_F(MappingTest, WhatAMappingKeptBackIsDeliveredWhenAnotherOneIsPublished) {
    put_in_force(memo_from("number", true));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example");
    run();
    ASSERT_EQ(letters().size(), 1u);
    later(60'000);
    EXPECT_EQ(letters().size(), 1u);  // not before
    woken_ = 0;
    put_in_force(memo_from("status", true));
    EXPECT_EQ(woken_, 1);
    work();
    EXPECT_EQ(memo(1), "processing");
    EXPECT_TRUE(letters().empty());
}

TEST_F(MappingTest, WhatTheTargetRefusedOfAMappedDocumentGoesAgainToo) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    books_.refused_keys.insert("shop:shop:1");
    run();
    ASSERT_EQ(letters().size(), 1u);
    EXPECT_EQ(letters()[0].mapping_version, 1);
    books_.refused_keys.clear();
    put_in_force(memo_from("status"));
    work();
    EXPECT_EQ(memo(1), "processing");
}

TEST_F(MappingTest, ARedriveThatTheHostDidNotGetToIsMadeUpFor) {
    put_in_force(memo_from("number", true));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example");
    run();
    store(memo_from("status", true));
    // Published, and the host stopped before anything was sent again.
    const auto draft = engine().stores.mappings.find(tenant_, "memo").value();
    ASSERT_TRUE(
        engine().stores.mappings.publish(tenant_, "memo", draft.draft_hash, {"ann"}, 9).has_value()
    );
    restart();
    later(60'000);
    EXPECT_EQ(memo(1), "processing");
}

TEST_F(MappingTest, AMappingThatFitsItsTargetNoLongerPausesTheFlow) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    {
        const std::lock_guard lock(books_.mutex);
        books_.catalog.entities[0].owned_paths.push_back("/memo");
    }
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    later(25 * 3'600'000);  // facts are discovered anew
    run();
    EXPECT_EQ(flow().state, FlowState::kPaused);
    EXPECT_EQ(books_.documents.size(), 0u);
    const auto changes = engine().stores.flow_changes.changes(flow().id, 5).value();
    const std::string& reason = changes.front().cause.reason;
    EXPECT_NE(reason.find("memo"), std::string::npos) << reason;
    const auto plan = engine().preview.plan(flow(), SyncMode::kFull, {}, 10);
    EXPECT_EQ(plan.error().name, "mapping.unusable");
}

TEST_F(MappingTest, AFlowNamesOnlyWhatIsInForceAndForItsRecords) {
    EXPECT_EQ(name_in_flow("nothing").error().name, "mapping.unusable");
    store(memo_from("number"));
    const auto draft_only = name_in_flow("memo");
    EXPECT_EQ(draft_only.error().code, ErrorCode::kInvalid);
    EXPECT_EQ(draft_only.error().message.rfind("/mapping: ", 0), 0u) << draft_only.error().message;
    ASSERT_TRUE(publish().has_value());
    EXPECT_TRUE(name_in_flow("memo").has_value());
    Json for_customers = memo_from("email");
    for_customers["source_entity"] = "customer";
    store(for_customers);
    EXPECT_EQ(publish().error().message.rfind("/source_entity: ", 0), 0u);
    ASSERT_TRUE(name_in_flow("").has_value());
    ASSERT_TRUE(publish("books").has_value());
    EXPECT_EQ(name_in_flow("memo").error().name, "mapping.unusable");
}

TEST_F(MappingTest, WhatCannotWorkIsNotPublished) {
    store(memo_from("number"));
    store(memo_from("no_such_member"));
    const auto unknown = publish();
    EXPECT_EQ(unknown.error().code, ErrorCode::kData);
    EXPECT_EQ(unknown.error().name, "mapping.invalid");
    EXPECT_EQ(unknown.error().message.rfind("/rules/0/source", 0), 0u) << unknown.error().message;
    Json owned = memo_from("number");
    owned["rules"][0]["target"] = "total";
    store(owned);
    EXPECT_EQ(publish().error().message.rfind("/rules/0/target", 0), 0u);
    Json other_target = memo_from("number");
    other_target["target"] = "com.example.shop";
    store(other_target);
    EXPECT_EQ(publish("books").error().message.rfind("/target: ", 0), 0u);
    EXPECT_EQ(mappings_->find(tenant_, "memo").value().in_force, 0);
    EXPECT_EQ(
        events(),
        (std::vector<std::string>{
            "mapping.created", "mapping.changed", "mapping.changed", "mapping.changed"})
    );
}

TEST_F(MappingTest, WhatFailsItsOwnTestsIsNotPublished) {
    Json definition = memo_from("number");
    definition["tests"] = Json::array(
        {{{"name", "the number is the memo"},
          {"input", {{"number", "A-1"}}},
          {"document", {{"total", "1.00"}}},
          {"expected", {{"total", "1.00"}, {"memo", "B-1"}}}}}
    );
    store(definition);
    const auto refused = publish();
    EXPECT_EQ(refused.error().name, "mapping.tests_failed");
    EXPECT_EQ(refused.error().message.rfind("/tests/0: ", 0), 0u) << refused.error().message;
    definition["tests"][0]["expected"]["memo"] = "A-1";
    store(definition);
    EXPECT_TRUE(publish().has_value());
}

TEST_F(MappingTest, ARollbackBringsTheEarlierVersionBack) {
    put_in_force(memo_from("number"));
    put_in_force(memo_from("status"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    const auto back = mappings_->roll_back(tenant_, "memo", std::nullopt, "it was wrong", ann());
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->version, 1);
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    run();
    EXPECT_EQ(memo(1), "A-1");
    EXPECT_EQ(events().back(), "mapping.rolled_back");
    EXPECT_EQ(
        mappings_->roll_back(tenant_, "memo", std::nullopt, "", ann()).error().name,
        "mapping.version_unknown"
    );
}

TEST_F(MappingTest, ARollbackGoesBackFromTheOneInForceNotFromTheNewest) {
    put_in_force(memo_from("number"));
    put_in_force(memo_from("status"));
    put_in_force(memo_from("payment_title"));
    ASSERT_TRUE(mappings_->roll_back(tenant_, "memo", 2, "", ann()).has_value());
    const auto back = mappings_->roll_back(tenant_, "memo", std::nullopt, "", ann());
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(back->version, 1);
}

TEST_F(MappingTest, EveryTargetOfItsFlowsIsCheckedBeforeItIsPublished) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    add_connection("branch", "books");
    FlowDefinition other = flow().definition;
    other.name = "shop-branch-orders";
    other.target.connection = "branch";
    ASSERT_TRUE(engine().stores.flows.put(tenant_, other, false, 1).has_value());
    for (const std::string target : {"branch", "books"}) {
        const auto set_state = [&](const std::string& state) {
            return engine().database->write([&](storage::Sql& sql) -> Result<void> {
                sql.run("UPDATE connections SET state = ? WHERE name = ?", state, target);
                return {};
            });
        };
        store(memo_from("status"));
        ASSERT_TRUE(set_state("needs_reauth").has_value());
        EXPECT_EQ(publish().error().code, ErrorCode::kAuth) << target;
        ASSERT_TRUE(set_state("active").has_value());
    }
    EXPECT_EQ(mappings_->find(tenant_, "memo").value().in_force, 1);
    EXPECT_TRUE(publish().has_value());
}

TEST_F(MappingTest, AChangeThatWouldRenameItIsRefused) {
    store(memo_from("number"));
    Json renamed = memo_from("number");
    renamed["name"] = "note";
    const auto changed = mappings_->change(
        tenant_, "memo", [&](const Json&) { return Result<Json>(renamed); }, ann()
    );
    EXPECT_EQ(changed.error().message.rfind("/name: ", 0), 0u);
    EXPECT_EQ(mappings_->find(tenant_, "note").error().code, ErrorCode::kNotFound);
}

TEST_F(MappingTest, ARollbackToWhatDoesNotFitAnyMoreIsRefused) {
    put_in_force(memo_from("number"));
    Json note = memo_from("number");
    note["rules"][0]["target"] = "note";
    put_in_force(note);
    {
        const std::lock_guard lock(books_.mutex);
        books_.catalog.entities[0].owned_paths.push_back("/memo");
    }
    const auto refused = mappings_->roll_back(tenant_, "memo", 1, "", ann());
    EXPECT_EQ(refused.error().name, "mapping.invalid");
    EXPECT_EQ(mappings_->find(tenant_, "memo").value().in_force, 2);
}

TEST_F(MappingTest, ItIsCheckedAgainstTheAccountItIsFor) {
    add_connection("branch", "books");
    store(memo_from("number"));
    const auto which = publish();
    EXPECT_EQ(which.error().name, "mapping.no_target");
    EXPECT_TRUE(publish("branch").has_value());
    ASSERT_TRUE(name_in_flow("memo").has_value());
    store(memo_from("status"));
    EXPECT_TRUE(publish().has_value());  // the flow says which
    store(memo_from("number"));
    EXPECT_EQ(publish("nowhere").error().code, ErrorCode::kNotFound);
}

TEST_F(MappingTest, AnExportIsImportedAsItWas) {
    put_in_force(memo_from("number"));
    const auto text = mappings_->text(tenant_, "memo", 1).value();
    const Json exported = mapping::definition_json(text.definition);
    const auto imported =
        mappings_->import(tenant_, {exported, "memo-2", text.hash, false}, ann()).value();
    EXPECT_TRUE(imported.created);
    Json expected = exported;
    expected["name"] = "memo-2";
    EXPECT_EQ(imported.mapping.definition, expected);
    const auto same = mappings_->import(tenant_, {exported, "", text.hash, true}, ann()).value();
    EXPECT_FALSE(same.created);
    EXPECT_EQ(same.mapping.hash, text.hash);
    EXPECT_EQ(
        mappings_->import(tenant_, {exported, "", "", false}, ann()).error().name, "mapping.exists"
    );
    Json altered = exported;
    altered["description"] = "another";
    EXPECT_EQ(
        mappings_->import(tenant_, {altered, "", text.hash, true}, ann()).error().name,
        "mapping.altered"
    );
}

TEST_F(MappingTest, APreviewOfALiveRecordWritesNothing) {
    store(memo_from("number"));
    shop_.put(7, "10.00", "a@x.example", {{"number", "A-7"}});
    engine::MappingPreviewRequest request;
    request.mapping = "memo";
    request.flow = "shop-books-orders";
    request.source_id = "7";
    request.explain = "memo";
    const auto preview = previewer_->preview(tenant_, request);
    ASSERT_TRUE(preview.has_value()) << preview.error().message;
    ASSERT_EQ(preview->documents.size(), 1u);
    EXPECT_TRUE(preview->documents[0].mapped);
    EXPECT_FALSE(preview->documents[0].before.contains("memo"));
    EXPECT_EQ(preview->documents[0].after["memo"], "A-7");
    EXPECT_EQ(preview->action, PlanAction::kCreate);
    ASSERT_TRUE(preview->explanation.has_value());
    EXPECT_EQ(preview->explanation->after, "A-7");
    EXPECT_EQ(books_.writes, 0);
    EXPECT_FALSE(engine().stores.jobs.collected(flow().id, "7").value().has_value());
    request.source_id = "8";
    EXPECT_EQ(previewer_->preview(tenant_, request).error().name, "mapping.no_record");
    shop_.remove(7);
    request.source_id = "7";
    EXPECT_EQ(previewer_->preview(tenant_, request).error().name, "mapping.no_record");
}

TEST_F(MappingTest, APreviewOfADeliveredRecordShowsWhatWouldChange) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(7, "10.00", "a@x.example", {{"number", "A-7"}});
    run();
    engine::MappingPreviewRequest request;
    request.mapping = "memo";
    request.source_id = "7";
    EXPECT_EQ(previewer_->preview(tenant_, request)->action, PlanAction::kSkip);
    request.mapping.clear();
    request.definition = memo_from("status");
    request.flow = "shop-books-orders";
    EXPECT_EQ(previewer_->preview(tenant_, request)->action, PlanAction::kUpdate);
}

TEST_F(MappingTest, APreviewOfASampleSaysWhyARecordWouldBeHeld) {
    engine::MappingPreviewRequest request;
    request.definition = memo_from("number", true);
    request.flow = "shop-books-orders";
    request.record =
        Json{{"id", "1"}, {"status", "processing"}, {"total", "10.00"}, {"email", "a@x.example"}};
    const auto preview = previewer_->preview(tenant_, request).value();
    EXPECT_EQ(preview.action, PlanAction::kHold);
    ASSERT_TRUE(preview.reason.has_value());
    EXPECT_EQ(preview.reason->code, "MAPPING_REQUIRED");
    (*request.definition)["rules"][0]["source"] = "no_such_member";
    const auto refused = previewer_->preview(tenant_, request);
    EXPECT_EQ(refused.error().message.rfind("/definition/rules/0/source", 0), 0u)
        << refused.error().message;
}

TEST_F(MappingTest, TheShippedOnesAreSoundAndNobodysToChange) {
    ASSERT_EQ(engine::shipped_mappings().size(), engine::embedded_mappings().size());
    ASSERT_FALSE(engine::shipped_mappings().empty());
    for (const auto& shipped : engine::shipped_mappings()) {
        const std::string& name = shipped.definition.name;
        EXPECT_TRUE(mappings_->find(tenant_, name).value().shipped) << name;
        const auto tests = mappings_->test(tenant_, name, std::nullopt, "");
        ASSERT_TRUE(tests.has_value()) << name << ": " << tests.error().message;
        EXPECT_TRUE(tests->passed) << name;
        EXPECT_FALSE(tests->results.empty()) << name;
        EXPECT_EQ(
            mappings_->create(tenant_, mapping::definition_json(shipped.definition), ann())
                .error()
                .name,
            "mapping.shipped"
        );
        EXPECT_EQ(mappings_->remove(tenant_, name, ann()).error().name, "mapping.shipped");
        EXPECT_EQ(mappings_->publish(tenant_, name, "", "", ann()).error().name, "mapping.shipped");
        EXPECT_EQ(
            mappings_
                ->change(
                    tenant_, name, [](const Json& same) { return Result<Json>(same); }, ann()
                )
                .error()
                .name,
            "mapping.shipped"
        );
    }
    EXPECT_TRUE(events().empty());
}

}  // namespace
}  // namespace syncline::testing
