// Tables of the tenant's own as targets, on the simulator and on a real PostgREST.
#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

constexpr auto kSales = R"sql(
create table if not exists public.sales (
    order_no   text        not null,
    shop       text        not null,
    gross      numeric     not null,
    positions  jsonb,
    origin     text,
    deleted_at timestamptz,
    constraint sales_key unique (shop, order_no)
);
grant select, insert, update, delete on public.sales to service_role;
)sql";

class SupabaseOwnTableOn : public SupabaseConnectorOn {
protected:
    void make_sales(const std::string& what = "", const std::string& by = "") {
        std::string sql = kSales;
        if (!what.empty()) {
            sql.replace(sql.find(what), what.size(), by);
        }
        changed_ = true;
        project_.load_schema(schema_sql() + sql);
    }

    static std::vector<WriteItem> encode_sales(
        Connected& connected, const std::vector<Json>& records
    ) {
        EncodeContext context;
        context.entity = "order";
        context.tenant = "acme";
        context.source = "woocommerce:shop";
        context.target_entity = "sales";
        context.settings = {
            {"table",
             {{"columns",
               {{"number", "order_no"},
                {"source_system", "shop"},
                {"total", "gross"},
                {"lines", "positions"}}},
              {"values", {{"origin", "syncline"}}},
              {"key", {"shop", "order_no"}}}}};
        return connected.encode_in(context, records);
    }
    Json sales() const {
        return project_.get("/sales?select=order_no,shop,gross::text,origin&order=order_no");
    }
};

TEST_P(SupabaseOwnTableOn, IsFilledAndKeptUpToDate) {
    make_sales();
    Connected connected(project_, Connected::KeyStyle::kSecret, {{"own_tables_only", true}});
    const auto items = encode_sales(connected, orders(2, 1));
    ASSERT_EQ(items.size(), 2U);
    const auto written = connected.write(items);
    expect_all_done(written, 2);
    EXPECT_EQ(written.done.at(0).remote_id, "shop=woocommerce%3Ashop&order_no=N700");
    Order changed = make_order("700", 2);
    expect_all_done(connected.write(encode_sales(connected, {to_json(changed)})), 1);
    EXPECT_EQ(
        sales(), Json::parse(R"([{"order_no": "N700", "shop": "woocommerce:shop", "gross": "24.30",
                         "origin": "syncline"},
                        {"order_no": "N701", "shop": "woocommerce:shop", "gross": "13.50",
                         "origin": "syncline"}])")
    );
    EXPECT_EQ(project_.get("/sales?select=positions&order_no=eq.N700")[0]["positions"].size(), 3U);
    EXPECT_TRUE(project_.get("/orders?select=id").empty());
}

TEST_P(SupabaseOwnTableOn, IsSearchedByItsKeyAndShowsWhatTheBodyHas) {
    make_sales();
    Connected connected(project_);
    const auto items = encode_sales(connected, orders(2, 1));
    expect_all_done(connected.write({items[0]}), 1);
    FindRequest request;
    request.entity = "sales";
    request.keys = {
        {"a", "", "", "", items[0].body},
        {"b", "", "", "", items[1].body},
        {"c", "", "", "shop=woocommerce%3Ashop&order_no=N700", Json()}};
    const auto found = connected.connector().find(connected.call(), request);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 2U);
    EXPECT_EQ(found->at(0).key, "a");
    EXPECT_EQ(found->at(0).owned, items[0].body);
    EXPECT_EQ(found->at(1).key, "c");
}

TEST_P(SupabaseOwnTableOn, LosesTheRowOfWhatIsGoneAndNoOther) {
    make_sales();
    for (const bool mark : {false, true}) {
        Connected connected(
            project_, Connected::KeyStyle::kSecret, {{"deleted_rows", mark ? "mark" : "delete"}}
        );
        const auto items = encode_sales(connected, orders(2, 1));
        const auto written = connected.write(items);
        expect_all_done(written, 2);
        WriteItem gone = items[0];
        gone.operation = mark ? DocumentOperation::kVoid : DocumentOperation::kDelete;
        gone.remote_id = written.done.at(0).remote_id;
        gone.body = Json::object();
        expect_all_done(connected.write({gone}), 1);
        EXPECT_EQ(sales().size(), mark ? 2U : 1U);
        EXPECT_EQ(
            project_.get("/sales?select=order_no&deleted_at=not.is.null"),
            mark ? Json::parse(R"([{"order_no": "N700"}])") : Json::array()
        );
    }
}

TEST_P(SupabaseOwnTableOn, WhatItLacksIsNamed) {
    const struct {
        const char* what;
        const char* by;
        const char* says;
    } cases[] = {
        {"unique (shop, order_no)",
         "unique (order_no)",
         "alter table public.sales add unique (shop,order_no);"},
        {"    origin     text,\n", "", "alter table public.sales add column origin <type>;"},
        {"grant select, insert, update, delete on public.sales to service_role;\n",
         "",
         "grant select, insert, update, delete on public.sales to service_role;"},
    };
    for (const auto& [what, by, says] : cases) {
        make_sales(what, by);
        Connected connected(project_);
        const auto outcome = connected.write(encode_sales(connected, orders(1, 1)));
        ASSERT_FALSE(outcome.whole) << says;
        EXPECT_EQ(outcome.whole.error().code, ErrorCode::kConfig);
        EXPECT_NE(outcome.whole.error().message.find(says), std::string::npos)
            << outcome.whole.error().message;
        EXPECT_TRUE(outcome.done.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    ,
    SupabaseOwnTableOn,
    testing::Values("Simulator", "Postgrest"),
    [](const auto& each) { return std::string(each.param); }
);

}  // namespace
}  // namespace syncline::test
