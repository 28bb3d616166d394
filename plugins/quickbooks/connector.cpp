#include "quickbooks/connector.hpp"

#include "quickbooks/choice_checks.hpp"
#include "quickbooks/encode/items.hpp"
#include "quickbooks/encode/order.hpp"
#include "quickbooks/encode/parties.hpp"
#include "quickbooks/encode/refund.hpp"
#include "quickbooks/encode/scope.hpp"
#include "quickbooks/native.hpp"
#include "quickbooks/remote/discover.hpp"
#include "quickbooks/remote/find.hpp"
#include "quickbooks/remote/write.hpp"
#include "quickbooks/source/read.hpp"
#include "quickbooks/webhooks.hpp"

namespace syncline::quickbooks {
namespace {

Encoded unreadable(const Error& error) {
    Encoded encoded;
    encoded.hold =
        Reason{"RECORD_UNREADABLE", "the record is not in the canonical form: " + error.message};
    return encoded;
}

// Reads one record as a T and hands it on; one unreadable record stops no other.
template <class T, class Fn>
Encoded with_record(const Json& record, Fn&& encode) {
    const auto model = from_json<T>(record);
    return model ? encode(*model) : unreadable(model.error());
}

std::optional<Currency> currency_of(const Json& record) {
    const auto currency = Currency::parse(text_at(record, kCurrencyMember));
    return currency ? std::optional(*currency) : std::nullopt;
}

Result<CompanyFacts> company_of(const EncodeContext& context) {
    auto company = from_json<CompanyFacts>(context.facts);
    if (!company || !Currency::parse(company->home_currency)) {
        return Error{
            ErrorCode::kConfig,
            "nothing is known of the QuickBooks company yet; test the connection",
            "qbo.no_facts"};
    }
    return company;
}

Result<Scope> scope_of(
    const plugin::Host& host, const Json& settings, const EncodeContext& context
) {
    SYNCLINE_ASSIGN_OR_RETURN(Choices choices, choices_of(settings, context.settings));
    SYNCLINE_ASSIGN_OR_RETURN(CompanyFacts company, company_of(context));
    const auto home = Currency::parse(company.home_currency);
    return Scope{host, context, std::move(choices), std::move(company), *home};
}

}  // namespace

QuickBooks::QuickBooks(plugin::Host host, const Json& settings)
    : host_(host), settings_(settings), addresses_(addresses_of(settings)) {}

Result<CheckReport> QuickBooks::check(plugin::Call& call) {
    return quickbooks::check(Api(host_, addresses_.api, call), addresses_.api);
}

Result<Catalog> QuickBooks::discover(plugin::Call& call) {
    return quickbooks::discover(Api(host_, addresses_.api, call), addresses_.api);
}

Result<Page> QuickBooks::read(plugin::Call& call, const ReadRequest& request) {
    return read_page(Api(host_, addresses_.api, call), request);
}

Result<std::vector<Encoded>> QuickBooks::encode(
    plugin::Call& /*call*/, const EncodeRequest& request
) {
    const std::string& entity = request.context.entity;
    if (entity == kTenantSettings) {
        SYNCLINE_ASSIGN_OR_RETURN(const CompanyFacts company, company_of(request.context));
        std::vector<Encoded> checked;
        for (const auto& record : request.records) {
            checked.push_back(check_tenant_choices(host_, record, company));
        }
        return checked;
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Scope scope, scope_of(host_, settings_, request.context));
    const EntityFacts* facts = find_entity(entity);
    const bool native = facts != nullptr && facts->native && facts->writable;
    if (entity != "order" && entity != "refund" && entity != "customer" && entity != "product" &&
        !native) {
        return Error{
            ErrorCode::kUnsupported,
            "QuickBooks takes orders, refunds, customers, products, vendors, bills and estimates, "
            "not '" +
                entity + "'",
            "qbo.entity"};
    }
    std::vector<Encoded> all;
    for (std::size_t i = 0; i < request.records.size(); ++i) {
        const Json& record = request.records[i];
        if (native) {
            all.push_back(encode_native(scope, *facts, record));
        } else if (entity == "order") {
            all.push_back(with_record<Order>(record, [&](const Order& order) {
                return encode_order(scope, order, request.known_of(i));
            }));
        } else if (entity == "refund") {
            all.push_back(with_record<Refund>(record, [&](const Refund& refund) {
                return encode_refund(scope, refund, request.known_of(i));
            }));
        } else if (entity == "customer") {
            all.push_back(with_record<Customer>(record, [&](const Customer& customer) {
                return encode_customer(scope, Buyer{customer, currency_of(record)});
            }));
        } else {
            all.push_back(with_record<Product>(record, [&](const Product& product) {
                return encode_product(scope, product);
            }));
        }
    }
    return all;
}

Result<std::vector<Found>> QuickBooks::find(plugin::Call& call, const FindRequest& request) {
    return quickbooks::find(Api(host_, addresses_.api, call), request);
}

Result<void> QuickBooks::write(
    plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes
) {
    return quickbooks::write(Api(host_, addresses_.api, call), call, request, outcomes);
}

Result<Tokens> QuickBooks::oauth_refresh(plugin::Call& /*call*/) {
    return refresh_tokens(host_, addresses_.token_url, text_at(settings_, "client_id"));
}

Result<Json> QuickBooks::webhook_parse(plugin::Call& call, const Json& /*in*/) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto event, parse_webhook(call.attachment(), addresses_.api.realm_id)
    );
    return to_json(event);
}

}  // namespace syncline::quickbooks
