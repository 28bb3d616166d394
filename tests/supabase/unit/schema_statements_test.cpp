// The statements that bring back what a project lacks are those of docs/supabase-schema.sql.
#include "supabase/schema_statements.hpp"

#include <gtest/gtest.h>

#include "supabase/rest_error.hpp"
#include "supabase/tables.hpp"

namespace syncline::supabase {
namespace {

TEST(SupabaseStatements, EveryColumnOfEveryTableHasOne) {
    for (const auto& table : all_tables()) {
        for (const auto& column : table.columns) {
            const std::string statement = column_statement("public", table.name, column.name);
            const std::string begin = "alter table public." + std::string(table.name) +
                                      " add column if not exists " + std::string(column.name) +
                                      " " + std::string(sql_type(column.kind));
            EXPECT_EQ(statement.rfind(begin, 0), 0U) << begin << "\n" << statement;
            EXPECT_EQ(statement.back(), ';');
            const bool bare = statement.find(" not null") == std::string::npos;
            EXPECT_TRUE(bare || statement.find(" default ") != std::string::npos)
                << "rows that are there have no value for it: " << statement;
        }
        EXPECT_EQ(
            unique_key_statement("public", table.name),
            "alter table public." + std::string(table.name) + " add constraint " +
                std::string(table.name) +
                "_source_key unique (tenant_id, source_system, source_id);"
        );
    }
    EXPECT_EQ(
        column_statement("shop", "orders", "deleted_at"),
        "alter table shop.orders add column if not exists deleted_at timestamptz;"
    );
}

TEST(SupabaseStatements, ATableComesWithItsTriggerItsPolicyAndItsRights) {
    const std::string all = table_statements("shop", "invoices");
    for (const auto* part :
         {"create table if not exists shop.invoices (id bigint generated always as identity",
          "constraint invoices_source_key unique (tenant_id, source_system, source_id));",
          "before update on shop.invoices for each row execute function "
          "shop.syncline_set_updated_at();",
          "alter table shop.invoices enable row level security;",
          "drop policy if exists invoices_of_tenant on shop.invoices;",
          "create policy invoices_of_tenant on shop.invoices for select to authenticated",
          "grant select, insert, update, delete on shop.invoices to service_role;",
          "grant select on shop.invoices to authenticated;"}) {
        EXPECT_NE(all.find(part), std::string::npos) << part << "\n" << all;
    }
    EXPECT_EQ(all.find("orders"), std::string::npos) << all;
}

TEST(SupabaseStatements, WhatIsNotDocumentedHasNone) {
    EXPECT_EQ(table_statements("public", "sales"), "");
    EXPECT_EQ(column_statement("public", "orders", "colour"), "");
    EXPECT_EQ(column_statement("public", "orders", ""), "");
    EXPECT_EQ(column_statement("public", "sales", "total"), "");
    EXPECT_EQ(unique_key_statement("public", "sales"), "");
}

TEST(SupabaseStatements, AnErrorHoldsWhatFitsAndSaysHowManyMore) {
    std::vector<Drift> drifts;
    for (const auto* column : {"refunds", "issues", "raw", "billing", "shipping"}) {
        drifts.push_back(
            {std::string("the table public.orders has no column '") + column + "'",
             column_statement("public", "orders", column),
             column}
        );
    }
    const Error some = drift_error(drifts);
    EXPECT_EQ(some.code, ErrorCode::kConfig);
    EXPECT_LT(some.message.size(), 512U);
    EXPECT_NE(some.message.find(drifts[0].statement), std::string::npos) << some.message;
    EXPECT_NE(some.message.find(" more"), std::string::npos) << some.message;
    EXPECT_NE(some.message.find(std::string(kReloadStatement)), std::string::npos);
    const Error table = drift_error(
        {{"the table public.orders is missing", table_statements("public", "orders"), ""}}
    );
    EXPECT_LT(table.message.size(), 512U);
    EXPECT_NE(table.message.find("create table if not exists public.orders (id"), std::string::npos)
        << table.message;
    EXPECT_NE(table.message.find(std::string(kSchemaFile)), std::string::npos) << table.message;
}

}  // namespace
}  // namespace syncline::supabase
