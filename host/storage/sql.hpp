// Statements with bound parameters and typed rows over one Poco::Data session.
//
//   sql.run("UPDATE flows SET state = ? WHERE id = ?", state, id.value);
//   auto row = sql.row<std::int64_t, std::string>("SELECT id, name FROM flows WHERE id = ?", id);
//
// Values: std::int64_t, std::string, Blob, and std::optional of these for NULL. A statement is
// prepared once for its text and kept; what fails is reset and can be used again. It goes past
// Poco's Statement, which prepares and allocates anew each time (an order of magnitude slower) and
// is unusable after an exception. Throws Poco::Exception; guard_storage() of guard.hpp translates
// at the edge. Thread rule: one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <Poco/Data/Session.h>

#include <syncline/result.hpp>

struct sqlite3_stmt;

namespace syncline::storage {

struct Blob {
    std::string bytes;
};

// One use of a prepared statement, which is ready for the next one afterwards.
class StatementUse {
public:
    explicit StatementUse(sqlite3_stmt* statement) : statement_(statement) {}
    ~StatementUse();
    StatementUse(const StatementUse&) = delete;
    StatementUse& operator=(const StatementUse&) = delete;

    // What is bound must live as long as this object.
    template <class... Args>
    void bind_all(const Args&... args) {
        int at = 0;
        (bind(++at, args), ...);
        expect_parameters(at);
    }
    bool step();  // whether there is a row

    template <class... Columns>
    std::tuple<Columns...> row(std::in_place_type_t<std::tuple<Columns...>>) const {
        return columns<Columns...>(std::index_sequence_for<Columns...>());
    }

private:
    template <class... Columns, std::size_t... At>
    std::tuple<Columns...> columns(std::index_sequence<At...>) const {
        return std::tuple<Columns...>(column(static_cast<int>(At), Type<Columns>())...);
    }
    template <class T>
    struct Type {};

    template <class T>
    void bind(int at, const T& value) {
        if constexpr (std::is_integral_v<T>) {
            bind_integer(at, static_cast<std::int64_t>(value));
        } else {
            bind_text(at, std::string_view(value));
        }
    }
    void bind(int at, const Blob& value);
    template <class T>
    void bind(int at, const std::optional<T>& value) {
        if (value) {
            bind(at, *value);
        } else {
            bind_null(at);
        }
    }
    void bind_integer(int at, std::int64_t value);
    void bind_text(int at, std::string_view value);
    void bind_null(int at);
    void expect_parameters(int count) const;

    std::int64_t column(int at, Type<std::int64_t>) const;
    std::string column(int at, Type<std::string>) const;
    Blob column(int at, Type<Blob>) const;
    template <class T>
    std::optional<T> column(int at, Type<std::optional<T>>) const {
        return is_null(at) ? std::nullopt : std::optional<T>(column(at, Type<T>()));
    }
    bool is_null(int at) const;

    sqlite3_stmt* statement_;
};

class Sql {
public:
    explicit Sql(Poco::Data::Session session);
    ~Sql();
    Sql(Sql&&) noexcept;
    Sql& operator=(Sql&&) = delete;

    // Executes; answers how many rows were changed.
    template <class... Args>
    std::int64_t run(const char* text, const Args&... args) {
        {
            StatementUse use(prepared(text));
            use.bind_all(args...);
            while (use.step()) {
            }
        }
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
        StatementUse use(prepared(text));
        use.bind_all(args...);
        std::vector<Row> result;
        while (use.step()) {
            result.push_back(use.row(std::in_place_type<Row>));
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
    // Rows changed since the session was opened.
    std::int64_t total_changes();
    // False while a transaction is open on this session.
    bool autocommit();

private:
    class Prepared;

    sqlite3_stmt* prepared(const char* text);

    Poco::Data::Session session_;
    std::unique_ptr<Prepared> prepared_;
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
