// Row level security as two tenants meet it: through the Data API, with keys of their own.
#include <tuple>

#include "../support/both_projects.hpp"

namespace syncline::test {
namespace {

const std::vector<std::string> kRelations{
    "orders", "order_lines", "products", "customers", "invoices", "id_mappings", "sync_logs"};
const std::vector<std::string> kViewsOfSales{
    "sales_orders", "sales_summary", "product_performance", "customer_lifetime_value"};

EncodeContext context_of(
    const std::string& tenant, const std::string& entity, const std::string& source
) {
    EncodeContext context;
    context.entity = entity;
    context.tenant = tenant;
    context.source = source;
    return context;
}

// One of everything for each of two tenants, under the same ids.
void fill_for(Connected& connected, const std::string& tenant) {
    const std::string shop = "woocommerce:shop";
    const std::pair<EncodeContext, Json> records[] = {
        {context_of(tenant, "order", shop), to_json(make_order("730", 1))},
        {context_of(tenant, "product", shop), to_json(make_product("17", {}))},
        {context_of(tenant, "customer", shop), {{"id", "7"}}},
        {context_of(tenant, "invoice", "quickbooks:books"), to_json(make_invoice("145"))},
        {context_of(tenant, "id_mapping", "syncline:host"), to_json(make_mapping("730"))},
        {context_of(tenant, "sync_log", "syncline:host"), to_json(make_log("run-1"))},
    };
    for (const auto& [context, record] : records) {
        const auto items = connected.encode_in(context, {record});
        expect_all_done(connected.write(items), items.size());
    }
}

plugin::HttpResponse ask(
    const Project& project,
    const std::string& token,
    const std::string& method,
    const std::string& path,
    const std::string& body = ""
) {
    plugin::HttpRequest request;
    request.method = method;
    request.url = project.url() + "/rest/v1" + path;
    request.header("apikey", project.keys().anon);
    request.header("Authorization", "Bearer " + token);
    if (!body.empty()) {
        request.header("Content-Type", "application/json");
        request.body = body;
    }
    return project.send(request);
}

std::string token_of(const Project& project, const Json& claims) {
    Json all = {{"role", "authenticated"}};
    all.update(claims);
    return sign_jwt(all, project.keys().jwt_secret);
}

// The tenants whose rows an answer shows, one entry per row.
std::vector<std::string> tenants_in(const plugin::HttpResponse& response) {
    std::vector<std::string> tenants;
    const auto rows = parse_json(response.body);
    EXPECT_EQ(response.status, 200) << response.body;
    for (const auto& row : rows && rows->is_array() ? *rows : Json::array()) {
        tenants.push_back(row.value("tenant_id", "?"));
    }
    return tenants;
}

void expect_walls(const Project& project, const std::string& relation, std::size_t rows) {
    using Tenants = std::vector<std::string>;
    const auto seen = [&](const Json& claims, const std::string& filter = "") {
        return tenants_in(ask(
            project, token_of(project, claims), "GET", "/" + relation + "?select=tenant_id" + filter
        ));
    };
    SCOPED_TRACE(relation);
    EXPECT_EQ(seen({{"tenant_id", "acme"}}), Tenants(rows, "acme"));
    EXPECT_EQ(seen({{"tenant_id", "globex"}}), Tenants(rows, "globex"));
    EXPECT_EQ(seen({{"app_metadata", {{"tenant_id", "acme"}}}}), Tenants(rows, "acme"));
    // Asking for the other's rows by name shows none of them.
    EXPECT_EQ(seen({{"tenant_id", "acme"}}, "&tenant_id=eq.globex"), Tenants());
    EXPECT_EQ(seen({{"tenant_id", "initech"}}), Tenants());
    EXPECT_EQ(seen({{"user_metadata", {{"tenant_id", "acme"}}}}), Tenants());
    EXPECT_EQ(seen(Json::object()), Tenants());
    const auto anonymous =
        ask(project, project.keys().anon, "GET", "/" + relation + "?select=tenant_id");
    EXPECT_EQ(anonymous.status, 401) << anonymous.body;
    EXPECT_NE(anonymous.body.find("42501"), std::string::npos) << anonymous.body;
}

TEST_P(SupabaseConnectorOn, ATenantsKeyShowsItsOwnRowsInEachOfTheSevenTables) {
    Connected connected(project_);
    fill_for(connected, "acme");
    fill_for(connected, "globex");
    for (const auto& table : kRelations) {
        expect_walls(project_, table, table == "order_lines" ? 2 : 1);
    }
}

TEST_P(SupabaseConnectorOn, ATenantsKeyChangesNothing) {
    Connected connected(project_);
    fill_for(connected, "acme");
    const std::string token = token_of(project_, {{"tenant_id", "acme"}});
    for (const auto& table : kRelations) {
        const std::string row =
            R"({"tenant_id": "acme", "source_system": "woocommerce:shop", "source_id": "new"})";
        for (const auto& [method, path, body] :
             {std::tuple<std::string, std::string, std::string>{"POST", "/" + table, row},
              {"PATCH", "/" + table + "?source_id=neq.x", R"({"source_system": "x:y"})"},
              {"DELETE", "/" + table + "?source_id=neq.x", ""}}) {
            const auto refused = ask(project_, token, method, path, body);
            EXPECT_EQ(refused.status, 403) << method << " " << table << ": " << refused.body;
        }
        const auto kept = project_.get("/" + table + "?select=source_system");
        EXPECT_EQ(kept.size(), table == "order_lines" ? 2U : 1U) << table;
    }
}

// The simulator has no views.
TEST(SupabaseWalls, ATenantsKeyShowsItsOwnFiguresInEachView) {
    real_project().clear();
    Connected connected(real_project());
    fill_for(connected, "acme");
    fill_for(connected, "globex");
    for (const auto& view : kViewsOfSales) {
        expect_walls(real_project(), view, 1);
    }
}

}  // namespace
}  // namespace syncline::test
