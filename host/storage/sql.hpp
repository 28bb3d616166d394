// Statements with bound parameters and typed rows over one Poco::Data session.
//
//   sql.run("UPDATE flows SET state = ? WHERE id = ?", state, id.value);
//   auto row = sql.row<std::int64_t, std::string>("SELECT id, name FROM flows WHERE id = ?", id);
//
// Values: std::int64_t, std::string, Blob, and std::optional of these for NULL. A statement is
// prepared for each call: with Poco a prepared statement is unusable after an exception, and
// preparing costs about 1 us. Throws Poco::Exception; guard_storage() of database.hpp translates at
// the edge. Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>

#include <syncline/result.hpp>

namespace syncline::storage {

struct Blob {
    std::string bytes;
};

namespace detail {

template <class T>
struct Bound;  // how a value lies in Poco's hands while a statement runs

template <>
struct Bound<std::int64_t> {
    Poco::Int64 slot = 0;
    void set(std::int64_t value) { slot = value; }
    std::int64_t get() const { return slot; }
};
template <>
struct Bound<std::string> {
    std::string slot;
    void set(std::string value) { slot = std::move(value); }
    std::string get() const { return slot; }
};
template <>
struct Bound<Blob> {
    Poco::Data::BLOB slot;
    void set(const Blob& value) {
        slot.assignRaw(
            reinterpret_cast<const unsigned char*>(value.bytes.data()), value.bytes.size()
        );
    }
    Blob get() const {
        return {std::string(reinterpret_cast<const char*>(slot.rawContent()), slot.size())};
    }
};
template <class T>
struct Bound<std::optional<T>> {
    Poco::Nullable<decltype(Bound<T>::slot)> slot;
    void set(const std::optional<T>& value) {
        if (value) {
            Bound<T> inner;
            inner.set(*value);
            slot = inner.slot;
        } else {
            slot.clear();
        }
    }
    std::optional<T> get() const {
        if (slot.isNull()) {
            return std::nullopt;
        }
        Bound<T> inner;
        inner.slot = slot.value();
        return inner.get();
    }
};

template <class Row>
struct BoundRow;
template <class... Columns>
struct BoundRow<std::tuple<Columns...>> {
    using type = std::tuple<Bound<Columns>...>;
};

// The bound type of an argument: every integer is an int64, every text a string.
template <class T>
auto bound_value(const T& value) {
    if constexpr (std::is_same_v<T, bool> || std::is_integral_v<T>) {
        return static_cast<std::int64_t>(value);
    } else if constexpr (std::is_convertible_v<T, std::string>) {
        return std::string(value);
    } else if constexpr (std::is_convertible_v<T, std::string_view>) {
        return std::string(std::string_view(value));
    } else {
        return value;
    }
}

template <class T>
auto bind_argument(const T& value) {
    auto plain = bound_value(value);
    Bound<decltype(plain)> bound;
    bound.set(std::move(plain));
    return bound;
}

}  // namespace detail

class Sql {
public:
    explicit Sql(Poco::Data::Session session) : session_(std::move(session)) {}

    // Executes; answers how many rows were changed.
    template <class... Args>
    std::int64_t run(const char* text, const Args&... args) {
        auto bound = std::make_tuple(detail::bind_argument(args)...);
        Poco::Data::Statement statement(session_);
        statement << text;
        use_all(statement, bound);
        statement.execute();
        return changes();
    }

    // All rows of a query (or of a statement with RETURNING): sql.rows<std::int64_t,
    // std::string>(...).
    template <class... Columns, class... Args>
    std::vector<std::tuple<Columns...>> rows(const char* text, const Args&... args) {
        return select<std::tuple<Columns...>>(text, args...);
    }

    // The same for a row type that has a name: sql.select<Row>(...), with `Row` a std::tuple.
    template <class Row, class... Args>
    std::vector<Row> select(const char* text, const Args&... args) {
        auto bound = std::make_tuple(detail::bind_argument(args)...);
        typename detail::BoundRow<Row>::type columns;
        Poco::Data::Statement statement(session_);
        statement << text;
        use_all(statement, bound);
        std::apply(
            [&](auto&... column) { ((statement, Poco::Data::Keywords::into(column.slot)), ...); },
            columns
        );
        statement, Poco::Data::Keywords::limit(1);
        std::vector<Row> result;
        while (!statement.done() && statement.execute() > 0) {
            result.push_back(std::apply(
                [](const auto&... column) { return std::make_tuple(column.get()...); }, columns
            ));
        }
        return result;
    }

    // The first row, if there is one.
    template <class... Columns, class... Args>
    std::optional<std::tuple<Columns...>> row(const char* text, const Args&... args) {
        auto all = rows<Columns...>(text, args...);
        if (all.empty()) {
            return std::nullopt;
        }
        return std::move(all.front());
    }

    // The first column of the first row, if there is one.
    template <class Column, class... Args>
    std::optional<Column> value(const char* text, const Args&... args) {
        auto first = row<Column>(text, args...);
        if (!first) {
            return std::nullopt;
        }
        return std::get<0>(std::move(*first));
    }

    // Several statements without parameters, as a migration has them.
    void script(const std::string& text);

    std::int64_t last_insert_id();
    // Rows changed by the last statement.
    std::int64_t changes();
    // False while a transaction is open on this session.
    bool autocommit();

private:
    template <class Bound>
    static void use_all(Poco::Data::Statement& statement, Bound& bound) {
        std::apply(
            [&](auto&... argument) {
                ((statement, Poco::Data::Keywords::use(argument.slot)), ...);
            },
            bound
        );
    }

    Poco::Data::Session session_;
};

// `convert` of every row. Errors: the first of them.
template <class Row, class Converted>
Result<std::vector<Converted>> convert_all(
    const std::vector<Row>& rows, Result<Converted> (*convert)(const Row&)
) {
    std::vector<Converted> all;
    all.reserve(rows.size());
    for (const auto& row : rows) {
        SYNCLINE_ASSIGN_OR_RETURN(Converted one, convert(row));
        all.push_back(std::move(one));
    }
    return all;
}

}  // namespace syncline::storage
