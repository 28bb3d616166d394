#include "storage/match_store.hpp"

#include "storage/columns.hpp"

namespace syncline::storage {
namespace {

#define SYNCLINE_MATCH_COLUMNS                                                             \
    "SELECT m.id, m.tenant_id, m.source_connection_id, m.target_connection_id, s.name, "   \
    "t.name, m.entity, m.flow_name, m.state, m.from_ms, m.counts, m.error_code, "          \
    "m.error_message, m.requested_by, m.created_at_ms, m.started_at_ms, m.finished_at_ms " \
    "FROM matches m JOIN connections s ON s.id = m.source_connection_id "                  \
    "JOIN connections t ON t.id = m.target_connection_id "
constexpr auto kList = SYNCLINE_MATCH_COLUMNS R"sql(
     WHERE m.tenant_id = ?1 AND (?2 = 0 OR m.id < ?2) ORDER BY m.id DESC LIMIT ?3
)sql";
constexpr auto kById = SYNCLINE_MATCH_COLUMNS "WHERE m.tenant_id = ? AND m.id = ?";
constexpr auto kOpen =
    SYNCLINE_MATCH_COLUMNS "WHERE m.state IN ('queued', 'running') ORDER BY m.id";
#undef SYNCLINE_MATCH_COLUMNS
constexpr auto kOpenOfPair = R"sql(
    SELECT id FROM matches
     WHERE source_connection_id = ? AND target_connection_id = ? AND entity = ?
       AND state IN ('queued', 'running')
)sql";
constexpr auto kLatest = R"sql(
    SELECT m.id, (SELECT count(*) FROM match_proposals p
                   WHERE p.match_id = m.id AND p.state = 'proposed')
      FROM matches m
     WHERE m.source_connection_id = ? AND m.target_connection_id = ? AND m.entity = ?
       AND m.state = 'completed'
     ORDER BY m.id DESC LIMIT 1
)sql";
constexpr auto kCreate = R"sql(
    INSERT INTO matches (tenant_id, source_connection_id, target_connection_id, entity, flow_name,
                         state, from_ms, requested_by, created_at_ms)
    VALUES (?, ?, ?, ?, ?, 'queued', ?, ?, ?)
)sql";
constexpr auto kBeginAnew = "UPDATE matches SET state = 'queued' WHERE state = 'running'";
constexpr auto kStart = "UPDATE matches SET state = 'running', started_at_ms = ? WHERE id = ?";
constexpr auto kForget = "DELETE FROM match_proposals WHERE match_id = ?";
constexpr auto kComplete = R"sql(
    UPDATE matches SET state = 'completed', counts = ?, finished_at_ms = ? WHERE id = ?
)sql";
constexpr auto kForgetFormer = R"sql(
    DELETE FROM match_proposals
     WHERE state = 'proposed'
       AND match_id IN (SELECT id FROM matches
                         WHERE source_connection_id = ? AND target_connection_id = ? AND entity = ?
                           AND id < ?)
)sql";
constexpr auto kFail = R"sql(
    UPDATE matches SET state = 'failed', error_code = ?, error_message = ?, finished_at_ms = ?
     WHERE id = ?
)sql";

constexpr auto kTally = R"sql(
    SELECT grade, state, count(*) FROM match_proposals WHERE match_id = ? GROUP BY grade, state
)sql";
#define SYNCLINE_PROPOSAL_COLUMNS                                                              \
    "SELECT id, grade, state, source_id, part, identity_key, role, target_entity, target_id, " \
    "detail, decided_by, reason, decided_at_ms FROM match_proposals "
constexpr auto kProposals = SYNCLINE_PROPOSAL_COLUMNS R"sql(
     WHERE tenant_id = ?1 AND match_id = ?2 AND (?3 = '' OR grade = ?3) AND (?4 = '' OR state = ?4)
       AND id > ?5
     ORDER BY id LIMIT ?6
)sql";
constexpr auto kProposal =
    SYNCLINE_PROPOSAL_COLUMNS "WHERE tenant_id = ? AND match_id = ? AND id = ?";
#undef SYNCLINE_PROPOSAL_COLUMNS
constexpr auto kRejected = R"sql(
    SELECT p.source_id, p.part, p.target_entity, p.target_id
      FROM match_proposals p JOIN matches m ON m.id = p.match_id
     WHERE m.source_connection_id = ? AND m.target_connection_id = ? AND m.entity = ?
       AND p.state = 'rejected'
)sql";
constexpr auto kAdd = R"sql(
    INSERT INTO match_proposals (match_id, tenant_id, grade, state, source_id, part, identity_key,
                                 role, target_entity, target_id, detail)
    VALUES (?, ?, ?, 'proposed', ?, ?, ?, ?, ?, ?, ?)
)sql";
constexpr auto kDecide = R"sql(
    UPDATE match_proposals
       SET state = ?, role = ?, target_entity = ?, target_id = ?, decided_by = ?, reason = ?,
           decided_at_ms = ?
     WHERE id = ? AND state = 'proposed'
)sql";

constexpr auto kMatch = columns(
    &Match::id,
    &Match::tenant,
    &Match::source,
    &Match::target,
    &Match::source_name,
    &Match::target_name,
    &Match::entity,
    &Match::flow,
    &Match::state,
    &Match::from_ms,
    &Match::counts,
    &Match::error_code,
    &Match::error_message,
    &Match::requested_by,
    &Match::created_at_ms,
    &Match::started_at_ms,
    &Match::finished_at_ms
);

struct ProposalRow {
    MatchProposal proposal;
    std::string sealed;
};

using RawProposal = std::tuple<
    std::int64_t,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    std::string,
    Blob,
    std::string,
    std::string,
    std::int64_t>;

ProposalRow proposal_of(RawProposal row) {
    MatchProposal proposal;
    std::string grade;
    Blob detail;
    std::tie(
        proposal.id,
        grade,
        proposal.state,
        proposal.source_id,
        proposal.part,
        proposal.identity,
        proposal.role,
        proposal.target_entity,
        proposal.target_id,
        detail,
        proposal.decided_by,
        proposal.reason,
        proposal.decided_at_ms
    ) = std::move(row);
    proposal.grade = enum_from_name<MatchGrade>(grade).value_or(MatchGrade::kAmbiguous);
    return {std::move(proposal), std::move(detail.bytes)};
}

Place detail_place(TenantId tenant, std::int64_t match) {
    return {tenant, {}, "match:" + std::to_string(match)};
}

}  // namespace

std::string MatchStore::rejection(const MatchProposal& proposal) {
    return proposal.source_id + '\n' + proposal.part + '\n' + proposal.target_entity + '\n' +
           proposal.target_id;
}

Result<std::vector<Match>> MatchStore::list(
    TenantId tenant, std::int64_t before_id, std::int64_t limit
) const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Match>> {
        return kMatch.all(sql, kList, tenant.value, before_id, limit);
    });
}

Result<Match> MatchStore::by_id(TenantId tenant, std::int64_t id) const {
    return database_.read([&](Sql& sql) -> Result<Match> {
        auto found = kMatch.first(sql, kById, tenant.value, id);
        if (!found) {
            return Error{
                ErrorCode::kNotFound, "there is no match " + std::to_string(id), "match.unknown"};
        }
        return std::move(*found);
    });
}

Result<std::vector<Match>> MatchStore::open() const {
    return database_.read([&](Sql& sql) -> Result<std::vector<Match>> {
        return kMatch.all(sql, kOpen);
    });
}

Result<std::optional<MatchStore::Latest>> MatchStore::latest(
    ConnectionId source, ConnectionId target, const std::string& entity
) const {
    return database_.read([&](Sql& sql) -> Result<std::optional<Latest>> {
        const auto row =
            sql.row<std::int64_t, std::int64_t>(kLatest, source.value, target.value, entity);
        return row ? std::optional(Latest{std::get<0>(*row), std::get<1>(*row)}) : std::nullopt;
    });
}

Result<std::map<std::pair<std::string, std::string>, std::int64_t>> MatchStore::tally(
    std::int64_t match
) const {
    using Tally = std::map<std::pair<std::string, std::string>, std::int64_t>;
    return database_.read([&](Sql& sql) -> Result<Tally> {
        Tally tally;
        for (auto& [grade, state, count] :
             sql.rows<std::string, std::string, std::int64_t>(kTally, match)) {
            tally[{grade, state}] = count;
        }
        return tally;
    });
}

Result<std::vector<MatchProposal>> MatchStore::proposals(
    TenantId tenant, std::int64_t match, const ProposalFilter& filter
) const {
    SYNCLINE_ASSIGN_OR_RETURN(
        auto rows, database_.read([&](Sql& sql) -> Result<std::vector<RawProposal>> {
            std::vector<RawProposal> found;
            for (const std::int64_t id : filter.ids) {
                for (auto& row : sql.select<RawProposal>(kProposal, tenant.value, match, id)) {
                    found.push_back(std::move(row));
                }
            }
            return filter.ids.empty() ? sql.select<RawProposal>(
                                            kProposals,
                                            tenant.value,
                                            match,
                                            filter.grade,
                                            filter.state,
                                            filter.after_id,
                                            filter.limit
                                        )
                                      : std::move(found);
        })
    );
    std::vector<MatchProposal> proposals;
    for (auto& row : rows) {
        ProposalRow one = proposal_of(std::move(row));
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto text, vault_.open(detail_place(tenant, match), one.sealed)
        );
        SYNCLINE_ASSIGN_OR_RETURN(one.proposal.detail, parse_json(text));
        proposals.push_back(std::move(one.proposal));
    }
    return proposals;
}

Result<std::set<std::string>> MatchStore::rejected(
    ConnectionId source, ConnectionId target, const std::string& entity
) const {
    return database_.read([&](Sql& sql) -> Result<std::set<std::string>> {
        std::set<std::string> rejected;
        MatchProposal one;
        for (auto& row : sql.rows<std::string, std::string, std::string, std::string>(
                 kRejected, source.value, target.value, entity
             )) {
            std::tie(one.source_id, one.part, one.target_entity, one.target_id) = std::move(row);
            rejected.insert(rejection(one));
        }
        return rejected;
    });
}

Result<std::int64_t> MatchStore::create(Sql& sql, const Match& match) {
    const auto open =
        sql.value<std::int64_t>(kOpenOfPair, match.source.value, match.target.value, match.entity);
    if (open) {
        return Error{
            ErrorCode::kExists,
            "match " + std::to_string(*open) + " of the same connections is under way; wait for it",
            "match.under_way"};
    }
    sql.run(
        kCreate,
        match.tenant.value,
        match.source.value,
        match.target.value,
        match.entity,
        match.flow,
        match.from_ms,
        match.requested_by,
        match.created_at_ms
    );
    return sql.last_insert_id();
}

Result<void> MatchStore::begin_anew() {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kBeginAnew);
        return {};
    });
}

Result<void> MatchStore::start(std::int64_t id, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForget, id);
        sql.run(kStart, now_ms, id);
        return {};
    });
}

Result<void> MatchStore::add(const Match& match, const std::vector<MatchProposal>& proposals) {
    std::vector<std::string> details;
    for (const auto& proposal : proposals) {
        SYNCLINE_ASSIGN_OR_RETURN(
            auto sealed,
            vault_.seal(detail_place(match.tenant, match.id), dump_json(proposal.detail))
        );
        details.push_back(std::move(sealed));
    }
    return database_.write([&](Sql& sql) -> Result<void> {
        for (std::size_t i = 0; i < proposals.size(); ++i) {
            const MatchProposal& proposal = proposals[i];
            sql.run(
                kAdd,
                match.id,
                match.tenant.value,
                enum_name(proposal.grade),
                proposal.source_id,
                proposal.part,
                proposal.identity,
                proposal.role,
                proposal.target_entity,
                proposal.target_id,
                Blob{details[i]}
            );
        }
        return {};
    });
}

Result<void> MatchStore::complete(const Match& match, const Json& counts, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForgetFormer, match.source.value, match.target.value, match.entity, match.id);
        sql.run(kComplete, dump_json(counts), now_ms, match.id);
        return {};
    });
}

Result<void> MatchStore::fail(std::int64_t id, const Error& error, std::int64_t now_ms) {
    return database_.write([&](Sql& sql) -> Result<void> {
        sql.run(kForget, id);
        sql.run(kFail, error.name, error.message, now_ms, id);
        return {};
    });
}

Result<void> MatchStore::decide(
    Sql& sql, std::int64_t proposal, const ProposalDecision& decision, std::int64_t now_ms
) {
    const std::int64_t changed = sql.run(
        kDecide,
        decision.state,
        decision.role,
        decision.target_entity,
        decision.target_id,
        decision.by,
        decision.reason,
        now_ms,
        proposal
    );
    if (changed == 0) {
        return Error{
            ErrorCode::kExists,
            "proposal " + std::to_string(proposal) + " was decided already",
            "match.decided"};
    }
    return {};
}

}  // namespace syncline::storage
