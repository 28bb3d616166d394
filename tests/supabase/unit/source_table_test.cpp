// The setting "tables".
#include "supabase/source_table.hpp"

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "supabase/connector.hpp"

namespace syncline::supabase {
namespace {

struct Refused {
    const char* name;
    const char* setting;
    const char* place;
};

class SourceTableSetting : public testing::TestWithParam<Refused> {};

TEST_P(SourceTableSetting, IsRefusedWithItsPlace) {
    const auto tables = source_tables(parse_json(GetParam().setting).value());
    ASSERT_FALSE(tables);
    EXPECT_EQ(tables.error().code, ErrorCode::kConfig);
    EXPECT_EQ(tables.error().message.rfind(GetParam().place, 0), 0U) << tables.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    All,
    SourceTableSetting,
    testing::Values(
        Refused{"Entity", R"({"refund": {}})", "/tables/refund"},
        Refused{"Member", R"({"product": {"tabel": "x"}})", "/tables/product"},
        Refused{"TableName", R"({"product": {"table": "a,b"}})", "/tables/product/table"},
        Refused{"IdName", R"({"product": {"id": "a)b"}})", "/tables/product/id"},
        Refused{
            "Column", R"({"product": {"columns": {"ean": "x"}}})", "/tables/product/columns/ean"},
        Refused{
            "ColumnName",
            R"({"product": {"columns": {"sku": "x y"}}})",
            "/tables/product/columns/sku"},
        Refused{
            "OrderColumns", R"({"order": {"columns": {"number": "no"}}})", "/tables/order/columns"}
    ),
    [](const auto& one) { return std::string(one.param.name); }
);

TEST(SourceTableSettings, AMappedTableAsksForItsOwnColumnsOnly) {
    const auto tables =
        source_tables(parse_json(R"({"product": {"table": "catalog", "id": "no", "deleted": "gone",
                                   "columns": {"sku": "article", "price": "net"}}})")
                          .value());
    ASSERT_TRUE(tables) << tables.error().message;
    const SourceTable& source = tables->at("product");
    EXPECT_EQ(source.select_list(), "no::text,net::text,article::text,updated_at,gone");
    EXPECT_FALSE(source.is_deleted({{"gone", nullptr}}));
    EXPECT_FALSE(source.is_deleted({{"gone", false}}));
    EXPECT_TRUE(source.is_deleted({{"gone", "2026-11-21T00:00:00Z"}}));
}

TEST(SourceTableSettings, ATenantIsNeverWidenedByAMapping) {
    plugin::testing::FakeHost host;
    host.secrets["service_role_key"] = "sb_secret_x";
    SupabaseConnector connector(
        host.handle(),
        {{"project_url", "https://p.supabase.co"},
         {"read_tenant", "acme"},
         {"tables", {{"product", {{"columns", {{"sku", "article"}}}}}}}}
    );
    plugin::testing::FakeCall call;
    ReadRequest request;
    request.entity = "product";
    const auto page = connector.read(call.call(), request);
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error().code, ErrorCode::kConfig);
    EXPECT_TRUE(host.requests.empty());
}

}  // namespace
}  // namespace syncline::supabase
