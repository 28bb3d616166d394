#include <algorithm>

#include "core/json_difference.hpp"
#include "core/plan.hpp"
#include "engine/reconciliation_sides.hpp"

namespace syncline::engine {
namespace {

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
        request.filters = {{kPostedFilter, true}};
        // With an end, so that everything is queried by its time of change.
        request.window = {from, to};
        request.limit = session_.spec().limits.read_page_max;
        for (bool more = true; more;) {
            SYNCLINE_ASSIGN_OR_RETURN(const Page page, pace_.patiently([&] {
                return session_.read(request);
            }));
            SYNCLINE_RETURN_IF_ERROR(take(page, source_key));
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
            request.filters = {{kPostedFilter, true}};
            const auto begin = all.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(page_max, all.size() - at);
            request.ids.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
            request.limit = static_cast<std::int64_t>(count);
            SYNCLINE_ASSIGN_OR_RETURN(const Page page, pace_.patiently([&] {
                return session_.read(request);
            }));
            SYNCLINE_RETURN_IF_ERROR(take(page, source_key));
        }
    }
    return {};
}

Result<void> TargetSide::take(const Page& page, const std::string& key) {
    std::map<std::string, std::vector<Posted>> documents;  // by target entity
    std::map<std::string, std::vector<std::string>> ids;   // in the same order
    for (const auto& record : page.records) {
        if (record.operation == RecordOperation::kDelete) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(record.json));
        SYNCLINE_ASSIGN_OR_RETURN(auto read, from_json<PostedRecord>(json));
        if (read.posted && seen_.insert(read.posted->entity + "\n" + record.key).second) {
            ids[read.posted->entity].push_back(record.key);
            documents[read.posted->entity].push_back(std::move(*read.posted));
        }
    }
    for (auto& [entity, some] : documents) {
        SYNCLINE_RETURN_IF_ERROR(add(std::move(some), ids.at(entity), key));
    }
    return facts_.size() > kFactsMax ? Result<void>(too_large()) : Result<void>();
}

// Of one entity.
Result<void> TargetSide::add(
    std::vector<Posted> documents, const std::vector<std::string>& ids, const std::string& key
) {
    if (documents.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapped,
        lookups_.mapped_records(pair_.source, pair_.target, documents.front().entity, ids)
    );
    std::vector<Compared> compared;
    for (std::size_t i = 0; i < documents.size(); ++i) {
        Posted& posted = documents[i];
        const auto of = mapped.find(ids[i]);
        const auto named =
            of != mapped.end()
                ? std::optional<NamedRecord>({of->second.entity, of->second.source_id})
                : named_record(posted.natural_key, key);
        if (!named || entities_.count(named->entity) == 0) {
            ++others_;
            continue;
        }
        Compared one;
        one.mapped = of != mapped.end();
        one.owned = std::move(posted.owned);
        TargetFact& fact = one.fact;
        fact.entity = named->entity;
        fact.record_id = named->id;
        fact.target_entity = posted.entity;
        fact.target_id = ids[i];
        fact.kind = posted.kind;
        fact.day = posted.day;
        fact.customer = posted.customer;
        fact.total = posted.total;
        fact.tax = posted.tax;
        fact.voided = posted.voided;
        compared.push_back(std::move(one));
    }
    SYNCLINE_RETURN_IF_ERROR(note_edits(compared));
    for (auto& one : compared) {
        facts_.push_back(std::move(one.fact));
    }
    return {};
}

void TargetSide::note_edit(const Json& base, Compared& document) {
    if (!base.is_object() || !document.owned.is_object()) {
        return;
    }
    Json wanted = base;
    for (const auto& entry : base.items()) {
        if (entry.key().rfind('$', 0) == 0) {  // the connector's own
            wanted.erase(entry.key());
        }
    }
    if (!covers(document.owned, wanted)) {
        document.fact.edited = true;
        document.fact.edited_paths = changed_paths(wanted, document.owned);
    }
}

// What we own of it is not what we wrote. A payment that is applied to an invoice changes it, too,
// but nothing of that.
Result<void> TargetSide::note_edits(std::vector<Compared>& documents) {
    for (const auto& flow : pair_.flows) {
        std::vector<std::string> ids;
        for (const auto& one : documents) {
            if (one.mapped && one.fact.entity == flow.definition.entity) {
                ids.push_back(one.fact.record_id);
            }
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto before, stores_.id_mappings.written_before(flow, ids));
        for (auto& one : documents) {
            const auto written = before.find(one.fact.record_id);
            if (!one.mapped || one.fact.entity != flow.definition.entity ||
                written == before.end()) {
                continue;
            }
            for (const auto& document : written->second) {
                if (document.entity == one.fact.target_entity &&
                    document.remote_id == one.fact.target_id) {
                    note_edit(document.owned, one);
                }
            }
        }
    }
    return {};
}

}  // namespace syncline::engine
