// The tenant's transformer_config on its way to the connectors.
#include "engine/transformer.hpp"

#include "support/choosy_books.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

class TransformerTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return choosy_; }

    void set_config(const std::string& text) {
        ASSERT_TRUE(engine().stores.settings.put(tenant_, "transformer_config", {text, "ann", 1}));
    }
    void set_connection(const Json& settings) {
        storage::NewConnection connection;
        connection.tenant = tenant_;
        connection.name = connection.platform = "books";
        connection.settings = settings;
        ASSERT_TRUE(engine().stores.connections.put(connection, 1).has_value());
    }
    void set_options(const Json& options) {
        FlowDefinition definition = engine().stores.flows.list(tenant_).value().front().definition;
        definition.target.options = options;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    Flow flow() { return engine().stores.flows.list(tenant_).value().front(); }
    Json settings_of_target() {
        const auto books = engine().stores.connections.find(tenant_, "books").value();
        const auto settings =
            engine::target_settings(engine().stores, flow(), books, *choosy_.spec("books"));
        EXPECT_TRUE(settings) << (settings ? "" : settings.error().message);
        return settings ? *settings : Json();
    }
    std::vector<std::string> problems(const Json& value) {
        const auto found = engine::transformer_problems(engine().stores, choosy_, tenant_, value);
        EXPECT_TRUE(found) << (found ? "" : found.error().message);
        return found ? *found : std::vector<std::string>();
    }
    void add_orders(int count) {
        for (int i = 1; i <= count; ++i) {
            shop_.put(i, "10.00", "ann@x.example");
        }
    }
    void discover() {
        ASSERT_TRUE(engine()
                        .pool.open(engine().stores.connections.find(tenant_, "books").value().id)
                        .value()
                        ->facts());
    }

    ChoosyAccount account_;
    ChoosySource choosy_{shop_, books_, account_};
};

TEST_F(TransformerTest, ItIsWeakerThanTheConnectionAndTheFlow) {
    EXPECT_EQ(settings_of_target(), Json::object());
    set_config(R"({"color": "red", "size": "L", "store_url": "x", "password": "p"})");
    EXPECT_EQ(settings_of_target(), (Json{{"color", "red"}, {"size", "L"}}))
        << "only what the connector takes of a tenant";
    set_connection({{"color", "blue"}});
    EXPECT_EQ(settings_of_target(), (Json{{"size", "L"}})) << "the connector has its own color";
    set_options({{"size", "S"}, {"own", 1}});
    EXPECT_EQ(settings_of_target(), (Json{{"size", "S"}, {"own", 1}}));
}

TEST_F(TransformerTest, DeliveriesEncodeWithIt) {
    set_config(R"({"color": "red"})");
    add_orders(3);
    const auto done = run();
    EXPECT_EQ(done.counts.created, 3);
    ASSERT_FALSE(account_.settings_seen.empty());
    for (const auto& seen : account_.settings_seen) {
        EXPECT_EQ(seen.value("color", ""), "red");
    }
}

TEST_F(TransformerTest, AMalformedOneStopsDeliveriesWithItsReasonAndLosesNothing) {
    set_config("[1]");
    add_orders(2);
    start();
    for (int i = 0; i < 20; ++i) {
        static_cast<void>(engine().dispatcher.run_once());
    }
    EXPECT_EQ(books_.count("invoice"), 0u);
    EXPECT_TRUE(account_.settings_seen.empty());
    EXPECT_EQ(flow().state, FlowState::kPaused);
    set_config(R"({"color": "blue"})");
    ASSERT_TRUE(engine().stores.flow_changes.set_state(
        flow().id, FlowState::kRunning, {"ann", ""}, clock_.now().ms
    ));
    later(60'000);
    work();
    EXPECT_EQ(books_.count("invoice"), 2u);
}

TEST_F(TransformerTest, ProblemsNameThePlaceAndTheConnection) {
    discover();
    EXPECT_TRUE(problems({{"color", "red"}, {"size", "whatever"}}).empty());
    EXPECT_EQ(
        problems({{"color", "pink"}}),
        std::vector<std::string>{"/color: connection 'books': there is no such color"}
    );
    for (const char* name : {"colour", "password", "base_url", "company"}) {
        const auto found = problems({{name, "x"}});
        ASSERT_EQ(found.size(), 1u) << name;
        EXPECT_EQ(found.front().rfind("/" + std::string(name) + ": unknown", 0), 0u);
    }
    EXPECT_EQ(problems({{"color", "pink"}, {"colour", "x"}}).size(), 2u);
}

TEST_F(TransformerTest, WithoutFactsNothingIsTakenForGood) {
    const auto found =
        engine::transformer_problems(engine().stores, choosy_, tenant_, {{"color", "red"}});
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().name, "setting.unverified");
    EXPECT_NE(found.error().message.find("'books'"), std::string::npos);
    const int before = account_.checks;
    EXPECT_TRUE(problems(Json::object()).empty());
    EXPECT_EQ(account_.checks, before) << "there is nothing to ask";
}

}  // namespace
}  // namespace syncline::testing
