#include <algorithm>

#include "core/flow.hpp"
#include "engine/deliver_stages.hpp"
#include "engine/encode.hpp"
#include "engine/overlap.hpp"
#include "engine/reconciliation_sides.hpp"
#include "engine/transformer.hpp"

namespace syncline::engine {
namespace {

// Of a record, what is told about it when it makes no document.
struct RecordSummary {
    std::string status;
    Money total;
    Money tax_total;
    std::optional<Timestamp> created_at;

    static constexpr auto fields() {
        return field_list(
            field("status", &RecordSummary::status),
            field("total", &RecordSummary::total),
            field("tax_total", &RecordSummary::tax_total),
            field("created_at", &RecordSummary::created_at)
        );
    }
};

// What is there, or null.
const Json& at_pointer(const Json& body, const std::string& pointer) {
    static const Json kNothing;
    const Json::json_pointer place(pointer);
    return body.contains(place) ? body.at(place) : kNothing;
}

bool counts(const std::string& status) {
    constexpr std::array kGone{"cancelled", "failed", "draft", "trash"};
    return std::find(kGone.begin(), kGone.end(), status) == kGone.end();
}

const WrittenBefore* written_as(const std::vector<WrittenBefore>& before, const std::string& role) {
    const auto found = std::find_if(before.begin(), before.end(), [&](const WrittenBefore& one) {
        return one.role == role;
    });
    return found == before.end() ? nullptr : &*found;
}

// Why a flow leaves out a record that it never delivered; nothing: it does not.
std::optional<Reason> left_out(const Filters& filters, const Record& record) {
    if (filters.empty()) {
        return std::nullopt;
    }
    const auto json = parse_json(record.json);
    if (!json || passes(filters, *json)) {
        return std::nullopt;
    }
    Filters others = filters;
    others.created_from.reset();
    others.created_to.reset();
    return passes(others, *json)
               ? Reason{"BEFORE_START", "it was created outside of the flow's time"}
               : Reason{"FILTERED", "the flow's filter leaves it out"};
}

SourceFact without(Expectation expectation, const Reason& reason) {
    SourceFact fact;
    fact.expectation = expectation;
    fact.reason = reason.code;
    fact.explanation = reason.message;
    return fact;
}

}  // namespace

SourceSide::SourceSide(
    Stores& stores,
    const ComparedPair& pair,
    ConnectionSession& source,
    ConnectionSession& target,
    ReadingPace& pace
)
    : stores_(stores),
      pair_(pair),
      source_(source),
      target_(target),
      pace_(pace),
      zone_(zone_of(target)) {}

Result<void> SourceSide::read(const Flow& flow, Timestamp from, Timestamp to) {
    ReadRequest request;
    request.entity = flow.definition.entity;
    request.window = {from, to};
    request.limit = source_.spec().limits.read_page_max;
    for (bool more = true; more;) {
        SYNCLINE_ASSIGN_OR_RETURN(Page page, pace_.patiently([&] {
            return source_.read(request);
        }));
        more = page.more;
        request.after_id = page.last_id;
        request.next = page.next;
        SYNCLINE_RETURN_IF_ERROR(take(flow, std::move(page)));
    }
    return {};
}

Result<void> SourceSide::look_up(const Flow& flow, const std::vector<std::string>& ids) {
    const auto page_max =
        static_cast<std::size_t>(std::max<std::int64_t>(1, source_.spec().limits.read_page_max));
    for (std::size_t at = 0; at < ids.size(); at += page_max) {
        ReadRequest request;
        request.entity = flow.definition.entity;
        const auto begin = ids.begin() + static_cast<std::ptrdiff_t>(at);
        const auto count = std::min(page_max, ids.size() - at);
        request.ids.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
        request.limit = static_cast<std::int64_t>(count);
        SYNCLINE_ASSIGN_OR_RETURN(Page page, pace_.patiently([&] {
            return source_.read(request);
        }));
        SYNCLINE_RETURN_IF_ERROR(take(flow, std::move(page)));
    }
    return {};
}

Result<void> SourceSide::take(const Flow& flow, Page page) {
    SYNCLINE_RETURN_IF_ERROR(take_unreadable(flow, page));
    std::erase_if(page.records, [&](const Record& record) {
        return record.operation == RecordOperation::kDelete ||
               !seen_.insert(flow.definition.entity + "\n" + record.key).second;
    });
    std::vector<std::string> ids;
    for (const auto& record : page.records) {
        ids.push_back(record.key);
    }
    SYNCLINE_ASSIGN_OR_RETURN(auto before, stores_.id_mappings.written_before(flow, ids));
    std::vector<ReadRecord> records;
    for (auto& record : page.records) {
        auto& written = before[record.key];
        const auto out = written.empty() ? left_out(flow.definition.source.filters, record)
                                         : std::optional<Reason>();
        if (out) {
            // Another flow between the same connections may take it.
            seen_.erase(flow.definition.entity + "\n" + record.key);
            add_without(flow, record, without(Expectation::kSkipped, *out), written);
        } else {
            records.push_back({std::move(record), std::move(written)});
        }
    }
    SYNCLINE_RETURN_IF_ERROR(encode(flow, records));
    if (facts_.size() > kFactsMax) {
        return Error{
            ErrorCode::kData,
            "the window has more than " + std::to_string(kFactsMax) +
                " documents; compare it in shorter ones",
            "reconciliation.large"};
    }
    return {};
}

Result<void> SourceSide::encode(const Flow& flow, const std::vector<ReadRecord>& records) {
    if (records.empty()) {
        return {};
    }
    EncodeBatch batch;
    for (const auto& one : records) {
        batch.records.push_back(one.record.json);
        batch.known.push_back(known_documents(one.before));
    }
    SYNCLINE_ASSIGN_OR_RETURN(const Json facts, target_.facts());
    SYNCLINE_ASSIGN_OR_RETURN(const auto connection, stores_.connections.by_id(flow.source));
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto context, encoding_for(stores_, target_, flow, connection, facts)
    );
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto mapped, encode_mapped(stores_, target_, flow, context, batch)
    );
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& [record, before] = records[i];
        const Result<Encoded>& encoded = mapped.records[i];
        if (!encoded) {
            const Reason reason{"NOT_ENCODED", encoded.error().message};
            add_without(flow, record, without(Expectation::kHeld, reason), before);
        } else if (encoded->skip) {
            add_without(flow, record, without(Expectation::kSkipped, *encoded->skip), before);
        } else if (encoded->hold) {
            add_without(flow, record, without(Expectation::kHeld, *encoded->hold), before);
        } else {
            add_documents(flow, record.key, *encoded, before);
        }
    }
    return {};
}

// Such a record cannot tell what it wants: what the books have of it stands.
Result<void> SourceSide::take_unreadable(const Flow& flow, const Page& page) {
    for (const auto& record : page.unreadable) {
        if (!seen_.insert(flow.definition.entity + "\n" + record.id).second) {
            continue;
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto before, stores_.id_mappings.written_before(flow, {record.id})
        );
        SourceFact fact = without(Expectation::kHeld, {"UNREADABLE", record.reason});
        const Record empty{flow.definition.entity, record.id, RecordOperation::kUpsert, {}, {}};
        add_without(
            flow,
            empty,
            std::move(fact),
            before.empty() ? std::vector<WrittenBefore>() : before.begin()->second
        );
    }
    return {};
}

void SourceSide::add_documents(
    const Flow& flow,
    const std::string& id,
    const Encoded& encoded,
    const std::vector<WrittenBefore>& before
) {
    for (const auto& document : encoded.documents) {
        const auto form = pair_.forms.find(document.entity);
        if (form == pair_.forms.end()) {
            continue;
        }
        SourceFact fact;
        fact.entity = flow.definition.entity;
        fact.record_id = id;
        fact.flow = flow.definition.name;
        fact.live = document.operation == DocumentOperation::kUpsert;
        fact.expectation = fact.live ? Expectation::kPosted : Expectation::kVoided;
        fact.kind = form->second.kind;
        const Json& day = at_pointer(document.body, form->second.day);
        fact.day = day.is_string() ? day.get<std::string>() : std::string();
        fact.target_entity = document.entity;
        fact.customer = customer_of(at_pointer(document.body, form->second.customer), encoded);
        if (document.money) {
            fact.total = document.money->total;
            fact.tax = document.money->tax;
            fact.has_money = true;
        }
        const WrittenBefore* written = written_as(before, document.role);
        if (written != nullptr) {
            fact.mapped_id = written->remote_id;
            fact.target_entity = written->entity;
            fact.stale = !written->hash.empty() && written->hash != document_hash(document);
        }
        facts_.push_back(std::move(fact));
    }
}

// A record that makes no document, or that must not change those it has.
void SourceSide::add_without(
    const Flow& flow,
    const Record& record,
    SourceFact fact,
    const std::vector<WrittenBefore>& before
) {
    const auto json = parse_json(record.json);
    const auto summary =
        json ? from_json<RecordSummary>(*json) : Result<RecordSummary>(json.error());
    fact.entity = flow.definition.entity;
    fact.record_id = record.key;
    fact.flow = flow.definition.name;
    if (summary) {
        fact.live = counts(summary->status);
        fact.day = day_of_record(summary->created_at.value_or(record.changed_at));
        fact.total = summary->total;
        fact.tax = summary->tax_total;
        fact.has_money = !summary->total.currency().empty();
    }
    bool any = false;
    for (const auto& written : before) {
        const auto form = pair_.forms.find(written.entity);
        if (form == pair_.forms.end()) {
            continue;
        }
        SourceFact one = fact;
        one.kind = form->second.kind;
        one.has_money = fact.has_money && one.kind != PostedKind::kPayment;
        one.target_entity = written.entity;
        one.mapped_id = written.remote_id;
        facts_.push_back(std::move(one));
        any = true;
    }
    if (!any) {
        fact.any_kind = true;
        facts_.push_back(std::move(fact));
    }
}

std::string SourceSide::customer_of(const Json& reference, const Encoded& encoded) {
    if (reference.is_string()) {
        return reference.get<std::string>();
    }
    if (!reference.is_object() || !reference.contains("$need")) {
        return {};
    }
    const std::string key = reference.at("$need").get<std::string>();
    if (const auto known = customers_.find(key); known != customers_.end()) {
        return known->second;
    }
    const auto need = std::find_if(
        encoded.needs.begin(), encoded.needs.end(), [&](const Need& one) { return one.key == key; }
    );
    std::string id;
    if (need != encoded.needs.end()) {
        const std::string identity =
            need->natural_key.empty() ? "#" + need->source_id : need->natural_key;
        const auto found = stores_.id_mappings.by_identity(
            {pair_.tenant, pair_.source, pair_.target, need->entity, need->source_id, identity}
        );
        id = found && found->size() == 1 ? found->front().remote_id : std::string();
    }
    return customers_[key] = id;
}

std::string SourceSide::day_of_record(Timestamp at) const {
    const Timestamp local = zone_ ? Timestamp{zone_->local(at).ms} : at;
    return local.to_string().substr(0, 10);
}

}  // namespace syncline::engine
