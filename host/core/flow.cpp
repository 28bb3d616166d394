#include "core/flow.hpp"

#include <algorithm>

#include <syncline/model/customer.hpp>

namespace syncline {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPlurals{{
    {"order", "orders"},
    {"customer", "customers"},
    {"product", "products"},
    {"invoice", "invoices"},
    {"refund", "refunds"},
    {"payment", "payments"},
    {"id_mapping", "id_mappings"},
    {"sync_log", "sync_logs"},
}};

bool lists(const std::vector<std::string>& wanted, std::string_view value) {
    return std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

std::string text_of(const Json& record, const char* member) {
    const auto found = record.find(member);
    return found != record.end() && found->is_string() ? found->get<std::string>() : std::string();
}

bool within(const Filters& filters, const Json& record) {
    if (!filters.created_from && !filters.created_to) {
        return true;
    }
    const auto created = Timestamp::parse(text_of(record, "created_at"));
    return created && (!filters.created_from || *created >= *filters.created_from) &&
           (!filters.created_to || *created < *filters.created_to);
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 100 &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") ==
               std::string_view::npos;
}

}  // namespace

std::optional<std::string> entity_from_plural(std::string_view plural) {
    for (const auto& [singular, candidate] : kPlurals) {
        if (candidate == plural) {
            return std::string(singular);
        }
    }
    return std::nullopt;
}

std::string plural_of(std::string_view entity) {
    for (const auto& [singular, plural] : kPlurals) {
        if (singular == entity) {
            return std::string(plural);
        }
    }
    return std::string(entity);
}

bool passes(const Filters& filters, const Json& record) {
    const bool status = filters.status.empty() ||
                        lists(filters.status, text_of(record, "status")) ||
                        lists(filters.status, text_of(record, "source_status"));
    const bool payment = filters.payment_status.empty() ||
                         lists(filters.payment_status, text_of(record, "payment_status"));
    return status && payment && within(filters, record);
}

std::string identity_key(std::string_view entity, std::string_view source_id, const Json& record) {
    std::string key;
    if (entity == "customer") {
        key = normalized_email(text_of(record, "email"));
    } else if (entity == "product") {
        key = text_of(record, "sku");
    }
    return key.empty() ? "#" + std::string(source_id) : key;
}

std::string lane_name(std::string_view entity, std::string_view identity) {
    return std::string(entity) + ":" + std::string(identity);
}

Result<void> check_name(std::string_view name) {
    if (!is_name(name)) {
        return invalid(
            "/name: expected 1 to 100 characters of a-z, 0-9, '-', '_' and '.', found '" +
            std::string(name.substr(0, 40)) + "'"
        );
    }
    return {};
}

Result<void> check_definition(const FlowDefinition& definition) {
    SYNCLINE_RETURN_IF_ERROR(check_name(definition.name));
    const bool known = std::any_of(kPlurals.begin(), kPlurals.end(), [&](const auto& entry) {
        return entry.first == definition.entity;
    });
    if (!known) {
        return invalid(
            "/entity: unknown entity '" + definition.entity.substr(0, 40) +
            "' (order, customer, product, invoice, refund, payment, id_mapping or sync_log)"
        );
    }
    if (definition.source.connection.empty() || definition.target.connection.empty()) {
        return invalid("/source/connection and /target/connection: both must name a connection");
    }
    if (definition.source.connection == definition.target.connection) {
        return invalid("/target/connection: a flow cannot write to the connection it reads");
    }
    if (definition.batch_size < 1 || definition.batch_size > 10'000) {
        return invalid("/batch_size: expected 1 to 10000");
    }
    if (!definition.mapping.empty() && !is_name(definition.mapping)) {
        return invalid(
            "/mapping: expected the name of a mapping, found '" + definition.mapping.substr(0, 40) +
            "'"
        );
    }
    if (const auto approval = check_approval(definition.approval); !approval) {
        return approval.error();
    }
    SYNCLINE_RETURN_IF_ERROR(check_conflict_fields(definition.conflict_fields));
    return check_retry(definition.retry);
}

}  // namespace syncline
