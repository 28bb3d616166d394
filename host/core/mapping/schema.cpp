#include "core/mapping/schema.hpp"

#include <algorithm>
#include <array>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>

namespace syncline::mapping {
namespace {

template <class T>
constexpr Kind kind_of() {
    if constexpr (std::is_same_v<T, Json>) {
        return Kind::kAny;
    } else if constexpr (std::is_same_v<T, bool>) {
        return Kind::kBoolean;
    } else if constexpr (std::is_same_v<T, Decimal> || std::is_integral_v<T>) {
        return Kind::kNumber;
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return Kind::kTime;
    } else {
        static_assert(
            std::is_same_v<T, std::string> || std::is_same_v<T, Currency> || std::is_enum_v<T>,
            "a member of a canonical model that mappings do not know"
        );
        return Kind::kText;
    }
}

template <class T>
const Shape& shape_of();

template <class Owner, class T>
constexpr Shape::Member member_of_model(const Field<Owner, T>& field) {
    return {field.name, &shape_of<T>};
}

template <class T>
const Shape& object_shape() {
    static constexpr auto kMembers = syncline::detail::visit_fields<T>([](const auto&... entry) {
        return std::array<Shape::Member, sizeof...(entry)>{member_of_model(entry)...};
    });
    static constexpr Shape kShape{Kind::kObject, kMembers.data(), kMembers.size(), nullptr};
    return kShape;
}

const Shape& money_shape() {
    static constexpr std::array<Shape::Member, 2> kMembers{
        {{"amount", &shape_of<Decimal>}, {"currency", &shape_of<std::string>}}};
    static constexpr Shape kShape{Kind::kMoney, kMembers.data(), kMembers.size(), nullptr};
    return kShape;
}

template <class T>
const Shape& shape_of() {
    if constexpr (syncline::detail::IsOptional<T>::value) {
        return shape_of<typename T::value_type>();
    } else if constexpr (syncline::detail::IsVector<T>::value) {
        static constexpr Shape kShape{Kind::kList, nullptr, 0, &shape_of<typename T::value_type>};
        return kShape;
    } else if constexpr (std::is_same_v<T, Money>) {
        return money_shape();
    } else if constexpr (syncline::detail::HasFields<T>) {
        return object_shape<T>();
    } else {
        static constexpr Shape kShape{kind_of<T>(), nullptr, 0, nullptr};
        return kShape;
    }
}

template <class T>
Result<Json> completed(const Json& json) {
    SYNCLINE_ASSIGN_OR_RETURN(const T model, from_json<T>(json, Unknown::kRefuse));
    return to_json(model);
}

struct Model {
    std::string_view entity;
    const Shape& (*shape)();
    Result<Json> (*complete)(const Json&);
};
constexpr std::array<Model, 6> kModels{{
    {"customer", &shape_of<Customer>, &completed<Customer>},
    {"invoice", &shape_of<Invoice>, &completed<Invoice>},
    {"order", &shape_of<Order>, &completed<Order>},
    {"payment", &shape_of<Payment>, &completed<Payment>},
    {"product", &shape_of<Product>, &completed<Product>},
    {"refund", &shape_of<Refund>, &completed<Refund>},
}};

const Model* find_model(std::string_view entity) {
    const auto* found = std::find_if(kModels.begin(), kModels.end(), [&](const Model& model) {
        return model.entity == entity;
    });
    return found == kModels.end() ? nullptr : found;
}

struct TypeName {
    std::string_view name;
    Kind kind;
};
constexpr std::array<TypeName, 6> kTypeNames{{
    {"text", Kind::kText},
    {"date", Kind::kText},
    {"number", Kind::kNumber},
    {"boolean", Kind::kBoolean},
    {"time", Kind::kTime},
    {"any", Kind::kAny},
}};

Result<TargetPath> target_path(const MappablePath& mappable) {
    auto path = parse_path(mappable.path);
    const auto type = std::find_if(kTypeNames.begin(), kTypeNames.end(), [&](const auto& one) {
        return one.name == mappable.type;
    });
    if (!path || type == kTypeNames.end() || mappable.length_max < 0) {
        return Error{
            ErrorCode::kBug,
            "the connector's mappable path '" + mappable.path + "' of type '" + mappable.type +
                "' cannot be read" + (path ? "" : ": " + path.error().message)};
    }
    TargetPath target;
    target.path = std::move(*path);
    target.kind = type->kind;
    target.date = type->name == "date";
    target.length_max = static_cast<std::size_t>(mappable.length_max);
    target.allowed = mappable.allowed;
    target.keys = mappable.keys;
    return target;
}

}  // namespace

std::string_view kind_name(Kind kind) {
    constexpr std::array<std::string_view, 9> kNames{
        "anything",
        "nothing",
        "a text",
        "a number",
        "an amount",
        "true or false",
        "a time",
        "an object",
        "a list"};
    return kNames[static_cast<std::size_t>(kind)];
}

const Shape* Shape::member(std::string_view name) const {
    for (std::size_t i = 0; i < size; ++i) {
        if (members[i].name == name) {
            return &members[i].shape();
        }
    }
    return nullptr;
}

const Shape* model_shape(std::string_view entity) {
    const Model* model = find_model(entity);
    return model == nullptr ? nullptr : &model->shape();
}

Result<Json> complete_record(std::string_view entity, const Json& json) {
    const Model* model = find_model(entity);
    if (model == nullptr) {
        return invalid("there is no entity '" + std::string(entity) + "' (" + model_names() + ")");
    }
    return model->complete(json);
}

std::string model_names() {
    std::string names;
    for (const auto& model : kModels) {
        names += (names.empty() ? "" : ", ") + std::string(model.entity);
    }
    return names;
}

bool names_an_amount(std::string_view member) {
    static constexpr std::array<std::string_view, 10> kEndings{
        "total", "amount", "amt", "price", "cost", "balance", "tax", "fee", "discount", "refund"};
    std::string name(member);
    for (char& c : name) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return std::any_of(kEndings.begin(), kEndings.end(), [&](std::string_view ending) {
        return name.size() >= ending.size() &&
               std::string_view(name).substr(name.size() - ending.size()) == ending;
    });
}

Result<TargetSchema> target_schema(const Catalog& catalog, std::string_view target_entity) {
    const auto found =
        std::find_if(catalog.entities.begin(), catalog.entities.end(), [&](const auto& entity) {
            return entity.name == target_entity;
        });
    if (found == catalog.entities.end() || found->write.empty()) {
        std::string names;
        for (const auto& entity : catalog.entities) {
            if (!entity.write.empty()) {
                names += (names.empty() ? "" : ", ") + entity.name;
            }
        }
        return invalid(
            "the target has no entity '" + std::string(target_entity) +
            "' to be written (it has: " + names + ")"
        );
    }
    TargetSchema schema;
    schema.entity = found->name;
    schema.owned_paths = found->owned_paths;
    for (const auto& mappable : found->mappable) {
        SYNCLINE_ASSIGN_OR_RETURN(TargetPath path, target_path(mappable));
        schema.paths.push_back(std::move(path));
    }
    return schema;
}

TargetSchema open_target(std::string_view target_entity) {
    TargetSchema schema;
    schema.entity = target_entity;
    return schema;
}

}  // namespace syncline::mapping
