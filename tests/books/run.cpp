#include "run.hpp"

#include <cstdio>
#include <memory>

#include "trial.hpp"

namespace books {
namespace {

using syncline::Refund;

constexpr std::int64_t kCartsPerShop = 50;
constexpr std::size_t kShownMax = 20;

// The seed of one shop or cart.
std::uint64_t mixed(std::uint64_t seed, std::int64_t number, std::uint64_t salt) {
    Dice dice(seed ^ (salt * 0x9e3779b97f4a7c15U));
    return dice.next() + static_cast<std::uint64_t>(number) * 0xd1342543de82ef95U;
}

void choose(Bench& bench, Dice& dice) {
    using namespace syncline::quickbooks;
    const bool line = dice.percent(40);
    bench.choices.discounts = line ? DiscountChoice::kLine : DiscountChoice::kNet;
    bench.choices.document_choice["*"] =
        dice.percent(50) ? DocumentChoice::kSalesReceipt : DocumentChoice::kInvoice;
    bench.choices.manual_refunds["*"] =
        dice.percent(50) ? ManualRefundChoice::kRefundReceipt : ManualRefundChoice::kCreditMemo;
}

void count(Tally& tally, const Cart& cart, const Verdict& verdict) {
    if (cart.trap != Trap::kNone) {
        verdict.held.empty() ? ++tally.traps_posted : ++tally.traps[verdict.held];
        return;
    }
    if (!verdict.held.empty()) {
        ++tally.held[verdict.held];
        return;
    }
    ++tally.posted;
    for (const auto& form : verdict.forms) {
        ++tally.forms[form];
    }
    tally.own_tax += verdict.own_tax ? 1 : 0;
}

// A total that is not what its parts come to must not be posted, nor a tax under a code of another
// percentage.
std::string wrong_trap(const Cart& cart, const Verdict& verdict, Mode mode) {
    if (!verdict.held.empty()) {
        return {};
    }
    const bool coded = mode == Mode::kUsManual || mode == Mode::kElsewhere;
    if (cart.trap == Trap::kRateDiffers && coded && !cart.order.tax_total.is_zero()) {
        return "a tax of another percentage than its code's was posted";
    }
    return cart.trap == Trap::kTotalOff
               ? "a total that is off by 100 minor units and more was posted"
               : std::string();
}

void note(Run& run, std::uint64_t seed, std::int64_t number, Mode mode, const std::string& what) {
    ++run.broken_count;
    if (run.broken.size() < kShownMax) {
        run.broken.push_back(
            "seed " + std::to_string(seed) + " cart " + std::to_string(number) + " " +
            name_of(mode) + ": " + what
        );
    }
}

// Bought on account: its refunds are credits for the invoice.
void leave_open(syncline::Order& order) {
    order.paid_at.reset();
    order.payment_status = syncline::PaymentStatus::kUnpaid;
    order.status = syncline::OrderStatus::kOnHold;
    order.source_status = "on-hold";
    order.payment_method = "bacs";
}

void try_shop(Run& run, std::uint64_t seed, std::int64_t first, std::int64_t last) {
    Dice dice(mixed(seed, first / kCartsPerShop, 1));
    const Shop shop = random_shop(dice);
    const bool shipping_line = dice.percent(60);
    std::vector<std::unique_ptr<Bench>> benches;
    for (const Mode mode : kModes) {
        benches.push_back(std::make_unique<Bench>(mode, shop, shipping_line));
    }
    for (std::int64_t number = first; number < last; ++number) {
        Dice own(mixed(seed, number, 2));
        Cart cart = random_cart(shop, number + 1, own);
        // Of every fourth ordinary cart something is given back.
        const bool refunded = cart.trap == Trap::kNone && own.percent(25);
        if (refunded && own.percent(30)) {
            leave_open(cart.order);
        }
        const auto refunds = refunded ? random_refunds(cart.order, own) : std::vector<Refund>();
        for (const auto& bench : benches) {
            choose(*bench, own);
            const Verdict verdict = try_order(*bench, cart.order);
            const std::string wrong =
                verdict.broken.empty() ? wrong_trap(cart, verdict, bench->mode()) : verdict.broken;
            if (!wrong.empty()) {
                note(run, seed, number, bench->mode(), wrong);
            }
            Tally& tally = run.tallies[bench->mode()];
            count(tally, cart, verdict);
            if (!refunds.empty() && verdict.held.empty()) {
                const std::string off =
                    try_refunds(*bench, cart.order, verdict, refunds, tally.refunds);
                if (!off.empty()) {
                    note(run, seed, number, bench->mode(), off);
                }
            }
        }
    }
}

void print_held(const char* what, const std::map<std::string, std::int64_t>& held) {
    for (const auto& [rule, count] : held) {
        std::printf("  %-11s %-22s %8lld\n", what, rule.c_str(), static_cast<long long>(count));
    }
}

}  // namespace

Run try_carts(const Wanted& wanted) {
    Run run;
    const std::int64_t last = wanted.first + wanted.carts;
    for (std::int64_t at = wanted.first; at < last;) {
        const std::int64_t end = std::min(last, (at / kCartsPerShop + 1) * kCartsPerShop);
        try_shop(run, wanted.seed, at, end);
        at = wanted.until_broken && run.broken_count > 0 ? last : end;
    }
    return run;
}

namespace {

// Nothing to post, or a trap.
bool is_no_ordinary(const std::string& rule) {
    return rule == "ZERO_TOTAL" || rule == "REFUNDS_EXCEED_ORDER";
}

struct Share {
    std::int64_t held = 0;
    std::int64_t all = 0;

    void add(std::int64_t posted, const std::map<std::string, std::int64_t>& rules) {
        all += posted;
        for (const auto& [rule, count] : rules) {
            all += is_no_ordinary(rule) ? 0 : count;
            held += is_no_ordinary(rule) ? 0 : count;
        }
    }
    std::int64_t per_ten_thousand() const { return all == 0 ? 0 : held * 10'000 / all; }
};

}  // namespace

std::int64_t held_per_ten_thousand(const Run& run) {
    Share share;
    for (const auto& [mode, tally] : run.tallies) {
        share.add(tally.posted, tally.held);
    }
    return share.per_ten_thousand();
}

std::int64_t refunds_held_per_ten_thousand(const Run& run) {
    Share share;
    for (const auto& [mode, tally] : run.tallies) {
        share.add(tally.refunds.posted, tally.refunds.held);
    }
    return share.per_ten_thousand();
}

void print(const Run& run) {
    for (const auto& [mode, tally] : run.tallies) {
        std::printf(
            "%-10s posted %8lld, %lld with the shop's own tax; %lld refunds\n",
            name_of(mode),
            static_cast<long long>(tally.posted),
            static_cast<long long>(tally.own_tax),
            static_cast<long long>(tally.refunds.posted)
        );
        print_held("with", tally.forms);
        print_held("held", tally.held);
        print_held("refund held", tally.refunds.held);
        print_held("trap held", tally.traps);
        if (tally.traps_posted > 0) {
            std::printf(
                "  traps that were posted %31lld\n", static_cast<long long>(tally.traps_posted)
            );
        }
    }
    const std::int64_t held = held_per_ten_thousand(run);
    const std::int64_t refunds = refunds_held_per_ten_thousand(run);
    std::printf(
        "ordinary carts held: %lld.%02lld %%, of their refunds %lld.%02lld %%; broken: %lld\n",
        static_cast<long long>(held / 100),
        static_cast<long long>(held % 100),
        static_cast<long long>(refunds / 100),
        static_cast<long long>(refunds % 100),
        static_cast<long long>(run.broken_count)
    );
    for (const auto& one : run.broken) {
        std::printf("BROKEN %s\n", one.c_str());
    }
}

}  // namespace books
