#include "supabase/supabase.hpp"

#include <nlohmann/json.hpp>

#include "supabase/gateway.hpp"
#include "supabase/numeric.hpp"
#include "supabase/rest.hpp"
#include "supabase_schema.inc"  // kSchemaSql: docs/supabase-schema.sql

namespace sandbox {
namespace {

using namespace supabase;  // NOLINT(google-build-using-namespace): this file is its outside
using nlohmann::json;

constexpr std::string_view kRest = "/rest/v1";

bool below(const std::string& path, std::string_view prefix) {
    return path.rfind(prefix, 0) == 0 &&
           (path.size() == prefix.size() || path[prefix.size()] == '/');
}

// Sums of the numeric columns per currency, for tables that have one.
json money_sums(const Store& store, const TableDefinition& table) {
    json sums = json::object();
    const auto currency = table.column("currency");
    if (!currency)
        return sums;
    for (const Row* row : store.rows(table.name)) {
        json& sum = sums.emplace((*row)[*currency].value_or(""), json::object()).first.value();
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            const Column& column = table.columns[i];
            if (column.type.kind == Type::Kind::kNumeric && (*row)[i])
                sum[column.name] = add_numeric(sum.value(column.name, "0"), *(*row)[i]);
        }
    }
    return sums;
}

class Supabase : public Platform {
public:
    explicit Supabase(const Clock& clock) : clock_(clock), keys_(ProjectKeys::make()) { reset(); }

    std::string name() const override { return "supabase"; }
    bool serves(const Request& request) const override {
        return below(request.path, kRest) || below(request.path, "/auth/v1");
    }

    Response handle(const Request& request) override {
        Rest rest(*store_, settings_);
        auto admitted = admit(keys_, request, rest, clock_.now_ms());
        if (auto* refused = std::get_if<Response>(&admitted))
            return std::move(*refused);
        if (!below(request.path, kRest))
            return auth(request);
        return rest.answer(std::get<Caller>(admitted), request, request.path.substr(kRest.size()));
    }

    Response control(const Request& request) override {
        if (request.path == "/keys")
            return json_response(200, keys().dump());
        if (request.path == "/settings")
            return settings(request);
        if (request.path == "/schema")
            return schema(request);
        if (below(request.path, "/tables"))
            return tables(request);
        return control_error(
            404,
            "supabase has /keys, /settings, /schema, /tables and /tables/{name}, not " +
                request.path
        );
    }

    void reset() override {
        settings_ = {};
        load(kSchemaSql);
    }

    json credentials(const std::string& base_url) const override {
        return {{"project_url", base_url}, {"service_role_key", keys_.secret_key}};
    }

private:
    void load(const std::string& sql) {
        store_ = std::make_unique<Store>(parse_schema(sql), [this] { return clock_.now_ms(); });
    }

    static Response auth(const Request& request) {
        if (request.path != "/auth/v1/health")
            return control_error(404, "the sandbox has no " + request.path);
        return json_response(
            200,
            R"({"version":"v2.189.0","name":"GoTrue","description":"GoTrue is a user registration and authentication API"})"
        );
    }

    json keys() const {
        return {
            {"jwt_secret", keys_.jwt_secret},
            {"service_role", keys_.service_role_jwt},
            {"anon", keys_.anon_jwt},
            {"secret", keys_.secret_key},
            {"publishable", keys_.publishable_key},
        };
    }

    Response settings(const Request& request) {
        if (request.method == "POST") {
            const json body = json::parse(request.body);
            for (const auto& [key, value] : body.items()) {
                if (key == "version")
                    settings_.version = value.get<int>();
                else if (key == "rows_max")
                    settings_.rows_max = value.get<std::size_t>();
                else if (key == "timeout_rows")
                    settings_.timeout_rows = value.get<std::size_t>();
                else
                    return control_error(400, "unknown setting '" + key + "'");
            }
        }
        const json now{
            {"version", settings_.version},
            {"rows_max", settings_.rows_max},
            {"timeout_rows", settings_.timeout_rows}};
        return json_response(200, now.dump());
    }

    Response schema(const Request& request) {
        if (request.method == "POST")
            load(request.body);
        return json_response(200, describe(store_->schema()).dump());
    }

    Response tables(const Request& request) {
        const std::string name = request.path.substr(std::string("/tables").size());
        if (name.empty() || name == "/") {
            json counts = json::object();
            for (const auto& [table, definition] : store_->schema())
                counts[table] = store_->rows(table).size();
            return json_response(200, counts.dump());
        }
        const auto found = store_->schema().find(name.substr(1));
        if (found == store_->schema().end())
            return control_error(404, "no table " + name.substr(1));
        if (request.method == "DELETE")
            store_->clear(found->first);
        return json_response(200, contents(found->second));
    }

    std::string contents(const TableDefinition& table) const {
        Query everything = parse_query({}, table);
        std::string rows;
        for (const Row* row : store_->rows(table.name))
            rows += (rows.empty() ? "" : ",\n") + row_json(table, everything, *row);
        return "{\"count\":" + std::to_string(store_->rows(table.name).size()) +
               ",\"sums\":" + money_sums(*store_, table).dump() + ",\"rows\":[" + rows + "]}";
    }

    const Clock& clock_;
    const ProjectKeys keys_;
    RestSettings settings_;
    std::unique_ptr<Store> store_;
};

}  // namespace

std::unique_ptr<Platform> make_supabase(const PlatformOptions& options) {
    return std::make_unique<Supabase>(*options.clock);
}

}  // namespace sandbox
