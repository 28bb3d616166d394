#include <algorithm>

#include "core/json_difference.hpp"
#include "core/plan.hpp"
#include "core/sha256.hpp"
#include "engine/reconciliation_sides.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kEditsPerStep = 300;
constexpr std::size_t kPathsShown = 5;

// Of a record, the part that is compared.
struct PostedRecord {
    std::optional<Posted> posted;

    static constexpr auto fields() { return field_list(field("posted", &PostedRecord::posted)); }
};

// "woocommerce:shop:60" is order 60 of woocommerce:shop, "woocommerce:shop:60:refund:61" its refund
// 61; "60:refund:full" is a document of the order itself.
struct NamedRecord {
    std::string entity;
    std::string id;
};
std::optional<NamedRecord> named_record(
    const std::string& natural_key, const std::string& source_key
) {
    constexpr std::string_view kRefund = ":refund:";
    const std::string beginning = source_key + ":";
    if (natural_key.rfind(beginning, 0) != 0) {
        return std::nullopt;
    }
    const std::string rest = natural_key.substr(beginning.size());
    const auto refund = rest.find(kRefund);
    if (refund == std::string::npos) {
        return NamedRecord{"order", rest};
    }
    const std::string id = rest.substr(refund + kRefund.size());
    return id == "full" ? NamedRecord{"order", rest.substr(0, refund)} : NamedRecord{"refund", id};
}

Error too_large() {
    return Error{
        ErrorCode::kData,
        "the window has more than " + std::to_string(kFactsMax) +
            " documents; compare it in shorter ones",
        "reconciliation.large"};
}

std::string changed_paths(const Json& base, const Json& now) {
    std::string paths;
    std::size_t count = 0;
    for (const auto& entry : json_difference(base, now)) {
        if (!entry.contains("before") || ++count > kPathsShown) {
            continue;
        }
        paths += (paths.empty() ? "" : ", ") + entry.at("path").get<std::string>();
    }
    return count > kPathsShown ? paths + ", ..." : paths;
}

}  // namespace

PostedForms posted_forms(const Json& facts) {
    if (!facts.is_object() || !facts.contains("posted")) {
        return {};
    }
    PostedForms forms;
    for (const auto& entry : facts.at("posted").items()) {
        if (const auto form = from_json<PostedForm>(entry.value())) {
            forms[entry.key()] = *form;
        }
    }
    return forms;
}

Result<Timestamp> reading_begin(const DayWindow& window) {
    constexpr std::int64_t kSlackMs = 36 * std::int64_t{3'600'000};
    SYNCLINE_ASSIGN_OR_RETURN(const Timestamp day, Timestamp::parse(window.from + "T00:00:00Z"));
    return Timestamp{std::max<std::int64_t>(1, day.ms - kSlackMs)};
}

TargetSide::TargetSide(
    Stores& stores, const ComparedPair& pair, ConnectionSession& session, ReadingPace& pace
)
    : stores_(stores), lookups_(stores.database), pair_(pair), session_(session), pace_(pace) {
    for (const auto& flow : pair.flows) {
        entities_.insert(flow.definition.entity);
    }
}

Result<void> TargetSide::read(Timestamp from, Timestamp to, const std::string& source_key) {
    for (const auto& [entity, form] : pair_.forms) {
        ReadRequest request;
        request.entity = form.read_as;
        // With an end, so that everything is queried by its time of change.
        request.window = {from, to};
        request.limit = session_.spec().limits.read_page_max;
        for (bool more = true; more;) {
            SYNCLINE_ASSIGN_OR_RETURN(const Page page, pace_.patiently([&] {
                return session_.read(request);
            }));
            SYNCLINE_RETURN_IF_ERROR(take(form.read_as, page, source_key));
            more = page.more;
            request.after_id = page.last_id;
            request.next = page.next;
        }
    }
    return {};
}

Result<void> TargetSide::look_up(
    const std::map<std::string, std::vector<std::string>>& ids, const std::string& source_key
) {
    const auto page_max =
        static_cast<std::size_t>(std::max<std::int64_t>(1, session_.spec().limits.read_page_max));
    for (const auto& [entity, all] : ids) {
        const auto read_as = pair_.forms.find(entity);
        for (std::size_t at = 0; read_as != pair_.forms.end() && at < all.size(); at += page_max) {
            ReadRequest request;
            request.entity = read_as->second.read_as;
            const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(page_max, all.size() - at);
            request.ids.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
            request.limit = static_cast<std::int64_t>(count);
            SYNCLINE_ASSIGN_OR_RETURN(const Page page, pace_.patiently([&] {
                return session_.read(request);
            }));
            SYNCLINE_RETURN_IF_ERROR(take(read_as->second.read_as, page, source_key));
        }
    }
    return {};
}

Result<void> TargetSide::take(
    const std::string& read_entity, const Page& page, const std::string& key
) {
    std::map<std::string, std::pair<Posted, std::string>> documents;  // with their content's hash
    std::map<std::string, std::vector<std::string>> ids;
    for (const auto& record : page.records) {
        if (record.operation == RecordOperation::kDelete) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(record.json));
        SYNCLINE_ASSIGN_OR_RETURN(auto read, from_json<PostedRecord>(json));
        if (!read.posted || !seen_.insert(read.posted->entity + "\n" + record.key).second) {
            continue;
        }
        ids[read.posted->entity].push_back(record.key);
        documents[record.key] = {std::move(*read.posted), sha256_hex(record.json)};
    }
    for (const auto& [entity, some] : ids) {
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto mapped, lookups_.mapped_records(pair_.source, pair_.target, entity, some)
        );
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto written, lookups_.written_contents(pair_.target, read_entity, some)
        );
        for (const auto& id : some) {
            const auto& [posted, hash] = documents.at(id);
            const auto of = mapped.find(id);
            const auto named =
                of != mapped.end()
                    ? std::optional<NamedRecord>({of->second.entity, of->second.source_id})
                    : named_record(posted.natural_key, key);
            if (!named || entities_.count(named->entity) == 0) {
                ++others_;
                continue;
            }
            const auto before = written.find(id);
            if (of != mapped.end() && (before == written.end() || before->second != hash)) {
                changed_.insert(facts_.size());
            }
            TargetFact fact;
            fact.entity = named->entity;
            fact.record_id = named->id;
            fact.target_entity = posted.entity;
            fact.target_id = id;
            fact.kind = posted.kind;
            fact.day = posted.day;
            fact.customer = posted.customer;
            fact.total = posted.total;
            fact.tax = posted.tax;
            fact.voided = posted.voided;
            facts_.push_back(std::move(fact));
        }
    }
    return facts_.size() > kFactsMax ? Result<void>(too_large()) : Result<void>();
}

// A payment that is applied to an invoice changes it without anybody's doing: only what we own
// tells.
Result<void> TargetSide::look_for_edits(
    const std::vector<Flow>& flows, const std::set<std::size_t>& places
) {
    std::map<std::string, std::vector<std::size_t>> by_entity;
    for (const std::size_t place : places) {
        by_entity[facts_[place].entity].push_back(place);
    }
    for (const auto& flow : flows) {
        const auto& all = by_entity[flow.definition.entity];
        for (std::size_t at = 0; at < all.size(); at += kEditsPerStep) {
            const auto end = std::min(all.size(), at + kEditsPerStep);
            std::vector<std::string> ids;
            for (std::size_t i = at; i < end; ++i) {
                ids.push_back(facts_[all[i]].record_id);
            }
            SYNCLINE_ASSIGN_OR_RETURN(
                const auto before, stores_.id_mappings.written_before(flow, ids)
            );
            std::map<std::string, FindRequest> requests;
            std::map<std::string, Json> bases;  // by key
            for (std::size_t i = at; i < end; ++i) {
                const TargetFact& fact = facts_[all[i]];
                const auto of = before.find(fact.record_id);
                for (const auto& written :
                     of == before.end() ? std::vector<WrittenBefore>() : of->second) {
                    if (written.entity == fact.target_entity &&
                        written.remote_id == fact.target_id && written.owned.is_object()) {
                        const std::string key = std::to_string(all[i]);
                        FindRequest& request = requests[fact.target_entity];
                        request.entity = fact.target_entity;
                        request.keys.push_back({key, {}, {}, fact.target_id, written.owned});
                        bases[key] = written.owned;
                    }
                }
            }
            for (const auto& [entity, request] : requests) {
                SYNCLINE_ASSIGN_OR_RETURN(const auto found, pace_.patiently([&] {
                    return session_.find(request);
                }));
                for (const auto& one : found) {
                    const Json& base = bases.at(one.key);
                    if (one.owned.is_object() && !covers(one.owned, base)) {
                        TargetFact& fact = facts_[std::stoul(one.key)];
                        fact.edited = true;
                        fact.edited_paths = changed_paths(base, one.owned);
                    }
                }
            }
        }
    }
    return {};
}

}  // namespace syncline::engine
