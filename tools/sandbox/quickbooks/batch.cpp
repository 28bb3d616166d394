#include "quickbooks/batch.hpp"

#include <algorithm>

#include "quickbooks/books/life_cycle.hpp"
#include "quickbooks/books/validation.hpp"
#include "quickbooks/query.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kItemsMax = 30;
constexpr std::size_t kItemIdMax = 10;

// The entity an item carries: its only member that is not about the item itself.
const EntityInfo* carried_entity(const Json& item, std::string& name) {
    for (const auto& [key, value] : item.items()) {
        if (key == "bId" || key == "operation" || key == "optionsData")
            continue;
        name = key;
        return entity_named(key);
    }
    return nullptr;
}

// How an item voids: "operation":"void" like the invoice's own call, or optionsData for an update.
bool wants_void(const std::string& operation, const std::string& options_data) {
    return operation == "void" || (operation == "update" && options_data == "void");
}

bool understand(const Json& item, Write& write, Errors& errors) {
    std::string name;
    const EntityInfo* entity = carried_entity(item, name);
    if (!entity) {
        errors.push_back(
            other_fault(2000, "Invalid or unsupported object name", "Object Name: " + name)
        );
        return false;
    }
    const std::string operation = text_at(item, "operation");
    const std::string options_data = text_at(item, "optionsData");
    write.entity = entity->entity;
    write.body = item[name];
    write.duplicate_number_ok = options_data == "allowduplicatedocnum";
    const bool has_id = write.body.is_object() && write.body.contains("Id");
    if (wants_void(operation, options_data) && entity->void_by != VoidBy::kNever)
        write.action = Action::kVoid;
    else if (operation == "create" && !has_id)
        write.action = Action::kCreate;
    else if (operation == "update" && options_data != "void")
        write.action = Action::kUpdate;
    else if (operation == "delete")
        write.action = Action::kDelete;
    else
        errors.push_back(unsupported_operation(operation + " of " + name + " in a batch"));
    return errors.empty();
}

Json answer_of(const Outcome& outcome, const std::string& name) {
    Json answer = Json::object();
    if (outcome.ok())
        answer[name] = outcome.value;
    else
        answer["Fault"] = fault_json(outcome.errors);
    return answer;
}

Json run_item(Realm& realm, const Json& item, bool has_request_id, Millis now) {
    const std::string id = text_at(item, "bId");
    if (has_request_id && length_of(id) > kItemIdMax)
        return answer_of(
            Outcome::fault(business_rule(
                "You cannot enter more than 10 characters in the bId field when a requestid is "
                "given. You tried entering " +
                std::to_string(length_of(id)) + " characters."
            )),
            ""
        );
    if (const Json* query = member(item, "Query")) {
        ++realm.counters.batch_queries;
        const std::string statement = query->is_string() ? query->get<std::string>() : "";
        return answer_of(run_query(realm.company, statement), "QueryResponse");
    }
    ++realm.counters.batch_writes;
    Write write;
    Errors errors;
    if (!understand(item, write, errors))
        return answer_of({Json(), std::move(errors)}, "");
    return answer_of(carry_out(realm.company, write, now), std::string(info(write.entity).name));
}

// What an item meets that the service stumbles over: nothing was done.
Json stumbled() {
    const Json error{
        {"Message", "An application error has occurred while processing your request"},
        {"Detail", "System Failure Error: the sandbox was told to break this batch"},
        {"code", "10000"},
        {"element", ""}};
    return Json{{"Fault", {{"Error", Json::array({error})}, {"type", "SystemFault"}}}};
}

}  // namespace

Outcome run_batch(
    Realm& realm, const WireOptions& options, const Json& body, bool has_request_id, Millis now
) {
    const Json* items = member(body, "BatchItemRequest");
    if (!items || !items->is_array())
        return Outcome::fault(missing("BatchItemRequest"));
    if (items->size() > kItemsMax)
        return Outcome::fault(other_fault(
            1040,
            "Batch size exceeds allowed limit",
            "A batch has " + std::to_string(kItemsMax) + " items at most, this one has " +
                std::to_string(items->size())
        ));
    std::vector<Json> answers;
    realm.company.begin_batch();
    const bool breaks = realm.broken_batches > 0;
    realm.broken_batches -= breaks ? 1 : 0;
    for (const Json& item : *items) {
        Json answer{{"bId", text_at(item, "bId")}};
        const bool broken = breaks && answers.size() % 2 == 1;
        answer.update(broken ? stumbled() : run_item(realm, item, has_request_id, now));
        answers.push_back(std::move(answer));
    }
    realm.company.end_batch();
    if (options.reverse_batches)
        std::reverse(answers.begin(), answers.end());
    return {{{"BatchItemResponse", Json(answers)}}, {}};
}

}  // namespace sandbox::quickbooks
