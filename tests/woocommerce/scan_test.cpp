#include "woocommerce/scan.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace syncline::woocommerce {
namespace {

// Rare interleavings need more than the usual 100 runs; what the caller sets wins.
const int kMoreRuns = setenv("RC_PARAMS", "max_success=1500", 0);

// A list whose rows come, go and move while it is scanned. Ids are kept in order; a row that is not
// `shown` counts for offsets and total but may not be read.
class MovingList {
public:
    std::map<std::int64_t, bool> rows;  // id -> shown
    bool tells_total = true;
    std::function<void(MovingList&)> before_fetch = [](MovingList&) {};
    std::int64_t fetches = 0;
    std::int64_t whole_rows = 0;

    explicit MovingList(std::int64_t count = 0) {
        for (std::int64_t id = 1; id <= count; ++id) {
            rows[id * 10] = true;
        }
    }

    FetchRows fetch() {
        return [this](std::int64_t offset, std::int64_t count, Detail detail) -> Result<Rows> {
            before_fetch(*this);
            ++fetches;
            Rows found;
            auto row = rows.begin();
            std::advance(
                row, std::min<std::int64_t>(offset, static_cast<std::int64_t>(rows.size()))
            );
            for (std::int64_t i = 0; i < count && row != rows.end(); ++i, ++row) {
                if (row->second) {
                    found.rows.push_back({{"id", row->first}});
                }
            }
            whole_rows +=
                detail == Detail::kWhole ? static_cast<std::int64_t>(found.rows.size()) : 0;
            if (tells_total) {
                found.total = offset < static_cast<std::int64_t>(rows.size())
                                  ? static_cast<std::int64_t>(rows.size())
                                  : 0;
            }
            found.date = Timestamp{fetches};
            return found;
        };
    }
};

struct Scanned {
    std::vector<std::int64_t> ids;
    int pages = 0;
};

// Scans to the end as the engine does: a page that failed for now is asked for again.
Scanned scan_all(
    MovingList& list, ScanStart start, const std::function<std::string(std::string)>& hint
) {
    Scanned scanned;
    const FetchRows fetch = list.fetch();
    for (int calls = 0; calls < 2000; ++calls) {
        auto page = scan_page(fetch, start);
        if (!page) {
            RC_ASSERT(page.error().code == ErrorCode::kTransient);
            continue;
        }
        ++scanned.pages;
        for (const auto& row : page->rows) {
            scanned.ids.push_back(row["id"].get<std::int64_t>());
        }
        RC_ASSERT(static_cast<std::int64_t>(page->rows.size()) <= start.limit);
        if (!page->more) {
            return scanned;
        }
        start.after_id = page->last_id;
        start.hint = hint(page->next);
    }
    RC_FAIL("the scan does not end");
    return scanned;
}

const auto kKeepHint = [](std::string next) { return next; };

TEST(Scan, ReadsEveryRowOnceInOrder) {
    for (const std::int64_t count : {0, 1, 2, 98, 99, 100, 101, 250}) {
        MovingList list(count);
        const Scanned scanned = scan_all(list, {}, kKeepHint);
        EXPECT_EQ(scanned.ids.size(), static_cast<std::size_t>(count));
        EXPECT_TRUE(std::is_sorted(scanned.ids.begin(), scanned.ids.end()));
    }
}

TEST(Scan, AnIncrementalRunThatFindsLittleCostsOneRequest) {
    for (const std::int64_t count : {0, 1, 99}) {
        MovingList list(count);
        scan_all(list, {}, kKeepHint);
        EXPECT_EQ(list.fetches, 1) << count;
    }
}

TEST(Scan, AFullScanCostsOneRequestPerPage) {
    MovingList list(1000);
    const Scanned scanned = scan_all(list, {}, kKeepHint);
    EXPECT_EQ(scanned.pages, 11);  // 100, then 99 new ones each behind one that was seen
    EXPECT_EQ(list.fetches, 11);
}

TEST(Scan, WithoutTheHintThePlaceIsFoundInFewSmallRequests) {
    MovingList list(100'000);
    const auto page = scan_page(list.fetch(), {"700000", "", 100, 100});
    ASSERT_TRUE(page.has_value());
    EXPECT_EQ(page->rows.front()["id"], 700'010);
    EXPECT_LE(list.fetches, 30);
    EXPECT_LE(list.whole_rows, 100);
}

TEST(Scan, ADeletedRowDoesNotHideTheNextOne) {
    MovingList list(200);
    const auto first = scan_page(list.fetch(), {"", "", 50, 100});
    ASSERT_TRUE(first.has_value());
    EXPECT_EQ(first->last_id, "500");
    list.rows.erase(30);
    list.rows.erase(40);
    const auto second = scan_page(list.fetch(), {first->last_id, first->next, 50, 100});
    ASSERT_TRUE(second.has_value());
    EXPECT_EQ(second->rows.front()["id"], 510);
}

TEST(Scan, RowsDeletedBehindAPageThatWasSeenDoNotHideTheNextOne) {
    MovingList list(100);
    list.before_fetch = [](MovingList& rows) {
        if (rows.fetches ==
            1) {  // the page at the hint was read, its successor is being looked for
            rows.rows.erase(rows.rows.begin(), rows.rows.find(410));
        }
    };
    const auto page = scan_page(list.fetch(), {"500", "21", 9, 100});
    ASSERT_TRUE(page.has_value());
    ASSERT_FALSE(page->rows.empty());
    EXPECT_EQ(page->rows.front()["id"], 510);
}

TEST(Scan, AnyHintIsAsGoodAsNone) {
    for (const auto* hint :
         {"", "0", "1", "7", "500", "99999999", "-3", "x", "18446744073709551616"}) {
        MovingList list(200);
        const auto page = scan_page(list.fetch(), {"1000", hint, 10, 100});
        ASSERT_TRUE(page.has_value()) << hint;
        ASSERT_FALSE(page->rows.empty()) << hint;
        EXPECT_EQ(page->rows.front()["id"], 1010) << hint;
        EXPECT_TRUE(page->more);
    }
}

TEST(Scan, TheDateIsThatOfTheFirstAnswer) {
    MovingList list(50);
    const auto page = scan_page(list.fetch(), {"300", "", 10, 100});
    ASSERT_TRUE(page.has_value());
    EXPECT_GT(list.fetches, 1);
    EXPECT_EQ(page->date->ms, 1);
}

TEST(Scan, RowsThatMayNotBeReadDoNotEndTheScan) {
    MovingList list(400);
    for (auto& [id, shown] : list.rows) {
        shown = id < 1000 || id > 2500 || id % 40 == 0;
    }
    for (std::int64_t id = 2600; id < 4000; id += 10) {
        list.rows[id] = false;  // more of them than fit on a page
    }
    const Scanned scanned = scan_all(list, {}, kKeepHint);
    std::size_t shown = 0;
    for (const auto& row : list.rows) {
        shown += row.second ? 1 : 0;
    }
    EXPECT_EQ(scanned.ids.size(), shown);
    EXPECT_EQ(scanned.ids.back(), 4000);
}

TEST(Scan, AListThatIsNotInOrderIsRefused) {
    const FetchRows fetch = [](std::int64_t, std::int64_t, Detail) -> Result<Rows> {
        return Rows{{{{"id", 5}}, {{"id", 4}}}, 2, Timestamp{}};
    };
    const auto page = scan_page(fetch, {});
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().code, ErrorCode::kUnsupported);
    EXPECT_EQ(page.error().name, "woo.not_in_order");
}

TEST(Scan, AShopThatDropsTheOffsetIsRefused) {
    const FetchRows fetch = [](std::int64_t, std::int64_t count, Detail) -> Result<Rows> {
        Rows rows;
        for (std::int64_t id = 1; id <= count; ++id) {
            rows.rows.push_back({{"id", id}});
        }
        return rows;
    };
    const auto page = scan_page(fetch, {"500", "", 10, 100});
    ASSERT_FALSE(page.has_value());
    EXPECT_EQ(page.error().name, "woo.offset_ignored");
}

// They take a place in the list, whichever page they begin or end.
TEST(Scan, RowsWithoutIdsComeBesideTheOthers) {
    for (const bool tells_total : {true, false}) {
        for (const std::int64_t limit : {1, 2, 3, 7}) {
            std::vector<Json> list;
            for (std::int64_t i = 0; i < 60; ++i) {
                list.push_back(
                    i % 10 == 9 || i % 10 == 8 || i == 0 ? Json{{"name", std::to_string(i)}}
                                                         : Json{{"id", i}}
                );
            }
            const FetchRows fetch = [&](std::int64_t offset, std::int64_t count, Detail) {
                Rows found;
                for (std::int64_t i = offset; i < std::min<std::int64_t>(60, offset + count); ++i) {
                    found.rows.push_back(list[static_cast<std::size_t>(i)]);
                }
                if (tells_total) {
                    found.total = 60;
                }
                return Result<Rows>(std::move(found));
            };
            ScanStart start{"", "", limit, 20};
            std::vector<std::int64_t> ids;
            std::set<std::string> without_id;
            std::size_t given = 0;
            for (bool more = true; more;) {
                const auto page = scan_page(fetch, start);
                ASSERT_TRUE(page.has_value()) << page.error().message;
                for (const auto& row : page->rows) {
                    ids.push_back(*row_id(row));
                }
                for (const auto& row : page->without_id) {
                    without_id.insert(row.at("name"));
                    ++given;
                }
                more = page->more;
                ASSERT_TRUE(!more || page->last_id != start.after_id);
                start.after_id = page->last_id;
                start.hint = page->next;
            }
            EXPECT_EQ(ids.size(), 47u) << limit;
            EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
            EXPECT_EQ(without_id.size(), 13u) << limit;
            EXPECT_LE(given, 26u) << "twice at most";
        }
    }
}

TEST(Scan, ACursorThatIsNoIdIsStale) {
    MovingList list(5);
    EXPECT_EQ(
        scan_page(list.fetch(), {"order:5", "", 10, 100}).error().code, ErrorCode::kStaleCursor
    );
    EXPECT_EQ(list.fetches, 0);
}

// The promise: whatever comes, goes or moves during the scan, each row that is there from its first
// request to its last is delivered, exactly once, wherever the scan is interrupted and resumed.
TEST(ScanProperty, NoRowThatStaysIsMissed) {
    ASSERT_EQ(kMoreRuns, 0);
    EXPECT_TRUE(rc::check("rows that stay are all delivered", [] {
        MovingList list(*rc::gen::inRange<std::int64_t>(0, 120));
        list.tells_total = *rc::gen::arbitrary<bool>();
        const auto seed = *rc::gen::arbitrary<std::uint64_t>();
        const int calm = *rc::gen::inRange(1, 6);
        std::set<std::int64_t> staying;
        for (const auto& row : list.rows) {
            staying.insert(row.first);
        }
        std::uint64_t state = seed | 1U;
        const auto next_random = [&state](std::uint64_t below) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            return (state >> 33U) % below;
        };
        std::int64_t newest = 2000;
        list.before_fetch = [&](MovingList& rows) {
            if (next_random(static_cast<std::uint64_t>(calm)) != 0) {
                return;
            }
            for (auto changes = next_random(6); changes > 0; --changes) {
                const auto place = static_cast<std::int64_t>(next_random(1300));
                if (next_random(3) == 0) {
                    rows.rows[newest += 10] = true;  // a new order
                } else if (next_random(2) == 0) {
                    rows.rows[place] = true;  // an old one changed: it enters the window
                } else {
                    const auto victim = rows.rows.lower_bound(place);
                    if (victim != rows.rows.end()) {
                        staying.erase(victim->first);
                        rows.rows.erase(victim);
                    }
                }
            }
            if (newest > 2600) {
                newest = 2600;  // so that the scan can end
            }
        };
        ScanStart start;
        start.limit = *rc::gen::inRange<std::int64_t>(1, 25);
        start.page_max = *rc::gen::inRange<std::int64_t>(2, 30);
        const int keep_hint = *rc::gen::inRange(0, 3);
        const Scanned scanned = scan_all(list, start, [&](std::string next) {
            return keep_hint == 0   ? std::string()
                   : keep_hint == 1 ? std::to_string(next_random(200))
                                    : next;
        });
        RC_ASSERT(std::is_sorted(scanned.ids.begin(), scanned.ids.end()));
        const std::set<std::int64_t> delivered(scanned.ids.begin(), scanned.ids.end());
        RC_ASSERT(delivered.size() == scanned.ids.size());
        for (const auto id : staying) {
            RC_ASSERT(delivered.count(id) == 1);
        }
    }));
}

TEST(ScanProperty, AnyPlaceToResumeAfterGivesTheRest) {
    EXPECT_TRUE(rc::check("resumed scans deliver what follows", [] {
        MovingList list(*rc::gen::inRange<std::int64_t>(0, 300));
        list.tells_total = *rc::gen::arbitrary<bool>();
        const auto after = *rc::gen::inRange<std::int64_t>(0, 3100);
        const auto hidden =
            *rc::gen::container<std::set<std::int64_t>>(rc::gen::inRange<std::int64_t>(1, 300));
        for (const auto id : hidden) {
            if (list.rows.count(id * 10) == 1) {
                list.rows[id * 10] = false;
            }
        }
        ScanStart start;
        start.after_id = std::to_string(after);
        start.limit = *rc::gen::inRange<std::int64_t>(1, 120);
        const Scanned scanned = scan_all(list, start, kKeepHint);
        std::vector<std::int64_t> expected;
        for (const auto& [id, shown] : list.rows) {
            if (shown && id > after) {
                expected.push_back(id);
            }
        }
        RC_ASSERT(scanned.ids == expected);
    }));
}

}  // namespace
}  // namespace syncline::woocommerce
