#include "connectors/connector_proxy.hpp"

#include <limits>
#include <set>

#include <syncline/json_fields.hpp>

#include "connectors/abi_text.hpp"
#include "connectors/text.hpp"
#include "core/log.hpp"

namespace syncline::connectors {
namespace {

constexpr std::int64_t kOverdueMs = 2000;
constexpr std::string_view kNoInput = "{}";
// A few records that cannot be taken may be a few bad records, even if there are no others.
constexpr std::size_t kAllUnreadableMin = 10;

// Runs plugin code; an exception that crosses the boundary becomes its text.
template <class Fn>
std::optional<std::string> contained(Fn&& fn) {
    try {
        fn();
        return std::nullopt;
    } catch (const std::exception& e) {
        return "let an exception out: " + one_line(e.what(), 200);
    } catch (...) {
        return "let an exception out";
    }
}

std::int32_t is_stopped(void* self) {
    const auto* stop = static_cast<const CallContext*>(self)->stop;
    return stop != nullptr && stop->load(std::memory_order_relaxed) ? 1 : 0;
}

syncline_call abi_call(const CallContext& call) {
    syncline_call raw{};
    raw.struct_size = sizeof raw;
    raw.attempt = call.attempt < 1 ? 1 : static_cast<std::uint32_t>(call.attempt);
    raw.deadline_ms = call.deadline.ms;
    raw.idempotency_key = as_bytes(call.idempotency_key);
    raw.trace_id = as_bytes(call.trace_id);
    raw.attachment = as_bytes(call.attachment);
    // The callback only reads; the ABI's `self` is not const.
    raw.self = const_cast<CallContext*>(&call);
    raw.cancelled = &is_stopped;
    return raw;
}

Error host_fault(const std::string& message) {
    return {ErrorCode::kBug, "fault of the host: " + message, "host.contract"};
}

Result<std::set<std::uint32_t>> indexes_of(const WriteRequest& request) {
    std::set<std::uint32_t> indexes;
    for (const auto& item : request.items) {
        const bool fits =
            item.index >= 0 && item.index <= std::numeric_limits<std::uint32_t>::max();
        if (!fits || !indexes.insert(static_cast<std::uint32_t>(item.index)).second) {
            return host_fault(
                "the index " + std::to_string(item.index) + " is wrong, or twice in a batch"
            );
        }
    }
    return indexes;
}

// {"context": ..., "records": [...], "known": [...]}, the records as they are.
Result<std::string> encode_input(
    const EncodeContext& context,
    const std::vector<std::string>& records,
    const std::vector<std::vector<KnownDocument>>& known
) {
    std::string text = "{\"context\":" + dump_json(to_json(context)) + ",\"records\":[";
    for (std::size_t i = 0; i < records.size(); ++i) {
        if (records[i].empty()) {
            return host_fault("record " + std::to_string(i) + " of an encode has no text");
        }
        text += i == 0 ? "" : ",";
        text += records[i];
    }
    return text + "],\"known\":" + dump_json(detail::encode_value(known)) + "}";
}

}  // namespace

ConnectorProxy::ConnectorProxy(
    const syncline_connector& table,
    std::unique_ptr<HostServices> host,
    std::size_t output_bytes_max
)
    : table_(table), host_(std::move(host)), output_bytes_max_(output_bytes_max) {}

Result<std::unique_ptr<Connector>> ConnectorProxy::make(
    const syncline_connector& table,
    std::unique_ptr<HostServices> host,
    const std::string& config_json,
    std::size_t output_bytes_max
) {
    std::unique_ptr<ConnectorProxy> proxy(
        new ConnectorProxy(table, std::move(host), output_bytes_max)
    );
    const Operation create{"create", nullptr};
    syncline_error error = empty_abi_error();
    syncline_status status = SYNCLINE_BUG;
    void* instance = nullptr;
    const auto escaped = contained([&] {
        status = table.create(proxy->host_->abi(), as_bytes(config_json), &instance, &error);
    });
    if (escaped) {
        return proxy->breach(create, *escaped);
    }
    if (status != SYNCLINE_OK) {
        return proxy->said(create, status, error);
    }
    if (instance == nullptr) {
        return proxy->breach(create, "gave no instance");
    }
    proxy->instance_ = instance;
    return std::unique_ptr<Connector>(std::move(proxy));
}

ConnectorProxy::~ConnectorProxy() {
    if (instance_ == nullptr) {
        return;
    }
    if (const auto escaped = contained([&] { table_.destroy(instance_); })) {
        log::error(
            "plugin broke its contract",
            {{"plugin", host_->platform()}, {"operation", "destroy"}, {"detail", *escaped}}
        );
    }
}

Error ConnectorProxy::breach(const Operation& operation, const std::string& what) const {
    return {
        ErrorCode::kBug,
        host_->without_secrets(
            "plugin '" + host_->platform() + "' broke its contract: " + operation.name + " " + what
        ),
        "plugin.contract"};
}

Error ConnectorProxy::said(
    const Operation& operation, syncline_status status, const syncline_error& error
) const {
    if (!is_known_status(status)) {
        return breach(operation, "answered with the unknown status " + std::to_string(status));
    }
    Error result = from_abi(status, error);
    result.message = host_->without_secrets(result.message);
    if (result.message.empty()) {
        result.message = "plugin '" + host_->platform() + "' gave no reason for the " +
                         std::string(status_name(status)) + " of " + operation.name;
    }
    return result;
}

Result<ConnectorProxy::Turn> ConnectorProxy::take_turn(
    const Operation& operation, const CallContext& call
) {
    if (operation.function == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "connector '" + host_->platform() + "' has no operation '" + operation.name + "'",
            "connector.no_operation"};
    }
    if (call.stop != nullptr && call.stop->load(std::memory_order_relaxed)) {
        return Error{
            ErrorCode::kCancelled, "stopped before " + std::string(operation.name), "stopped"};
    }
    // Rule [instance] of abi.h.
    const char* other = nullptr;
    if (!running_.compare_exchange_strong(other, operation.name)) {
        return host_fault(
            std::string(operation.name) + " was called while " + other +
            " ran on the same instance of '" + host_->platform() + "'"
        );
    }
    return Turn(running_);
}

Result<void> ConnectorProxy::run(
    const Operation& operation,
    std::string_view in_json,
    const CallContext& call,
    CallOutput& output
) {
    const HostServices::DuringCall during(call);
    const syncline_call raw = abi_call(call);
    syncline_error error = empty_abi_error();
    syncline_status status = SYNCLINE_BUG;
    const auto escaped = contained([&] {
        status = operation.function(instance_, &raw, as_bytes(in_json), output.abi(), &error);
    });

    const std::int64_t late_ms = host_->clock().now().ms - call.deadline.ms;
    if (call.deadline.ms != 0 && late_ms > kOverdueMs) {
        log::warn(
            "plugin answered after its deadline",
            {{"plugin", host_->platform()},
             {"connection", host_->who().connection},
             {"operation", operation.name},
             {"late_ms", late_ms}}
        );
    }
    if (escaped) {
        return breach(operation, *escaped);
    }
    if (const auto broken = output.breach()) {
        return breach(operation, *broken);
    }
    return status == SYNCLINE_OK ? Result<void>() : said(operation, status, error);
}

template <class T>
Result<T> ConnectorProxy::result_of(const Operation& operation, const CallOutput& output) const {
    if (!output.result) {
        return breach(operation, "answered OK but gave no result");
    }
    auto json = parse_json(*output.result);
    if (!json) {
        return breach(operation, "gave a result that is " + json.error().message.substr(0, 200));
    }
    T value{};
    auto decoded = detail::decode_value(*json, value, detail::JsonPlace{}, Unknown::kIgnore);
    if (!decoded) {
        return breach(operation, "gave a wrong result: " + one_line(decoded.error().message, 200));
    }
    return value;
}

template <class T>
Result<T> ConnectorProxy::ask(
    const Operation& operation, std::string_view in_json, const CallContext& call
) {
    SYNCLINE_ASSIGN_OR_RETURN(const Turn turn, take_turn(operation, call));
    CallOutput output({OutputKind::kResult, {}, {}, output_bytes_max_});
    SYNCLINE_RETURN_IF_ERROR(run(operation, in_json, call, output));
    return result_of<T>(operation, output);
}

Result<CheckReport> ConnectorProxy::check(const CallContext& call) {
    return ask<CheckReport>(
        {"check", SYNCLINE_OPERATION_OF(table_, check)}, R"({"level":"connect"})", call
    );
}

Result<Catalog> ConnectorProxy::discover(const CallContext& call) {
    return ask<Catalog>({"discover", SYNCLINE_OPERATION_OF(table_, discover)}, kNoInput, call);
}

Result<Page> ConnectorProxy::read(const ReadRequest& request, const CallContext& call) {
    const Operation operation{"read", SYNCLINE_OPERATION_OF(table_, read)};
    SYNCLINE_ASSIGN_OR_RETURN(const Turn turn, take_turn(operation, call));
    CallOutput output({OutputKind::kRecordsAndResult, request.entity, {}, output_bytes_max_});
    SYNCLINE_RETURN_IF_ERROR(run(operation, dump_json(to_json(request)), call, output));
    SYNCLINE_ASSIGN_OR_RETURN(Page page, result_of<Page>(operation, output));
    if (page.more && page.last_id.empty() && page.next.empty() && page.feed_cursor.empty()) {
        return breach(operation, "says there is more but not where it goes on");
    }
    if (request.ids.empty() && output.records.empty() &&
        output.unreadable.size() >= kAllUnreadableMin) {
        return breach(
            operation,
            "gave " + std::to_string(output.unreadable.size()) +
                " records, and none of them can be taken: " + output.unreadable.front().reason
        );
    }
    page.records = std::move(output.records);
    page.unreadable = std::move(output.unreadable);
    for (auto& record : page.unreadable) {
        record.reason = host_->without_secrets(record.reason);
        record.raw = host_->without_given_secrets(record.raw);
    }
    return page;
}

Result<std::vector<Encoded>> ConnectorProxy::encode(
    const EncodeContext& context,
    const std::vector<std::string>& records,
    const std::vector<std::vector<KnownDocument>>& known,
    const CallContext& call
) {
    const Operation operation{"encode", SYNCLINE_OPERATION_OF(table_, encode)};
    SYNCLINE_ASSIGN_OR_RETURN(const std::string input, encode_input(context, records, known));
    SYNCLINE_ASSIGN_OR_RETURN(auto encoded, ask<std::vector<Encoded>>(operation, input, call));
    if (encoded.size() != records.size()) {
        return breach(
            operation,
            "gave " + std::to_string(encoded.size()) + " answers for " +
                std::to_string(records.size()) + " records"
        );
    }
    return encoded;
}

Result<std::vector<Found>> ConnectorProxy::find(
    const FindRequest& request, const CallContext& call
) {
    const Operation operation{"find", SYNCLINE_OPERATION_OF(table_, find)};
    SYNCLINE_ASSIGN_OR_RETURN(
        auto found, ask<std::vector<Found>>(operation, dump_json(to_json(request)), call)
    );
    std::set<std::string> open_keys;
    for (const auto& key : request.keys) {
        open_keys.insert(key.key);
    }
    for (const auto& one : found) {
        if (open_keys.erase(one.key) == 0) {
            return breach(
                operation, "found '" + one_line(one.key, 60) + "' twice, or was not asked for it"
            );
        }
        if (one.remote_id.empty() && !one.hold) {
            return breach(operation, "found '" + one_line(one.key, 60) + "' but gave no remote_id");
        }
    }
    return found;
}

Result<std::vector<Result<Written>>> ConnectorProxy::write(
    const WriteRequest& request, const CallContext& call
) {
    const Operation operation{"write", SYNCLINE_OPERATION_OF(table_, write)};
    SYNCLINE_ASSIGN_OR_RETURN(const Turn turn, take_turn(operation, call));
    SYNCLINE_ASSIGN_OR_RETURN(auto indexes, indexes_of(request));
    CallOutput output({OutputKind::kItems, {}, std::move(indexes), output_bytes_max_});
    const auto ended = run(operation, dump_json(to_json(request)), call, output);
    std::vector<Result<Written>> outcomes;
    outcomes.reserve(request.items.size());
    for (const auto& item : request.items) {
        outcomes.push_back(outcome_of(item, output, ended));
    }
    return outcomes;
}

Result<Written> ConnectorProxy::outcome_of(
    const WriteItem& item, const CallOutput& output, const Result<void>& ended
) const {
    const Operation operation{"write", nullptr};
    const std::string which = "item " + std::to_string(item.index);
    const auto reported = output.items.find(static_cast<std::uint32_t>(item.index));
    if (reported == output.items.end()) {
        return ended ? Error{ErrorCode::kTransient,
                             "connector '" + host_->platform() + "' reported no outcome of " + which,
                             "connector.no_outcome"}
                     : ended.error();
    }
    if (reported->second.status != SYNCLINE_OK) {
        Error error = reported->second.error;
        error.message = host_->without_secrets(error.message);
        return error;
    }
    auto json = parse_json(reported->second.json);
    auto written = json ? from_json<Written>(*json) : Result<Written>(json.error());
    if (!written) {
        return breach(
            operation,
            "reported " + which + " as done, but " + one_line(written.error().message, 200)
        );
    }
    if (written->remote_id.empty() && item.operation == DocumentOperation::kUpsert) {
        return breach(operation, "reported " + which + " as done, but without a remote_id");
    }
    return written;
}

Result<Tokens> ConnectorProxy::oauth_refresh(const CallContext& call) {
    const Operation operation{"oauth_refresh", SYNCLINE_OPERATION_OF(table_, oauth_refresh)};
    SYNCLINE_ASSIGN_OR_RETURN(Tokens tokens, ask<Tokens>(operation, kNoInput, call));
    if (tokens.access_token.empty()) {
        return breach(operation, "gave no access_token");
    }
    return tokens;
}

Result<WebhookEvent> ConnectorProxy::webhook_parse(
    const WebhookDelivery& delivery, const CallContext& call
) {
    const Operation operation{"webhook_parse", SYNCLINE_OPERATION_OF(table_, webhook_parse)};
    SYNCLINE_ASSIGN_OR_RETURN(
        WebhookEvent event, ask<WebhookEvent>(operation, dump_json(to_json(delivery)), call)
    );
    for (const auto& change : event.changes) {
        if (change.entity.empty() || change.id.empty()) {
            return breach(operation, "announced a change without an entity or an id");
        }
    }
    return event;
}

Result<WebhookReport> ConnectorProxy::webhook_register(
    const WebhookRegistration& registration, const CallContext& call
) {
    return ask<WebhookReport>(
        {"webhook_register", SYNCLINE_OPERATION_OF(table_, webhook_register)},
        dump_json(to_json(registration)),
        call
    );
}

Result<void> ConnectorProxy::webhook_unregister(
    const WebhookRegistration& registration, const CallContext& call
) {
    const auto report = ask<WebhookReport>(
        {"webhook_unregister", SYNCLINE_OPERATION_OF(table_, webhook_unregister)},
        dump_json(to_json(registration)),
        call
    );
    return report ? Result<void>() : Result<void>(report.error());
}

}  // namespace syncline::connectors
