#include "supabase/read.hpp"

#include <algorithm>
#include <set>

#include "supabase/canonical.hpp"
#include "supabase/row_lookup.hpp"

namespace syncline::supabase {
namespace {

bool is_row_id(const std::string& id) {
    return !id.empty() && id.size() < 19 && id.find_first_not_of("0123456789") == std::string::npos;
}

// Reads one page and what its rows refer to.
class PageReader {
public:
    PageReader(
        plugin::Call& call,
        const RestClient& client,
        const std::string& tenant,
        const SourceTable& source
    )
        : client_(client),
          lookup_(call, client),
          tenant_(tenant),
          source_(source),
          table_(source.rest_table()) {}

    Result<Page> read(const ReadRequest& request) {
        SYNCLINE_RETURN_IF_ERROR(
            request.ids.empty() ? read_window(request) : read_ids(request.ids)
        );
        SYNCLINE_RETURN_IF_ERROR(read_references());
        for (const auto& row : rows_) {
            Record record;
            record.entity = table_.entity;
            record.key = row_id(row);
            const auto changed = Timestamp::parse(text_of(row, "updated_at"));
            record.changed_at = changed ? *changed : Timestamp{};
            if (deleted_.count(record.key) != 0) {
                record.operation = RecordOperation::kDelete;
            } else {
                record.json = dump_json(canonical(row));
            }
            page_.records.push_back(std::move(record));
        }
        return std::move(page_);
    }

private:
    Query base_query() const {
        Query query;
        query.select(source_.select_list());
        if (!tenant_.empty()) {
            const auto column = source_.columns.find("tenant_id");
            query.where(
                column == source_.columns.end() ? "tenant_id" : column->second, "eq", tenant_
            );
        }
        return query;
    }

    Result<void> read_window(const ReadRequest& request) {
        RestRequest get;
        get.query = base_query();
        if (request.window.from) {
            get.query.where(source_.changed, "gte", request.window.from->to_string());
        }
        if (request.window.to) {
            get.query.where(source_.changed, "lt", request.window.to->to_string());
        }
        if (!request.after_id.empty()) {
            get.query.where(source_.id, "gt", request.after_id);
        }
        const auto limit = std::clamp<std::int64_t>(request.limit, 1, kRowsPerAnswer);
        get.query.order(source_.id + ".asc").limit(static_cast<std::size_t>(limit));
        SYNCLINE_RETURN_IF_ERROR(take(get));
        page_.more = !rows_.empty();
        page_.last_id = rows_.empty() ? request.after_id : row_id(rows_.back());
        return {};
    }

    Result<void> read_ids(const std::vector<std::string>& ids) {
        std::vector<std::string> known;
        std::copy_if(ids.begin(), ids.end(), std::back_inserter(known), [&](const auto& id) {
            return source_.is_documented() ? is_row_id(id) : !id.empty();
        });
        for (const auto& part : url_sized(known)) {
            RestRequest get;
            get.query = base_query();
            get.query.where_in(source_.id, part).order(source_.id + ".asc");
            SYNCLINE_RETURN_IF_ERROR(take(get));
        }
        return {};
    }

    Result<void> take(const RestRequest& request) {
        SYNCLINE_ASSIGN_OR_RETURN(Rows rows, client_.rows(table_, request));
        if (!rows.server_time) {
            return Error{
                ErrorCode::kTransient,
                "the project's answer does not tell its time (header Date)",
                "supabase.no_date"};
        }
        page_.source_time = *rows.server_time;
        for (const auto& row : rows.items) {
            rows_.push_back(source_.renamed(row));
            if (source_.is_deleted(row)) {
                deleted_.insert(row_id(rows_.back()));
            }
        }
        return {};
    }

    Result<void> read_references() {
        if (!source_.is_documented()) {
            return {};  // what such a table refers to is not known
        }
        if (table_.entity == "order") {
            SYNCLINE_RETURN_IF_ERROR(read_lines());
        }
        SYNCLINE_RETURN_IF_ERROR(look_up("customers", {"customer_source_id"}, references_.customers)
        );
        SYNCLINE_RETURN_IF_ERROR(look_up("orders", {"order_source_id"}, references_.orders));
        return look_up(
            "products",
            {"parent_source_id", "product_source_id", "variation_source_id"},
            references_.products
        );
    }

    Result<void> read_lines() {
        std::vector<RowKey> orders;
        for (const auto& row : rows_) {
            if (auto key = row_key(row)) {
                orders.push_back(*std::move(key));
            }
        }
        if (orders.empty()) {
            return {};
        }
        const Table& lines = *find_table("order_lines");
        SYNCLINE_ASSIGN_OR_RETURN(
            auto found, lookup_.by_key(lines, select_list(lines), lines.parent_column, orders)
        );
        std::stable_sort(found.begin(), found.end(), [](const Json& a, const Json& b) {
            return a.value("position", 0) < b.value("position", 0);
        });
        for (auto& line : found) {
            if (auto order = referred_key(line, lines.parent_column)) {
                lines_[*std::move(order)].push_back(std::move(line));
            }
        }
        return {};
    }

    // Collects what the rows and lines of the page name in `columns`, and asks for the rows' ids.
    Result<void> look_up(
        std::string_view table,
        const std::vector<std::string_view>& columns,
        std::map<RowKey, std::string>& into
    ) {
        std::set<RowKey> keys;
        const auto collect = [&](const Json& row) {
            for (const auto column : columns) {
                if (auto key = referred_key(row, column)) {
                    keys.insert(*std::move(key));
                }
            }
        };
        const bool own_table = table_.name == table && table != "products";
        for (const auto& row : rows_) {
            if (!own_table) {
                collect(row);
            }
        }
        for (const auto& [order, lines] : lines_) {
            if (table == "products") {
                std::for_each(lines.begin(), lines.end(), collect);
            }
        }
        if (keys.empty()) {
            return {};
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            into, lookup_.ids_of(*find_table(table), {keys.begin(), keys.end()})
        );
        return {};
    }

    Json canonical(const Json& row) {
        if (table_.entity == "order") {
            const auto key = row_key(row);
            return to_json(order_from(row, key ? lines_[*key] : std::vector<Json>{}, references_));
        }
        if (table_.entity == "customer") {
            return to_json(customer_from(row));
        }
        if (table_.entity == "product") {
            return to_json(product_from(row, references_));
        }
        return to_json(invoice_from(row, references_));
    }

    const RestClient& client_;
    const RowLookup lookup_;
    const std::string& tenant_;
    const SourceTable& source_;
    const Table table_;
    Page page_;
    std::vector<Json> rows_;
    std::set<std::string> deleted_;  // ids
    std::map<RowKey, std::vector<Json>> lines_;
    References references_;
};

}  // namespace

Result<Page> read_page(
    plugin::Call& call,
    const RestClient& client,
    const SourceTables& tables,
    const std::string& tenant,
    const ReadRequest& request
) {
    const auto found = tables.find(request.entity);
    if (found == tables.end()) {
        return Error{
            ErrorCode::kUnsupported,
            "Supabase has no entity '" + request.entity + "' to read",
            "supabase.no_table"};
    }
    const SourceTable& source = found->second;
    if (!tenant.empty() && !source.has("tenant_id")) {
        return Error{
            ErrorCode::kConfig,
            "read_tenant is set, but /tables/" + request.entity +
                "/columns names no tenant_id: rows of every tenant would be read",
            "supabase.tables"};
    }
    return PageReader(call, client, tenant, source).read(request);
}

}  // namespace syncline::supabase
