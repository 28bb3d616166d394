#include "woocommerce/reader.hpp"

#include <set>
#include <utility>

#include "woocommerce/shop_facts.hpp"
#include "woocommerce/shop_lists.hpp"

namespace syncline::woocommerce {
namespace {

// In the cursor of a scan that goes over orders to find their refunds.
constexpr std::string_view kByOrder = "order:";
constexpr std::int64_t kOrdersPerRefundPage = 50;

// Old shops do not touch an order when a part of it is refunded, so its refunds are looked for a
// while longer than it changes.
constexpr std::int64_t kLateRefundMs = std::int64_t{30} * 24 * 3600 * 1000;

template <class Model>
Record to_record(const std::string& entity, const Model& model, Timestamp changed_at) {
    return {entity, model.id, RecordOperation::kUpsert, changed_at, dump_json(to_json(model))};
}

std::string id_member(const Json& row, const char* name) {
    Reading reading;
    return SourceObject(row, reading).id(name);
}

std::string text_member(const Json& row, const char* name) {
    Reading reading;
    return SourceObject(row, reading).text(name);
}

// The host keeps what says no id as a record it cannot take.
void add_without_id(const std::string& entity, const std::vector<Json>& rows, Page& page) {
    for (const auto& row : rows) {
        page.records.push_back({entity, {}, RecordOperation::kUpsert, {}, dump_json(row)});
    }
}

bool has_variations(const Json& row) {
    const auto variations = row.find("variations");
    return variations != row.end() && variations->is_array() && !variations->empty();
}

ShopList variations_of(const std::string& product_id) {
    return {
        "products/" + product_id + "/variations", {{"status", "any"}}, false, false, false, 100};
}

// What a refund says of its order: all but the shop's own form, which the order's record has.
Order order_of_refund(Json row, const ShopFacts& facts) {
    Order order = to_order(std::move(row), facts);
    order.raw = nullptr;
    return order;
}

ShopList refunds_of(const std::string& order_id) {
    return {"orders/" + order_id + "/refunds", {}, false, false, false, 100};
}

Result<Page> to_page(const ScanPage& scanned) {
    if (!scanned.date) {
        return Error{
            ErrorCode::kTransient,
            "the shop's answers carry no Date header, so what changed since cannot be told; let the"
            " proxy in front of the shop pass it",
            "woo.no_date"};
    }
    Page page;
    page.more = scanned.more;
    page.last_id = scanned.last_id;
    page.next = scanned.next;
    page.source_time = *scanned.date;
    return page;
}

}  // namespace

Result<Page> Reader::read(plugin::Call& call, const ReadRequest& request) {
    if (list_of(request.entity) == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "WooCommerce has no '" + request.entity +
                "' to read; it has order, customer, product"
                " and refund",
            "woo.unknown_entity"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Site site, shop_.site());
    facts_.gmt_offset_minutes = site.gmt_offset_minutes;
    return request.ids.empty() ? read_window(call, request) : read_ids(call, request);
}

Result<Page> Reader::read_window(plugin::Call& call, const ReadRequest& request) {
    const bool refunds = request.entity == "refund";
    if (refunds && request.after_id.rfind(kByOrder, 0) == 0) {
        return read_refunds_by_order(call, request);
    }
    if (request.after_id.empty()) {
        facts_.currency = Currency();  // a new scan asks anew
    }
    const ShopList& list = *list_of(request.entity);
    auto scanned = scan_list(
        call, shop_, list, request.window.from, {request.after_id, request.next, request.limit}
    );
    if (!scanned && refunds && request.after_id.empty() &&
        scanned.error().name == "rest_no_route") {
        return read_refunds_by_order(call, request);  // before WooCommerce 9.0
    }
    if (!scanned) {
        return scanned.error();
    }
    SYNCLINE_ASSIGN_OR_RETURN(Page page, to_page(*scanned));
    SYNCLINE_RETURN_IF_ERROR(add(call, request.entity, std::move(scanned->rows), page));
    add_without_id(request.entity, scanned->without_id, page);
    if (list.has_window && request.window.to) {
        std::erase_if(page.records, [&](const Record& record) {
            return record.changed_at >= *request.window.to;
        });
    }
    return page;
}

Result<Page> Reader::read_ids(plugin::Call& call, const ReadRequest& request) {
    auto found = rows_by_id(call, shop_, *list_of(request.entity), request.ids);
    if (!found && request.entity == "refund" && found.error().name == "rest_no_route") {
        return Error{
            ErrorCode::kUnsupported,
            "this WooCommerce (before 9.0) cannot look up a refund by its id alone; sync refunds by"
            " time",
            "woo.no_refund_list"};
    }
    if (!found) {
        return found.error();
    }
    Page page;
    page.source_time = found->date.value_or(Timestamp{});
    SYNCLINE_RETURN_IF_ERROR(add(call, request.entity, std::move(found->rows), page));
    for (const auto& id : found->gone) {
        page.records.push_back({request.entity, id, RecordOperation::kDelete, {}, {}});
    }
    return page;
}

Result<void> Reader::add(
    plugin::Call& call, const std::string& entity, std::vector<Json> rows, Page& page
) {
    if (entity == "product") {
        return add_products(call, std::move(rows), page);
    }
    if (entity == "refund") {
        return add_refunds(call, std::move(rows), page);
    }
    for (auto& row : rows) {
        if (auto record = record_of(entity, std::move(row))) {
            page.records.push_back(*std::move(record));
        }
    }
    return {};
}

std::optional<Record> Reader::record_of(const std::string& entity, Json row) const {
    if (entity == "customer") {
        const Customer customer = to_customer(std::move(row), facts_);
        const auto changed = customer.updated_at ? customer.updated_at : customer.created_at;
        return to_record(entity, customer, changed.value_or(Timestamp{}));
    }
    if (is_draft_order(row)) {
        return std::nullopt;
    }
    const Order order = to_order(std::move(row), facts_);
    return to_record(entity, order, order.updated_at);
}

std::optional<ReadBack> Reader::read_back(plugin::Call& call, const std::string& entity, Json row) {
    const auto site = shop_.site();
    if (!site) {
        return std::nullopt;
    }
    facts_.gmt_offset_minutes = site->gmt_offset_minutes;
    std::optional<Record> record;
    if (entity != "product") {
        record = record_of(entity, std::move(row));
    } else if (text_member(row, "type") != "variation" && !has_variations(row)) {
        Page page;
        std::vector<Json> rows;
        rows.push_back(std::move(row));
        const auto added = add_products(call, std::move(rows), page);
        record = added && !page.records.empty() ? std::optional(std::move(page.records.front()))
                                                : std::nullopt;
    }
    return record ? std::optional(ReadBack{record->entity, record->key, std::move(record->json)})
                  : std::nullopt;
}

Result<void> Reader::know_currency(plugin::Call& call) {
    if (facts_.currency.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const std::string code, read_currency_code(call, shop_));
        facts_.currency = read_currency(code);
    }
    return {};
}

Result<std::optional<Product>> Reader::complete_product(plugin::Call& call, Json row) {
    // An id may be that of a variation: shops announce changes of variations as those of products.
    if (text_member(row, "type") == "variation") {
        auto parent = get(call, shop_, "products/" + id_member(row, "parent_id"), {});
        if (!parent && is_gone(parent.error())) {
            return std::optional<Product>();
        }
        SYNCLINE_ASSIGN_OR_RETURN(Answer answer, std::move(parent));
        row = std::move(answer.body);
    }
    std::vector<Json> variations;
    if (has_variations(row)) {
        auto all = read_all(call, shop_, variations_of(id_member(row, "id")));
        if (!all && is_gone(all.error())) {
            return std::optional<Product>();
        }
        SYNCLINE_ASSIGN_OR_RETURN(variations, std::move(all));
    }
    return std::optional<Product>(to_product(std::move(row), std::move(variations), facts_));
}

Result<void> Reader::add_products(plugin::Call& call, std::vector<Json> rows, Page& page) {
    SYNCLINE_RETURN_IF_ERROR(know_currency(call));
    for (auto& row : rows) {
        if (text_member(row, "status") == "auto-draft") {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto product, complete_product(call, std::move(row)));
        if (product) {
            page.records.push_back(
                to_record("product", *product, product->updated_at.value_or(Timestamp{}))
            );
        }
    }
    return {};
}

Result<std::map<std::string, Order>> Reader::orders_of(
    plugin::Call& call, const std::vector<Json>& refunds
) {
    std::set<std::string> ids;
    for (const auto& refund : refunds) {
        if (parse_id(id_member(refund, "parent_id"))) {
            ids.insert(id_member(refund, "parent_id"));
        }
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        FoundRows found, rows_by_id(call, shop_, *list_of("order"), {ids.begin(), ids.end()})
    );
    std::map<std::string, Order> orders;
    for (auto& row : found.rows) {
        Order order = order_of_refund(std::move(row), facts_);
        orders[order.id] = std::move(order);
    }
    return orders;
}

Result<void> Reader::add_refunds(plugin::Call& call, std::vector<Json> rows, Page& page) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto orders, orders_of(call, rows));
    for (auto& row : rows) {
        const std::string order_id = id_member(row, "parent_id");
        const auto order = orders.find(order_id);
        const bool there = order != orders.end();
        Refund refund = to_refund(
            std::move(row), order_id, there ? order->second.currency : Currency(), facts_
        );
        if (there) {
            refund.order = order->second;
        }
        page.records.push_back(to_record("refund", refund, refund.created_at));
    }
    return {};
}

// The cursor is the order's id here, and says so, since refunds have ids of their own.
Result<Page> Reader::read_refunds_by_order(plugin::Call& call, const ReadRequest& request) {
    ShopList orders = *list_of("order");
    orders.page_max = kOrdersPerRefundPage;
    auto since = request.window.from;
    if (since) {
        since->ms -= kLateRefundMs;
    }
    const bool begun = request.after_id.rfind(kByOrder, 0) == 0;
    const std::string after = begun ? request.after_id.substr(kByOrder.size()) : std::string();
    SYNCLINE_ASSIGN_OR_RETURN(
        const ScanPage scanned,
        scan_list(call, shop_, orders, since, {after, request.next, request.limit})
    );
    SYNCLINE_ASSIGN_OR_RETURN(Page page, to_page(scanned));
    page.last_id = std::string(kByOrder) + scanned.last_id;
    for (const auto& row : scanned.rows) {
        SYNCLINE_RETURN_IF_ERROR(add_refunds_of(call, row, page));
    }
    add_without_id("refund", scanned.without_id, page);
    return page;
}

Result<void> Reader::add_refunds_of(plugin::Call& call, const Json& order, Page& page) {
    Reading reading;
    if (SourceObject(order, reading).list("refunds").empty()) {
        return {};
    }
    const std::string order_id = id_member(order, "id");
    auto refunds = read_all(call, shop_, refunds_of(order_id));
    if (!refunds && is_gone(refunds.error())) {
        return {};  // the order was deleted since the list was read
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto rows, std::move(refunds));
    const Order whole = order_of_refund(order, facts_);
    for (auto& row : rows) {
        Refund refund = to_refund(std::move(row), order_id, whole.currency, facts_);
        refund.order = whole;
        page.records.push_back(to_record("refund", refund, refund.created_at));
    }
    return {};
}

}  // namespace syncline::woocommerce
