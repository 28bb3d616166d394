// Entities that are read whole: when schedules do that, and when they leave the source alone.
#include "engine/sweep.hpp"

#include "support/engine_fixture.hpp"

namespace syncline::testing {
namespace {

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kDayMs = 86'400'000;

bool night(const char* zone, const char* before, const char* now) {
    return engine::night_between(
        zone == nullptr ? std::nullopt : std::optional(TimeZone::find(zone).value()),
        Timestamp::parse(before).value(),
        Timestamp::parse(now).value()
    );
}

TEST(Sweep, ANightIsThatOfTheAccount) {
    EXPECT_FALSE(night(nullptr, "2026-11-20T00:00:01Z", "2026-11-20T23:59:59Z"));
    EXPECT_TRUE(night(nullptr, "2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z"));
    // Midnight in Los Angeles is 08:00 UTC, in Auckland 11:00 UTC.
    EXPECT_FALSE(night("America/Los_Angeles", "2026-11-20T23:59:59Z", "2026-11-21T07:59:59Z"));
    EXPECT_TRUE(night("America/Los_Angeles", "2026-11-21T07:59:59Z", "2026-11-21T08:00:00Z"));
    EXPECT_TRUE(night("Pacific/Auckland", "2026-11-20T10:59:59Z", "2026-11-20T11:00:00Z"));
    EXPECT_TRUE(night(nullptr, "2026-11-21T12:00:00Z", "2026-11-20T12:00:00Z")) << "clock set back";
}

// Does not answer when it is asked for what comes after one id.
class BreakingShopConnector : public FakeShopConnector {
public:
    BreakingShopConnector(FakeShop& shop, const std::string& breaks_after)
        : FakeShopConnector(shop), breaks_after_(breaks_after) {}
    Result<Page> read(const ReadRequest& request, const connectors::CallContext& call) override {
        if (!breaks_after_.empty() && request.after_id == breaks_after_) {
            return Error{ErrorCode::kTransient, "no answer"};
        }
        return FakeShopConnector::read(request, call);
    }

private:
    const std::string& breaks_after_;
};

// The fake shop, which says that it cannot tell which orders changed.
class SweptSource : public FakeConnectorSource {
public:
    SweptSource(FakeShop& shop, FakeBooks& books) : FakeConnectorSource(shop, books), shop_(shop) {
        spec_ = *FakeConnectorSource::spec("shop");
        spec_.swept = {"order"};
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &spec_ : FakeConnectorSource::spec(platform);
    }

    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override {
        if (platform != "shop") {
            return FakeConnectorSource::create(platform, who, settings, services);
        }
        return std::unique_ptr<connectors::Connector>(new BreakingShopConnector(shop_, breaks_after)
        );
    }
    std::string breaks_after;

private:
    FakeShop& shop_;
    Spec spec_;
};

class SweepTest : public EngineTest {
protected:
    engine::ConnectorSource& source() override { return swept_source_; }

    void SetUp() override {
        EngineTest::SetUp();
        for (std::int64_t id = 1; id <= 25; ++id) {
            shop_.put(id, "10.00", "ann@x.example");
        }
    }
    static engine::StartRequest by_schedule(SyncMode mode = SyncMode::kIncremental) {
        engine::StartRequest request;
        request.entity = "order";
        request.mode = mode;
        request.requested_by = "schedule:often";
        request.starter = Starter::kSchedule;
        return request;
    }
    // Runs of schedules need a confirmation from now on, if they write more than so many records.
    void set_gate(std::int64_t records_max) {
        FlowDefinition definition =
            engine().stores.flows.find(tenant_, "shop-books-orders").value().definition;
        definition.approval = {records_max, false, false, {Starter::kApi}};
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    storage::Run scheduled(SyncMode mode = SyncMode::kIncremental) {
        const engine::StartRequest request = by_schedule(mode);
        const auto started = engine().control.start(tenant_, request);
        EXPECT_TRUE(started.has_value()) << (started ? "" : started.error().message);
        work();
        return status(started->sync_id);
    }
    std::int64_t cursor_ms() {
        const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
        return engine().stores.flows.cursor(flow.id, "order").value().cursor_ms;
    }

    SweptSource swept_source_{shop_, books_};
};

TEST_F(SweepTest, SchedulesReadItOnceANight) {
    EXPECT_EQ(scheduled().counts.read, 25);
    later(kDayMs / 4);
    shop_.put(3, "11.00", "ann@x.example");
    const auto reads = shop_.reads;
    const auto resting = scheduled();
    EXPECT_EQ(resting.status, storage::RunStatus::kCompleted);
    EXPECT_EQ(resting.counts.read, 0);
    EXPECT_EQ(shop_.reads, reads);
    EXPECT_EQ(
        engine().stores.log.of_run(tenant_, resting.id, 10).value().at(1).event,
        "source.swept_today"
    );
    later(kDayMs);
    const auto night = scheduled();
    EXPECT_EQ(night.counts.read, 25) << "whole, whatever the cursor";
    EXPECT_EQ(night.counts.updated, 1);
    EXPECT_EQ(night.counts.skipped, 24);
    EXPECT_EQ(scheduled().counts.read, 0);
}

TEST_F(SweepTest, WhoeverAsksForItGetsItAtOnce) {
    scheduled();
    later(5 * kMinuteMs);
    EXPECT_EQ(run().counts.read, 25);
    EXPECT_EQ(scheduled(SyncMode::kFull).counts.read, 25);
}

TEST_F(SweepTest, APlanSeesWhatItsRunReads) {
    run();
    later(kDayMs);
    shop_.orders[3]["total"] = "11.00";  // without a change of its time
    engine::StartRequest request;
    request.entity = "order";
    const auto plan = engine().control.dry_run(tenant_, request, 100).value().at(0);
    EXPECT_EQ(plan.read, 25);
    EXPECT_EQ(plan.writes, 1);
    EXPECT_EQ(run().counts.updated, 1);
}

TEST_F(SweepTest, AScheduleThatNeedsConfirmationsLooksOnceANightToo) {
    set_gate(100);
    EXPECT_EQ(scheduled().counts.read, 25);
    const auto reads = shop_.reads;
    later(kDayMs / 4);
    EXPECT_EQ(scheduled().counts.read, 0);
    EXPECT_EQ(shop_.reads, reads) << "not even to look at it";
    later(kDayMs);
    EXPECT_EQ(scheduled().counts.read, 25);
}

TEST_F(SweepTest, AScheduleThatIsRefusedDoesNotReadAllAtEverySlot) {
    set_gate(10);
    const auto refused = [&] {
        const auto started = engine().control.start(tenant_, by_schedule());
        return started ? std::string() : started.error().name;
    };
    EXPECT_EQ(refused(), "approval.required");
    const auto reads = shop_.reads;
    later(5 * kMinuteMs);
    EXPECT_EQ(refused(), "approval.required");
    EXPECT_EQ(shop_.reads, reads);
    later(kDayMs);
    EXPECT_EQ(refused(), "approval.required");
    EXPECT_GT(shop_.reads, reads) << "the next night";
    set_gate(100);
    EXPECT_EQ(scheduled().counts.read, 25) << "another policy is another question";
}

TEST_F(SweepTest, ASweepThatBrokeOffGoesOnTheSameDay) {
    storage::RunOptions small;
    small.batch_size = 10;
    swept_source_.breaks_after = "10";
    const std::string id = start(SyncMode::kIncremental, small);
    for (int i = 0; i < 20 && !status(id).ended(); ++i) {
        later(10 * kMinuteMs);
    }
    EXPECT_EQ(status(id).status, storage::RunStatus::kFailed);
    swept_source_.breaks_after.clear();
    EXPECT_EQ(scheduled().counts.read, 15) << "what was read is not read again";
    EXPECT_EQ(scheduled().counts.read, 0);
}

TEST_F(SweepTest, ASweepThatSeesFarFewerIsReportedAndDoneAgainTheNextNight) {
    scheduled();
    const std::int64_t before = cursor_ms();
    for (std::int64_t id = 5; id <= 25; ++id) {
        shop_.orders.erase(id);
    }
    later(kDayMs);
    const auto shrunk = scheduled();
    EXPECT_EQ(shrunk.counts.read, 4);
    EXPECT_EQ(cursor_ms(), before);
    EXPECT_EQ(
        engine().stores.log.of_run(tenant_, shrunk.id, 10).value().at(1).event, "source.shrunk"
    );
    later(kDayMs);
    EXPECT_EQ(scheduled().counts.read, 4);
    EXPECT_GT(cursor_ms(), before);
}

}  // namespace
}  // namespace syncline::testing
