#include "quickbooks/control.hpp"

#include <array>
#include <functional>

#include "quickbooks/books/life_cycle.hpp"
#include "quickbooks/books/merge.hpp"
#include "quickbooks/books/profile.hpp"
#include "quickbooks/ledger.hpp"

namespace sandbox::quickbooks {
namespace {

struct Call {
    World& world;
    Realm& realm;
    const Request& request;
    std::vector<std::string> path;  // what follows the name of the call
    Json body;
    Millis now;
};

Response done(const nlohmann::json& body) {
    return json_response(200, body.dump() + "\n");
}
Response done() {
    return done({{"ok", true}});
}

Response show_ledger(Call& call) {
    return done(ledger(call.realm.company));
}

Response show_counters(Call& call) {
    const Counters& counters = call.realm.counters;
    return done(
        {{"reads", counters.reads},
         {"queries", counters.queries},
         {"cdc", counters.cdc},
         {"writes", counters.writes},
         {"batches", counters.batches},
         {"batch_writes", counters.batch_writes},
         {"batch_queries", counters.batch_queries},
         {"replays", counters.replays},
         {"throttled", counters.throttled},
         {"refused_tokens", counters.refused_tokens},
         {"refreshes", call.world.tokens.refreshes(call.realm.company.realm())},
         {"refused_refreshes", call.world.tokens.refused_refreshes()}}
    );
}

Response reset_counters(Call& call) {
    call.realm.counters = Counters();
    return done();
}

Response set_preferences(Call& call) {
    if (!call.body.is_object())
        return control_error(400, "the body must be an object to merge into the preferences");
    change_preferences(call.realm.company, call.body, call.now);
    return json_response(200, print(call.realm.company.preferences()) + "\n");
}

Response close_books(Call& call) {
    const Json* date = member(call.body, "date");
    if (date && !is_date(text_at(call.body, "date")))
        return control_error(400, "date must be a day like 2025-12-31, or null to open the books");
    const Json changes{{"AccountingInfoPrefs", {{"BookCloseDate", date ? *date : Json(nullptr)}}}};
    change_preferences(call.realm.company, changes, call.now);
    return done();
}

Response forget_requests(Call& call) {
    const std::size_t known = call.realm.replay.size();
    call.realm.replay.forget();
    return done({{"forgotten", known}});
}

Response expire_tokens(Call& call) {
    const bool refresh_tokens_too = flag_at(call.body, "refresh_tokens", false);
    call.world.tokens.expire(call.realm.company.realm(), refresh_tokens_too);
    return done();
}

// The company's owner takes the consent back, at Intuit.
Response disconnect(Call& call) {
    call.world.tokens.disconnect(call.realm.company.realm());
    return done();
}

// The object /{entity}/{id} of a path; nullptr after setting `response`.
Record* addressed(Call& call, const EntityInfo*& entity, Response& response) {
    entity = call.path.size() == 2 ? entity_named(call.path[0]) : nullptr;
    if (call.path.size() == 2 && !entity)
        entity = entity_at_path(call.path[0]);
    Record* record = entity ? call.realm.company.find(entity->entity, call.path[1]) : nullptr;
    if (!record)
        response = control_error(404, "no such object; expected /{entity}/{id}");
    return record;
}

Response change_by_hand(Call& call, Action action) {
    const EntityInfo* entity = nullptr;
    Response response;
    if (!addressed(call, entity, response))
        return response;
    Write write{action, entity->entity, call.body, false, true};
    if (!write.body.is_object())
        write.body = Json::object();
    write.body["Id"] = call.path[1];
    Outcome outcome = carry_out(call.realm.company, write, call.now);
    if (!outcome.ok())
        return fault_response(outcome.errors, call.now);
    return json_response(200, print(outcome.value) + "\n");
}

Response edit(Call& call) {
    return change_by_hand(call, Action::kUpdate);
}
Response erase(Call& call) {
    return change_by_hand(call, Action::kDelete);
}
Response make_void(Call& call) {
    return change_by_hand(call, Action::kVoid);
}

// Somebody enters the same document once more: it has another number, and the same note.
Response copy(Call& call) {
    const EntityInfo* entity = nullptr;
    Response response;
    const Record* record = addressed(call, entity, response);
    if (!record)
        return response;
    Write write{Action::kCreate, entity->entity, record->doc, true, true};
    for (const char* own : {"Id", "SyncToken", "MetaData", "DocNumber", "LinkedTxn", "Balance"})
        write.body.erase(own);
    Outcome outcome = carry_out(call.realm.company, write, call.now);
    if (!outcome.ok())
        return fault_response(outcome.errors, call.now);
    return json_response(200, print(outcome.value) + "\n");
}

Response merge(Call& call) {
    const EntityInfo* entity = nullptr;
    Response response;
    if (!addressed(call, entity, response))
        return response;
    if (entity->entity != Entity::kCustomer && entity->entity != Entity::kItem)
        return control_error(400, "only customers and items can be merged");
    const Merge wanted{entity->entity, call.path[1], text_at(call.body, "goes")};
    Outcome outcome = merge_objects(call.realm.company, wanted, call.now);
    if (!outcome.ok())
        return fault_response(outcome.errors, call.now);
    return json_response(200, print(outcome.value) + "\n");
}

Response deposit(Call& call) {
    const EntityInfo* entity = nullptr;
    Response response;
    Record* record = addressed(call, entity, response);
    if (!record)
        return response;
    record->deposited = flag_at(call.body, "deposited", true);
    return done();
}

Response add_code(Call& call) {
    const std::string name = text_at(call.body, "name");
    std::vector<Decimal> rates;
    for (const Json& rate : call.body.value("rates", Json::array())) {
        const auto percent =
            rate.is_string() ? Decimal::parse(rate.get<std::string>()) : decimal(rate);
        if (!percent)
            return control_error(400, "rates must be percentages like 8.25");
        rates.push_back(*percent);
    }
    if (name.empty() || rates.empty())
        return control_error(400, "expected {\"name\": \"12 %\", \"rates\": [12]}");
    return done({{"id", std::to_string(add_tax_code(call.realm.company, name, rates, call.now))}});
}

Response list_realms(Call& call) {
    nlohmann::json realms = nlohmann::json::array();
    for (const auto& [id, realm] : call.world.realms)
        realms.push_back({{"realm", id}, {"profile", realm.company.profile()}});
    return done(realms);
}

// Founds a company, or founds it anew with another profile; its grant stays as it is.
Response found_realm(Call& call) {
    const std::string id = text_at(call.body, "realm");
    const std::string profile = text_at(call.body, "profile");
    if (!parse_id(id) || !is_profile(profile))
        return control_error(
            400,
            "expected {\"realm\": \"digits\", \"profile\": \"us_ast|us_manual|non_us|tax_off\"}"
        );
    const bool known = call.world.realms.count(id) > 0;
    call.world.realms.insert_or_assign(id, Realm{founded_company(id, profile, call.now)});
    if (!known)
        call.world.tokens.add_grant(id, call.now);
    return done({{"realm", id}, {"refresh_token", Tokens::first_refresh_token(id)}});
}

Response consent(Call& call) {
    call.world.consenting_realm = call.realm.company.realm();
    return done({{"realm", call.world.consenting_realm}});
}

// ---- options ----

struct Option {
    std::string_view name;
    std::function<bool(Call&, const Json&)> set;  // false: wrong kind of value
};

Option flag(std::string_view name, std::function<bool&(Call&)> target) {
    return {name, [target = std::move(target)](Call& call, const Json& value) {
                if (value.is_boolean())
                    target(call) = value.get<bool>();
                return value.is_boolean();
            }};
}

Option count(std::string_view name, std::function<void(Call&, std::int64_t)> assign) {
    return {name, [assign = std::move(assign)](Call& call, const Json& value) {
                const bool fits = value.is_number_integer() && value.get<std::int64_t>() >= 0 &&
                                  value.get<std::int64_t>() <= 1'000'000'000;
                if (fits)
                    assign(call, value.get<std::int64_t>());
                return fits;
            }};
}

const std::vector<Option>& options() {
    static const std::vector<Option> all{
        count(
            "access_token_lifetime_s",
            [](Call& call, std::int64_t value) {
                call.world.tokens.options().access_lifetime = value * kSecond;
            }
        ),
        flag(
            "rotate_refresh_tokens",
            [](Call& call) -> bool& { return call.world.tokens.options().rotate; }
        ),
        flag(
            "strict_refresh_tokens",
            [](Call& call) -> bool& { return call.world.tokens.options().strict; }
        ),
        flag("deny_consent", [](Call& call) -> bool& { return call.world.tokens.options().deny; }),
        flag("limits", [](Call& call) -> bool& { return call.world.options.limits; }),
        count(
            "requests_per_minute",
            [](Call& call, std::int64_t value) {
                call.world.options.requests_per_minute = static_cast<int>(value);
            }
        ),
        count(
            "requests_per_second",
            [](Call& call, std::int64_t value) {
                call.world.options.requests_per_second = static_cast<int>(value);
            }
        ),
        count(
            "batches_per_minute",
            [](Call& call, std::int64_t value) {
                call.world.options.batches_per_minute = static_cast<int>(value);
            }
        ),
        count(
            "broken_batches",
            [](Call& call, std::int64_t value) { call.realm.broken_batches = value; }
        ),
        flag(
            "reverse_batches",
            [](Call& call) -> bool& { return call.world.options.reverse_batches; }
        ),
        flag("reverse_cdc", [](Call& call) -> bool& { return call.world.options.reverse_cdc; }),
        flag("replay_errors", [](Call& call) -> bool& { return call.world.options.replay_errors; }),
        flag(
            "warn_duplicate_numbers",
            [](Call& call) -> bool& { return call.realm.company.options().warn_duplicate_numbers; }
        ),
        flag("void_keeps_note", [](Call& call) -> bool& {
            return call.realm.company.options().void_keeps_note;
        })};
    return all;
}

Response set_options(Call& call) {
    if (!call.body.is_object())
        return control_error(400, "the body must be an object of options");
    for (const auto& [name, value] : call.body.items()) {
        const std::string& wanted = name;
        const auto& all = options();
        const auto option = std::find_if(all.begin(), all.end(), [&](const Option& known) {
            return known.name == wanted;
        });
        if (option == all.end())
            return control_error(400, name + ": no such option");
        if (!option->set(call, value))
            return control_error(400, name + ": a value of this kind does not fit");
    }
    return done();
}

struct Route {
    std::string_view method;
    std::string_view name;
    Response (*answer)(Call&);
};
constexpr std::array<Route, 19> kRoutes{{
    {"GET", "ledger", show_ledger},
    {"GET", "counters", show_counters},
    {"DELETE", "counters", reset_counters},
    {"POST", "preferences", set_preferences},
    {"POST", "close-books", close_books},
    {"POST", "forget-requests", forget_requests},
    {"POST", "expire-tokens", expire_tokens},
    {"POST", "disconnect", disconnect},
    {"POST", "edit", edit},
    {"POST", "delete", erase},
    {"POST", "void", make_void},
    {"POST", "copy", copy},
    {"POST", "merge", merge},
    {"POST", "deposit", deposit},
    {"POST", "tax-codes", add_code},
    {"GET", "realms", list_realms},
    {"POST", "realms", found_realm},
    {"POST", "consent", consent},
    {"POST", "options", set_options},
}};

std::vector<std::string> segments(const std::string& path) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < path.size();) {
        const auto slash = std::min(path.find('/', at), path.size());
        if (slash > at)
            parts.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    return parts;
}

}  // namespace

World new_world(Millis now) {
    World world;
    const std::array<std::pair<std::string_view, const char*>, 2> realms{
        {{kFirstRealm, "us_ast"}, {kSecondRealm, "non_us"}}};
    for (const auto& [id, profile] : realms) {
        const std::string realm(id);
        world.realms.emplace(realm, Realm{founded_company(realm, profile, now)});
        world.tokens.add_grant(realm, now);
    }
    world.consenting_realm = kFirstRealm;
    return world;
}

Response answer_control(World& world, const Request& request, Millis now) {
    std::vector<std::string> path = segments(request.path);
    const std::string* asked = request.parameter("realm");
    const auto realm = world.realms.find(asked ? *asked : std::string(kFirstRealm));
    if (realm == world.realms.end())
        return control_error(404, "no such realm");
    Json body;
    std::string why;
    if (!request.body.empty()) {
        auto parsed = parse_exact(request.body, why);
        if (!parsed)
            return control_error(400, "the body is no JSON: " + why);
        body = std::move(*parsed);
    }
    for (const Route& route : kRoutes) {
        if (path.empty() || route.name != path[0] || route.method != request.method)
            continue;
        Call call{
            world, realm->second, request, {path.begin() + 1, path.end()}, std::move(body), now};
        return route.answer(call);
    }
    return control_error(404, "no such control: " + request.method + " " + request.path);
}

}  // namespace sandbox::quickbooks
