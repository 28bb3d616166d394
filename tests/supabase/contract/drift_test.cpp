// Tables that differ from docs/supabase-schema.sql: what the connector says brings them back, and
// what was to be written meanwhile is written afterwards.
#include <algorithm>

#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

// The statements that the connector logged.
std::vector<std::string> logged_statements(Connected& connected) {
    std::vector<std::string> statements;
    for (const auto& line : connected.host().log_lines) {
        const auto at = line.find("{\"statement\":");
        const auto json =
            at == std::string::npos ? Result<Json>(invalid("")) : parse_json(line.substr(at));
        if (json) {
            statements.push_back((*json)["statement"]);
        }
    }
    return statements;
}

TEST_P(SupabaseConnectorOn, ACheckNamesAllThatIsMissing) {
    std::string sql = schema_sql();
    for (const std::string column :
         {"    refunds            jsonb       not null default '[]',\n",
          "    payment_title      text,\n",
          "    tax_class          text,\n"}) {
        ASSERT_NE(sql.find(column), std::string::npos) << column;
        sql.erase(sql.find(column), column.size());
    }
    changed_ = true;
    project_.load_schema(sql);
    Connected connected(project_);
    const auto report = connected.connector().check(connected.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_EQ(report.error().name, "supabase.schema_drift");
    EXPECT_LT(report.error().message.size(), 512U);
    for (const auto* said : {"'tax_class'", "'payment_title'", "And 1 more"}) {
        EXPECT_NE(report.error().message.find(said), std::string::npos) << report.error().message;
    }
    const auto statements = logged_statements(connected);
    ASSERT_EQ(statements.size(), 3U);
    for (const auto* column :
         {"refunds jsonb not null default '[]';", "payment_title text;", "tax_class text;"}) {
        const bool named = std::any_of(statements.begin(), statements.end(), [&](const auto& one) {
            return one.find(std::string("add column if not exists ") + column) != std::string::npos;
        });
        EXPECT_TRUE(named) << column;
    }
}

TEST_P(SupabaseConnectorOn, AWriteThatMeetsADriftLosesNothing) {
    load_changed("    transaction_id     text,\n", "");
    Connected connected(project_);
    const auto items = connected.encode("order", orders(3, 1));
    const auto met = connected.write(items);
    ASSERT_FALSE(met.whole);
    EXPECT_EQ(met.whole.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        met.whole.error().message.find(
            "alter table public.orders add column if not exists transaction_id text;"
        ),
        std::string::npos
    ) << met.whole.error().message;
    EXPECT_TRUE(met.done.empty());
    EXPECT_TRUE(met.failed.empty()) << "no record is to blame";
    project_.load_schema(schema_sql());
    expect_all_done(connected.write(items), 6);
    EXPECT_EQ(project_.get("/orders?select=id").size(), 3U);
}

// The statements themselves, run as an operator would.
class SupabaseMending : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(SupabaseMending, WhatTheConnectorSaysBringsTheTablesBack) {
    RealProject& project = real_project();
    project.load_schema(schema_sql());
    project.change_schema(GetParam().second);
    Connected connected(project);
    const auto before = connected.connector().check(connected.call());
    ASSERT_FALSE(before) << GetParam().second;
    EXPECT_EQ(before.error().code, ErrorCode::kConfig);
    const auto statements = logged_statements(connected);
    ASSERT_FALSE(statements.empty());
    std::string all;
    for (const auto& statement : statements) {
        all += statement + "\n";
    }
    project.change_schema(all);
    const auto after = connected.connector().check(connected.call());
    EXPECT_TRUE(after) << after.error().message;
    expect_all_done(connected.write(connected.encode("order", orders(1, 1))), 2);
    expect_all_done(connected.write(connected.encode("invoice", {to_json(make_invoice("1"))})), 1);
    project.load_schema(schema_sql());
}

INSTANTIATE_TEST_SUITE_P(
    ,
    SupabaseMending,
    testing::Values(
        std::pair{"Table", "drop table invoices"},
        std::pair{
            "Columns",
            "alter table orders drop column refunds cascade, drop column billing cascade, "
            "drop column tax_total cascade"},
        std::pair{"Key", "alter table sync_logs drop constraint sync_logs_source_key"},
        std::pair{"Rights", "revoke all on id_mappings from service_role"}
    ),
    [](const auto& one) { return std::string(one.param.first); }
);

}  // namespace
}  // namespace syncline::test
