#include "supabase/rest.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "supabase/exact_json.hpp"

namespace sandbox::supabase {
namespace {

constexpr auto kJson = "application/json; charset=utf-8";
constexpr auto kObject = "application/vnd.pgrst.object+json";

PgError empty_or_invalid_json() {
    return PgError{400, "PGRST102", "Empty or invalid json"};
}

// The rows of a body: an object is one row.
std::vector<ExactJson> read_rows(const Request& request) {
    const std::string* type = request.header("Content-Type");
    const std::string media = type ? type->substr(0, type->find(';')) : "application/json";
    if (media != "application/json" && media != "application/vnd.pgrst.array+json" &&
        media != kObject)
        throw PgError{400, "PGRST102", "Content-Type not acceptable: " + media};
    auto body = parse_exact_json(request.body);
    if (!body)
        throw empty_or_invalid_json();
    if (body->kind == ExactJson::Kind::kArray)
        return std::move(body->items);
    return {std::move(*body)};
}

std::set<std::string> keys_of(const ExactJson& row) {
    if (row.kind != ExactJson::Kind::kObject)
        throw PgError{400, "PGRST102", "All object keys must match"};
    std::set<std::string> keys;
    for (const auto& [key, value] : row.members) keys.insert(key);
    return keys;
}

std::size_t target_column(const TableDefinition& table, const std::string& name) {
    const auto column = table.column(name);
    if (!column)
        throw PgError{
            400,
            "PGRST204",
            "Column '" + name + "' of relation '" + table.name + "' does not exist"};
    return *column;
}

// "0-24/3573", "*/0", "0-24/*".
std::string content_range(
    std::size_t offset, std::size_t rows, const std::optional<std::size_t>& total
) {
    const std::string span =
        rows == 0 ? "*" : std::to_string(offset) + "-" + std::to_string(offset + rows - 1);
    return span + "/" + (total ? std::to_string(*total) : "*");
}

bool wants_object(const Request& request) {
    const std::string* accept = request.header("Accept");
    return accept && accept->find(kObject) != std::string::npos;
}

}  // namespace

struct Rest::Exchange {
    const Caller& caller;
    const Request& request;
    Prefer prefer;
    const TableDefinition* table = nullptr;
    Query query;

    // The rows as the body of the answer; one object where the client asked for exactly one.
    template <class Rows>
    void write_rows(Response& response, const Rows& rows) const;
};

template <class Rows>
void Rest::Exchange::write_rows(Response& response, const Rows& rows) const {
    const bool object = wants_object(request);
    if (object && rows.size() != 1)
        throw with_details(
            406,
            "PGRST116",
            "JSON object requested, multiple (or no) rows returned",
            "The result contains " + std::to_string(rows.size()) + " rows"
        );
    for (const auto& row : rows) {
        response.body += response.body.empty() ? "" : ", \n ";
        if constexpr (std::is_pointer_v<std::decay_t<decltype(row)>>)
            response.body += row_json(*table, query, *row);
        else
            response.body += row_json(*table, query, row);
    }
    if (!object)
        response.body = "[" + response.body + "]";
    response.headers.emplace_back(
        "Content-Type", object ? std::string(kObject) + "; charset=utf-8" : kJson
    );
}

Response Rest::answer(const Caller& caller, const Request& request, const std::string& path) {
    try {
        check_profile(request);
        const std::string* prefer = request.header("Prefer");
        Exchange exchange{
            caller,
            request,
            Prefer::parse(prefer ? *prefer : "", settings_.version >= 13),
            nullptr,
            {}};
        if (exchange.prefer.handling == "strict" && !exchange.prefer.unknown.empty()) {
            std::string list;
            for (const auto& name : exchange.prefer.unknown)
                list += (list.empty() ? "" : ", ") + name;
            throw with_details(
                400,
                "PGRST122",
                "Invalid preferences given with handling=strict",
                "Invalid preferences: " + list
            );
        }
        const std::string name = path.substr(std::min<std::size_t>(1, path.size()));
        Response response = dispatch(exchange, name);
        if (const std::string applied = exchange.prefer.applied(request.method); !applied.empty())
            response.headers.emplace_back("Preference-Applied", applied);
        return response;
    } catch (const PgError& raised) {
        return error(raised, caller);
    }
}

Response Rest::dispatch(Exchange& exchange, const std::string& name) {
    const std::string& method = exchange.request.method;
    static const std::map<std::string, Response (Rest::*)(Exchange&)> kVerbs{
        {"GET", &Rest::get},
        {"HEAD", &Rest::get},
        {"POST", &Rest::post},
        {"PUT", &Rest::put},
        {"PATCH", &Rest::patch},
        {"DELETE", &Rest::erase},
    };
    if (name.rfind("rpc/", 0) == 0)
        throw PgError{
            404,
            "PGRST202",
            "Could not find the function public." + name.substr(4) +
                " without parameters in the schema cache"};
    const auto verb = kVerbs.find(method);
    if (verb == kVerbs.end())
        throw PgError{405, "PGRST117", "Unsupported HTTP method: " + method};
    exchange.table = &table_for(exchange, name);
    exchange.query = parse_query(exchange.request.query, *exchange.table);
    return (this->*verb->second)(exchange);
}

const TableDefinition& Rest::table_for(const Exchange&, const std::string& name) const {
    const auto found = store_.schema().find(name);
    if (found == store_.schema().end())
        throw PgError{404, "42P01", "relation \"public." + name + "\" does not exist"};
    return found->second;
}

void Rest::check_profile(const Request& request) const {
    const bool reads = request.method == "GET" || request.method == "HEAD";
    const std::string* profile = request.header(reads ? "Accept-Profile" : "Content-Profile");
    if (profile && *profile != "public")
        throw with_details(
            406, "PGRST106", "The schema must be one of the following: public", *profile
        );
}

void Rest::check_privilege(const Exchange& exchange, const std::string& privilege) const {
    if (!exchange.table->may(exchange.caller.role, privilege))
        throw PgError{403, "42501", "permission denied for table " + exchange.table->name};
}

void Rest::check_statement_time(std::size_t rows) const {
    if (settings_.timeout_rows > 0 && rows > settings_.timeout_rows)
        throw PgError{500, "57014", "canceling statement due to statement timeout"};
}

void Rest::check_affected(const Exchange& exchange, std::size_t rows) const {
    const Prefer& prefer = exchange.prefer;
    if (prefer.handling == "strict" && prefer.max_affected && rows > *prefer.max_affected)
        throw with_details(
            400,
            "PGRST124",
            "Query result exceeds max-affected preference constraint",
            "The query affects " + std::to_string(rows) + " rows"
        );
}

bool Rest::visible(const Exchange& exchange, const Row& row) const {
    const TableDefinition& table = *exchange.table;
    if (exchange.caller.role == "service_role" || !table.row_level_security)
        return true;
    return table.tenant_readers.count(exchange.caller.role) > 0 && exchange.caller.tenant &&
           row[table.column("tenant_id").value()] == exchange.caller.tenant;
}

Response Rest::get(Exchange& exchange) {
    check_privilege(exchange, "select");
    auto rows = select_rows(store_, *exchange.table, exchange.query);
    rows.erase(
        std::remove_if(
            rows.begin(), rows.end(), [&](const Row* row) { return !visible(exchange, *row); }
        ),
        rows.end()
    );
    const std::size_t total = rows.size();
    std::size_t offset = exchange.query.offset;
    std::size_t limit =
        std::min(exchange.query.limit.value_or(settings_.rows_max), settings_.rows_max);
    if (const std::string* range = exchange.request.header("Range")) {
        const std::size_t first = std::strtoul(range->c_str(), nullptr, 10);
        const auto dash = range->find('-');
        offset = std::max(offset, first);
        if (dash != std::string::npos && dash + 1 < range->size())
            limit =
                std::min(limit, std::strtoul(range->c_str() + dash + 1, nullptr, 10) + 1 - first);
    }
    Response response;
    const auto known_total = exchange.prefer.counts() ? std::optional(total) : std::nullopt;
    if (known_total && offset > total) {
        response = error(
            with_details(
                416,
                "PGRST103",
                "Requested range not satisfiable",
                "An offset of " + std::to_string(offset) + " was requested, but there are only " +
                    std::to_string(total) + " rows."
            ),
            exchange.caller
        );
        response.headers.emplace_back("Content-Range", "*/" + std::to_string(total));
        return response;
    }
    rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(offset, total)));
    rows.resize(std::min(rows.size(), limit));
    exchange.write_rows(response, rows);
    response.status = known_total && rows.size() < total ? 206 : 200;
    response.headers.emplace_back("Content-Range", content_range(offset, rows.size(), known_total));
    response.headers.emplace_back(
        "Content-Location",
        "/" + exchange.table->name + (exchange.request.raw_query.empty() ? "" : "?") +
            exchange.request.raw_query
    );
    return response;
}

const UniqueKey* Rest::conflict_key(const Exchange& exchange) const {
    const TableDefinition& table = *exchange.table;
    const auto& wanted = exchange.query.on_conflict;
    if (!wanted) {
        for (const auto& unique : table.unique_keys)
            if (unique.primary)
                return &unique;
        return nullptr;  // the preference is ignored
    }
    std::set<std::size_t> columns;
    for (const auto& name : *wanted) {
        const auto column = table.column(name);
        if (!column)
            throw PgError{400, "42703", "column \"" + name + "\" does not exist"};
        columns.insert(*column);
    }
    for (const auto& unique : table.unique_keys)
        if (std::set<std::size_t>(unique.columns.begin(), unique.columns.end()) == columns)
            return &unique;
    throw PgError{
        400,
        "42P10",
        "there is no unique or exclusion constraint matching the ON CONFLICT specification"};
}

InsertStatement Rest::read_insert(const Exchange& exchange) const {
    const TableDefinition& table = *exchange.table;
    const std::vector<ExactJson> bodies = read_rows(exchange.request);
    std::set<std::string> names;
    if (exchange.query.columns)
        names.insert(exchange.query.columns->begin(), exchange.query.columns->end());
    else if (!bodies.empty())
        names = keys_of(bodies.front());
    for (const auto& body : bodies)
        if (keys_of(body) != names && !exchange.query.columns)
            throw PgError{400, "PGRST102", "All object keys must match"};
    InsertStatement statement;
    for (const auto& name : names) statement.columns.push_back(target_column(table, name));
    for (const std::size_t column : statement.columns)
        if (table.columns[column].identity)
            throw PgError{
                400,
                "428C9",
                "cannot insert a non-DEFAULT value into column \"" + table.columns[column].name +
                    "\"",
                "Column \"" + table.columns[column].name +
                    "\" is an identity column defined as GENERATED ALWAYS.",
                "Use OVERRIDING SYSTEM VALUE to override."};
    for (const auto& body : bodies) {
        std::vector<Value> values;
        std::vector<bool> absent;
        for (const std::size_t column : statement.columns) {
            const ExactJson* member = body.member(table.columns[column].name);
            values.push_back(
                member ? value_from_json(table.columns[column].type, *member) : std::nullopt
            );
            absent.push_back(member == nullptr && exchange.prefer.missing == "default");
        }
        statement.rows.push_back(std::move(values));
        statement.use_default.push_back(std::move(absent));
    }
    return statement;
}

Response Rest::mutation(
    const Exchange& exchange, int status, const std::vector<Row>& rows, std::string range
) const {
    Response response{status, {}, ""};
    response.headers.emplace_back("Content-Range", std::move(range));
    if (exchange.prefer.represents())
        exchange.write_rows(response, rows);
    return response;
}

Response Rest::post(Exchange& exchange) {
    InsertStatement statement = read_insert(exchange);
    const std::string& resolution = exchange.prefer.resolution;
    if (!resolution.empty()) {
        statement.conflict_key = conflict_key(exchange);
        statement.on_conflict = statement.conflict_key == nullptr  ? OnConflict::kFail
                                : resolution == "merge-duplicates" ? OnConflict::kMerge
                                                                   : OnConflict::kIgnore;
    }
    check_privilege(exchange, "insert");
    if (statement.on_conflict == OnConflict::kMerge)
        check_privilege(exchange, "update");
    check_statement_time(statement.rows.size());
    const InsertResult result = store_.insert(exchange.table->name, statement);
    const bool updated = statement.on_conflict == OnConflict::kMerge && result.inserted == 0;
    Response response = mutation(
        exchange,
        updated ? 200 : 201,
        result.rows,
        exchange.prefer.counts() ? "*/" + std::to_string(result.rows.size()) : "*/*"
    );
    const auto id = exchange.table->column("id");
    if (exchange.prefer.returning == "headers-only" && result.rows.size() == 1 && id)
        response.headers.emplace_back(
            "Location", "/" + exchange.table->name + "?id=eq." + result.rows.front()[*id].value()
        );
    return response;
}

Response Rest::put(Exchange& exchange) {
    const TableDefinition& table = *exchange.table;
    const auto key = std::find_if(
        table.unique_keys.begin(), table.unique_keys.end(), [](const auto& k) { return k.primary; }
    );
    const auto& filters = exchange.query.filter.parts;
    const bool by_key =
        key != table.unique_keys.end() && filters.size() == key->columns.size() &&
        std::all_of(filters.begin(), filters.end(), [&](const Filter& filter) {
            return filter.kind == Filter::Kind::kCompare && filter.symbol == "eq" &&
                   std::count(key->columns.begin(), key->columns.end(), filter.path.column) > 0;
        });
    if (!by_key)
        throw PgError{
            405,
            "PGRST105",
            "Filters must include all and only primary key columns with 'eq' operators"};
    InsertStatement statement = read_insert(exchange);
    statement.on_conflict = OnConflict::kMerge;
    statement.conflict_key = &*key;
    check_privilege(exchange, "insert");
    check_privilege(exchange, "update");
    const InsertResult result = store_.insert(table.name, statement);
    Response response{exchange.prefer.represents() ? 200 : 204, {}, ""};
    if (exchange.prefer.represents())
        exchange.write_rows(response, result.rows);
    return response;
}

Response Rest::patch(Exchange& exchange) {
    const TableDefinition& table = *exchange.table;
    const std::vector<ExactJson> bodies = read_rows(exchange.request);
    std::map<std::size_t, Value> values;
    if (!bodies.empty())
        for (const auto& [name, value] : bodies.front().members) {
            const std::size_t column = target_column(table, name);
            values[column] = value_from_json(table.columns[column].type, value);
        }
    check_privilege(exchange, "update");
    const auto matches = [&](const Row& row) {
        return !values.empty() && visible(exchange, row) &&
               exchange.query.filter.matches(table, row);
    };
    const auto& all = store_.rows(table.name);
    const auto affected = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const Row* row) { return matches(*row); })
    );
    check_affected(exchange, affected);
    check_statement_time(affected);
    const std::vector<Row> rows = store_.update(table.name, matches, values);
    const auto total = exchange.prefer.counts() ? std::optional(rows.size()) : std::nullopt;
    return mutation(
        exchange,
        exchange.prefer.represents() ? 200 : 204,
        rows,
        content_range(0, rows.size(), total)
    );
}

Response Rest::erase(Exchange& exchange) {
    const TableDefinition& table = *exchange.table;
    check_privilege(exchange, "delete");
    const auto matches = [&](const Row& row) {
        return visible(exchange, row) && exchange.query.filter.matches(table, row);
    };
    const auto& all = store_.rows(table.name);
    const auto affected = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const Row* row) { return matches(*row); })
    );
    check_affected(exchange, affected);
    check_statement_time(affected);
    const std::vector<Row> rows = store_.erase(table.name, matches);
    return mutation(
        exchange,
        exchange.prefer.represents() ? 200 : 204,
        rows,
        exchange.prefer.counts() ? "*/" + std::to_string(rows.size()) : "*/*"
    );
}

}  // namespace sandbox::supabase
