// Supabase as a source: ties, changes during the scan, marks of deletion, tables of one's own.
#include <map>
#include <random>
#include <set>

#include <syncline/model/customer.hpp>
#include <syncline/model/product.hpp>

#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

using KeyStyle = Connected::KeyStyle;

// All pages of a window; `between` runs after each.
template <class Fn>
std::map<std::string, Record> scan(Connected& connected, ReadRequest request, Fn&& between) {
    std::map<std::string, Record> records;
    int pages = 0;
    for (bool more = true; more && pages < 200; ++pages) {
        const auto page = connected.connector().read(connected.call(), request);
        EXPECT_TRUE(page) << (page ? "" : page.error().message);
        if (!page) {
            return records;
        }
        for (const auto& record : page->records) {
            records[record.key] = record;
        }
        more = page->more;
        request.after_id = page->last_id;
        request.next = page->next;
        between();
    }
    EXPECT_LT(pages, 200);
    return records;
}

ReadRequest reading(const std::string& entity, std::int64_t limit = 100) {
    ReadRequest request;
    request.entity = entity;
    request.limit = limit;
    return request;
}

// As somebody else at the database would.
void change(Project& project, const std::string& path, const Json& body) {
    plugin::HttpRequest request;
    request.method = "PATCH";
    request.url = project.url() + "/rest/v1" + path;
    request.json(body);
    const auto response = project.send(request);
    ASSERT_EQ(response.status / 100, 2) << response.body;
}

// One insert gives all rows one time of change: there is nothing but ties.
TEST_P(SupabaseConnectorOn, ReadsEveryRowOfATieWhateverChangesMeanwhile) {
    for (const std::uint32_t seed : {1U, 2U, 3U}) {
        project_.clear();
        Connected connected(project_);
        std::vector<Json> customers;
        for (int i = 0; i < 40; ++i) {
            customers.push_back({{"id", std::to_string(i)}, {"first_name", "v0"}});
        }
        expect_all_done(connected.write(connected.encode("customer", customers)), 40);
        std::mt19937 random(seed);
        const auto limit = static_cast<std::int64_t>(1 + random() % 12);
        int version = 0;
        ReadRequest request = reading("customer", limit);
        request.window.from = Timestamp{1};
        const auto records = scan(connected, request, [&] {
            const std::string id = std::to_string(random() % 40);
            change(
                project_,
                "/customers?source_id=eq." + id,
                {{"first_name", "v" + std::to_string(++version)}}
            );
        });
        EXPECT_EQ(records.size(), 40U) << "seed " << seed << ", limit " << limit;
    }
}

TEST_P(SupabaseConnectorOn, AMarkedRowIsADeletedRecord) {
    Connected writer(project_);
    expect_all_done(
        writer.write(writer.encode("customer", {{{"id", "1"}}, {{"id", "2"}}, {{"id", "3"}}})), 3
    );
    change(project_, "/customers?source_id=eq.2", {{"source_created_at", "2026-11-21T00:00:00Z"}});
    change(project_, "/customers?source_id=eq.3", {{"guest", true}});
    const auto marked = [&](const char* column) {
        Connected reader(
            project_,
            KeyStyle::kSecret,
            {{"tables", {{"customer", {{"deleted", column}}}}}, {"read_only", true}}
        );
        std::set<std::string> deleted;
        for (const auto& [key, record] : scan(reader, reading("customer"), [] {})) {
            EXPECT_EQ(record.json.empty(), record.operation == RecordOperation::kDelete);
            if (record.operation == RecordOperation::kDelete) {
                deleted.insert(key);
            }
        }
        return deleted;
    };
    const auto id_of = [&](const std::string& source_id) {
        return dump_json(project_.get("/customers?select=id&source_id=eq." + source_id)[0]["id"]);
    };
    EXPECT_EQ(marked("source_created_at"), std::set<std::string>{id_of("2")});
    EXPECT_EQ(marked("guest"), std::set<std::string>{id_of("3")});
}

TEST_P(SupabaseConnectorOn, ReadsATableOfTheTenantsOwn) {
    Connected writer(project_);
    expect_all_done(writer.write(writer.encode("order", orders(3, 1))), 6);
    const Json tables{
        {"product",
         {{"table", "orders"},
          {"id", "source_id"},
          {"columns", {{"sku", "number"}, {"name", "status"}, {"price", "total"}}},
          {"values", {{"currency", "USD"}, {"type", "simple"}}}}}};
    Connected reader(project_, KeyStyle::kSecret, {{"tables", tables}, {"read_only", true}});
    const auto report = reader.connector().check(reader.call());
    EXPECT_TRUE(report) << (report ? "" : report.error().message);
    const auto records = scan(reader, reading("product", 2), [] {});
    ASSERT_EQ(records.size(), 3U);
    ASSERT_EQ(records.count("701"), 1U);
    const auto product = from_json<Product>(parse_json(records.at("701").json).value());
    ASSERT_TRUE(product) << product.error().message;
    const Json row = project_.get("/orders?select=number,total::text&source_id=eq.701")[0];
    EXPECT_EQ(product->sku, row["number"]);
    ASSERT_TRUE(product->price);
    EXPECT_EQ(product->price->decimal(), *Decimal::parse(row["total"].get<std::string>()));
    EXPECT_TRUE(product->active);
    ReadRequest some = reading("product");
    some.ids = {"700", "702", "999"};
    const auto page = reader.connector().read(reader.call(), some);
    ASSERT_TRUE(page) << page.error().message;
    EXPECT_EQ(page->records.size(), 2U);
}

TEST_P(SupabaseConnectorOn, AColumnThatIsNotThereIsNamedByTheCheck) {
    Connected reader(
        project_,
        KeyStyle::kSecret,
        {{"tables", {{"customer", {{"deleted", "removed_at"}}}}}, {"read_only", true}}
    );
    const auto report = reader.connector().check(reader.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_NE(report.error().message.find("removed_at"), std::string::npos)
        << report.error().message;
}

}  // namespace
}  // namespace syncline::test
