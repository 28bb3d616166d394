// CPU time of encoding and mapping one order, against parsing and printing the same order once; see
// bench/README.md.
//
//   mapping_bench ORDERS.json MAPPING.json [rounds]
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <sstream>

#include <syncline/plugin/testing/fake_host.hpp>

#include "core/mapping/program.hpp"
#include "quickbooks/company.hpp"
#include "quickbooks/connector.hpp"
#include "quickbooks/entities.hpp"
#include "quickbooks/remote/mappable.hpp"
#include "woocommerce/convert.hpp"

namespace syncline::bench {
namespace {

[[noreturn]] void give_up(const std::string& why) {
    std::cerr << why << "\n";
    std::exit(1);
}

template <class T>
T taken(Result<T> result) {
    if (!result) {
        give_up(result.error().message);
    }
    return *std::move(result);
}

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    if (!file) {
        give_up("cannot read " + path);
    }
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

// Of this thread, in nanoseconds.
std::int64_t cpu_now() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * 1'000'000'000 + now.tv_nsec;
}

std::int64_t median(std::vector<std::int64_t> all) {
    std::nth_element(
        all.begin(), all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2), all.end()
    );
    return all[all.size() / 2];
}

quickbooks::CompanyFacts company() {
    quickbooks::CompanyFacts facts;
    facts.country = "US";
    facts.time_zone = "America/Chicago";
    facts.home_currency = "USD";
    facts.tax_mode = quickbooks::TaxMode::kUsAst;
    facts.allow_shipping = true;
    facts.allow_discount = true;
    facts.custom_txn_numbers = true;
    facts.accounts = {{"79", "Sales of Product Income", "Income", "SalesOfProductIncome", "USD"}};
    facts.terms = {{"3", "Net 30", 30, 0, 0}};
    return facts;
}

mapping::TargetSchema invoices(const Json& facts) {
    const auto* entity = quickbooks::find_entity("invoice");
    Catalog catalog;
    CatalogEntity& target = catalog.entities.emplace_back();
    target.name = "invoice";
    target.write = {"create"};
    target.owned_paths.assign(entity->owned_paths.begin(), entity->owned_paths.end());
    target.mappable = quickbooks::mappable_paths("invoice", facts);
    return taken(mapping::target_schema(catalog, "invoice"));
}

// What each step of one order took, all rounds.
struct Measured {
    std::vector<std::int64_t> floor, parse, encode, map, compile;
};

class Bench {
public:
    explicit Bench(const std::string& mapping)
        : connector_(
              host_.handle(),
              {{"realm_id", "9130350000000001"}, {"client_id", "app"}, {"environment", "sandbox"}}
          ),
          mapping_(text_of(mapping)),
          target_(invoices(to_json(company()))),
          program_(compiled()) {
        host_.on_local_date = [](const std::string&, Timestamp at) {
            return Timestamp{at.ms - 6 * 3'600'000}.to_string().substr(0, 10);
        };
        request_.context.entity = "order";
        request_.context.source = "woocommerce:shop";
        request_.context.facts = to_json(company());
        request_.context.settings = {{"document_choice", {{"*", "invoice_and_payment"}}}};
    }

    // Ten at a time, as a delivery encodes them; the figures are of one.
    bool measure(const std::vector<std::string>& texts, Measured& all) {
        const auto count = static_cast<std::int64_t>(texts.size());
        const std::int64_t start = cpu_now();
        std::size_t printed = 0;
        for (const auto& text : texts) {
            printed += dump_json(*parse_json(text)).size();
        }
        const std::int64_t floor = cpu_now();
        request_.records.clear();
        for (const auto& text : texts) {
            request_.records.push_back(*parse_json(text));
        }
        const std::int64_t parsed = cpu_now();
        auto encoded = connector_.encode(call_.call(), request_);
        const std::int64_t made = cpu_now();
        for (std::size_t i = 0; encoded && i < texts.size(); ++i) {
            mapping::apply(program_, request_.records[i], (*encoded)[i]);
        }
        const std::int64_t mapped = cpu_now();
        program_ = compiled();
        all.compile.push_back(cpu_now() - mapped);
        all.floor.push_back((floor - start) / count);
        all.parse.push_back((parsed - floor) / count);
        all.encode.push_back((made - parsed) / count);
        all.map.push_back((mapped - made) / count);
        return encoded && printed > 0 &&
               std::none_of(encoded->begin(), encoded->end(), [](const Encoded& one) {
                   return one.hold.has_value() || one.documents.empty();
               });
    }

private:
    mapping::Program compiled() const {
        return taken(
            mapping::compile(taken(mapping::parse_definition(taken(parse_json(mapping_)))), target_)
        );
    }

    plugin::testing::FakeHost host_;
    plugin::testing::FakeCall call_{"5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b"};
    quickbooks::QuickBooks connector_;
    const std::string mapping_;
    const mapping::TargetSchema target_;
    mapping::Program program_;
    EncodeRequest request_;
};

// The canonical records of the orders that become invoices.
std::vector<std::string> records(const std::string& path) {
    const woocommerce::ShopFacts facts{*Currency::parse("USD"), -300};
    std::vector<std::string> texts;
    for (const auto& source : taken(parse_json(text_of(path)))) {
        const Order order = woocommerce::to_order(source, facts);
        const bool sale = order.status == OrderStatus::kProcessing ||
                          order.status == OrderStatus::kCompleted ||
                          order.status == OrderStatus::kOnHold;
        if (sale && order.currency == facts.currency && !order.total.is_zero()) {
            texts.push_back(dump_json(to_json(order)));
        }
    }
    return texts;
}

void line(const char* what, std::int64_t ns, std::int64_t floor) {
    std::cout << std::left << std::setw(34) << what << std::right << std::setw(9) << std::fixed
              << std::setprecision(1) << static_cast<double>(ns) / 1000 << " us" << std::setw(8)
              << std::setprecision(2) << static_cast<double>(ns) / static_cast<double>(floor)
              << "\n";
}

void print(const Measured& all, std::size_t orders, std::size_t bytes) {
    const std::int64_t floor = median(all.floor);
    const std::int64_t parse = median(all.parse);
    const std::int64_t encode = median(all.encode);
    const std::int64_t map = median(all.map);
    const std::int64_t sum = parse + encode + map;
    std::cout << orders << " recorded orders of " << bytes / orders << " bytes, " << all.map.size()
              << " rounds; median CPU of one order, and against the floor\n";
    line("floor: parse and print", floor, floor);
    line("parse the record", parse, floor);
    line("encode", encode, floor);
    line("map", map, floor);
    line("parse, encode and map", sum, floor);
    line("compile the mapping, once", median(all.compile), floor);
    std::cout << "parsing is " << 100 * parse / sum << " % of it; encode and map "
              << std::setprecision(2)
              << static_cast<double>(encode + map) / static_cast<double>(floor)
              << " of the floor, aim <= 4: " << (encode + map <= 4 * floor ? "met" : "MISSED")
              << "\n";
}

int run(int argc, char** argv) {
    if (argc < 3) {
        give_up("expected: mapping_bench ORDERS.json MAPPING.json [rounds]");
    }
    const auto texts = records(argv[1]);
    const int rounds = argc > 3 ? std::atoi(argv[3]) : 200;
    Bench bench(argv[2]);
    Measured all;
    std::size_t bytes = 0;
    for (const auto& text : texts) {
        bytes += text.size();
    }
    for (int i = 0; i < rounds; ++i) {
        if (!bench.measure(texts, all)) {
            give_up("an order was held or made no document; the figures would be too good");
        }
    }
    print(all, texts.size(), bytes);
    return 0;
}

}  // namespace
}  // namespace syncline::bench

int main(int argc, char** argv) {
    return syncline::bench::run(argc, argv);
}
