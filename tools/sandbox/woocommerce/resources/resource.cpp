#include "woocommerce/resources/resource.hpp"

#include <algorithm>

#include "woocommerce/resources/listing.hpp"

namespace sandbox::woo {
namespace {

constexpr std::size_t kBatchMax = 100;

// Every "x_gmt" has a twin "x" that shows the shop's wall clock.
void write_local_dates(Json& document, const SiteTime& time) {
    for (auto& [key, value] : document.items()) {
        const auto& gmt = member(document, (key + "_gmt").c_str());
        if (gmt.is_string())
            value = time.to_local(gmt.get<std::string>());
        else if (gmt.is_null() && document.contains(key + "_gmt"))
            value = nullptr;
    }
}

// WordPress ignores silently what a route does not register.
Json registered_only(const Json& query, const Parameters& registered) {
    Json known = Json::object();
    for (const Parameter& parameter : registered)
        if (query.contains(parameter.name))
            known[parameter.name] = query[parameter.name];
    return known;
}

std::uint64_t shuffled(std::int64_t id, std::int64_t request) {
    auto x = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15u ^
             static_cast<std::uint64_t>(request) * 0xC2B2AE3D27D4EB4Fu;
    x ^= x >> 29;
    return x * 0xBF58476D1CE4E5B9u;
}

std::size_t batch_size(const Json& body) {
    std::size_t size = 0;
    for (const char* verb : {"create", "update", "delete"}) size += member(body, verb).size();
    return size;
}

}  // namespace

Resource::Resource(Shop& shop, ResourceNames names, Parameters listing, Parameters writing)
    : shop_(shop),
      names_(std::move(names)),
      listing_(std::move(listing)),
      writing_(std::move(writing)) {}

Reply Resource::list(Call& call) {
    check_parameters(call.query, listing_);
    check_parent(call);
    const std::vector<const Record*> rows = matching(call);
    return page_reply(rows, call);
}

std::vector<const Record*> Resource::matching(const Call& call) {
    const ListFilter filter(registered_only(call.query, listing_), shop_);
    const Matcher matches = matcher(call);
    std::vector<const Record*> rows;
    for (const auto& [id, record] : records()) {
        if (!filter.passes(record) || !matches(record))
            continue;
        if (!filter.search().empty() &&
            lower_case(search_text(record)).find(filter.search()) == std::string::npos)
            continue;
        rows.push_back(&record);
    }
    const Window window(call.query);
    sort(rows, call, window.first + window.per_page);
    return rows;
}

void Resource::sort(std::vector<const Record*>& rows, const Call& call, std::size_t needed) const {
    const std::string asked = text_of(call.query, "orderby");
    const std::string orderby = asked.empty() ? default_orderby() : asked;
    const std::string order = text_of(call.query, "order");
    const bool descending = order.empty() ? descending_by_default() : order == "desc";
    if (orderby == "id" && !descending)
        return;  // they come so
    const std::vector<Json> include = member(call.query, "include").is_array()
                                          ? member(call.query, "include").get<std::vector<Json>>()
                                          : std::vector<Json>();
    const bool shuffle = shop_.odd.shuffle_ties && (orderby == "date" || orderby == "modified");
    const auto tie = [&](const Record* a, const Record* b) {
        if (shuffle)
            return shuffled(a->id, shop_.requests) < shuffled(b->id, shop_.requests);
        return descending ? a->id > b->id : a->id < b->id;
    };
    const auto by = [&](const auto& key) {
        const auto end = rows.begin() + static_cast<std::ptrdiff_t>(std::min(needed, rows.size()));
        std::partial_sort(rows.begin(), end, rows.end(), [&](const Record* a, const Record* b) {
            const auto& x = key(a);
            const auto& y = key(b);
            if (x == y)
                return tie(a, b);
            return descending ? y < x : x < y;
        });
    };
    if (orderby == "id")
        by([](const Record* record) { return record->id; });
    else if (orderby == "date")
        by([](const Record* record) -> const std::string& { return record->created; });
    else if (orderby == "modified")
        by([](const Record* record) -> const std::string& { return record->modified; });
    else if (orderby == "include")
        by([&](const Record* record) {
            return std::find(include.begin(), include.end(), Json(record->id)) - include.begin();
        });
    else
        by([&](const Record* record) { return sort_text(*record, orderby); });
}

Reply Resource::page_reply(const std::vector<const Record*>& rows, const Call& call) const {
    const Window window(call.query);
    Reply reply{200, Json::array(), {}};
    const std::size_t end = std::min(rows.size(), window.first + window.per_page);
    for (std::size_t i = window.first; i < end; ++i)
        if (shop_.odd.unreadable.count(rows[i]->id) == 0)
            reply.body.push_back(shown(*rows[i], call));
    const bool past_the_end = window.first >= rows.size();
    const std::size_t total = past_the_end && !names_.total_past_the_end ? 0 : rows.size();
    const std::size_t pages = (total + window.per_page - 1) / window.per_page;
    reply.headers = {
        {"X-WP-Total", std::to_string(total)}, {"X-WP-TotalPages", std::to_string(pages)}};
    Json query = call.query;
    add_link_defaults(query, !reply.body.empty());
    const PageLinks page_links{
        call.api_url(collection_path(call)),
        query,
        static_cast<int>(window.page),
        static_cast<int>(pages),
    };
    if (std::string header = page_links.header(); !header.empty())
        reply.headers.emplace_back("Link", std::move(header));
    return reply;
}

Reply Resource::create(Call& call) {
    if (!call.batched)
        check_parameters(call.body, writing_);
    check_parent(call);
    if (!names_.post_type.empty() && integer_of(call.body, "id") != 0)
        fail(
            400,
            "woocommerce_rest_" + names_.post_type + "_exists",
            "Cannot create existing " + names_.post_type + "."
        );
    const std::int64_t id = insert(call);
    return {
        201,
        shown(id, call),
        {{"Location", call.api_url(names_.item_in_location + "/" + std::to_string(id))}},
    };
}

Reply Resource::get(Call& call) {
    check_parent(call);
    return {200, shown(existing(call, 404), call), {}};
}

Reply Resource::update(Call& call) {
    Parameters optional = writing_;
    for (Parameter& parameter : optional) parameter.required = false;
    if (!call.batched)
        check_parameters(call.body, optional);
    check_parent(call);
    Record& record = existing(call, 400);
    change(record, call);
    return {200, shown(record, call), {}};
}

Reply Resource::remove(Call& call) {
    check_parent(call);
    Json force = call.query;
    force.update(call.body);
    check_parameters(force, {{"force", Parameter::Type::kBoolean}});
    const bool forced = call.batched || member(force, "force") == true;
    if (!forced && !names_.untrashable.empty())
        fail(
            501,
            "woocommerce_rest_trash_not_supported",
            names_.untrashable + " do not support trashing."
        );
    Record& record = existing(call, 404);
    if (!forced && record.status == "trash")
        fail(
            410,
            "woocommerce_rest_already_trashed",
            "The " + names_.post_type + " has already been deleted."
        );
    Json before = shown(record, call);
    discard(record, forced);
    return {200, std::move(before), {}};
}

Reply Resource::batch(Call& call) {
    check_parent(call);
    if (batch_size(call.body) > kBatchMax)
        fail(
            413,
            "woocommerce_rest_request_entity_too_large",
            "Unable to accept more than 100 items for this request."
        );
    const bool breaks = shop_.odd.broken_batches > 0;
    shop_.odd.broken_batches -= breaks ? 1 : 0;
    Reply reply{200, Json::object(), {}};
    std::size_t number = 0;
    for (const char* verb : {"create", "update", "delete"})
        for (const Json& item : member(call.body, verb))
            reply.body[verb].push_back(
                breaks && ++number % 2 == 0 ? broken_item(item) : batch_item(verb, item, call)
            );
    return reply;
}

// As a plugin's hook that runs out of memory answers for the item it was called for.
Json Resource::broken_item(const Json& item) {
    const RestError error{500, "internal_server_error", "A critical error has occurred."};
    return {{"id", integer_of(item, "id")}, {"error", error.error_json()}};
}

Json Resource::batch_item(const char* verb, const Json& item, const Call& call) {
    Call one = call;
    one.batched = true;
    one.query = Json::object();
    const bool deletes = verb[0] == 'd';
    one.body = deletes ? Json::object() : item;
    const Json id = deletes ? item : member(item, "id");
    const std::int64_t number = id.is_number() ? id.get<std::int64_t>() : integer_of(item, "id");
    try {
        if (verb[0] == 'c')
            return create(one).body;
        one.path.push_back(std::to_string(number));
        return deletes ? remove(one).body : update(one).body;
    } catch (const RestError& error) {
        return {{"id", verb[0] == 'c' ? 0 : number}, {"error", error.error_json()}};
    }
}

void Resource::change(Record&, Call&) {
    fail(404, "rest_no_route", "No route was found matching the URL and request method.");
}

void Resource::discard(Record& record, bool force) {
    if (force) {
        records().erase(record.id);
        return;
    }
    record.status = "trash";
    record.modified = shop_.time.modified_now_gmt();
}

void Resource::add_link_defaults(Json&, bool) const {}

Json Resource::shown(const Record& record, const Call& call) const {
    Json document = present(record, call);
    write_local_dates(document, shop_.time);
    document["_links"] = links_of(record, call);
    return document;
}

Json Resource::links_of(const Record& record, const Call& call) const {
    const std::string collection = call.api_url(collection_path(call));
    return links(collection + "/" + std::to_string(record.id), collection, kEditable);
}

Record& Resource::existing(const Call& call, int status_when_missing) {
    const auto it = records().find(call.id(call.path.empty() ? 0 : call.path.size() - 1));
    const bool here =
        it != records().end() && (call.path.size() < 2 || it->second.parent == call.id());
    if (!here)
        fail(status_when_missing, names_.missing_code, names_.missing_message);
    return it->second;
}

std::string Resource::collection_path(const Call& call) const {
    std::string path = names_.collection;
    const auto placeholder = path.find("{parent}");
    if (placeholder != std::string::npos)
        path.replace(placeholder, 8, call.path.empty() ? "0" : call.path.front());
    return path;
}

}  // namespace sandbox::woo
