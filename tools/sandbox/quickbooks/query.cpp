#include "quickbooks/query.hpp"

#include <algorithm>
#include <compare>

#include "quickbooks/query_syntax.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr long kMaxResults = 1000;

enum class FieldType { kId, kText, kNumber, kFlag, kDate, kTime };

// A member that can be filtered and sorted by, and where its value lies.
struct Field {
    std::string_view name;
    FieldType type = FieldType::kText;
    std::string_view path{};  // "" = the name
};
using Fields = std::vector<Field>;

const Fields& common_fields() {
    static const Fields fields{
        {"Id", FieldType::kId, ""},
        {"MetaData.CreateTime", FieldType::kTime, ""},
        {"MetaData.LastUpdatedTime", FieldType::kTime, ""}};
    return fields;
}

Fields person_fields() {
    return {
        {"DisplayName"},
        {"GivenName"},
        {"MiddleName"},
        {"FamilyName"},
        {"CompanyName"},
        {"FullyQualifiedName"},
        {"PrintOnCheckName"},
        {"Active", FieldType::kFlag, ""},
        {"Balance", FieldType::kNumber, ""},
        {"PrimaryEmailAddr", FieldType::kText, "PrimaryEmailAddr.Address"},
        {"PrimaryPhone", FieldType::kText, "PrimaryPhone.FreeFormNumber"},
        {"Job", FieldType::kFlag, ""},
        {"ParentRef", FieldType::kText, "ParentRef.value"}};
}

Fields document_fields() {
    return {
        {"DocNumber"},
        {"TxnDate", FieldType::kDate, ""},
        {"DueDate", FieldType::kDate, ""},
        {"TotalAmt", FieldType::kNumber, ""},
        {"Balance", FieldType::kNumber, ""},
        {"CustomerRef", FieldType::kText, "CustomerRef.value"},
        {"VendorRef", FieldType::kText, "VendorRef.value"},
        {"SalesTermRef", FieldType::kText, "SalesTermRef.value"},
        {"DepartmentRef", FieldType::kText, "DepartmentRef.value"},
        {"CurrencyRef", FieldType::kText, "CurrencyRef.value"},
        {"PaymentRefNum"},
        {"UnappliedAmt", FieldType::kNumber, ""},
        {"EmailStatus"},
        {"PrintStatus"}};
}

Fields list_fields() {
    return {
        {"Name"},
        {"FullyQualifiedName"},
        {"Active", FieldType::kFlag, ""},
        {"Type"},
        {"Sku"},
        {"AccountType"},
        {"AccountSubType"},
        {"Classification"},
        {"UnitPrice", FieldType::kNumber, ""},
        {"QtyOnHand", FieldType::kNumber, ""},
        {"Taxable", FieldType::kFlag, ""},
        {"CompanyName"},
        {"Country"},
        {"ParentRef", FieldType::kText, "ParentRef.value"}};
}

bool is_person(Entity entity) {
    return entity == Entity::kCustomer || entity == Entity::kVendor || entity == Entity::kEmployee;
}

bool is_document(Entity entity) {
    return info(entity).family == Family::kSale || info(entity).family == Family::kOther;
}

const Field* find_field(Entity entity, std::string_view name) {
    static const Fields person = person_fields();
    static const Fields document = document_fields();
    static const Fields list = list_fields();
    const Fields& own = is_person(entity) ? person : is_document(entity) ? document : list;
    for (const Fields* fields : {&common_fields(), &own})
        for (const Field& field : *fields)
            if (field.name == name)
                return &field;
    return nullptr;
}

// A value made comparable: numbers and times as numbers, everything else as text.
struct Value {
    bool present = false;
    std::string text{};
    Decimal amount{};

    friend std::weak_ordering operator<=>(const Value& a, const Value& b) {
        if (const auto order = a.amount <=> b.amount; order != 0)
            return order;
        return a.text.compare(b.text) <=> 0;
    }
    friend bool operator==(const Value& a, const Value& b) { return (a <=> b) == 0; }
};

// What a literal means for a field of that type; not present when it means nothing.
Value literal(FieldType type, const std::string& text) {
    switch (type) {
        case FieldType::kId:
        case FieldType::kNumber:
            if (const auto amount = Decimal::parse(text))
                return {true, "", *amount};
            return {};
        case FieldType::kTime:
            if (const auto time = parse_time(text))
                return {true, "", Decimal(*time)};
            return {};
        case FieldType::kDate:
            return is_date(text) ? Value{true, text, {}} : Value{};
        case FieldType::kFlag:
            return text == "true" || text == "false" ? Value{true, text, {}} : Value{};
        case FieldType::kText:
            break;
    }
    return {true, text, {}};
}

Value value_of(const Field& field, const Json& doc) {
    const Json* found = member(doc, field.path.empty() ? field.name : field.path);
    if (!found)
        return {};
    if (found->is_boolean())
        return {true, found->get<bool>() ? "true" : "false", {}};
    if (is_number(*found))
        return {true, "", *decimal(*found)};
    return found->is_string() ? literal(field.type, found->get<std::string>()) : Value{};
}

// '%' stands for any text, also none.
bool like(std::string_view text, std::string_view pattern) {
    if (pattern.empty())
        return text.empty();
    if (pattern.front() != '%')
        return !text.empty() && text.front() == pattern.front() &&
               like(text.substr(1), pattern.substr(1));
    for (std::size_t skip = 0; skip <= text.size(); ++skip)
        if (like(text.substr(skip), pattern.substr(1)))
            return true;
    return false;
}

// A condition with its field found and its values understood.
struct Test {
    const Field* field = nullptr;
    Compare compare = Compare::kEqual;
    std::vector<Value> values{};

    bool holds(const Json& doc) const {
        const Value value = value_of(*field, doc);
        if (!value.present)
            return false;
        switch (compare) {
            case Compare::kEqual:
            case Compare::kIn:
                return std::find(values.begin(), values.end(), value) != values.end();
            case Compare::kLess:
                return value < values.front();
            case Compare::kGreater:
                return value > values.front();
            case Compare::kLessOrEqual:
                return value <= values.front();
            case Compare::kGreaterOrEqual:
                return value >= values.front();
            case Compare::kLike:
                break;
        }
        return like(value.text, values.front().text);
    }
};

Error not_queryable(std::string_view field) {
    return query_not_valid("property '" + std::string(field) + "' is not queryable");
}

bool understand(
    Entity entity,
    const std::vector<Condition>& conditions,
    std::vector<Test>& tests,
    Errors& errors
) {
    for (const Condition& condition : conditions) {
        Test test{find_field(entity, condition.field), condition.compare};
        if (!test.field) {
            errors.push_back(not_queryable(condition.field));
            continue;
        }
        const FieldType type = test.field->type;
        const bool ordered = condition.compare != Compare::kEqual &&
                             condition.compare != Compare::kIn &&
                             condition.compare != Compare::kLike;
        if ((type == FieldType::kFlag && ordered) ||
            (type != FieldType::kText && condition.compare == Compare::kLike)) {
            errors.push_back(
                query_not_valid("the operator cannot be used with '" + condition.field + "'")
            );
            continue;
        }
        for (const std::string& text : condition.values) {
            test.values.push_back(literal(type, text));
            if (!test.values.back().present)
                errors.push_back(query_not_valid(
                    "value '" + text + "' does not suit property '" + condition.field + "'"
                ));
        }
        tests.push_back(std::move(test));
    }
    return errors.empty();
}

void check_limits(const Query& query, Errors& errors) {
    if (query.start_position < 1)
        errors.push_back(query_not_valid("value for startposition must be 1 or more"));
    if (query.max_results > kMaxResults)
        errors.push_back(query_not_valid(
            "value " + std::to_string(query.max_results) +
            " is too large. Max allowed value for maxresults is 1000."
        ));
}

// Columns and sort keys exist.
void check_names(const Query& query, Entity entity, Errors& errors) {
    const std::vector<Member>& known = members(entity);
    for (const std::string& column : query.columns) {
        const std::string_view top = std::string_view(column).substr(0, column.find('.'));
        const bool found = std::any_of(known.begin(), known.end(), [&](const Member& member) {
            return member.name == top;
        });
        const bool checked = info(entity).family != Family::kReadOnly && column != "*";
        if (checked && !found)
            errors.push_back(query_not_valid(
                "Property " + column + " not found for Entity " + std::string(info(entity).name)
            ));
    }
    for (const OrderBy& order : query.order)
        if (!find_field(entity, order.field))
            errors.push_back(not_queryable(order.field));
}

bool asks_for_activity(const Query& query) {
    return std::any_of(query.conditions.begin(), query.conditions.end(), [](const Condition& c) {
        return c.field == "Active";
    });
}

using Hits = std::vector<const Json*>;

Hits matching(
    const Company& company, Entity entity, const Query& query, const std::vector<Test>& tests
) {
    Hits hits;
    const bool inactive_too = asks_for_activity(query);
    for (const auto& [id, record] : company.table(entity)) {
        const bool visible = !record.deleted && !company.hidden(entity, id) &&
                             (inactive_too || flag_at(record.doc, "Active", true));
        const bool fits =
            visible &&
            std::all_of(tests.begin(), tests.end(), [&record = record](const Test& test) {
                return test.holds(record.doc);
            });
        if (fits)
            hits.push_back(&record.doc);
    }
    return hits;
}

void sort(Hits& hits, const Query& query, Entity entity) {
    if (query.order.empty()) {
        if (is_document(entity))
            std::reverse(hits.begin(), hits.end());
        return;
    }
    std::stable_sort(hits.begin(), hits.end(), [&](const Json* a, const Json* b) {
        for (const OrderBy& order : query.order) {
            const Field& field = *find_field(entity, order.field);
            const auto compared = value_of(field, *a) <=> value_of(field, *b);
            if (compared != 0)
                return order.descending ? compared > 0 : compared < 0;
        }
        return false;
    });
}

// All of the object, or the chosen members of it.
Json projected(const Json& doc, const std::vector<std::string>& columns) {
    if (std::find(columns.begin(), columns.end(), "*") != columns.end())
        return doc;
    Json chosen{{"domain", "QBO"}, {"sparse", true}};
    for (const std::string& column : columns) {
        const std::string top = column.substr(0, column.find('.'));
        if (doc.contains(top))
            chosen[top] = doc[top];
    }
    return chosen;
}

// The reference calls the name case-sensitive; the most used public client writes it in lower case,
// and the service answers it.
const EntityInfo* entity_in_any_case(std::string_view name) {
    for (const EntityInfo& entity : all_entities())
        if (folded_name(entity.name) == folded_name(name))
            return &entity;
    return nullptr;
}

}  // namespace

Outcome run_query(const Company& company, std::string_view statement) {
    Query query;
    std::string why;
    if (!parse_query(statement, query, why))
        return Outcome::fault(query_not_parsed(why));
    const EntityInfo* entity = entity_in_any_case(query.entity);
    if (!entity)
        return Outcome::fault(query_not_valid("entity '" + query.entity + "' is not known"));
    Errors errors;
    std::vector<Test> tests;
    understand(entity->entity, query.conditions, tests, errors);
    check_limits(query, errors);
    check_names(query, entity->entity, errors);
    if (!errors.empty())
        return {Json(), std::move(errors)};
    Hits hits = matching(company, entity->entity, query, tests);
    if (query.count)
        return {{{"totalCount", hits.size()}}, {}};
    sort(hits, query, entity->entity);
    Json page = Json::array();
    const auto first = static_cast<std::size_t>(query.start_position - 1);
    for (std::size_t i = first; i < hits.size(); ++i) {
        if (page.size() == static_cast<std::size_t>(query.max_results))
            break;
        page.push_back(projected(*hits[i], query.columns));
    }
    if (page.empty())
        return {Json::object(), {}};
    const std::size_t count = page.size();
    return {
        {{std::string(entity->name), std::move(page)},
         {"startPosition", query.start_position},
         {"maxResults", count}},
        {}};
}

}  // namespace sandbox::quickbooks
