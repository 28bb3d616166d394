#include "quickbooks/remote/discover.hpp"

#include <algorithm>

#include "quickbooks/company.hpp"
#include "quickbooks/entities.hpp"
#include "quickbooks/remote/mappable.hpp"
#include "quickbooks/source/home_currency.hpp"
#include "quickbooks/source/models.hpp"
#include "quickbooks/source/posted.hpp"
#include "quickbooks/source/start_day.hpp"

namespace syncline::quickbooks {
namespace {

Result<Json> company_info(const Api& api, const Endpoint& endpoint) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const Json answer, api.get("companyinfo/" + plugin::url_encode(endpoint.realm_id))
    );
    return child_at(answer, "CompanyInfo");
}

std::string subscription_of(const Json& info) {
    for (const auto& pair : child_at(info, "NameValue")) {
        if (text_at(pair, "Name") == "SubscriptionStatus") {
            return text_at(pair, "Value");
        }
    }
    return {};
}

// Asked for only where the company tracks by them: a plan without them refuses the question.
Result<void> add_dimensions(const Api& api, CompanyFacts& facts) {
    if (facts.classes_per_document || facts.classes_per_line) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rows, api.query(Query{"Class", "", ""}));
        facts.classes = named_ids(rows);
    }
    if (facts.tracks_locations) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rows, api.query(Query{"Department", "", ""}));
        facts.locations = named_ids(rows);
    }
    return {};
}

std::vector<CatalogEntity> catalog_entities() {
    std::vector<CatalogEntity> all;
    for (const auto& facts : entities()) {
        if (!facts.writable) {
            continue;
        }
        CatalogEntity entity;
        entity.name = facts.entity;
        entity.write = facts.transaction && facts.removal != Removal::kDelete
                           ? std::vector<std::string>{"create", "update", "delete", "void"}
                           : std::vector<std::string>{"create", "update", "delete"};
        for (const auto& path : facts.owned_paths) {
            entity.owned_paths.emplace_back(path);
        }
        all.push_back(std::move(entity));
    }
    for (const auto& source : source_entities()) {
        const auto same = std::find_if(all.begin(), all.end(), [&](const CatalogEntity& entity) {
            return entity.name == source.entity;
        });
        CatalogEntity& entity = same == all.end() ? all.emplace_back() : *same;
        entity.name = source.entity;
        entity.read = {"window", "ids", "sweep"};
    }
    return all;
}

Error refused_refresh(const plugin::HttpResponse& response, const Json& answer) {
    const std::string why = text_at(answer, "error");
    const std::string tid = std::string(response.header("intuit_tid"));
    const std::string tail = tid.empty() ? "" : " (intuit_tid " + tid + ")";
    if (why == "invalid_grant") {
        return Error{
            ErrorCode::kAuth,
            "QuickBooks no longer takes the refresh token; connect the company again" + tail,
            "auth.invalid_grant",
            response.status};
    }
    if (why == "invalid_client" || response.status == 401) {
        return Error{
            ErrorCode::kConfig,
            "Intuit refuses client_id and client_secret; check that they belong together and to "
            "this "
            "environment" +
                tail,
            "auth.invalid_client",
            response.status};
    }
    Occasion occasion{"refreshing the access token", tid, response.status, response.retry_after()};
    Error error = to_error_by_status(occasion);
    if (error.code == ErrorCode::kData) {
        error.code = ErrorCode::kAuth;
        error.name = "auth.refresh_refused";
        error.message += why.empty() ? "" : ": " + why;
    }
    return error;
}

std::int64_t seconds_at(const Json& answer, std::string_view member) {
    const auto number = number_at(answer, member);
    return number ? number->normalized().units() : 0;
}

}  // namespace

Result<CheckReport> check(const Api& api, const Endpoint& endpoint) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json info, company_info(api, endpoint));
    CheckReport report;
    report.account = text_at(info, "CompanyName") + " (realm " + endpoint.realm_id + ")";
    report.remote_identity = endpoint.realm_id;
    const std::string subscription = subscription_of(info);
    if (!subscription.empty() && subscription != "PAID" && subscription != "TRIAL") {
        report.warnings.push_back("the QuickBooks subscription is " + subscription);
    }
    const std::string start = start_day(api.host(), text_at(info, "DefaultTimeZone"));
    if (!start.empty()) {
        report.warnings.push_back(
            "orders from before " + start +
            ", the day the company was connected, are left out unless start_date says otherwise"
        );
    }
    if (text_at(info, "DefaultTimeZone").empty()) {
        report.warnings.emplace_back("the company names no time zone; set time_zone");
    }
    return report;
}

Result<Catalog> discover(const Api& api, const Endpoint& endpoint) {
    SYNCLINE_ASSIGN_OR_RETURN(const Json info, company_info(api, endpoint));
    SYNCLINE_ASSIGN_OR_RETURN(const Json preferences, api.get("preferences"));
    CompanyFacts facts = company_facts(info, child_at(preferences, "Preferences"));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto lists,
        api.queries(
            {Query{"Account", "", ""},
             Query{"Term", "", ""},
             Query{"TaxCode", "", ""},
             Query{"PaymentMethod", "", ""},
             Query{"TaxRate", "", ""},
             Query{"Item", "Active IN (true, false)", ""}}
        )
    );
    add_accounts(facts, lists[0]);
    add_terms(facts, lists[1]);
    add_tax_codes(facts, lists[2], lists[4]);
    facts.payment_methods = named_ids(lists[3]);
    add_items(facts, lists[5]);
    SYNCLINE_RETURN_IF_ERROR(add_dimensions(api, facts));
    facts.start_day = start_day(api.host(), facts.time_zone);
    if (const auto home = Currency::parse(facts.home_currency)) {
        keep_home_currency(api.host(), *home);
    }
    Catalog catalog;
    catalog.entities = catalog_entities();
    catalog.facts = to_json(facts);
    for (auto& entity : catalog.entities) {
        entity.mappable = mappable_paths(entity.name, catalog.facts);
    }
    catalog.facts["posted"] = posted_forms();
    return catalog;
}

Result<Tokens> refresh_tokens(
    const plugin::Host& host, const std::string& token_url, const std::string& client_id
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string client_secret, host.secret("client_secret"));
    SYNCLINE_ASSIGN_OR_RETURN(const std::string refresh_token, host.secret("refresh_token"));
    plugin::HttpRequest request;
    request.method = "POST";
    request.url = token_url;
    request.header("Authorization", "Basic " + base64(client_id + ":" + client_secret));
    request.header("Accept", "application/json");
    request.header("Content-Type", "application/x-www-form-urlencoded");
    request.header(kAsksHardExpiry, "true");
    request.body = "grant_type=refresh_token&refresh_token=" + plugin::url_encode(refresh_token);
    SYNCLINE_ASSIGN_OR_RETURN(const plugin::HttpResponse response, host.http(request));

    auto answer = parse_json(response.body);
    if (!response.ok()) {
        return refused_refresh(response, answer ? *answer : Json::object());
    }
    Tokens tokens;
    if (answer) {
        tokens.access_token = text_at(*answer, "access_token");
        tokens.expires_in_s = seconds_at(*answer, "expires_in");
        tokens.refresh_token = text_at(*answer, "refresh_token");
        tokens.refresh_expires_in_s = seconds_at(*answer, kRefreshExpires);
        tokens.hard_expires_in_s = seconds_at(*answer, kHardExpires);
    }
    if (tokens.access_token.empty()) {
        return Error{
            ErrorCode::kTransient,
            "the token endpoint answered without an access token",
            "auth.refresh_unreadable",
            response.status};
    }
    return tokens;
}

}  // namespace syncline::quickbooks
