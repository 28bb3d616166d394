#include "quickbooks/query_syntax.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace sandbox::quickbooks {
namespace {

enum class Kind { kWord, kString, kSymbol, kEnd };

struct Token {
    Kind kind = Kind::kEnd;
    std::string text;
    std::size_t at = 0;
};

bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
}

// Splits the statement; false when a quote is not closed or a character belongs nowhere.
class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    bool run(std::vector<Token>& tokens, std::string& error) {
        while (skip_space()) {
            Token token{Kind::kSymbol, "", at_};
            const char c = text_[at_];
            if (c == '\'') {
                token.kind = Kind::kString;
                if (!quoted(token.text))
                    return fail(error, token.at, "the quote is not closed");
            } else if (is_word(c)) {
                token.kind = Kind::kWord;
                while (at_ < text_.size() && is_word(text_[at_])) token.text += text_[at_++];
            } else if (!symbol(token.text)) {
                return fail(error, token.at, std::string("unexpected character ") + c);
            }
            tokens.push_back(std::move(token));
        }
        tokens.push_back(Token{Kind::kEnd, "end of statement", text_.size()});
        return true;
    }

private:
    static bool fail(std::string& error, std::size_t at, const std::string& why) {
        error = "Encountered an error at position " + std::to_string(at + 1) + ": " + why;
        return false;
    }
    bool skip_space() {
        while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                                      text_[at_] == '\n' || text_[at_] == '\r'))
            ++at_;
        return at_ < text_.size();
    }
    bool quoted(std::string& out) {
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\'') {
                ++at_;
                return true;
            }
            if (text_[at_] == '\\' && at_ + 1 < text_.size())
                ++at_;
            out += text_[at_];
        }
        return false;
    }
    bool symbol(std::string& out) {
        if (std::string_view("*(),=<>").find(text_[at_]) == std::string_view::npos)
            return false;
        out = text_[at_++];
        if ((out == "<" || out == ">") && at_ < text_.size() && text_[at_] == '=')
            out += text_[at_++];
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

class Parser {
public:
    Parser(std::vector<Token> tokens, Query& query, std::string& error)
        : tokens_(std::move(tokens)), query_(query), error_(error) {}

    bool run() {
        if (!expect("SELECT") || !columns() || !expect("FROM") || !name(query_.entity))
            return false;
        if (keyword("WHERE") && !conditions())
            return false;
        if (keyword("ORDERBY") && !order())
            return false;
        if (keyword("STARTPOSITION") && !whole_number(query_.start_position))
            return false;
        if (keyword("MAXRESULTS") && !whole_number(query_.max_results))
            return false;
        return peek().kind == Kind::kEnd || fail("the end of the statement");
    }

private:
    const Token& peek() const { return tokens_[at_]; }
    bool fail(const std::string& wanted) {
        error_ = "Encountered \"" + peek().text + "\" at position " +
                 std::to_string(peek().at + 1) + ", expected " + wanted;
        return false;
    }
    static bool same_word(const std::string& word, std::string_view upper) {
        return word.size() == upper.size() &&
               std::equal(word.begin(), word.end(), upper.begin(), [](char c, char u) {
                   return c == u || (c >= 'a' && c <= 'z' && c - 'a' + 'A' == u);
               });
    }
    bool keyword(std::string_view upper) {
        if (peek().kind != Kind::kWord || !same_word(peek().text, upper))
            return false;
        ++at_;
        return true;
    }
    bool expect(std::string_view upper) { return keyword(upper) || fail(std::string(upper)); }
    bool symbol(std::string_view text) {
        if (peek().kind != Kind::kSymbol || peek().text != text)
            return false;
        ++at_;
        return true;
    }
    bool name(std::string& out) {
        if (peek().kind != Kind::kWord)
            return fail("a name");
        out = tokens_[at_++].text;
        return true;
    }
    bool whole_number(long& out) {
        const std::string& text = peek().text;
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        if (peek().kind != Kind::kWord || text.size() > 9 ||
            !std::all_of(text.begin(), text.end(), is_digit))
            return fail("a whole number");
        out = std::strtol(text.c_str(), nullptr, 10);
        ++at_;
        return true;
    }

    bool columns() {
        if (keyword("COUNT")) {
            query_.count = true;
            return (symbol("(") && symbol("*") && symbol(")")) || fail("COUNT(*)");
        }
        do {
            std::string column = "*";
            if (!symbol("*") && !name(column))
                return false;
            query_.columns.push_back(std::move(column));
        } while (symbol(","));
        return true;
    }

    bool value(std::string& out) {
        if (peek().kind != Kind::kString && peek().kind != Kind::kWord)
            return fail("a value in quotes");
        out = tokens_[at_++].text;
        return true;
    }
    bool value_list(std::vector<std::string>& out) {
        if (!symbol("("))
            return fail("a list in parentheses");
        do {
            if (!value(out.emplace_back()))
                return false;
        } while (symbol(","));
        return symbol(")") || fail("a closing parenthesis");
    }
    bool condition() {
        constexpr std::array<std::pair<std::string_view, Compare>, 5> kSymbols{
            {{"=", Compare::kEqual},
             {"<=", Compare::kLessOrEqual},
             {">=", Compare::kGreaterOrEqual},
             {"<", Compare::kLess},
             {">", Compare::kGreater}}};
        Condition& next = query_.conditions.emplace_back();
        if (!name(next.field))
            return false;
        if (keyword("IN")) {
            next.compare = Compare::kIn;
            return value_list(next.values);
        }
        if (keyword("LIKE")) {
            next.compare = Compare::kLike;
            return value(next.values.emplace_back());
        }
        for (const auto& [text, compare] : kSymbols) {
            if (!symbol(text))
                continue;
            next.compare = compare;
            return value(next.values.emplace_back());
        }
        return fail("one of = < > <= >= IN LIKE");
    }
    bool conditions() {
        do {
            if (!condition())
                return false;
        } while (keyword("AND"));
        return true;
    }
    bool order() {
        do {
            OrderBy& next = query_.order.emplace_back();
            if (!name(next.field))
                return false;
            next.descending = keyword("DESC");
            if (!next.descending)
                keyword("ASC");
        } while (symbol(","));
        return true;
    }

    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    Query& query_;
    std::string& error_;
};

}  // namespace

bool parse_query(std::string_view text, Query& query, std::string& error) {
    std::vector<Token> tokens;
    return Lexer(text).run(tokens, error) && Parser(std::move(tokens), query, error).run();
}

}  // namespace sandbox::quickbooks
