// What two systems have in common: matches, and what people decide about their proposals.
#include "api/audited.hpp"
#include "api/http/input.hpp"
#include "api/http/page.hpp"
#include "api/match_views.hpp"
#include "api/routes.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kNamedMax = 100;     // proposals in one request
constexpr std::size_t kRefusalsMax = 100;  // that an answer shows
constexpr std::size_t kReasonMax = 500;

struct MatchBody {
    std::string flow;
    std::string source;
    std::string target;
    std::string entity;
    std::optional<Timestamp> from;

    static constexpr auto fields() {
        return std::make_tuple(
            field("flow", &MatchBody::flow),
            field("source", &MatchBody::source),
            field("target", &MatchBody::target),
            field("entity", &MatchBody::entity),
            field("from", &MatchBody::from)
        );
    }
};

struct TargetBody {
    std::string entity;
    std::string id;

    static constexpr auto fields() {
        return std::make_tuple(field("entity", &TargetBody::entity), field("id", &TargetBody::id));
    }
};

struct ConfirmBody {
    std::vector<std::int64_t> proposals;
    std::string grade;
    std::optional<TargetBody> target;

    static constexpr auto fields() {
        return std::make_tuple(
            field("proposals", &ConfirmBody::proposals),
            field("grade", &ConfirmBody::grade),
            field("target", &ConfirmBody::target)
        );
    }
};

struct RejectBody {
    std::vector<std::int64_t> proposals;
    std::string grade;
    std::string reason;

    static constexpr auto fields() {
        return std::make_tuple(
            field("proposals", &RejectBody::proposals),
            field("grade", &RejectBody::grade),
            field("reason", &RejectBody::reason)
        );
    }
};

Result<storage::Match> match_of(Backend& backend, const Request& request) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t id, row_number(request.at("id"), "match"));
    return backend.matches.store().by_id(request.actor.tenant, id);
}

Result<Json> shown(Backend& backend, const storage::Match& match) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto tally, backend.matches.store().tally(match.id));
    return match_json(match, tally);
}

Result<void> check(const std::string& value, const char* place, std::vector<const char*> known) {
    std::string expected;
    for (const char* one : known) {
        if (value == one) {
            return {};
        }
        expected += (expected.empty() ? "" : ", ") + std::string(one);
    }
    return invalid(
        std::string(place) + ": expected one of " + expected + ", found '" + value.substr(0, 40) +
        "'"
    );
}

template <class Body>
Result<engine::Proposals> proposals_of(const Body& body) {
    if (body.proposals.empty() == body.grade.empty()) {
        return invalid("/proposals: expected \"proposals\" (their ids) or a \"grade\", one of both"
        );
    }
    if (body.proposals.size() > kNamedMax) {
        return invalid("/proposals: at most " + std::to_string(kNamedMax) + " in one request");
    }
    if (!body.grade.empty()) {
        SYNCLINE_RETURN_IF_ERROR(check(body.grade, "/grade", {"exact", "assisted", "ambiguous"}));
    }
    return engine::Proposals{body.proposals, body.grade};
}

// Decides in units of work, each with its entry in the audit log: `decide(after_id)`.
template <class Decide>
Result<engine::Decided> decided_in_parts(
    Backend& backend, const storage::AuditEntry& entry, const Decide& decide
) {
    engine::Decided all;
    do {
        const std::int64_t after = all.last_id;
        auto part = backend.stores.database.write([&](storage::Sql& sql) {
            Result<engine::Decided> done = decide(after);
            if (done && done->done > 0) {
                storage::AuditEntry noted = entry;
                noted.detail["proposals"] = done->done;
                storage::append_audit(sql, noted);
            }
            return done;
        });
        if (!part) {
            return part.error();
        }
        all.done += part->done;
        all.last_id = part->last_id;
        for (auto& refused : part->refused) {
            if (all.refused.size() < kRefusalsMax) {
                all.refused.push_back(std::move(refused));
            }
        }
    } while (all.last_id != 0);
    backend.wake();
    return all;
}

Result<Response> decision_response(
    Backend& backend, const storage::Match& match, const engine::Decided& decided
) {
    SYNCLINE_ASSIGN_OR_RETURN(Json json, shown(backend, match));
    Json refused = Json::array();
    for (const auto& [id, error] : decided.refused) {
        refused.push_back({{"proposal", id}, {"code", error.name}, {"message", error.message}});
    }
    return json_response(
        {{"decided", decided.done}, {"refused", std::move(refused)}, {"match", std::move(json)}}
    );
}

storage::AuditEntry entry_of(
    Backend& backend, const Request& request, const char* event, const storage::Match& match
) {
    auto entry = audit_entry(backend, request, event, "match " + std::to_string(match.id));
    entry.detail["source"] = match.source_name;
    entry.detail["target"] = match.target_name;
    entry.detail["entity"] = match.entity;
    return entry;
}

}  // namespace

Result<Response> list_matches(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t before, row_of_cursor(page));
    SYNCLINE_ASSIGN_OR_RETURN(
        auto matches, backend.matches.store().list(request.actor.tenant, before, page.limit + 1)
    );
    const auto next = cut_extra_row(page, matches, [](const auto& last) {
        return PageCursor{last.created_at_ms, std::to_string(last.id)};
    });
    Json items = Json::array();
    for (const auto& match : matches) {
        SYNCLINE_ASSIGN_OR_RETURN(Json json, shown(backend, match));
        items.push_back(std::move(json));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> start_match(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const MatchBody body, body_as<MatchBody>(request));
    const bool pair = !body.source.empty() && !body.target.empty() && !body.entity.empty();
    const bool any = !body.source.empty() || !body.target.empty() || !body.entity.empty();
    if (body.flow.empty() ? !pair : any) {
        return invalid(
            "/flow: expected a flow, or \"source\", \"target\" (connections) and \"entity\""
        );
    }
    const std::string entity = entity_from_plural(body.entity).value_or(body.entity);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto match,
        audited(
            backend,
            audit_entry(backend, request, "match.started", "match"),
            [&](storage::AuditEntry& entry) -> Result<storage::Match> {
                SYNCLINE_ASSIGN_OR_RETURN(
                    auto created,
                    backend.matches.create(
                        request.actor.tenant,
                        {body.flow, body.source, body.target, entity, body.from},
                        request.actor.subject
                    )
                );
                entry.object = "match " + std::to_string(created.id);
                entry.detail["source"] = created.source_name;
                entry.detail["target"] = created.target_name;
                entry.detail["entity"] = created.entity;
                return created;
            }
        )
    );
    Response response = json_response(match_json(match, {}), 202);
    response.headers.emplace_back("Location", "/api/matches/" + std::to_string(match.id));
    return response;
}

Result<Response> show_match(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const auto match, match_of(backend, request));
    SYNCLINE_ASSIGN_OR_RETURN(const Json json, shown(backend, match));
    return json_response(json);
}

Result<Response> list_proposals(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {"grade", "state", "limit", "cursor"}));
    SYNCLINE_ASSIGN_OR_RETURN(const PageRequest page, page_request(request));
    SYNCLINE_ASSIGN_OR_RETURN(const auto match, match_of(backend, request));
    storage::ProposalFilter filter;
    filter.grade = parameter(request, "grade");
    filter.state = parameter(request, "state");
    if (!filter.grade.empty()) {
        SYNCLINE_RETURN_IF_ERROR(check(filter.grade, "?grade", {"exact", "assisted", "ambiguous"}));
    }
    if (!filter.state.empty()) {
        SYNCLINE_RETURN_IF_ERROR(
            check(filter.state, "?state", {"proposed", "confirmed", "rejected"})
        );
    }
    SYNCLINE_ASSIGN_OR_RETURN(filter.after_id, row_of_cursor(page));
    filter.limit = page.limit + 1;
    SYNCLINE_ASSIGN_OR_RETURN(
        auto proposals, backend.matches.store().proposals(request.actor.tenant, match.id, filter)
    );
    const auto next = cut_extra_row(page, proposals, [](const auto& last) {
        return PageCursor{1, std::to_string(last.id)};
    });
    Json items = Json::array();
    for (const auto& proposal : proposals) {
        items.push_back(proposal_json(proposal));
    }
    return page_response(request, std::move(items), next ? &*next : nullptr);
}

Result<Response> confirm_match(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const ConfirmBody body, body_as<ConfirmBody>(request));
    SYNCLINE_ASSIGN_OR_RETURN(const engine::Proposals proposals, proposals_of(body));
    SYNCLINE_ASSIGN_OR_RETURN(const auto match, match_of(backend, request));
    std::optional<engine::ChosenTarget> chosen;
    if (body.target) {
        chosen = engine::ChosenTarget{body.target->entity, body.target->id};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto decided,
        decided_in_parts(
            backend,
            entry_of(backend, request, "match.confirmed", match),
            [&](std::int64_t after) {
                return backend.matches.confirm(
                    match, proposals, chosen, request.actor.subject, after
                );
            }
        )
    );
    return decision_response(backend, match, decided);
}

Result<Response> reject_match(Backend& backend, const Request& request) {
    SYNCLINE_RETURN_IF_ERROR(only_parameters(request, {}));
    SYNCLINE_ASSIGN_OR_RETURN(const RejectBody body, body_as<RejectBody>(request));
    if (body.reason.size() > kReasonMax) {
        return invalid("/reason: at most " + std::to_string(kReasonMax) + " bytes");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const engine::Proposals proposals, proposals_of(body));
    SYNCLINE_ASSIGN_OR_RETURN(const auto match, match_of(backend, request));
    auto entry = entry_of(backend, request, "match.rejected", match);
    entry.reason = body.reason;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto decided,
        decided_in_parts(
            backend,
            entry,
            [&](std::int64_t after) {
                return backend.matches.reject(
                    match, proposals, request.actor.subject, body.reason, after
                );
            }
        )
    );
    return decision_response(backend, match, decided);
}

}  // namespace syncline::api
