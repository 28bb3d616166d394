// The promise of the cursor, over the real collect and deliver code, the real SQLite store and the
// real WooCommerce connector: whatever the shop's clocks do, and wherever a scan is broken off, no
// change of an order is lost and none is written twice.
//
//   SYNCLINE_SCAN_ORDERS=10000 RC_PARAMS="max_success=6" with_plugins_tests
// is the long form: so many orders, each changed while it is scanned. RC_PARAMS="seed=..." repeats.
#include <cstdlib>

#include <rapidcheck.h>

#include "plugin_connector.hpp"
#include "support/engine_fixture.hpp"
#include "wall_clock_shop.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::testing {
namespace {

using woocommerce::WooCommerce;

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;

// What the caller sets wins.
const int kRuns = setenv("RC_PARAMS", "max_success=12", 0);

std::int64_t orders_wanted() {
    const char* wanted = std::getenv("SYNCLINE_SCAN_ORDERS");
    return wanted == nullptr ? 150 : std::atoll(wanted);
}

// The host dies in the middle of a call.
struct PowerCut {};

// An order becomes a document with its total.
class TotalsConnector : public FakeBooksConnector {
public:
    explicit TotalsConnector(FakeBooks& books) : FakeBooksConnector(books) {}
    Result<std::vector<Encoded>>
    encode(const EncodeContext& context, const std::vector<std::string>& records, const std::vector<std::vector<KnownDocument>>&, const connectors::CallContext&)
        override {
        std::vector<Encoded> all;
        for (const auto& text : records) {
            const Json record = parse_json(text).value();
            Document document;
            document.role = document.entity = "invoice";
            document.natural_key = context.source + ":" + record.at("id").get<std::string>();
            document.body = {{"total", record.at("total").at("amount")}};
            all.push_back({});
            all.back().documents.push_back(document);
        }
        return all;
    }
};

class Source : public FakeConnectorSource {
public:
    Source(
        FakeShop& unused,
        FakeBooks& books,
        WallClockShop& shop,
        const Clock& clock,
        const std::int64_t& page_size
    )
        : FakeConnectorSource(unused, books),
          books_(books),
          shop_(shop),
          clock_(clock),
          page_size_(page_size),
          shop_spec_(WooCommerce::spec()) {
        books_spec_.limits.write_batch_max = 100;
        books_spec_.write_safety = WriteSafety::kRequestId;
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "shop" ? &shop_spec_ : &books_spec_;
    }
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity&,
        const Json&,
        connectors::ConnectionServices& services
    ) override {
        if (platform == "books") {
            return std::unique_ptr<connectors::Connector>(new TotalsConnector(books_));
        }
        const Json settings{{"store_url", "https://shop.example"}, {"page_size", page_size_}};
        return std::unique_ptr<connectors::Connector>(new PluginConnector<WooCommerce>(
            clock_,
            settings,
            services,
            [this](const plugin::HttpRequest& request) {
                return Result<plugin::HttpResponse>(shop_.answer(request));
            }
        ));
    }

private:
    FakeBooks& books_;
    WallClockShop& shop_;
    const Clock& clock_;
    const std::int64_t& page_size_;
    Spec shop_spec_;
    Spec books_spec_;
};

// How a case goes; drawn by RapidCheck. The order of events within it comes from `seed`.
struct Course {
    std::uint64_t seed = 1;
    std::int64_t start_ms = 0;  // the shop's clock
    std::int64_t skew_ms = 0;   // ours is ahead of it by this
    std::int64_t orders = 0;
    std::int64_t step_max_ms = 0;  // a request takes up to this
    std::int64_t late_max_ms = 0;  // a transaction takes up to this
    std::uint64_t changes = 0;     // orders written during a request, at most
    std::uint64_t rarity = 0;      // of breaks: one in so many requests; 0: none
    std::int64_t page_size = 100;
    std::int64_t batch_size = 100;
};

class World : public EngineTest {
public:
    explicit World(const Course& course) : course_(course), page_size_(course.page_size) {
        shop.now_ms = course.start_ms;
        state_ = course.seed | 1U;
        shop.before_list = [this] { meanwhile(); };
        shop.fails = [this] { return breaks(); };
        books_.during_write = [this](const WriteRequest& request) { note(request); };
    }

    void begin() {
        pass(0);
        SetUp();
        const auto connection = engine().stores.connections.find(tenant_, "shop").value().id;
        ASSERT_TRUE(engine().stores.vault.put_credentials(
            tenant_, connection, {{"consumer_key", "ck_1"}, {"consumer_secret", "cs_1"}}, 1
        ));
        for (std::int64_t id = 1; id <= course_.orders; ++id) {
            shop.write(10 * id, ++versions_[10 * id], false);
        }
        pass(kHourMs);
    }

    // One run, over as many restarts of the host as it takes, and what it left to be tried again;
    // afterwards everything that could be seen when its scan began is in the books.
    void run_through(SyncMode mode = SyncMode::kIncremental) {
        if (!cursor().scanning || cursor().scan_mode != enum_name(mode)) {
            seen_at_begin_ = shop.orders;
            hidden_.clear();
        }
        busy_ = true;
        storage::RunOptions options;
        options.batch_size = course_.batch_size;
        if (mode == SyncMode::kBackfill) {
            options.from = Timestamp{course_.start_ms};
            options.to = Timestamp{course_.start_ms + kHourMs};
        }
        const std::string id = start(mode, options);
        for (int tries = 0; !status(id).ended() || jobs_wait(); ++tries) {
            RC_ASSERT(tries < 500);
            try {
                work();
                pass(10 * kSecondMs);
            } catch (const PowerCut&) {
                restart();
            }
        }
        busy_ = false;
        const auto how = status(id).status;
        if (mode == SyncMode::kBackfill || cursor().scanning ||
            how == storage::RunStatus::kStopped) {
            return;  // the next run goes on
        }
        ++scans_;
        for (const auto& [order, row] : seen_at_begin_) {
            const bool was_there = !row.trashed && hidden_.count(order) == 0;
            if (was_there && written_[order] < row.version) {
                RC_FAIL(lost(order, row));
            }
        }
    }

    bool jobs_wait() {
        return engine().stores.jobs.counts(tenant_, clock_.now().ms).value().queued > 0;
    }

    // When nothing changes any more, the books have every order as it is.
    void expect_all_there() {
        pass(course_.late_max_ms + kMinuteMs);
        calm_ = true;
        while (cursor().scanning) {
            run_through();
        }
        run_through();
        for (const auto& [order, row] : shop.orders) {
            if (!row.trashed && written_[order] != row.version) {
                RC_FAIL(lost(order, row));
            }
        }
        RC_ASSERT(books_.count("invoice") == written_.size());
    }

    void pass(std::int64_t ms) {
        shop.pass(ms);
        note_hidden();
        clock_.set(Timestamp{shop.now_ms + course_.skew_ms});
    }
    // Between two runs; the shop goes on.
    void rest(std::int64_t ms) {
        for (int part = 0; part < 6; ++part) {
            pass(ms / 6);
            change_one();
        }
        note_hidden();
    }
    void note_hidden() {
        for (const auto& [id, row] : shop.orders) {
            if (row.trashed) {
                hidden_.insert(id);
            }
        }
    }
    std::uint64_t random(std::uint64_t below) {
        state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
        return (state_ >> 33U) % below;
    }
    std::int64_t any_up_to(std::int64_t below) {
        return static_cast<std::int64_t>(random(static_cast<std::uint64_t>(below)));
    }
    // Orders that were written while a scan was under way, and scans that came to their end.
    std::size_t changed_during_scans() const { return changed_.size(); }
    int scans() const { return scans_; }

    WallClockShop shop;

private:
    void TestBody() override {}
    engine::ConnectorSource& source() override { return real_source_; }

    storage::Cursor cursor() {
        const auto flow = engine().stores.flows.find(tenant_, "shop-books-orders").value();
        return engine().stores.flows.cursor(flow.id, "order").value();
    }

    // What happens in the shop while a request for a page is on its way.
    void meanwhile() {
        pass(any_up_to(course_.step_max_ms + 1));
        if (calm_) {
            return;
        }
        for (auto changes = random(course_.changes + 1); changes > 0; --changes) {
            change_one();
        }
        note_hidden();
        if (busy_ && course_.rarity > 0 && random(course_.rarity * 3) == 0) {
            throw PowerCut{};
        }
        if (busy_ && course_.rarity > 0 && random(course_.rarity * 6) == 0) {
            const auto open_runs = engine().stores.runs.open_runs().value();
            for (const auto& run : open_runs) {
                static_cast<void>(engine().stores.runs.request_stop(run.id));
            }
        }
    }
    bool breaks() { return !calm_ && course_.rarity > 0 && random(course_.rarity) == 0; }

    void change_one() {
        const bool is_new = random(20) == 0;
        // Each in turn, so that all of them are; and any, so that pages shift before and behind.
        const std::int64_t place =
            random(2) == 0 ? any_up_to(course_.orders) : turn_++ % course_.orders;
        const std::int64_t id = is_new ? 10 * (course_.orders + ++new_) : 10 * (place + 1);
        if (shop.is_being_written(id)) {
            return;
        }
        const bool late = course_.late_max_ms > 0 && random(4) == 0;
        const bool touched = !is_new && random(10) == 0;  // its time of change moves, nothing else
        const bool trashed = !is_new && random(6) == 0;
        versions_[id] += touched ? 0 : 1;
        shop.write(id, versions_[id], trashed, late ? any_up_to(course_.late_max_ms) : 0);
        if (busy_) {
            changed_.insert(id);
        }
    }

    // Every write is of something newer than what was written before.
    void note(const WriteRequest& request) {
        for (const auto& item : request.items) {
            const std::int64_t id =
                std::stoll(item.natural_key.substr(item.natural_key.rfind(':') + 1));
            const std::int64_t version = std::stoll(item.body.at("total").get<std::string>());
            if (version <= written_[id]) {
                RC_FAIL(
                    "order " + std::to_string(id) + ": version " + std::to_string(version) +
                    " is written after version " + std::to_string(written_[id])
                );
            }
            written_[id] = version;
        }
    }
    std::string lost(std::int64_t id, const WallClockShop::Order& row) {
        return "order " + std::to_string(id) + ": the books have version " +
               std::to_string(written_[id]) + " of version " + std::to_string(row.version) +
               ", changed at " + Timestamp{row.gmt_ms}.to_string() + "; the cursor is at " +
               Timestamp{cursor().cursor_ms}.to_string();
    }

    const Course course_;
    const std::int64_t page_size_;
    Source real_source_{shop_, books_, shop, clock_, page_size_};
    std::uint64_t state_ = 1;
    std::map<std::int64_t, std::int64_t> versions_;  // the newest there is
    std::map<std::int64_t, std::int64_t> written_;   // to the books
    std::map<std::int64_t, WallClockShop::Order> seen_at_begin_;
    std::set<std::int64_t> hidden_;  // in the trash at some time since then
    std::set<std::int64_t> changed_;
    std::int64_t new_ = 0;
    std::int64_t turn_ = 0;
    int scans_ = 0;
    bool calm_ = false;
    bool busy_ = false;
};

struct Place {
    const char* zone;
    const char* change;  // of its clocks
};

constexpr Place kPlaces[] = {
    {"America/Los_Angeles", "2026-03-08T10:00:00Z"},
    {"America/Los_Angeles", "2026-11-01T09:00:00Z"},
    {"Pacific/Auckland", "2026-04-04T14:00:00Z"},
    {"Pacific/Auckland", "2026-09-26T14:00:00Z"},
    {"Pacific/Tongatapu", "2026-04-04T14:00:00Z"},  // UTC+13 all year
};

// A full scan and a backfill may come in between, also while another scan is broken off.
constexpr SyncMode kModes[] = {
    SyncMode::kIncremental,
    SyncMode::kIncremental,
    SyncMode::kIncremental,
    SyncMode::kFull,
    SyncMode::kBackfill,
    SyncMode::kIncremental,
    SyncMode::kIncremental,
    SyncMode::kIncremental};

template <class T>
T one_of(std::initializer_list<T> values) {
    return *rc::gen::elementOf(std::vector<T>(values));
}

TEST(ScanProperty, NoChangeOfAnOrderIsLostAndNoneIsWrittenTwice) {
    ASSERT_EQ(kRuns, 0);
    EXPECT_TRUE(rc::check("whatever the shop's clocks do, and wherever a scan breaks off", [] {
        const std::int64_t scale = orders_wanted();
        const Place place = kPlaces[*rc::gen::inRange<std::size_t>(0, std::size(kPlaces))];
        const std::int64_t change = Timestamp::parse(place.change).value().ms;
        Course course;
        course.seed = *rc::gen::arbitrary<std::uint64_t>();
        course.start_ms = change - kHourMs + *rc::gen::inRange<std::int64_t>(-240, 120) * kMinuteMs;
        course.skew_ms = *rc::gen::inRange<std::int64_t>(-720, 720) * kMinuteMs;
        course.orders = scale > 1000 ? scale : *rc::gen::inRange<std::int64_t>(1, scale);
        course.step_max_ms = one_of<std::int64_t>({0, 900, 20 * kSecondMs, 5 * kMinuteMs});
        course.late_max_ms = one_of<std::int64_t>({0, 20 * kSecondMs, 10 * kMinuteMs});
        course.rarity = one_of<std::uint64_t>({0, 8, 30});
        course.page_size = scale > 1000 ? 100 : *rc::gen::inRange<std::int64_t>(2, 60);
        course.batch_size = scale > 1000 ? 500 : *rc::gen::inRange<std::int64_t>(1, 90);
        course.changes = static_cast<std::uint64_t>(
            scale > 1000 ? 300 : std::max<std::int64_t>(4, course.page_size / 2)
        );
        World world(course);
        world.shop.zone = place.zone;
        world.shop.takes_later = *rc::gen::arbitrary<bool>();
        world.shop.sends_total = *rc::gen::arbitrary<bool>();
        world.begin();
        for (int run = 0; run < 6; ++run) {
            world.run_through(kModes[world.random(std::size(kModes))]);
            const std::int64_t pauses[] = {0, 700, 5 * kMinuteMs, 40 * kMinuteMs, 3 * kHourMs};
            world.rest(pauses[world.random(std::size(pauses))]);
        }
        world.expect_all_there();
        RC_TAG(std::string(place.zone) + " " + place.change);
        if (scale > 1000) {
            RC_ASSERT(world.changed_during_scans() >= static_cast<std::size_t>(scale));
        }
    }));
}

}  // namespace
}  // namespace syncline::testing
