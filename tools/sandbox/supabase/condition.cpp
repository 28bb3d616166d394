#include "supabase/condition.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace sandbox::supabase {

struct Condition::Node {
    enum class Kind { kAnd, kOr, kNot, kCompare, kIn, kBetween, kMatches, kIsNull };

    Kind kind = Kind::kCompare;
    bool negated = false;  // of kIn and kIsNull
    std::vector<std::shared_ptr<Node>> parts;
    std::string column;
    Type type;
    std::string symbol;                 // of kCompare: "<>"
    std::vector<std::string> literals;  // canonical
    std::regex pattern;
};

namespace {

std::string take_literal(SqlWords& words, const Type& type) {
    const SqlWord word = words.take();
    if (word.kind != SqlWord::Kind::kString && word.kind != SqlWord::Kind::kNumber)
        words.fail("a literal");
    return value_from_text(type, word.text);
}

bool holds(const std::string& symbol, int order) {
    if (symbol == "=")
        return order == 0;
    if (symbol == "<>")
        return order != 0;
    if (symbol == "<")
        return order < 0;
    if (symbol == "<=")
        return order <= 0;
    return symbol == ">" ? order > 0 : order >= 0;
}

}  // namespace

Condition Condition::parse(SqlWords& words, const TypeOf& type_of) {
    Condition condition;
    condition.root_ = parse_or(words, type_of);
    return condition;
}

std::shared_ptr<Condition::Node> Condition::parse_or(SqlWords& words, const TypeOf& type_of) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kOr;
    do node->parts.push_back(parse_and(words, type_of));
    while (words.take_if("or"));
    return node->parts.size() == 1 ? node->parts.front() : node;
}

std::shared_ptr<Condition::Node> Condition::parse_and(SqlWords& words, const TypeOf& type_of) {
    auto node = std::make_shared<Node>();
    node->kind = Node::Kind::kAnd;
    do node->parts.push_back(parse_term(words, type_of));
    while (words.take_if("and"));
    return node->parts.size() == 1 ? node->parts.front() : node;
}

std::shared_ptr<Condition::Node> Condition::parse_term(SqlWords& words, const TypeOf& type_of) {
    auto node = std::make_shared<Node>();
    if (words.take_if("not")) {
        node->kind = Node::Kind::kNot;
        node->parts.push_back(parse_term(words, type_of));
        return node;
    }
    if (words.take_if("(")) {
        node = parse_or(words, type_of);
        words.expect(")");
        return node;
    }
    node->column = words.take_name();
    node->type = type_of(node->column);
    if (words.take_if("is")) {
        node->kind = Node::Kind::kIsNull;
        node->negated = words.take_if("not");
        words.expect("null");
    } else if (words.take_if("between")) {
        node->kind = Node::Kind::kBetween;
        node->literals.push_back(take_literal(words, node->type));
        words.expect("and");
        node->literals.push_back(take_literal(words, node->type));
    } else if (words.take_if("~")) {
        node->kind = Node::Kind::kMatches;
        node->pattern = std::regex(words.take().text);
    } else if (words.peek().text == "in" || words.peek().text == "not") {
        node->kind = Node::Kind::kIn;
        node->negated = words.take_if("not");
        words.expect("in");
        words.expect("(");
        do node->literals.push_back(take_literal(words, node->type));
        while (words.take_if(","));
        words.expect(")");
    } else {
        node->symbol = words.take().text;
        if (std::string_view("= <> < <= > >=").find(node->symbol) == std::string_view::npos)
            words.fail("a comparison that the simulator knows");
        node->literals.push_back(take_literal(words, node->type));
    }
    return node;
}

Condition::Truth Condition::compare(const Node& node, const Value& value) {
    if (node.kind == Node::Kind::kIsNull)
        return value.has_value() == node.negated ? Truth::kTrue : Truth::kFalse;
    if (!value)
        return Truth::kNull;
    const auto order = [&](const std::string& literal) {
        return compare_values(node.type, *value, literal);
    };
    bool result = false;
    if (node.kind == Node::Kind::kBetween)
        result = order(node.literals[0]) >= 0 && order(node.literals[1]) <= 0;
    else if (node.kind == Node::Kind::kMatches)
        result = std::regex_search(*value, node.pattern);
    else if (node.kind == Node::Kind::kIn)
        result = node.negated !=
                 std::any_of(node.literals.begin(), node.literals.end(), [&](const auto& literal) {
                     return order(literal) == 0;
                 });
    else
        result = holds(node.symbol, order(node.literals[0]));
    return result ? Truth::kTrue : Truth::kFalse;
}

Condition::Truth Condition::evaluate(const Node& node, const ValueOf& value_of) {
    if (node.kind == Node::Kind::kNot) {
        const Truth inner = evaluate(*node.parts.front(), value_of);
        return inner == Truth::kNull ? inner : inner == Truth::kTrue ? Truth::kFalse : Truth::kTrue;
    }
    if (node.kind != Node::Kind::kAnd && node.kind != Node::Kind::kOr)
        return compare(node, value_of(node.column));
    const Truth decisive = node.kind == Node::Kind::kAnd ? Truth::kFalse : Truth::kTrue;
    Truth result = node.kind == Node::Kind::kAnd ? Truth::kTrue : Truth::kFalse;
    for (const auto& part : node.parts) {
        const Truth truth = evaluate(*part, value_of);
        if (truth == decisive)
            return decisive;
        if (truth == Truth::kNull)
            result = Truth::kNull;
    }
    return result;
}

bool Condition::allows(const ValueOf& value_of) const {
    return evaluate(*root_, value_of) != Truth::kFalse;
}

void Condition::collect_columns(const Node& node, std::vector<std::string>& columns) {
    if (!node.column.empty())
        columns.push_back(node.column);
    for (const auto& part : node.parts) collect_columns(*part, columns);
}

std::string Condition::only_column() const {
    std::vector<std::string> columns;
    collect_columns(*root_, columns);
    const bool one = std::all_of(columns.begin(), columns.end(), [&](const auto& column) {
        return column == columns.front();
    });
    return one && !columns.empty() ? columns.front() : "";
}

}  // namespace sandbox::supabase
