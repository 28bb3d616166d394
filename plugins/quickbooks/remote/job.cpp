#include "quickbooks/remote/job.hpp"

#include "quickbooks/remote/owned.hpp"
#include "quickbooks/source/models.hpp"

namespace syncline::quickbooks {

std::string Job::follow_up_id(std::string_view step) const {
    return request_key.empty()
               ? std::string()
               : request_key + "-" + std::to_string(item->index) + std::string(step);
}

std::string Job::what() const {
    std::string text = create() ? "creating the " : "updating the ";
    text += std::string(facts->entity);
    text += create() ? "" : " " + item->remote_id;
    // Of name lists the key is a buyer's address, which has no place in a message.
    return text +
           (facts->transaction && !item->natural_key.empty() ? " for " + item->natural_key : "");
}

Result<Job> make_job(const WriteItem& item, const std::string& request_key) {
    Job job;
    job.item = &item;
    job.facts = find_entity(item.entity);
    job.request_key = request_key;
    if (job.facts == nullptr) {
        return Error{
            ErrorCode::kUnsupported,
            "QuickBooks has no entity '" + item.entity + "' here",
            "qbo.entity"};
    }
    if (!job.facts->writable) {
        return Error{
            ErrorCode::kUnsupported,
            "QuickBooks' " + std::string(job.facts->type) + " is only read here",
            "qbo.read_only"};
    }
    if (item.operation != DocumentOperation::kUpsert) {
        return job;  // what removes it is made when it is sent
    }
    job.sent = item.body.is_object() ? item.body : Json::object();
    if (!job.create()) {
        for (const auto& member : job.facts->create_only) {
            job.sent.erase(std::string(member));
        }
        job.sent["Id"] = item.remote_id;
        job.sent["SyncToken"] = item.version;
        job.sent["sparse"] = true;
    }
    SYNCLINE_ASSIGN_OR_RETURN(job.wire, print_wire(job.sent));
    return job;
}

Error item_error(const Job& job, const Fault& fault, Occasion occasion) {
    occasion.what = job.what();
    return to_error(fault, occasion);
}

namespace {

std::optional<ReadBack> read_back(const Job& job, const Json& object) {
    const SourceEntity* source = find_source_entity(job.facts->canonical);
    if (source == nullptr || !job.home) {
        return std::nullopt;
    }
    auto text = record_text(*source, object, *job.home);
    return text ? std::optional(ReadBack{
                      std::string(source->entity), text_at(object, "Id"), *std::move(text)})
                : std::nullopt;
}

}  // namespace

Written written_of(const Job& job, const Json& object, bool adopted) {
    Written written;
    written.remote_id = text_at(object, "Id");
    written.version = text_at(object, "SyncToken");
    written.owned = owned_part(*job.facts, object, job.item->body);
    written.adopted = adopted;
    if (!adopted) {
        written.read_back = read_back(job, object);
    }
    return written;
}

std::string void_options(const EntityFacts& facts, Json& body) {
    if (facts.removal == Removal::kVoidOperation) {
        return "operation=void&";
    }
    body["sparse"] = true;
    return "operation=update&include=void&";
}

Result<Answer> follow_up(
    const Api& api,
    const Job& job,
    const std::string& options,
    const Json& body,
    std::string_view step
) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string wire, print_wire(body));
    return api.post(std::string(job.facts->entity), options, wire, job.follow_up_id(step));
}

}  // namespace syncline::quickbooks
