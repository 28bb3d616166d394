#include "engine/match_run.hpp"

#include <algorithm>

#include "core/log.hpp"
#include "engine/encode.hpp"
#include "engine/transformer.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kStoredAtOnce = 200;
constexpr std::size_t kCandidatesMax = 20;

void count(Json& counts, const char* what, std::size_t more = 1) {
    counts[what] = counts.value(what, std::int64_t{0}) + static_cast<std::int64_t>(more);
}

Error too_many(const std::string& side) {
    return Error{
        ErrorCode::kExists,
        "'" + side + "' has more than " + std::to_string(kMatchRecordsMax) +
            " records; ask with \"from\" for those that changed since then",
        "match.too_many"};
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// As the identity of a delivery: of a variation, its own SKU.
std::string identity_of(const MatchRecord& record, const Json& whole) {
    if (record.part.empty()) {
        return identity_key(record.entity, record.id, whole);
    }
    for (const auto& sign : record.signs) {
        if (sign.kind == SignKind::kSku) {
            return sign.value;
        }
    }
    return "#" + record.part;
}

// A connector that cannot say what it would make of a record leaves that to what is known.
Result<std::vector<Result<Encoded>>> encode_if_it_can(
    ConnectionSession& target, const EncodeContext& context, const std::vector<std::string>& records
) {
    auto encoded = encode_isolating(target, context, {records, {}});
    if (encoded || encoded.error().code == ErrorCode::kCancelled) {
        return encoded;
    }
    std::vector<Result<Encoded>> none;
    for (std::size_t i = 0; i < records.size(); ++i) {
        none.emplace_back(encoded.error());
    }
    return none;
}

}  // namespace

MatchRun::MatchRun(
    Stores& stores,
    ConnectionPool& pool,
    ReadingSlots& slots,
    const Clock& clock,
    storage::Match match,
    const std::atomic<bool>* stop
)
    : stores_(stores),
      matches_(stores.database, stores.vault),
      directory_(stores.database),
      pool_(pool),
      clock_(clock),
      match_(std::move(match)),
      reading_(pool, slots, clock, stop) {}

Result<void> MatchRun::run() {
    SYNCLINE_RETURN_IF_ERROR(matches_.start(match_.id, clock_.now().ms));
    const auto compared = compare();
    if (compared) {
        log::info(
            "match completed",
            {{"match", match_.id}, {"source", match_.source_name}, {"target", match_.target_name}}
        );
        return {};
    }
    const Error& error = compared.error();
    if (error.code == ErrorCode::kCancelled) {
        return error;
    }
    log::warn(
        "match failed", {{"match", match_.id}, {"code", error.name}, {"reason", error.message}}
    );
    return matches_.fail(match_.id, error, clock_.now().ms);
}

Result<void> MatchRun::compare() {
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(match_.source));
    source_name_ = source.source_name();
    flow_.tenant = match_.tenant;
    flow_.tenant_name = source.tenant_name;
    flow_.source = match_.source;
    flow_.target = match_.target;
    flow_.definition.entity = match_.entity;
    if (!match_.flow.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(flow_, stores_.flows.find(match_.tenant, match_.flow));
    }
    SYNCLINE_RETURN_IF_ERROR(read_target());
    SYNCLINE_RETURN_IF_ERROR(read_source());
    SYNCLINE_ASSIGN_OR_RETURN(
        auto known_roles, directory_.roles(match_.tenant, match_.target, match_.entity)
    );
    roles_.merge(known_roles);
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto linked,
        directory_.linked(match_.tenant, match_.source, match_.target, match_.entity)
    );
    leave_out_linked(linked);
    const MatchResult result = match_records(left_, right_);
    SYNCLINE_RETURN_IF_ERROR(store(result));
    return matches_.complete(match_, counts_, clock_.now().ms);
}

// ---- the target

Result<void> MatchRun::read_target() {
    bool any = false;
    for (const auto& entity : counterparts_of(match_.entity)) {
        const auto read = reading_.read(match_, match_.target, entity, [&](Page& page) {
            return take_target(entity, page);
        });
        if (!read && read.error().code == ErrorCode::kUnsupported) {
            continue;
        }
        SYNCLINE_RETURN_IF_ERROR(read);
        any = true;
    }
    if (!any) {
        return Error{
            ErrorCode::kUnsupported,
            "'" + match_.target_name + "' cannot be read for anything that a " + match_.entity +
                " could be",
            "match.entity"};
    }
    counts_["target_read"] = seen_.size();
    seen_.clear();
    return read_payments();
}

Result<void> MatchRun::take_target(const std::string& entity, const Page& page) {
    if (entities_.count(entity) == 0 && !page.records.empty()) {
        SYNCLINE_RETURN_IF_ERROR(learn_entity(entity, page.records.front().key));
    }
    count(counts_, "unreadable", page.unreadable.size());
    for (const auto& record : page.records) {
        if (record.operation == RecordOperation::kDelete ||
            !seen_.emplace(entity, record.key).second) {
            continue;
        }
        if (right_.size() >= kMatchRecordsMax) {
            return too_many(match_.target_name);
        }
        const auto json = parse_json(record.json);
        auto known = json ? signs_of(entity, record.key, *json)
                          : Result<std::vector<MatchRecord>>(json.error());
        if (!known) {
            count(counts_, "unreadable");
            continue;
        }
        for (auto& one : *known) {
            for (auto& marker : markers_in(*json)) {
                one.signs.push_back(std::move(marker));
            }
            right_.push_back(std::move(one));
        }
    }
    return {};
}

Result<void> MatchRun::learn_entity(const std::string& canonical, const std::string& id) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto session, pool_.open(match_.target, nullptr));
    FindRequest request;
    request.entity = canonical;
    request.keys.push_back({"it", {}, {}, id, Json()});
    const auto found = session->find(request);
    if (!found && found.error().code != ErrorCode::kUnsupported) {
        return found.error();
    }
    const bool told = found && !found->empty() && !found->front().entity.empty();
    if (told || !found) {
        entities_[canonical] = told ? found->front().entity : canonical;
    }
    return {};
}

// A payment belongs to the invoice that it was applied to.
Result<void> MatchRun::read_payments() {
    const bool invoices = std::any_of(right_.begin(), right_.end(), [](const auto& record) {
        return record.entity == "invoice";
    });
    if (match_.entity != "order" || !invoices) {
        return {};
    }
    const auto read =
        reading_.read(match_, match_.target, "payment", [&](Page& page) -> Result<void> {
            for (const auto& record : page.records) {
                const auto json = parse_json(record.json);
                const std::string invoice = json && json->is_object() &&
                                                    json->contains("invoice_id") &&
                                                    json->at("invoice_id").is_string()
                                                ? json->at("invoice_id").get<std::string>()
                                                : std::string();
                if (record.operation == RecordOperation::kDelete || invoice.empty() ||
                    !seen_.emplace("payment", record.key).second) {
                    continue;
                }
                if (seen_.size() > kMatchRecordsMax) {
                    return too_many(match_.target_name);
                }
                payments_[invoice].push_back(record.key);
                if (entities_.count("payment") == 0) {
                    SYNCLINE_RETURN_IF_ERROR(learn_entity("payment", record.key));
                }
            }
            return {};
        });
    seen_.clear();
    return !read && read.error().code == ErrorCode::kUnsupported ? Result<void>() : read;
}

// ---- the source

Result<void> MatchRun::read_source() {
    const auto read =
        reading_.read(match_, match_.source, match_.entity, [&](Page& page) -> Result<void> {
            SYNCLINE_ASSIGN_OR_RETURN(const auto target, pool_.open(match_.target, nullptr));
            return take_source(*target, page);
        });
    SYNCLINE_RETURN_IF_ERROR(read);
    counts_["source_read"] = seen_.size();
    seen_.clear();
    return {};
}

Result<void> MatchRun::take_source(ConnectionSession& target, const Page& page) {
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < page.records.size(); ++i) {
        if (page.records[i].operation != RecordOperation::kDelete) {
            places.push_back(i);
        }
    }
    // What fails here is tried again with the whole page.
    SYNCLINE_ASSIGN_OR_RETURN(const auto made, made_of(target, page, places));
    count(counts_, "unreadable", page.unreadable.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const Record& record = page.records[places[i]];
        if (!seen_.emplace(match_.entity, record.key).second) {
            continue;
        }
        if (left_.size() >= kMatchRecordsMax) {
            return too_many(match_.source_name);
        }
        const auto json = parse_json(record.json);
        auto known = json ? signs_of(match_.entity, record.key, *json)
                          : Result<std::vector<MatchRecord>>(json.error());
        if (!known && known.error().code == ErrorCode::kUnsupported) {
            return known.error();
        }
        if (!known) {
            count(counts_, "unreadable");
            continue;
        }
        for (auto& one : *known) {
            Source source = made[i];
            source.identity = identity_of(one, *json);
            if (!source.marker.empty()) {
                one.signs.push_back(marker_sign(source.marker));
            }
            left_.push_back(std::move(one));
            sources_.push_back(std::move(source));
        }
    }
    return {};
}

Result<std::vector<MatchRun::Source>> MatchRun::made_of(
    ConnectionSession& target, const Page& page, const std::vector<std::size_t>& places
) {
    if (places.empty()) {
        return std::vector<Source>();
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json facts, target.facts());
    SYNCLINE_ASSIGN_OR_RETURN(const auto source, stores_.connections.by_id(match_.source));
    std::vector<std::string> texts;
    for (const std::size_t place : places) {
        texts.push_back(page.records[place].json);
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto context, encoding_for(stores_, target, flow_, source, facts)
    );
    SYNCLINE_ASSIGN_OR_RETURN(const auto encoded, encode_if_it_can(target, context, texts));
    std::vector<Source> made(places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
        if (match_.entity == "order") {
            made[i].marker =
                "[syncline " + source_name_ + ":" + page.records[places[i]].key + " v1]";
        }
        if (!encoded[i]) {
            continue;
        }
        for (const auto& document : encoded[i]->documents) {
            made[i].made.push_back({document.role, document.entity, document.natural_key});
            made[i].marker = document.marker.empty() ? made[i].marker : document.marker;
            if (document.role.find(':') == std::string::npos) {
                roles_.emplace(document.entity, document.role);
            }
        }
    }
    return made;
}

// ---- what is proposed

const std::string& MatchRun::entity_of(const std::string& canonical) const {
    const auto known = entities_.find(canonical);
    return known == entities_.end() ? canonical : known->second;
}

std::string MatchRun::role_of(std::size_t left, const MatchRecord& right) const {
    const std::string& entity = entity_of(right.entity);
    const std::string& part = left_[left].part;
    const auto& made = sources_[left].made;
    const auto fits = std::find_if(made.begin(), made.end(), [&](const Made& one) {
        return one.entity == entity &&
               (part.empty() || made.size() == 1 || one.natural_key == sources_[left].identity ||
                ends_with(one.role, ":" + part));
    });
    if (fits != made.end()) {
        return fits->role;
    }
    const auto known = roles_.find(entity);
    const std::string role = known == roles_.end() ? right.entity : known->second;
    return part.empty() ? role : role + ":" + part;
}

void MatchRun::leave_out_linked(const storage::IdMappingDirectory::Linked& linked) {
    std::vector<MatchRecord> left;
    std::vector<Source> sources;
    for (std::size_t i = 0; i < left_.size(); ++i) {
        const auto of_source = linked.sources.find(left_[i].id);
        const bool is_linked =
            of_source != linked.sources.end() &&
            (left_[i].part.empty() ||
             std::any_of(of_source->second.begin(), of_source->second.end(), [&](const auto& role) {
                 return role.find(':') == std::string::npos || ends_with(role, ":" + left_[i].part);
             }));
        if (is_linked) {
            count(counts_, "linked_before");
            continue;
        }
        left.push_back(std::move(left_[i]));
        sources.push_back(std::move(sources_[i]));
    }
    left_ = std::move(left);
    sources_ = std::move(sources);
    right_.erase(
        std::remove_if(
            right_.begin(),
            right_.end(),
            [&](const MatchRecord& one) {
                return linked.targets.count(entity_of(one.entity) + '\n' + one.id) != 0;
            }
        ),
        right_.end()
    );
}

void MatchRun::add_payment(const MatchRecord& right, storage::MatchProposal& proposal) const {
    const auto paid = right.entity == "invoice" ? payments_.find(right.id) : payments_.end();
    if (paid == payments_.end()) {
        return;
    }
    const std::string& entity = entity_of("payment");
    if (paid->second.size() == 1) {
        const auto known = roles_.find(entity);
        proposal.detail["also"].push_back(
            {{"role", known == roles_.end() ? "payment" : known->second},
             {"entity", entity},
             {"id", paid->second.front()}}
        );
        proposal.detail["evidence"].push_back("its payment is " + paid->second.front());
        return;
    }
    proposal.grade = MatchGrade::kAssisted;
    proposal.detail["evidence"].push_back(
        std::to_string(paid->second.size()) + " payments were applied to it; none of them is linked"
    );
}

storage::MatchProposal MatchRun::proposal_of(const MatchPair& pair) const {
    const MatchRecord& left = left_[pair.left];
    const MatchRecord& right = right_[pair.right];
    storage::MatchProposal proposal;
    proposal.grade = pair.grade;
    proposal.source_id = left.id;
    proposal.part = left.part;
    proposal.identity = sources_[pair.left].identity;
    proposal.role = role_of(pair.left, right);
    proposal.target_entity = entity_of(right.entity);
    proposal.target_id = right.id;
    proposal.detail = {
        {"source", left.label},
        {"target", right.label},
        {"evidence", pair.evidence},
        {"candidates", Json::array()},
        {"also", Json::array()}};
    add_payment(right, proposal);
    return proposal;
}

storage::MatchProposal MatchRun::proposal_of(const MatchDoubt& doubt, std::size_t left) const {
    storage::MatchProposal proposal;
    proposal.grade = MatchGrade::kAmbiguous;
    proposal.source_id = left_[left].id;
    proposal.part = left_[left].part;
    proposal.identity = sources_[left].identity;
    Json candidates = Json::array();
    for (std::size_t i = 0; i < std::min(doubt.right.size(), kCandidatesMax); ++i) {
        const MatchRecord& right = right_[doubt.right[i]];
        candidates.push_back(
            {{"entity", entity_of(right.entity)},
             {"id", right.id},
             {"role", role_of(left, right)},
             {"label", right.label}}
        );
    }
    Json evidence = doubt.evidence;
    if (doubt.left.size() > 1) {
        std::string others;
        for (std::size_t i = 0; i < std::min(doubt.left.size(), kCandidatesMax); ++i) {
            others += (others.empty() ? "" : ", ") + left_[doubt.left[i]].id +
                      (left_[doubt.left[i]].part.empty() ? "" : "/" + left_[doubt.left[i]].part);
        }
        evidence.push_back(
            std::to_string(doubt.left.size()) + " records of the source have it: " + others
        );
    }
    if (doubt.right.size() > 1) {
        evidence.push_back(std::to_string(doubt.right.size()) + " records of the target have it");
    }
    proposal.detail = {
        {"source", left_[left].label},
        {"target", ""},
        {"evidence", std::move(evidence)},
        {"candidates", std::move(candidates)},
        {"also", Json::array()}};
    return proposal;
}

Result<void> MatchRun::store(const MatchResult& result) {
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rejected, matches_.rejected(match_.source, match_.target, match_.entity)
    );
    std::vector<storage::MatchProposal> waiting;
    std::size_t matched = 0;
    const auto flush = [&](std::size_t from) -> Result<void> {
        if (waiting.size() < from) {
            return {};
        }
        SYNCLINE_RETURN_IF_ERROR(matches_.add(match_, waiting));
        waiting.clear();
        return {};
    };
    for (const auto& pair : result.pairs) {
        auto proposal = proposal_of(pair);
        ++matched;
        if (rejected.count(storage::MatchStore::rejection(proposal)) != 0) {
            count(counts_, "rejected_before");
            continue;
        }
        waiting.push_back(std::move(proposal));
        SYNCLINE_RETURN_IF_ERROR(flush(kStoredAtOnce));
    }
    for (const auto& doubt : result.doubts) {
        for (const std::size_t left : doubt.left) {
            waiting.push_back(proposal_of(doubt, left));
            ++matched;
            SYNCLINE_RETURN_IF_ERROR(flush(kStoredAtOnce));
        }
    }
    counts_["unmatched"] = left_.size() - matched;
    return flush(1);
}

}  // namespace syncline::engine
