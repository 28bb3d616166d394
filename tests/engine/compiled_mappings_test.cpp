// Mappings are compiled once for each definition and account, and never used for another one.
#include "engine/compiled_mappings.hpp"

#include <thread>

#include "engine/support/mapping_fixture.hpp"

namespace syncline::testing {
namespace {

using engine::CompiledMappings;

class CompiledMappingsTest : public MappingTest {
protected:
    const std::string hash_ = "h";
    const ConnectionId books_id_{7};

    static Json entities(const char* owned = "/total") {
        return Json::array(
            {{{"name", "customer"}, {"write", {"create"}}},
             {{"name", "invoice"}, {"write", {"create"}}, {"owned_paths", {owned}}}}
        );
    }
    static mapping::Program program(const std::string& source) {
        return mapping::compile(
                   mapping::parse_definition(memo_from(source)).value(),
                   mapping::open_target("invoice")
        )
            .value();
    }
    static std::string source_of(const std::optional<mapping::Program>& found) {
        return found ? found->definition().rules.at(0).source : "none";
    }
    bool is_compiled() {
        const auto target = engine().stores.connections.by_id(flow().target).value();
        const auto version = engine().stores.mappings.in_force(tenant_, "memo").value();
        return engine()
            .pool.compiled_mappings()
            .find(version->content_hash, target.id, target.entities)
            .has_value();
    }
};

TEST_F(CompiledMappingsTest, AreFoundByDefinitionAccountAndItsEntity) {
    CompiledMappings kept;
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, entities())), "none");
    kept.keep(hash_, books_id_, entities(), program("number"));
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, entities())), "number");
    EXPECT_EQ(source_of(kept.find("another", books_id_, entities())), "none");
    EXPECT_EQ(source_of(kept.find(hash_, ConnectionId{8}, entities())), "none");
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, entities("/memo"))), "none");
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, Json())), "none");
    Json others = entities();
    others[0]["write"].push_back("update");  // of the customers, which it is not for
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, others)), "number");
}

TEST_F(CompiledMappingsTest, AnAccountThatChangedTakesTheNewOne) {
    CompiledMappings kept;
    kept.keep(hash_, books_id_, entities(), program("number"));
    kept.keep(hash_, books_id_, entities("/memo"), program("status"));
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, entities("/memo"))), "status");
    EXPECT_EQ(source_of(kept.find(hash_, books_id_, entities())), "none");
}

TEST_F(CompiledMappingsTest, TheOneThatWasNotUsedForLongestIsDropped) {
    CompiledMappings kept;
    const auto one = program("number");
    kept.keep("first", books_id_, entities(), one);
    kept.keep("second", books_id_, entities(), one);
    for (std::size_t i = 2; i < CompiledMappings::kKept; ++i) {
        kept.keep(std::to_string(i), books_id_, entities(), one);
    }
    EXPECT_TRUE(kept.find("first", books_id_, entities()).has_value());
    kept.keep("one more", books_id_, entities(), one);
    EXPECT_FALSE(kept.find("second", books_id_, entities()).has_value());
    EXPECT_TRUE(kept.find("first", books_id_, entities()).has_value());
    EXPECT_TRUE(kept.find("one more", books_id_, entities()).has_value());
}

TEST_F(CompiledMappingsTest, AreUsedByManyThreadsAtOnce) {
    CompiledMappings kept;
    const auto number = program("number");
    const auto status = program("status");
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 300; ++i) {
                const std::string hash = std::to_string((i + t) % 200);
                const bool even = (i + t) % 2 == 0;
                kept.keep(hash, books_id_, entities(), even ? number : status);
                const auto found = kept.find(hash, books_id_, entities());
                wrong += found && source_of(found) != (even ? "number" : "status") ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(wrong, 0);
}

TEST_F(CompiledMappingsTest, APublishedVersionIsUsedByTheNextDelivery) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    EXPECT_FALSE(is_compiled());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    run();
    EXPECT_TRUE(is_compiled());
    EXPECT_EQ(memo(1), "A-1");
    put_in_force(memo_from("status"));
    EXPECT_FALSE(is_compiled());
    shop_.put(2, "10.00", "b@x.example", {{"number", "A-2"}, {"status", "completed"}});
    later(60'000);
    run();
    EXPECT_EQ(memo(2), "completed");
}

TEST_F(CompiledMappingsTest, AVersionThatIsBroughtBackIsUsedByTheNextDelivery) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    run();
    put_in_force(memo_from("status"));
    shop_.put(2, "10.00", "b@x.example", {{"number", "A-2"}});
    later(60'000);
    run();
    EXPECT_EQ(memo(2), "processing");
    ASSERT_TRUE(mappings_->roll_back(tenant_, "memo", 1, "", ann()).has_value());
    shop_.put(3, "10.00", "c@x.example", {{"number", "A-3"}});
    later(60'000);
    run();
    EXPECT_EQ(memo(3), "A-3");
}

TEST_F(CompiledMappingsTest, AnAccountThatTakesItNoLongerIsNoticedAfterADelivery) {
    put_in_force(memo_from("number"));
    ASSERT_TRUE(name_in_flow("memo").has_value());
    shop_.put(1, "10.00", "a@x.example", {{"number", "A-1"}});
    run();
    ASSERT_EQ(memo(1), "A-1");
    {
        const std::lock_guard lock(books_.mutex);
        books_.catalog.entities[0].owned_paths.push_back("/memo");
    }
    shop_.put(2, "10.00", "b@x.example", {{"number", "A-2"}});
    later(25 * 3'600'000);  // facts are discovered anew
    run();
    EXPECT_EQ(flow().state, FlowState::kPaused);
    EXPECT_EQ(memo(2), "no invoice");
}

}  // namespace
}  // namespace syncline::testing
