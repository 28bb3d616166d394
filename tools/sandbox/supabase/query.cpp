#include "supabase/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "supabase/exact_json.hpp"
#include "supabase/pg_error.hpp"
#include "supabase/query_text.hpp"

namespace sandbox::supabase {
namespace {

using Kind = Filter::Kind;

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

[[noreturn]] void fail_parse(std::string_view what, std::string_view text) {
    throw with_details(
        400,
        "PGRST100",
        "\"failed to parse " + std::string(what) + " (" + std::string(text) +
            ")\" (line 1, column 1)",
        "unexpected \"" + std::string(text.substr(0, 1)) +
            "\" expecting \"not\" or operator (eq, gt, ...)"
    );
}

std::size_t column_of(const TableDefinition& table, const std::string& name) {
    const auto column = table.column(name);
    if (!column)
        throw PgError{400, "42703", "column " + table.name + "." + name + " does not exist"};
    return *column;
}

Path parse_path(const TableDefinition& table, std::string_view text) {
    Path path;
    const auto arrow = text.find("->");
    path.column = column_of(table, std::string(text.substr(0, arrow)));
    while (!text.empty()) {
        const auto next = text.find("->");
        if (next == std::string_view::npos)
            break;
        text.remove_prefix(next + 2);
        const bool as_text = !text.empty() && text.front() == '>';
        text.remove_prefix(as_text ? 1 : 0);
        path.steps.push_back({std::string(text.substr(0, text.find("->"))), as_text});
    }
    return path;
}

SelectItem parse_select_item(const TableDefinition& table, std::string_view text) {
    if (text.find('(') != std::string_view::npos)
        throw PgError{
            400,
            "PGRST200",
            "Could not find a relationship between '" + table.name + "' and '" +
                std::string(text.substr(0, text.find('('))) + "' in the schema cache",
            "The sandbox does not embed other tables."};
    SelectItem item;
    const auto cast = text.find("::");
    if (cast != std::string_view::npos) {
        const std::string wanted(text.substr(cast + 2));
        if (wanted != "text")
            throw PgError{400, "42704", "type \"" + wanted + "\" does not exist"};
        item.as_text = true;
        text = text.substr(0, cast);
    }
    const auto colon = text.find(':');
    if (colon != std::string_view::npos)
        item.name = text.substr(0, colon);
    item.path = parse_path(table, colon == std::string_view::npos ? text : text.substr(colon + 1));
    if (item.name.empty())
        item.name = item.path.steps.empty() ? table.columns[item.path.column].name
                                            : item.path.steps.back().member;
    return item;
}

std::vector<SelectItem> parse_select(const TableDefinition& table, std::string_view text) {
    std::vector<SelectItem> items;
    for (const auto& part : split_list(text)) {
        if (part != "*") {
            items.push_back(parse_select_item(table, part));
            continue;
        }
        for (std::size_t i = 0; i < table.columns.size(); ++i)
            items.push_back({Path{i, {}}, table.columns[i].name, false});
    }
    return items;
}

std::vector<OrderItem> parse_order(const TableDefinition& table, std::string_view text) {
    std::vector<OrderItem> items;
    for (std::string part : split_list(text)) {
        OrderItem item;
        std::optional<bool> nulls_first;
        for (auto dot = part.rfind('.'); dot != std::string::npos; dot = part.rfind('.')) {
            const std::string word = part.substr(dot + 1);
            if (word == "nullsfirst" || word == "nullslast")
                nulls_first = word == "nullsfirst";
            else if (word == "desc" || word == "asc")
                item.descending = word == "desc";
            else
                fail_parse("order", text);
            part.resize(dot);
        }
        item.path = parse_path(table, part);
        item.nulls_first = nulls_first.value_or(item.descending);
        items.push_back(item);
    }
    return items;
}

Filter parse_operator(const TableDefinition& table, Path path, std::string_view text) {
    static constexpr std::array<std::string_view, 6> kCompare{
        "eq", "neq", "gt", "gte", "lt", "lte"};
    const std::string_view whole = text;
    Filter filter;
    filter.path = std::move(path);
    if (starts_with(text, "not.")) {
        filter.negated = true;
        text.remove_prefix(4);
    }
    const auto dot = text.find('.');
    if (dot == std::string_view::npos)
        fail_parse("filter", whole);
    filter.symbol = text.substr(0, dot);
    text.remove_prefix(dot + 1);
    const Type type = filter.path.type(table);
    if (std::find(kCompare.begin(), kCompare.end(), filter.symbol) != kCompare.end()) {
        filter.kind = Kind::kCompare;
        filter.literal = value_from_text(type, text);
    } else if (filter.symbol == "in" && text.size() >= 2 && text.front() == '(' && text.back() == ')') {
        filter.kind = Kind::kIn;
        const std::string_view list = text.substr(1, text.size() - 2);
        if (!list.empty())
            for (const auto& part : split_list(list))
                filter.literals.insert(value_from_text(type, unquote(part)));
    } else if (filter.symbol == "is" && (text == "null" || text == "true" || text == "false" || text == "unknown")) {
        filter.kind = Kind::kIs;
        filter.literal = text;
    } else if (filter.symbol == "like" || filter.symbol == "ilike") {
        filter.kind = Kind::kLike;
        filter.literal = text;
        std::replace(filter.literal.begin(), filter.literal.end(), '*', '%');
    } else {
        fail_parse("filter", whole);
    }
    return filter;
}

// "(a.eq.1,not.and(b.gt.2,c.is.null))" of or=, and=, not.or=, not.and=.
Filter parse_logic(const TableDefinition& table, std::string_view name, std::string_view text) {
    Filter filter;
    if (starts_with(name, "not.")) {
        filter.negated = true;
        name.remove_prefix(4);
    }
    filter.kind = name == "or" ? Kind::kOr : Kind::kAnd;
    if (text.size() < 2 || text.front() != '(' || text.back() != ')')
        fail_parse("logic tree", text);
    for (const auto& part : split_list(text.substr(1, text.size() - 2))) {
        const std::string_view view = part;
        const auto open = view.find('(');
        const std::string_view head = view.substr(0, std::min(open, view.size()));
        if (head == "or" || head == "and" || head == "not.or" || head == "not.and") {
            filter.parts.push_back(parse_logic(table, head, view.substr(open)));
            continue;
        }
        const auto dot = view.find('.');
        if (dot == std::string_view::npos)
            fail_parse("logic tree", text);
        std::string operation(view.substr(dot + 1));
        const auto last_dot = operation.rfind(".\"");
        if (last_dot != std::string::npos)
            operation = operation.substr(0, last_dot + 1) + unquote(operation.substr(last_dot + 1));
        filter.parts.push_back(
            parse_operator(table, parse_path(table, view.substr(0, dot)), operation)
        );
    }
    return filter;
}

// Names may stand in double quotes; Supabase's JavaScript client quotes all of columns=.
std::vector<std::string> column_names(std::string_view text) {
    std::vector<std::string> names = split_list(text);
    std::transform(names.begin(), names.end(), names.begin(), unquote);
    return names;
}

std::size_t parse_count(const std::string& text, std::string_view name) {
    std::size_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        fail_parse(name, text);
    return number;
}

bool compare_holds(std::string_view symbol, int order) {
    if (symbol == "eq")
        return order == 0;
    if (symbol == "neq")
        return order != 0;
    if (symbol == "gt")
        return order > 0;
    if (symbol == "gte")
        return order >= 0;
    return symbol == "lt" ? order < 0 : order <= 0;
}

// SQL's LIKE: % any text, _ one byte, \ takes the next literally.
bool like(std::string_view text, std::string_view pattern) {
    if (pattern.empty())
        return text.empty();
    if (pattern.front() == '%') {
        for (std::size_t i = 0; i <= text.size(); ++i)
            if (like(text.substr(i), pattern.substr(1)))
                return true;
        return false;
    }
    const std::size_t width = pattern.front() == '\\' && pattern.size() > 1 ? 2 : 1;
    const bool any = pattern.front() == '_';
    return !text.empty() && (any || text.front() == pattern[width - 1]) &&
           like(text.substr(1), pattern.substr(width));
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

// SQL's three-valued logic: nullopt is null.
std::optional<bool> truth_of(const Filter& filter, const TableDefinition& table, const Row& row);

std::optional<bool> truth_of_leaf(
    const Filter& filter, const TableDefinition& table, const Row& row
) {
    const Value value = filter.path.value(row);
    if (filter.kind == Kind::kIs)
        return filter.literal == "null" || filter.literal == "unknown" ? !value
                                                                       : value == filter.literal;
    if (!value)
        return std::nullopt;
    const Type type = filter.path.type(table);
    if (filter.kind == Kind::kLike)
        return filter.symbol == "like" ? like(*value, filter.literal)
                                       : like(lower(*value), lower(filter.literal));
    if (filter.kind == Kind::kCompare)
        return compare_holds(filter.symbol, compare_values(type, *value, filter.literal));
    if (type.kind != Type::Kind::kNumeric)
        return filter.literals.count(*value) > 0;
    return std::any_of(filter.literals.begin(), filter.literals.end(), [&](const auto& literal) {
        return compare_values(type, *value, literal) == 0;
    });
}

std::optional<bool> truth_of_parts(
    const Filter& filter, const TableDefinition& table, const Row& row
) {
    const bool decisive = filter.kind == Kind::kOr;
    std::optional<bool> result = !decisive;
    for (const auto& part : filter.parts) {
        const auto truth = truth_of(part, table, row);
        if (truth == decisive)
            return decisive;
        if (!truth)
            result = std::nullopt;
    }
    return result;
}

std::optional<bool> truth_of(const Filter& filter, const TableDefinition& table, const Row& row) {
    const bool inner = filter.kind == Kind::kAnd || filter.kind == Kind::kOr;
    auto truth = inner ? truth_of_parts(filter, table, row) : truth_of_leaf(filter, table, row);
    if (truth && filter.negated)
        truth = !*truth;
    return truth;
}

int compare_for_order(const OrderItem& item, const Type& type, const Row& a, const Row& b) {
    const Value left = item.path.value(a);
    const Value right = item.path.value(b);
    if (!left || !right) {
        const int order = left.has_value() == right.has_value() ? 0 : left ? 1 : -1;
        return item.nulls_first ? order : -order;
    }
    const int order = compare_values(type, *left, *right);
    return item.descending ? -order : order;
}

}  // namespace

Type Path::type(const TableDefinition& table) const {
    if (steps.empty())
        return table.columns[column].type;
    return Type{steps.back().as_text ? Type::Kind::kText : Type::Kind::kJsonb};
}

Value Path::value(const Row& row) const {
    if (steps.empty() || !row[column])
        return row[column];
    auto json = parse_exact_json(*row[column]);
    for (const auto& step : steps) {
        const ExactJson* member = json ? json->member(step.member) : nullptr;
        if (member == nullptr)
            return std::nullopt;
        json = ExactJson(*member);
    }
    if (!steps.back().as_text)
        return print_jsonb(*json);
    if (json->kind == ExactJson::Kind::kNull)
        return std::nullopt;
    return json->kind == ExactJson::Kind::kString ? json->text : print_jsonb(*json);
}

bool Filter::matches(const TableDefinition& table, const Row& row) const {
    return truth_of(*this, table, row).value_or(false);
}

Query parse_query(const Pairs& parameters, const TableDefinition& table) {
    static const std::set<std::string> kLogic{"and", "or", "not.and", "not.or"};
    Query query;
    query.select = parse_select(table, "*");
    for (const auto& [name, text] : parameters) {
        if (name == "apikey")
            continue;
        if (name == "select") {
            query.select = parse_select(table, text.empty() ? "*" : text);
        } else if (name == "order") {
            query.order = parse_order(table, text);
        } else if (name == "limit") {
            query.limit = parse_count(text, "limit");
        } else if (name == "offset") {
            query.offset = parse_count(text, "offset");
        } else if (name == "columns") {
            query.columns = column_names(text);
        } else if (name == "on_conflict") {
            query.on_conflict = column_names(text);
        } else {
            query.filtered = true;
            query.filter.parts.push_back(
                kLogic.count(name) > 0 ? parse_logic(table, name, text)
                                       : parse_operator(table, parse_path(table, name), text)
            );
        }
    }
    return query;
}

std::vector<const Row*> select_rows(
    const Store& store, const TableDefinition& table, const Query& query
) {
    std::vector<const Row*> rows;
    for (const Row* row : store.rows(table.name))
        if (query.filter.matches(table, *row))
            rows.push_back(row);
    std::stable_sort(rows.begin(), rows.end(), [&](const Row* a, const Row* b) {
        for (const auto& item : query.order) {
            const int order = compare_for_order(item, item.path.type(table), *a, *b);
            if (order != 0)
                return order < 0;
        }
        return false;
    });
    return rows;
}

std::string row_json(const TableDefinition& table, const Query& query, const Row& row) {
    std::string members;
    for (const auto& item : query.select) {
        const Type type = item.path.type(table);
        const Value value = item.path.value(row);
        members += members.empty() ? "" : ",";
        members += quote_json(item.name) + ":";
        members += value && item.as_text ? quote_json(to_plain_text(type, value))
                                         : to_json_text(type, value);
    }
    return "{" + members + "}";
}

}  // namespace sandbox::supabase
