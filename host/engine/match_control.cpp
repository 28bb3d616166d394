#include "engine/match_control.hpp"

#include <algorithm>

#include "core/log.hpp"

namespace syncline::engine {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLook{200};
constexpr milliseconds kAfterError{1'000};
constexpr std::size_t kWorkers = 4;
constexpr std::int64_t kReadAtOnce = 2;
// Decided in one unit of work.
constexpr std::int64_t kAtOnce = 100;

std::string number(std::int64_t id) {
    return std::to_string(id);
}

Error unknown_proposal(const storage::Match& match, std::int64_t id) {
    return Error{
        ErrorCode::kNotFound,
        "match " + number(match.id) + " has no proposal " + number(id),
        "match.proposal_unknown"};
}

Result<void> check_completed(const storage::Match& match) {
    if (match.state != "completed") {
        return Error{
            ErrorCode::kExists,
            "match " + number(match.id) + " is " + match.state +
                "; there is something to decide once it is completed",
            "match.not_completed"};
    }
    return {};
}

Error ambiguous(const storage::MatchProposal& proposal) {
    return Error{
        ErrorCode::kExists,
        "proposal " + number(proposal.id) +
            " is ambiguous: confirm it alone, with the \"target\" "
            "that it is, or reject it",
        "match.ambiguous"};
}

// The proposal with the candidate that somebody chose.
Result<storage::MatchProposal> with_choice(
    storage::MatchProposal proposal, const std::optional<ChosenTarget>& chosen
) {
    if (!chosen) {
        return proposal.target_id.empty() ? Result<storage::MatchProposal>(ambiguous(proposal))
                                          : std::move(proposal);
    }
    for (const auto& candidate : proposal.detail.value("candidates", Json::array())) {
        if (candidate.at("entity") == chosen->entity && candidate.at("id") == chosen->id) {
            proposal.role = candidate.at("role");
            proposal.target_entity = chosen->entity;
            proposal.target_id = chosen->id;
            return proposal;
        }
    }
    return invalid(
        "/target: expected one of the proposal's candidates, found " +
        chosen->entity.substr(0, 60) + " '" + chosen->id.substr(0, 60) +
        "'; another one is linked with POST /api/id-mappings"
    );
}

}  // namespace

MatchControl::MatchControl(Stores& stores, ConnectionPool& pool, Writer& writer, const Clock& clock)
    : stores_(stores),
      matches_(stores.database, stores.vault),
      directory_(stores.database),
      pool_(pool),
      slots_(kReadAtOnce),
      writer_(writer),
      clock_(clock) {}

MatchControl::~MatchControl() {
    stop();
}

void MatchControl::start() {
    workers_ = std::make_unique<WorkerPool>(kWorkers);
    looking_.start(
        milliseconds(0),
        kAfterError,
        [this, begun = false]() mutable -> Result<milliseconds> {
            if (!begun) {
                SYNCLINE_RETURN_IF_ERROR(matches_.begin_anew());
                begun = true;
            }
            return look();
        }
    );
}

void MatchControl::stop() {
    stopping_ = true;
    looking_.stop();
    workers_.reset();
}

Result<milliseconds> MatchControl::look() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto open, matches_.open());
    SYNCLINE_ASSIGN_OR_RETURN(const auto suspended, stores_.tenants.suspended());
    for (const auto& match : open) {
        const bool rests = match.state != "queued" || suspended.count(match.tenant) != 0;
        if (rests || !busy_.with([&](auto& busy) { return busy.insert(match.tenant).second; })) {
            continue;
        }
        workers_->submit([this, match] {
            const auto done = MatchRun(stores_, pool_, slots_, clock_, match, &stopping_).run();
            if (!done && done.error().code != ErrorCode::kCancelled) {
                log::warn(
                    "a match could not be ended",
                    {{"match", match.id}, {"reason", done.error().message}}
                );
            }
            busy_.with([&](auto& busy) { busy.erase(match.tenant); });
        });
    }
    return kLook;
}

Result<void> MatchControl::run_waiting() {
    SYNCLINE_RETURN_IF_ERROR(matches_.begin_anew());
    SYNCLINE_ASSIGN_OR_RETURN(const auto open, matches_.open());
    for (const auto& match : open) {
        SYNCLINE_RETURN_IF_ERROR(MatchRun(stores_, pool_, slots_, clock_, match, &stopping_).run());
    }
    return {};
}

Result<storage::Match> MatchControl::create(
    TenantId tenant, const MatchRequest& request, const std::string& requested_by
) {
    storage::Match match;
    match.tenant = tenant;
    match.entity = request.entity;
    match.flow = request.flow;
    std::string source = request.source;
    std::string target = request.target;
    if (!request.flow.empty()) {
        const auto flow = stores_.flows.find(tenant, request.flow);
        if (!flow) {
            return invalid("/flow: " + flow.error().message);
        }
        source = flow->definition.source.connection;
        target = flow->definition.target.connection;
        match.entity = flow->definition.entity;
    }
    if (match.entity != "order" && match.entity != "customer" && match.entity != "product") {
        return Error{
            ErrorCode::kInvalid,
            "/entity: orders, customers and products can be matched, not '" +
                match.entity.substr(0, 40) + "'",
            "match.entity"};
    }
    if (source == target) {
        return invalid("/target: a connection cannot be matched with itself");
    }
    const auto from = stores_.connections.find(tenant, source);
    const auto to = stores_.connections.find(tenant, target);
    if (!from || !to) {
        return invalid((from ? "/target: " : "/source: ") + (from ? to : from).error().message);
    }
    match.source = from->id;
    match.target = to->id;
    match.from_ms = request.from ? request.from->ms : 0;
    match.requested_by = requested_by;
    match.created_at_ms = clock_.now().ms;
    SYNCLINE_ASSIGN_OR_RETURN(const std::int64_t id, stores_.database.write([&](storage::Sql& sql) {
        return matches_.create(sql, match);
    }));
    return matches_.by_id(tenant, id);
}

Result<std::vector<storage::MatchProposal>> MatchControl::wanted(
    const storage::Match& match, const Proposals& proposals, std::int64_t after_id
) const {
    SYNCLINE_RETURN_IF_ERROR(check_completed(match));
    storage::ProposalFilter filter;
    filter.ids = proposals.ids;
    if (proposals.ids.empty()) {
        filter.grade = proposals.grade;
        filter.state = "proposed";
        filter.after_id = after_id;
        filter.limit = kAtOnce;
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto found, matches_.proposals(match.tenant, match.id, filter));
    for (const std::int64_t id : proposals.ids) {
        const bool known =
            std::any_of(found.begin(), found.end(), [&](const auto& one) { return one.id == id; });
        if (!known) {
            return unknown_proposal(match, id);
        }
    }
    return found;
}

Result<void> MatchControl::link(
    storage::Sql& sql,
    const storage::Match& match,
    const storage::MatchProposal& proposal,
    const std::string& by
) {
    const std::int64_t now = clock_.now().ms;
    const storage::MappedRecord record{
        match.tenant,
        match.source,
        match.target,
        match.entity,
        proposal.source_id,
        proposal.identity};
    std::vector<storage::NewLink> links{
        {record, proposal.role, proposal.target_entity, proposal.target_id}};
    for (const auto& also : proposal.detail.value("also", Json::array())) {
        links.push_back({record, also.at("role"), also.at("entity"), also.at("id")});
    }
    for (const auto& one : links) {
        SYNCLINE_RETURN_IF_ERROR(directory_.link(sql, one, now));
    }
    SYNCLINE_RETURN_IF_ERROR(matches_.decide(
        sql,
        proposal.id,
        {"confirmed", proposal.role, proposal.target_entity, proposal.target_id, by, ""},
        now
    ));
    writer_.announce(sql, record);
    return {};
}

Result<Decided> MatchControl::confirm(
    const storage::Match& match,
    const Proposals& proposals,
    const std::optional<ChosenTarget>& chosen,
    const std::string& by,
    std::int64_t after_id
) {
    if (chosen && proposals.ids.size() != 1) {
        return invalid("/target: it is for one proposal; name that one in \"proposals\"");
    }
    if (proposals.ids.empty() && proposals.grade == "ambiguous") {
        return Error{
            ErrorCode::kExists,
            "/grade: what is ambiguous is confirmed one by one, each with its \"target\"",
            "match.ambiguous"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto found, wanted(match, proposals, after_id));
    Decided decided;
    decided.last_id = proposals.ids.empty() && !found.empty() ? found.back().id : 0;
    for (auto& proposal : found) {
        SYNCLINE_ASSIGN_OR_RETURN(proposal, with_choice(std::move(proposal), chosen));
    }
    // One that cannot be linked leaves nothing of itself behind, and stops the others only when
    // they were named.
    for (const auto& proposal : found) {
        const auto linked = stores_.database.write([&](storage::Sql& sql) {
            return link(sql, match, proposal, by);
        });
        if (linked) {
            ++decided.done;
        } else if (proposals.ids.empty() && linked.error().code == ErrorCode::kExists) {
            decided.refused.emplace_back(proposal.id, linked.error());
        } else {
            return linked.error();
        }
    }
    return decided;
}

Result<Decided> MatchControl::reject(
    const storage::Match& match,
    const Proposals& proposals,
    const std::string& by,
    const std::string& reason,
    std::int64_t after_id
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, wanted(match, proposals, after_id));
    Decided decided;
    decided.last_id = proposals.ids.empty() && !found.empty() ? found.back().id : 0;
    const auto done = stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        for (const auto& one : found) {
            SYNCLINE_RETURN_IF_ERROR(matches_.decide(
                sql,
                one.id,
                {"rejected", one.role, one.target_entity, one.target_id, by, reason},
                clock_.now().ms
            ));
        }
        return {};
    });
    SYNCLINE_RETURN_IF_ERROR(done);
    decided.done = static_cast<std::int64_t>(found.size());
    return decided;
}

}  // namespace syncline::engine
