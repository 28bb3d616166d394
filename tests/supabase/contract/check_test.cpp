// What the connector says of a project: of its keys, its tables and its rights.
#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

using KeyStyle = Connected::KeyStyle;

TEST_P(SupabaseConnectorOn, ChecksAndDiscoversWithBothStylesOfKeys) {
    for (const auto style : {KeyStyle::kSecret, KeyStyle::kJwt}) {
        Connected connected(project_, style);
        const auto report = connected.connector().check(connected.call());
        ASSERT_TRUE(report) << report.error().message;
        EXPECT_EQ(report->remote_identity, project_.url() + "/public");
        EXPECT_TRUE(report->warnings.empty());
        const auto catalog = connected.connector().discover(connected.call());
        ASSERT_TRUE(catalog) << catalog.error().message;
        EXPECT_EQ(catalog->entities.size(), 8U);
        EXPECT_EQ(catalog->facts["tables"].size(), 7U);
        EXPECT_TRUE(project_.get("/orders?select=id").empty());
    }
}

TEST_P(SupabaseConnectorOn, RefusesKeysThatAreNotTheServicesOwn) {
    const std::tuple<std::string, ErrorCode, std::string> keys[] = {
        {"sb_secret_wrong", ErrorCode::kAuth, "supabase.401"},
        {project_.keys().anon, ErrorCode::kConfig, "supabase.wrong_key"},
        {"sb_publishable_x", ErrorCode::kConfig, "supabase.wrong_key"},
    };
    for (const auto& [key, code, name] : keys) {
        Connected connected(project_);
        connected.host().secrets["service_role_key"] = key;
        const auto report = connected.connector().check(connected.call());
        ASSERT_FALSE(report) << key;
        EXPECT_EQ(report.error().code, code) << report.error().message;
        EXPECT_EQ(report.error().name, name);
        EXPECT_EQ(report.error().message.find(key), std::string::npos);
    }
}

TEST_P(SupabaseConnectorOn, NamesTheStatementForAMissingColumn) {
    load_changed("    stock_quantity     numeric,\n", "");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find(
            "alter table public.products add column if not exists stock_quantity numeric;"
        ),
        std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, NamesTheFileForAMissingTable) {
    load_changed("invoices", "bills");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(catalog.error().message.find("docs/supabase-schema.sql"), std::string::npos);
    EXPECT_NE(
        catalog.error().message.find("create table if not exists public.invoices (id bigint"),
        std::string::npos
    );
}

TEST_P(SupabaseConnectorOn, NamesTheStatementForAMissingUniqueKey) {
    load_changed(
        "constraint customers_source_key unique (tenant_id, source_system, source_id)",
        "constraint customers_source_key unique (tenant_id, source_id)"
    );
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find(
            "alter table public.customers add constraint customers_source_key unique (tenant_id, "
            "source_system, source_id);"
        ),
        std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, NamesTheGrantForAMissingRight) {
    load_changed("grant select, insert, update, delete on", "grant select on");
    Connected connected(project_);
    const auto catalog = connected.connector().discover(connected.call());
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, ErrorCode::kConfig);
    EXPECT_NE(
        catalog.error().message.find(
            "grant select, insert, update, delete on public.customers to service_role;"
        ),
        std::string::npos
    ) << catalog.error().message;
}

TEST_P(SupabaseConnectorOn, SaysThatASchemaIsNotExposed) {
    Connected connected(project_, KeyStyle::kSecret, {{"schema", "private"}});
    const auto report = connected.connector().check(connected.call());
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, ErrorCode::kConfig);
    EXPECT_NE(report.error().message.find("'private'"), std::string::npos);
}

}  // namespace
}  // namespace syncline::test
