#include "acme.hpp"

#include <algorithm>
#include <utility>

namespace acme {

using namespace syncline;          // NOLINT(google-build-using-namespace): our one subject
using namespace syncline::plugin;  // NOLINT(google-build-using-namespace)

namespace {

constexpr const char* kOrder = "order";
constexpr const char* kCustomer = "customer";
constexpr const char* kInvoice = "invoice";

Setting setting(std::string name, SettingType type, std::string help) {
    Setting made;
    made.name = std::move(name);
    made.type = type;
    made.help = std::move(help);
    return made;
}

// Where Acme keeps what we call by that name.
std::string path_of(const std::string& entity) {
    return entity == kCustomer ? "/customers" : "/invoices";
}

// The text of a member; empty if it is absent or no text.
std::string text_of(const Json& json, const char* name) {
    const auto found = json.find(name);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// The amount of a member. One that cannot be read becomes an issue of the order, not an error: one
// bad record must not stop the page it is on.
Money amount_of(const Json& json, const char* name, Order& order) {
    const auto money = Money::parse(text_of(json, name), order.currency);
    if (!money) {
        order.issues.push_back({"AMOUNT_UNREADABLE", std::string("/") + name, text_of(json, name)});
    }
    return money ? *money : Money(0, order.currency);
}

// One of Acme's orders in canonical form.
Order order_from(const Json& acme) {
    Order order;
    order.id = std::to_string(acme.at("id").get<std::int64_t>());
    order.number = text_of(acme, "number");
    order.source_status = text_of(acme, "status");
    order.status = enum_from_name<OrderStatus>(order.source_status).value_or(OrderStatus::kOther);
    if (const auto currency = Currency::parse(text_of(acme, "currency"))) {
        order.currency = *currency;
    } else {
        order.issues.push_back({"CURRENCY_UNKNOWN", "/currency", text_of(acme, "currency")});
    }
    order.created_at = Timestamp::parse(text_of(acme, "created_at")).value();
    order.updated_at = Timestamp::parse(text_of(acme, "updated_at")).value();
    order.billing.email = text_of(acme, "email");
    for (const auto& acme_line : acme.at("lines")) {
        LineItem line;
        line.sku = text_of(acme_line, "sku");
        line.name = text_of(acme_line, "name");
        line.quantity = Decimal(acme_line.at("quantity").get<std::int64_t>(), 0);
        line.total = amount_of(acme_line, "total", order);
        line.subtotal = line.total;
        order.lines.push_back(std::move(line));
    }
    order.total = amount_of(acme, "total", order);
    order.raw = acme;
    return order;
}

// An order becomes an invoice that needs its customer.
Result<Encoded> encode_order(const EncodeContext& context, const Json& record) {
    SYNCLINE_ASSIGN_OR_RETURN(const Order order, from_json<Order>(record));
    Encoded encoded;
    if (!order.issues.empty()) {
        const Issue& issue = order.issues.front();
        encoded.hold = Reason{
            issue.code, "order " + order.number + ": '" + issue.value + "' at " + issue.path};
        return encoded;
    }
    if (order.total.is_zero()) {
        encoded.skip = Reason{"ZERO_TOTAL", "order " + order.number + " has a total of zero"};
        return encoded;
    }
    const std::string email = normalized_email(order.billing.email);
    if (email.empty()) {
        encoded.hold = Reason{
            "NO_EMAIL", "order " + order.number + " has no e-mail; Acme knows customers by it"};
        return encoded;
    }
    Customer customer;
    customer.email = email;
    customer.guest = true;
    const std::string need = "customer:" + email;
    encoded.needs.push_back({need, kCustomer, email, "", to_json(customer)});

    Document invoice;
    invoice.role = kInvoice;
    invoice.entity = kInvoice;
    invoice.natural_key = context.source + ":" + order.id;
    invoice.body = {
        {"reference", invoice.natural_key},
        {"customer_id", {{"$need", need}}},
        {"currency", order.currency.code()},
        {"lines", Json::array()},
        {"total", order.total.to_string()}};
    for (const auto& line : order.lines) {
        invoice.body["lines"].push_back(
            {{"name", line.name},
             {"quantity", line.quantity.to_string()},
             {"total", line.total.to_string()}}
        );
    }
    invoice.money = DocumentMoney{order.total, order.tax_total};
    encoded.documents.push_back(std::move(invoice));
    return encoded;
}

Result<Encoded> encode_customer(const Json& record) {
    SYNCLINE_ASSIGN_OR_RETURN(const Customer customer, from_json<Customer>(record));
    Document document;
    document.role = kCustomer;
    document.entity = kCustomer;
    document.natural_key = normalized_email(customer.email);
    document.body = {{"email", document.natural_key}, {"name", customer.last_name}};
    Encoded encoded;
    encoded.documents.push_back(std::move(document));
    return encoded;
}

// What Acme answers to a write, or has when it is searched: id, version and the fields we own.
Written written_from(const Json& acme) {
    Written written;
    written.remote_id = acme.at("id").get<std::string>();
    written.version = std::to_string(acme.at("version").get<std::int64_t>());
    written.owned = acme;
    written.owned.erase("id");
    written.owned.erase("version");
    return written;
}

}  // namespace

Spec Acme::spec() {
    Setting base_url =
        setting("base_url", SettingType::kUrl, "Address of your Acme, without /api.");
    base_url.required = true;
    Setting api_key = setting("api_key", SettingType::kSecret, "Acme > Settings > API > New key.");
    api_key.required = true;
    Setting page_size = setting("page_size", SettingType::kInteger, "Orders per request.");
    page_size.default_value = 100;
    page_size.min = 1;
    page_size.max = 250;

    Spec spec;
    spec.title = "Acme";
    spec.summary = "Orders, customers and invoices of an Acme account.";
    spec.settings = {base_url, api_key, page_size};
    spec.auth = AuthKind::kKey;
    spec.host_settings = {"base_url"};
    spec.write_safety = WriteSafety::kRequestId;
    spec.limits.read_page_max = 250;
    spec.limits.requests_per_minute = 1'200;
    return spec;
}

Acme::Acme(Host host, const Json& settings)
    : host_(host),
      base_url_(settings.at("base_url")),
      page_size_(settings.at("page_size").get<std::int64_t>()) {}

// Every request goes through the host, with the key as it is now.
Result<HttpResponse> Acme::send(HttpRequest request) const {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string key, host_.secret("api_key"));
    const std::string what = request.method + " " + request.url.substr(0, request.url.find('?'));
    request.url = base_url_ + "/api" + request.url;
    request.header("Authorization", "Bearer " + key);
    SYNCLINE_ASSIGN_OR_RETURN(HttpResponse response, host_.http(request));
    if (!response.ok()) {
        return response.error("Acme's " + what);
    }
    return response;
}

Result<HttpResponse> Acme::get(const std::string& path) const {
    HttpRequest request;
    request.url = path;
    return send(std::move(request));
}

Result<Json> Acme::get_json(const std::string& path) const {
    SYNCLINE_ASSIGN_OR_RETURN(const HttpResponse response, get(path));
    return response.json();
}

Result<CheckReport> Acme::check(Call&) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json account, get_json("/account"));
    CheckReport report;
    report.account = account.at("name").get<std::string>() + " (" + base_url_ + ")";
    report.remote_identity = account.at("id");
    return report;
}

Result<Catalog> Acme::discover(Call&) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json account, get_json("/account"));
    Catalog catalog;
    catalog.entities = {
        {kOrder, {"window", "ids"}, {}, {}},
        {kCustomer, {}, {"create", "update"}, {"/email"}},
        {kInvoice, {}, {"create", "update"}, {"/reference", "/customer_id", "/lines", "/total"}}};
    catalog.facts = {{"currency", account.at("currency")}};
    return catalog;
}

Result<Page> Acme::read(Call&, const ReadRequest& request) {
    std::string path = "/orders?limit=" + std::to_string(std::min(request.limit, page_size_));
    path += "&after_id=" + url_encode(request.after_id);
    if (request.window.from) {
        path += "&updated_from=" + url_encode(request.window.from->to_string());
    }
    if (request.window.to) {
        path += "&updated_to=" + url_encode(request.window.to->to_string());
    }
    for (const auto& id : request.ids) {
        path += "&id=" + url_encode(id);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HttpResponse response, get(path));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, response.json());
    const auto acmes_clock = response.date();
    if (!acmes_clock) {
        return Error{ErrorCode::kTransient, "Acme's answer has no Date", "acme.no_date"};
    }

    Page page;
    page.source_time = *acmes_clock;
    page.more = answer.at("more").get<bool>();
    for (const auto& acme : answer.at("orders")) {
        const Order order = order_from(acme);
        page.last_id = order.id;
        page.records.push_back(
            {kOrder,
             order.id,
             RecordOperation::kUpsert,
             order.updated_at,
             dump_json(to_json(order))}
        );
    }
    return page;
}

Result<std::vector<Encoded>> Acme::encode(Call&, const EncodeRequest& request) {
    std::vector<Encoded> all;
    for (const auto& record : request.records) {
        SYNCLINE_ASSIGN_OR_RETURN(
            Encoded encoded,
            request.context.entity == kCustomer ? encode_customer(record)
                                                : encode_order(request.context, record)
        );
        all.push_back(std::move(encoded));
    }
    return all;
}

Result<std::vector<Found>> Acme::find(Call& call, const FindRequest& request) {
    std::vector<Found> all;
    for (const auto& key : request.keys) {
        if (call.cancelled()) {
            return Error{ErrorCode::kCancelled, "stopped while searching"};
        }
        std::string filter = request.entity == kCustomer ? "?email=" : "?reference=";
        filter += url_encode(key.natural_key);
        if (!key.remote_id.empty()) {
            filter = "?id=" + url_encode(key.remote_id);
        }
        SYNCLINE_ASSIGN_OR_RETURN(const Json answer, get_json(path_of(request.entity) + filter));
        for (const auto& acme : answer.at("items")) {
            const Written there = written_from(acme);
            all.push_back(
                {key.key, request.entity, there.remote_id, there.version, there.owned, std::nullopt}
            );
            break;  // keys are unique in Acme
        }
    }
    return all;
}

// Each item is reported as soon as it is known; what is not reported was not done.
Result<void> Acme::write(Call& call, const WriteRequest& request, Outcomes& outcomes) {
    for (const auto& item : request.items) {
        if (call.cancelled() || outcomes.stopped()) {
            return Error{ErrorCode::kCancelled, "stopped between two items"};
        }
        const auto written = write_one(call, item);
        if (written) {
            outcomes.done(item.index, *written);
        } else if (written.error().code == ErrorCode::kRateLimited) {
            return written.error();  // nothing further would be taken now
        } else {
            outcomes.failed(item.index, written.error());
        }
    }
    return {};
}

Result<Written> Acme::write_one(const Call& call, const WriteItem& item) const {
    if (item.operation != DocumentOperation::kUpsert) {
        return Error{
            ErrorCode::kUnsupported, "Acme cannot delete " + item.entity + "s", "acme.no_delete"};
    }
    HttpRequest request;
    request.method = item.remote_id.empty() ? "POST" : "PUT";
    request.url =
        path_of(item.entity) + (item.remote_id.empty() ? "" : "/" + url_encode(item.remote_id));
    request.json(item.body);
    // Acme replays its first answer when it sees a key again; one key per item of the batch.
    request.header(
        "Idempotency-Key", std::string(call.idempotency_key()) + "-" + std::to_string(item.index)
    );
    if (!item.version.empty()) {
        request.header("If-Match", item.version);
    }
    SYNCLINE_ASSIGN_OR_RETURN(const HttpResponse response, send(std::move(request)));
    SYNCLINE_ASSIGN_OR_RETURN(const Json answer, response.json());
    return written_from(answer);
}

}  // namespace acme

SYNCLINE_PLUGIN("Example Ltd", "Apache-2.0", acme::Acme)
