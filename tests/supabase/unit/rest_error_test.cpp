// What the connector makes of every kind of refusal. The bodies are in tests/data/supabase/errors.
#include "supabase/rest_error.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace syncline::supabase {
namespace {

std::string sample(const std::string& name) {
    std::ifstream stream(SYNCLINE_TEST_DATA "/supabase/errors/" + name + ".json");
    EXPECT_TRUE(stream) << name;
    return {std::istreambuf_iterator<char>(stream), {}};
}

Failure failure(int status, const std::string& body, const std::string& retry_after = {}) {
    plugin::HttpResponse response;
    response.status = status;
    response.body = body;
    if (!retry_after.empty()) {
        response.headers.emplace_back("Retry-After", retry_after);
    }
    return read_failure("public", *find_table("orders"), response);
}

std::string coded(const std::string& code) {
    return R"({"code":")" + code + R"(","message":"m","details":null,"hint":null})";
}

TEST(SupabaseErrors, KnowsTheRecordedOnes) {
    const struct {
        const char* sample;
        int status;
        ErrorCode code;
        Blame blame;
        const char* says;
    } cases[] = {
        {"21000", 500, ErrorCode::kData, Blame::kRow, "second time"},
        {"22P02", 400, ErrorCode::kData, Blame::kRow, "\"abc\""},
        {"23503", 409, ErrorCode::kData, Blame::kRow, "(99999)"},
        {"23505", 409, ErrorCode::kData, Blame::kRow, "already exists"},
        {"42501_grant",
         403,
         ErrorCode::kConfig,
         Blame::kWhole,
         "grant select, insert, update, delete on public.orders to service_role;"},
        {"42501_rls", 403, ErrorCode::kConfig, Blame::kWhole, "row level security"},
        {"42501_grant", 401, ErrorCode::kAuth, Blame::kWhole, "service_role_key"},
        {"42P10",
         400,
         ErrorCode::kConfig,
         Blame::kWhole,
         "alter table public.orders add constraint orders_source_key unique (tenant_id, "
         "source_system, source_id);"},
        {"57014_timeout", 500, ErrorCode::kTransient, Blame::kSize, "statement timeout"},
        {"PGRST102", 400, ErrorCode::kBug, Blame::kWhole, "All object keys must match"},
        {"PGRST103", 416, ErrorCode::kBug, Blame::kWhole, "not satisfiable"},
        {"PGRST106", 406, ErrorCode::kConfig, Blame::kWhole, "exposed schemas"},
        {"PGRST201_details_array", 300, ErrorCode::kBug, Blame::kWhole, "PGRST201"},
        {"PGRST204",
         400,
         ErrorCode::kConfig,
         Blame::kWhole,
         "alter table public.orders add column totl <type>;"},
        {"PGRST205",
         404,
         ErrorCode::kConfig,
         Blame::kWhole,
         "create table if not exists public.orders (id bigint"},
        {"PGRST303", 401, ErrorCode::kAuth, Blame::kWhole, "JWT expired"},
        {"gateway_apikey", 401, ErrorCode::kAuth, Blame::kWhole, "Invalid API key"},
        {"minimal_verbosity", 409, ErrorCode::kData, Blame::kRow, "23505"},
    };
    for (const auto& one : cases) {
        const Failure got = failure(one.status, sample(one.sample));
        EXPECT_EQ(got.error.code, one.code) << one.sample << ": " << got.error.message;
        EXPECT_EQ(got.blame, one.blame) << one.sample;
        EXPECT_NE(got.error.message.find(one.says), std::string::npos) << got.error.message;
        EXPECT_EQ(got.error.http_status, one.status);
        EXPECT_LT(got.error.message.size(), 512U);  // what crosses the boundary
    }
}

TEST(SupabaseErrors, TellsWhatPassesFromWhatDoesNot) {
    const struct {
        const char* code;
        int status;
        ErrorCode expected;
    } cases[] = {
        {"08006", 503, ErrorCode::kTransient},    {"53100", 503, ErrorCode::kTransient},
        {"53400", 500, ErrorCode::kTransient},    {"57P01", 503, ErrorCode::kTransient},
        {"40001", 500, ErrorCode::kTransient},    {"40P01", 500, ErrorCode::kTransient},
        {"55P03", 500, ErrorCode::kTransient},    {"58030", 500, ErrorCode::kTransient},
        {"XX000", 500, ErrorCode::kTransient},    {"PGRST000", 503, ErrorCode::kTransient},
        {"PGRST003", 504, ErrorCode::kTransient}, {"25006", 405, ErrorCode::kConfig},
        {"42P01", 404, ErrorCode::kConfig},       {"42703", 400, ErrorCode::kConfig},
        {"42804", 400, ErrorCode::kConfig},       {"428C9", 400, ErrorCode::kConfig},
        {"23502", 400, ErrorCode::kData},         {"23514", 400, ErrorCode::kData},
        {"22P05", 400, ErrorCode::kData},         {"54000", 500, ErrorCode::kData},
        {"P0001", 400, ErrorCode::kData},         {"PT402", 402, ErrorCode::kData},
        {"PGRST301", 401, ErrorCode::kAuth},      {"PGRST302", 401, ErrorCode::kAuth},
        {"PGRST124", 400, ErrorCode::kBug},       {"PGRST122", 400, ErrorCode::kBug},
        {"99999", 500, ErrorCode::kTransient},
    };
    for (const auto& [code, status, expected] : cases) {
        const Failure got = failure(status, coded(code));
        EXPECT_EQ(got.error.code, expected) << code;
        EXPECT_EQ(got.error.name, "supabase." + std::string(code));
    }
}

TEST(SupabaseErrors, KnowsTheGatewaysStatuses) {
    const std::string page = "<html><body>Error</body></html>";
    const std::pair<int, ErrorCode> cases[] = {
        {401, ErrorCode::kAuth},
        {402, ErrorCode::kConfig},
        {403, ErrorCode::kAuth},
        {404, ErrorCode::kConfig},
        {408, ErrorCode::kTransient},
        {429, ErrorCode::kRateLimited},
        {301, ErrorCode::kConfig},
        {500, ErrorCode::kTransient},
        {502, ErrorCode::kTransient},
        {503, ErrorCode::kTransient},
        {504, ErrorCode::kTransient},
        {520, ErrorCode::kTransient},
        {524, ErrorCode::kTransient},
        {540, ErrorCode::kConfig},
        {544, ErrorCode::kTransient},
        {413, ErrorCode::kData},
        {414, ErrorCode::kData},
        {400, ErrorCode::kData},
    };
    for (const auto& [status, expected] : cases) {
        EXPECT_EQ(failure(status, page).error.code, expected) << status;
        EXPECT_EQ(failure(status, "").error.code, expected) << status;
    }
    EXPECT_EQ(failure(413, page).blame, Blame::kSize);
    const Failure waits = failure(503, page, "7");
    EXPECT_EQ(waits.error.code, ErrorCode::kRateLimited);
    EXPECT_EQ(waits.error.retry_after, std::chrono::seconds(7));
    EXPECT_EQ(failure(429, "", "2").error.retry_after, std::chrono::seconds(2));
}

TEST(SupabaseErrors, NeverShowsAWholeRow) {
    const Failure got = failure(
        400,
        R"({"code":"23514","details":"Failing row contains (1, Ann Example, ann@shop.example).","hint":null,"message":"violates check"})"
    );
    EXPECT_EQ(got.error.message.find("ann@shop"), std::string::npos);
    EXPECT_NE(got.error.message.find("violates check"), std::string::npos);
}

TEST(SupabaseErrors, NamesTheTypeOfAColumnItKnows) {
    const Failure read =
        failure(400, R"({"code":"42703","message":"column orders.tax_total does not exist"})");
    EXPECT_NE(
        read.error.message.find("alter table public.orders add column if not exists tax_total "
                                "numeric not null default 0 check ("),
        std::string::npos
    ) << read.error.message;
    const Failure written = failure(
        400, R"({"code":"PGRST204","message":"Column 'raw' of relation 'orders' does not exist"})"
    );
    EXPECT_NE(written.error.message.find("add column if not exists raw jsonb;"), std::string::npos)
        << written.error.message;
    const Failure quoted = failure(
        400, R"({"code":"42703","message":"column \"raw\" of relation \"orders\" does not exist"})"
    );
    EXPECT_NE(quoted.error.message.find("add column if not exists raw jsonb;"), std::string::npos)
        << quoted.error.message;
}

}  // namespace
}  // namespace syncline::supabase
