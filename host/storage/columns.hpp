// What the columns of a statement fill, in its order, told by the members themselves: no row type
// beside them and no indices that could be mixed up.
//
//   constexpr auto kConflict = columns(&Conflict::id, &Conflict::state, blob(&Conflict::sides));
//   std::vector<Conflict> all = kConflict.all(sql, kList, tenant.value);
//   std::optional<Conflict> one = kConflict.first(sql, kById, id.value);
//
// Members: Id, bool, integers, std::string, std::optional<std::string>; blob() for bytes in a
// string; into() for whatever else.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/ids.hpp"
#include "storage/sql.hpp"

namespace syncline::storage {

// How a member rests in a column.
template <class Member>
struct AtRest {
    static_assert(std::is_integral_v<Member>, "say with into() how the column is read");
    using Column = std::int64_t;
    static Member value(Column column) { return static_cast<Member>(column); }
};
template <>
struct AtRest<bool> {
    using Column = std::int64_t;
    static bool value(Column column) { return column != 0; }
};
template <class Tag>
struct AtRest<Id<Tag>> {
    using Column = std::int64_t;
    static Id<Tag> value(Column column) { return Id<Tag>{column}; }
};
template <>
struct AtRest<std::string> {
    using Column = std::string;
    static std::string value(Column column) { return column; }
};
template <>
struct AtRest<std::optional<std::string>> {
    using Column = std::optional<std::string>;
    static Column value(Column column) { return column; }
};

template <class Row, class Type, class Set>
struct ColumnInto {
    using Object = Row;
    using Column = Type;
    Set set;
};

// A column of type `Column` that `set(object, column)` takes.
template <class Object, class Column, class Set>
constexpr auto into(Set set) {
    return ColumnInto<Object, Column, Set>{set};
}

template <class Object>
constexpr auto blob(std::string Object::*member) {
    return into<Object, Blob>([member](Object& object, Blob column) {
        object.*member = std::move(column.bytes);
    });
}
template <class Object>
constexpr auto blob(std::optional<std::string> Object::*member) {
    return into<Object, std::optional<Blob>>([member](Object& object, std::optional<Blob> column) {
        if (column) {
            object.*member = std::move(column->bytes);
        }
    });
}

template <class Row, class... Fields>
class Columns {
public:
    using RowType = std::tuple<typename Fields::Column...>;

    constexpr explicit Columns(Fields... fields) : fields_(std::move(fields)...) {}

    Row object(RowType row) const {
        return filled(std::move(row), std::index_sequence_for<Fields...>());
    }

    template <class... Args>
    std::vector<Row> all(Sql& sql, const char* text, const Args&... args) const {
        return objects(sql.select<RowType>(text, args...));
    }
    std::vector<Row> objects(std::vector<RowType> rows) const {
        std::vector<Row> all;
        all.reserve(rows.size());
        for (auto& row : rows) {
            all.push_back(object(std::move(row)));
        }
        return all;
    }
    template <class... Args>
    std::optional<Row> first(Sql& sql, const char* text, const Args&... args) const {
        auto rows = sql.select<RowType>(text, args...);
        return rows.empty() ? std::nullopt : std::optional<Row>(object(std::move(rows.front())));
    }

private:
    template <std::size_t... At>
    Row filled(RowType row, std::index_sequence<At...>) const {
        Row object{};
        (std::get<At>(fields_).set(object, std::get<At>(std::move(row))), ...);
        return object;
    }

    std::tuple<Fields...> fields_;
};

namespace detail {

template <class Row, class Type, class Set>
constexpr auto field_of(ColumnInto<Row, Type, Set> field) {
    return field;
}
template <class Row, class Member>
constexpr auto field_of(Member Row::*member) {
    using Rest = AtRest<Member>;
    return into<Row, typename Rest::Column>([member](Row& object, typename Rest::Column column) {
        object.*member = Rest::value(std::move(column));
    });
}
template <class First, class... Others>
constexpr auto columns_of(First first, Others... others) {
    return Columns<typename First::Object, First, Others...>(
        std::move(first), std::move(others)...
    );
}

}  // namespace detail

template <class... Fields>
constexpr auto columns(Fields... fields) {
    return detail::columns_of(detail::field_of(fields)...);
}

}  // namespace syncline::storage
