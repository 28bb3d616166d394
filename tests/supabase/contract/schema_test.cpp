// docs/supabase-schema.sql on PostgreSQL 15 with Supabase's roles.
#include <algorithm>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "../support/project.hpp"
#include "supabase/tables.hpp"

namespace syncline::test {
namespace {

using Lines = std::vector<std::string>;

const Lines kTables{
    "customers", "id_mappings", "invoices", "order_lines", "orders", "products", "sync_logs"};
const Lines kViews{
    "customer_lifetime_value", "product_performance", "sales_orders", "sales_summary"};

Lines lines_of(const std::string& text) {
    Lines lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

PostgresServer& database() {
    return real_project().database();
}

Lines query(const std::string& sql) {
    return lines_of(database().sql(sql));
}

// Runs `sql` as a signed-in user of `tenant`, as PostgREST would.
Finished as_user(const std::string& tenant, const std::string& sql) {
    return database().try_sql(
        "begin; set local role authenticated;"
        "set local request.jwt.claims = '{\"role\":\"authenticated\",\"tenant_id\":\"" +
        tenant + "\"}';" + sql + "; rollback;"
    );
}

std::string insert_order(
    const std::string& tenant,
    const std::string& id,
    const std::string& rest_columns,
    const std::string& rest_values
) {
    return "insert into orders (tenant_id, source_system, source_id, " + rest_columns +
           ") values ('" + tenant + "', 'woocommerce:shop', '" + id + "', " + rest_values + ");";
}

class SupabaseSchema : public testing::Test {
protected:
    SupabaseSchema() { real_project().clear(); }
};

TEST_F(SupabaseSchema, AppliesTwiceToAnEmptyDatabaseAndASecondTimeChangesNothing) {
    database().sql("create database fresh");
    const auto dump = [&] {
        const auto dumped = run(
            {"/usr/lib/postgresql/15/bin/pg_dump",
             "-h",
             database().socket_folder(),
             "-U",
             "owner",
             "-s",
             "fresh"}
        );
        EXPECT_EQ(dumped.status, 0) << dumped.output;
        std::string kept;  // newer releases put a random word into each dump
        for (const auto& line : lines_of(dumped.output)) {
            kept += line.find("restrict ") == std::string::npos ? line + "\n" : "";
        }
        return kept;
    };
    database().sql(schema_sql(), "fresh");
    const std::string once = dump();
    database().sql(
        insert_order(
            "acme",
            "1",
            "status, payment_status, currency, total, source_created_at",
            "'completed', 'paid', 'USD', 1, now()"
        ),
        "fresh"
    );
    database().sql(schema_sql(), "fresh");
    EXPECT_EQ(dump(), once);
    EXPECT_EQ(database().sql("select count(*) from orders", "fresh"), "1\n");
    EXPECT_NE(once.find("CREATE TABLE public.orders"), std::string::npos);
    database().sql("drop database fresh");
}

TEST_F(SupabaseSchema, EveryTableHasItsKeyItsTriggerItsPolicyAndItsComment) {
    for (const auto& table : kTables) {
        const auto count = [&](const std::string& sql) {
            return query("select count(*) from " + sql).at(0);
        };
        EXPECT_EQ(
            count(
                "pg_constraint where conrelid = 'public." + table +
                "'::regclass and contype = 'u' and pg_get_constraintdef(oid) = 'UNIQUE (tenant_id, "
                "source_system, source_id)'"
            ),
            "1"
        ) << table;
        EXPECT_EQ(
            count(
                "pg_trigger where tgrelid = 'public." + table +
                "'::regclass and tgfoid = 'syncline_set_updated_at'::regproc"
            ),
            "1"
        ) << table;
        EXPECT_EQ(
            count("pg_class where oid = 'public." + table + "'::regclass and relrowsecurity"), "1"
        ) << table;
        EXPECT_EQ(
            count(
                "pg_policies where tablename = '" + table +
                "' and roles = '{authenticated}' and cmd = 'SELECT'"
            ),
            "1"
        ) << table;
        EXPECT_EQ(
            count(
                "pg_description where objoid = 'public." + table + "'::regclass and objsubid = 0"
            ),
            "1"
        ) << table;
    }
    for (const auto& view : kViews) {
        EXPECT_EQ(
            query(
                "select count(*) from pg_class where relname = '" + view +
                "' and 'security_invoker=true' = any (reloptions)"
            )
                .at(0),
            "1"
        ) << view;
        EXPECT_EQ(
            query(
                "select count(*) from pg_description where objoid = 'public." + view + "'::regclass"
            )
                .at(0),
            "1"
        ) << view;
    }
}

TEST_F(SupabaseSchema, TheSimulatorReadsItAsTheDatabaseDoes) {
    const Json simulated = simulated_project().control("GET", "/supabase/schema");
    ASSERT_EQ(simulated.size(), kTables.size());
    for (const auto& table : kTables) {
        const Json& described = simulated.at(table);
        Lines columns;
        for (const auto& column : described["columns"]) {
            columns.push_back(
                column["name"].get<std::string>() + "|" + column["type"].get<std::string>() + "|" +
                (column["not_null"].get<bool>() ? "NO" : "YES")
            );
        }
        EXPECT_EQ(
            columns,
            query(
                "select column_name, data_type, is_nullable from information_schema.columns where "
                "table_schema = 'public' and table_name = '" +
                table + "' order by ordinal_position"
            )
        );
        const auto constraints = [&](const std::string& kinds) {
            return query(
                "select conname from pg_constraint where conrelid = 'public." + table +
                "'::regclass and contype in (" + kinds + ") order by conname collate \"C\""
            );
        };
        EXPECT_EQ(described["unique"].get<Lines>(), constraints("'u', 'p'"));
        EXPECT_EQ(described["checks"].get<Lines>(), constraints("'c'"));
        EXPECT_EQ(described["foreign"].get<Lines>(), constraints("'f'"));
        for (const auto* role : {"anon", "authenticated", "service_role"}) {
            const auto granted = query(
                "select lower(privilege_type) from information_schema.role_table_grants where "
                "grantee = '" +
                std::string(role) + "' and table_name = '" + table + "' order by 1"
            );
            EXPECT_EQ(described["grants"].value(role, Lines{}), granted) << table << " " << role;
        }
    }
}

TEST_F(SupabaseSchema, HasEveryColumnThatTheConnectorWrites) {
    for (const auto& table : supabase::all_tables()) {
        std::set<std::string> actual;
        for (const auto& line : query(
                 "select column_name || ' ' || data_type from information_schema.columns where "
                 "table_name = '" +
                 std::string(table.name) + "'"
             )) {
            actual.insert(line);
        }
        for (const auto& column : table.columns) {
            std::string type(supabase::sql_type(column.kind));
            type = type == "timestamptz" ? "timestamp with time zone" : type;
            EXPECT_EQ(actual.count(std::string(column.name) + " " + type), 1U)
                << table.name << "." << column.name;
        }
    }
}

// Enough rows for the planner to care; every tenth row is rare in some way.
constexpr auto kManyRows = R"sql(
insert into customers (tenant_id, source_system, source_id, email, updated_at)
    select 't' || i % 20, 'woocommerce:shop', i::text, 'c' || i || '@shop.example', timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 10000) i;
insert into products (tenant_id, source_system, source_id, sku, name, updated_at)
    select 't' || i % 20, 'woocommerce:shop', i::text, 'SKU-' || i, 'P', timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 5000) i;
insert into products (tenant_id, source_system, source_id, parent_source_id, sku, name)
    select 't' || i % 20, 'woocommerce:shop', 'v' || i, i::text, 'SKU-V' || i, 'V' from generate_series(1, 5000) i;
insert into orders (tenant_id, source_system, source_id, number, status, payment_status, customer_source_id, customer_email, currency, total, source_created_at, updated_at)
    select 't' || i % 20, 'woocommerce:shop', i::text, 'N' || i, (array['completed','processing','on-hold','cancelled','refunded'])[i % 5 + 1],
           case when i % 50 = 0 then 'unpaid' else 'paid' end, (i % 2000)::text, 'c' || i % 2000 || '@shop.example', (array['USD','EUR'])[i % 2 + 1], i,
           timestamptz '2026-01-01' + i * interval '20 minutes', timestamptz '2026-01-01' + i * interval '20 minutes' from generate_series(1, 20000) i;
insert into order_lines (tenant_id, source_system, source_id, order_source_id, line_type, position, product_source_id, sku, currency, total)
    select 't' || i % 20, 'woocommerce:shop', i::text, i::text, 'item', 1, (i % 3000)::text, 'SKU-' || i % 3000, 'USD', 1 from generate_series(1, 20000) i;
insert into invoices (tenant_id, source_system, source_id, order_source_id, status, currency, total, due_on, updated_at)
    select 't' || i % 20, 'quickbooks:books', i::text, i::text, case when i % 50 = 0 then 'open' else 'paid' end, 'USD', 1, date '2026-01-01' + i % 365, timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 10000) i;
insert into id_mappings (tenant_id, source_system, source_id, entity, record_id, target_system, target_id)
    select 't' || i % 20, 'woocommerce:shop', i::text, 'order', i::text, 'quickbooks:books', i::text from generate_series(1, 10000) i;
insert into sync_logs (tenant_id, source_system, source_id, flow, entity, status, started_at)
    select 't' || i % 20, 'syncline', i::text, 'f', 'order', case when i % 100 = 0 then 'failed' else 'completed' end, timestamptz '2026-01-01' + i * interval '1 hour' from generate_series(1, 10000) i;
analyze;
)sql";

TEST_F(SupabaseSchema, HasFifteenIndexesOrMoreThatServeTheirQueries) {
    database().sql(kManyRows);
    const auto indexes = query(
        "select c.relname, d.description from pg_class c join pg_description d on d.objoid = c.oid "
        "where c.relkind = 'i' and c.relnamespace = 'public'::regnamespace order by 1"
    );
    EXPECT_GE(indexes.size(), 15U);
    EXPECT_EQ(
        query("select count(*) from pg_index i join pg_class c on c.oid = i.indexrelid where "
              "c.relnamespace = 'public'::regnamespace and not i.indisunique"),
        (Lines{std::to_string(indexes.size())})
    ) << "an index without a comment";
    for (const auto& line : indexes) {
        const std::string name = line.substr(0, line.find('|'));
        std::string sql = line.substr(line.find('|') + 1);
        if (const auto at = sql.find("acme"); at != std::string::npos) {
            sql.replace(at, 4, "t7");
        }
        const std::string plan = database().sql("explain " + sql);
        EXPECT_NE(plan.find(" " + name), std::string::npos) << sql << "\n" << plan;
    }
}

constexpr auto kTwoTenants = R"sql(
insert into customers (tenant_id, source_system, source_id) values ('acme', 'woocommerce:shop', '7'), ('globex', 'woocommerce:shop', '7');
insert into products (tenant_id, source_system, source_id, name) values ('acme', 'woocommerce:shop', '1', 'A'), ('globex', 'woocommerce:shop', '1', 'B');
insert into orders (tenant_id, source_system, source_id, status, payment_status, currency, total, source_created_at)
    values ('acme', 'woocommerce:shop', '1', 'completed', 'paid', 'USD', 10, '2026-11-01'), ('globex', 'woocommerce:shop', '1', 'completed', 'paid', 'USD', 99, '2026-11-01');
insert into order_lines (tenant_id, source_system, source_id, order_source_id, line_type, position, product_source_id, currency, total)
    values ('acme', 'woocommerce:shop', '1:item:1', '1', 'item', 1, '1', 'USD', 10), ('globex', 'woocommerce:shop', '1:item:1', '1', 'item', 1, '1', 'USD', 99);
insert into invoices (tenant_id, source_system, source_id, status, currency, total) values ('acme', 'quickbooks:books', '1', 'open', 'USD', 10), ('globex', 'quickbooks:books', '1', 'open', 'USD', 99);
insert into id_mappings (tenant_id, source_system, source_id, entity, record_id, target_system, target_id) values ('acme', 'woocommerce:shop', '1', 'order', '1', 'quickbooks:books', '1'), ('globex', 'woocommerce:shop', '1', 'order', '1', 'quickbooks:books', '1');
insert into sync_logs (tenant_id, source_system, source_id, flow, entity, status) values ('acme', 'syncline', '1', 'f', 'order', 'failed'), ('globex', 'syncline', '1', 'f', 'order', 'failed');
)sql";

TEST_F(SupabaseSchema, ShowsATenantItsOwnRowsInEveryTableAndView) {
    database().sql(kTwoTenants);
    Lines all = kTables;
    all.insert(all.end(), kViews.begin(), kViews.end());
    for (const auto& relation : all) {
        for (const auto* tenant : {"acme", "globex"}) {
            const auto seen = as_user(tenant, "select tenant_id from " + relation);
            EXPECT_EQ(seen.output, std::string(tenant) + "\n") << relation;
        }
        EXPECT_EQ(as_user("initech", "select tenant_id from " + relation).output, "") << relation;
        const auto nobody = database().try_sql(
            "begin; set local role authenticated; set local request.jwt.claims = "
            "'{\"role\":\"authenticated\"}'; select tenant_id from " +
            relation + "; rollback"
        );
        EXPECT_EQ(nobody.output, "") << relation;
        EXPECT_EQ(database().sql("set role service_role; select count(*) from " + relation), "2\n")
            << relation;
        const auto anon = database().try_sql("set role anon; select * from " + relation);
        EXPECT_NE(anon.output.find("permission denied"), std::string::npos)
            << relation << anon.output;
    }
}

TEST_F(SupabaseSchema, LetsASignedInUserChangeNothing) {
    database().sql(kTwoTenants);
    for (const auto& table : kTables) {
        for (const std::string& sql :
             {"delete from " + table,
              "update " + table + " set source_id = 'x'",
              "insert into " + table + " (tenant_id) values ('acme')",
              "truncate " + table}) {
            const auto refused = as_user("acme", sql);
            EXPECT_NE(refused.output.find("permission denied"), std::string::npos)
                << sql << refused.output;
        }
    }
    for (const auto* role : {"anon", "authenticated"}) {
        const auto refused =
            database().try_sql("set role " + std::string(role) + "; create table public.t (a int)");
        EXPECT_NE(refused.status, 0);
    }
    EXPECT_NE(database().try_sql("set role anon; select public.syncline_tenant_id()").status, 0);
}

TEST_F(SupabaseSchema, MovesUpdatedAtOnlyWhenARowChanges) {
    database().sql(kTwoTenants);
    for (const auto& table : kTables) {
        database().sql(
            "alter table " + table + " disable trigger user; update " + table +
            " set updated_at = '2026-01-01', created_at = '2026-01-01'; alter table " + table +
            " enable trigger user;"
        );
        const auto stamps = [&] {
            return query(
                       "select updated_at = '2026-01-01', created_at = '2026-01-01' from " + table +
                       " where tenant_id = 'acme'"
            )
                .at(0);
        };
        database().sql(
            "update " + table +
            " set source_system = source_system, created_at = now(), updated_at = now() where "
            "tenant_id = 'acme'"
        );
        EXPECT_EQ(stamps(), "t|t") << table;
        database().sql(
            "update " + table + " set raw = '{}', created_at = now() where tenant_id = 'acme'"
        );
        EXPECT_EQ(stamps(), "f|t") << table;
    }
}

class SupabaseViews : public SupabaseSchema {
protected:
    // Orders of every status, two currencies, refunds, a guest and somebody without an e-mail.
    SupabaseViews() {
        const std::string columns =
            "status, payment_status, currency, total, tax_total, shipping_total, discount_total, "
            "refunded_total, customer_source_id, customer_email, customer_name, source_created_at";
        const std::pair<const char*, const char*> orders[] = {
            {"1",
             "'completed', 'paid', 'USD', 100.00, 8.00, 5.00, 2.00, 0, '7', 'old@shop.example', "
             "'Ann Old', '2026-11-01T10:00Z'"},
            {"2",
             "'processing', 'partially_refunded', 'USD', 50.50, 4.04, 0, 0, 10.25, '7', "
             "'ann@shop.example', 'Ann New', '2026-11-01T23:59:59Z'"},
            {"3",
             "'on-hold', 'unpaid', 'USD', 20.00, 0, 0, 0, 0, null, 'bob@shop.example', 'Bob', "
             "'2026-11-02T00:00Z'"},
            {"4",
             "'refunded', 'refunded', 'USD', 70.00, 5, 5, 5, 70.00, '7', 'ann@shop.example', "
             "'Ann', '2026-11-01T10:00Z'"},
            {"5",
             "'cancelled', 'unpaid', 'USD', 30.00, 5, 5, 5, 0, '7', 'ann@shop.example', 'Ann', "
             "'2026-11-01T10:00Z'"},
            {"6",
             "'failed', 'unpaid', 'USD', 40.00, 5, 5, 5, 0, '7', 'ann@shop.example', 'Ann', "
             "'2026-11-01T10:00Z'"},
            {"7",
             "'draft', 'unpaid', 'USD', 5.00, 5, 5, 5, 0, '7', 'ann@shop.example', 'Ann', "
             "'2026-11-01T10:00Z'"},
            {"8",
             "'trash', 'unpaid', 'USD', 6.00, 5, 5, 5, 0, '7', 'ann@shop.example', 'Ann', "
             "'2026-11-01T10:00Z'"},
            {"9",
             "'completed', 'paid', 'EUR', 99.99, 15.97, 0, 0, 0, '7', 'ann@shop.example', 'Ann', "
             "'2026-11-01T12:00Z'"},
            {"10",
             "'pending', 'unpaid', 'USD', 1.01, 0, 0, 0, 0, null, null, null, '2026-11-02T05:00Z'"},
        };
        for (const auto& [id, values] : orders) {
            database().sql(insert_order("acme", id, columns, values));
        }
        const std::string line =
            "insert into order_lines (tenant_id, source_system, source_id, order_source_id, "
            "line_type, position, product_source_id, variation_source_id, sku, name, quantity, "
            "currency, total, total_tax) values ('acme', 'woocommerce:shop', ";
        const char* lines[] = {
            "'a', '1', 'item', 1, '17', null, 'MUG', 'Mug', 2, 'USD', 40.00, 3.20",
            "'b', '1', 'item', 2, '18', '181', 'TEE-S', 'Tee S', 1, 'USD', 47.00, 4.00",
            "'c', '1', 'shipping', 3, null, null, null, 'Parcel', 1, 'USD', 5.00, 0.80",
            "'d', '2', 'item', 1, '17', null, 'MUG', 'Mug, new', 1.5, 'USD', 30.00, 2.40",
            "'e', '2', 'fee', 2, null, null, null, 'Wrap', 1, 'USD', 16.46, 1.64",
            "'f', '4', 'item', 1, '17', null, 'MUG', 'Mug', 100, 'USD', 60.00, 5.00",
            "'g', '5', 'item', 1, '17', null, 'MUG', 'Mug', 100, 'USD', 20.00, 5.00",
            "'h', '9', 'item', 1, '17', null, 'MUG', 'Mug', 3, 'EUR', 84.02, 15.97",
            "'i', '3', 'item', 1, null, null, null, 'Deleted thing', 1, 'USD', 20.00, 0",
            "'j', '10', 'item', 1, null, null, null, 'Deleted thing', 0, 'USD', 1.01, 0",
        };
        for (const auto* values : lines) {
            database().sql(line + values + ");");
        }
    }
};

TEST_F(SupabaseViews, SalesSummaryAddsUpWhatCountsAsASalePerDayAndCurrency) {
    EXPECT_EQ(
        query("select sale_date, currency, order_count, gross_total, discount_total, "
              "shipping_total, tax_total, refunded_total, net_total, paid_total, unpaid_total, "
              "average_order_total from sales_summary order by sale_date, currency"),
        (Lines{
            "2026-11-01|EUR|1|99.99|0|0|15.97|0|99.99|99.99|0|99.9900",
            "2026-11-01|USD|2|150.50|2.00|5.00|12.04|10.25|140.25|150.50|0|75.2500",
            "2026-11-02|USD|2|21.01|0|0|0|0|21.01|0|21.01|10.5050",
        })
    );
}

TEST_F(SupabaseViews, ProductPerformanceCountsItemsOfSalesOnly) {
    EXPECT_EQ(
        query(
            "select product_key, sku, name, currency, order_count, units_sold, net_sales, "
            "tax_total, average_unit_price from product_performance order by product_key, currency"
        ),
        (Lines{
            "17|MUG|Mug|EUR|1|3|84.02|15.97|28.0067",
            "17|MUG|Mug, new|USD|2|3.5|70.00|5.60|20.0000",
            "181|TEE-S|Tee S|USD|1|1|47.00|4.00|47.0000",
            "name:Deleted thing||Deleted thing|USD|2|1|21.01|0|21.0100",
        })
    );
}

TEST_F(SupabaseViews, CustomerLifetimeValueKeepsCurrenciesAndGuestsApart) {
    EXPECT_EQ(
        query("select customer_key, customer_email, customer_name, currency, order_count, "
              "gross_total, refunded_total, lifetime_value, average_order_total, first_order_at, "
              "last_order_at from customer_lifetime_value order by customer_key, currency"),
        (Lines{
            "7|ann@shop.example|Ann|EUR|1|99.99|0|99.99|99.9900|2026-11-01 12:00:00+00|2026-11-01 "
            "12:00:00+00",
            "7|ann@shop.example|Ann New|USD|2|150.50|10.25|140.25|75.2500|2026-11-01 "
            "10:00:00+00|2026-11-01 23:59:59+00",
            "guest:|||USD|1|1.01|0|1.01|1.0100|2026-11-02 05:00:00+00|2026-11-02 05:00:00+00",
            "guest:bob@shop.example|bob@shop.example|Bob|USD|1|20.00|0|20.00|20.0000|2026-11-02 "
            "00:00:00+00|2026-11-02 00:00:00+00",
        })
    );
}

}  // namespace
}  // namespace syncline::test
