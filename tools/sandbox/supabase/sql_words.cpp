#include "supabase/sql_words.hpp"

#include <algorithm>
#include <stdexcept>

namespace sandbox::supabase {
namespace {

bool is_name_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// Reads one word after another; see SqlWords::statements().
class Scanner {
public:
    explicit Scanner(std::string_view sql) : sql_(sql) {}

    SqlWord next() {
        skip_blanks();
        if (at_ >= sql_.size())
            return {};
        const char c = sql_[at_];
        if (is_name_start(c))
            return name();
        if (is_digit(c) || (c == '-' && at_ + 1 < sql_.size() && is_digit(sql_[at_ + 1])))
            return number();
        if (c == '\'')
            return string();
        if (c == '$')
            return dollar_string();
        return symbol();
    }

private:
    void skip_blanks() {
        while (at_ < sql_.size()) {
            if (sql_.substr(at_, 2) == "--")
                at_ = std::min(sql_.find('\n', at_), sql_.size());
            else if (std::string_view(" \t\r\n").find(sql_[at_]) == std::string_view::npos)
                return;
            else
                ++at_;
        }
    }
    SqlWord name() {
        std::string text;
        while (at_ < sql_.size() && (is_name_start(sql_[at_]) || is_digit(sql_[at_])))
            text += to_lower(sql_[at_++]);
        return {SqlWord::Kind::kName, text};
    }
    SqlWord number() {
        std::string text(1, sql_[at_++]);
        while (at_ < sql_.size() && (is_digit(sql_[at_]) || sql_[at_] == '.')) text += sql_[at_++];
        return {SqlWord::Kind::kNumber, text};
    }
    SqlWord string() {
        std::string text;
        for (++at_; at_ < sql_.size(); ++at_) {
            if (sql_[at_] == '\'' && (at_ + 1 >= sql_.size() || sql_[at_ + 1] != '\''))
                break;
            at_ += sql_[at_] == '\'' ? 1U : 0U;
            text += sql_[at_];
        }
        ++at_;
        return {SqlWord::Kind::kString, text};
    }
    SqlWord dollar_string() {
        const auto end_of_tag = sql_.find('$', at_ + 1);
        const std::string_view tag = sql_.substr(at_, end_of_tag + 1 - at_);
        const auto begin = end_of_tag + 1;
        const auto end = sql_.find(tag, begin);
        if (end_of_tag == std::string_view::npos || end == std::string_view::npos)
            throw std::runtime_error("schema: a dollar-quoted text does not end");
        at_ = end + tag.size();
        return {SqlWord::Kind::kString, std::string(sql_.substr(begin, end - begin))};
    }
    SqlWord symbol() {
        for (const std::string_view two : {"<=", ">=", "<>", "::", "->", "||"}) {
            if (sql_.substr(at_, 2) == two) {
                at_ += 2;
                return {SqlWord::Kind::kSymbol, std::string(two)};
            }
        }
        return {SqlWord::Kind::kSymbol, std::string(1, sql_[at_++])};
    }

    std::string_view sql_;
    std::size_t at_ = 0;
};

}  // namespace

std::vector<SqlWords> SqlWords::statements(std::string_view sql) {
    std::vector<SqlWords> all;
    SqlWords statement;
    Scanner scanner(sql);
    for (SqlWord word = scanner.next(); word.kind != SqlWord::Kind::kEnd; word = scanner.next()) {
        if (word.kind != SqlWord::Kind::kSymbol || word.text != ";") {
            statement.words_.push_back(std::move(word));
        } else if (!statement.words_.empty()) {
            all.push_back(std::move(statement));
            statement = {};
        }
    }
    if (!statement.words_.empty())
        all.push_back(std::move(statement));
    return all;
}

const SqlWord& SqlWords::peek(std::size_t ahead) const {
    static const SqlWord kEnd;
    return at_ + ahead < words_.size() ? words_[at_ + ahead] : kEnd;
}

SqlWord SqlWords::take() {
    const SqlWord word = peek();
    at_ += at_ < words_.size() ? 1U : 0U;
    return word;
}

bool SqlWords::take_if(std::string_view text) {
    const bool same = peek().kind != SqlWord::Kind::kString && peek().text == text;
    at_ += same ? 1U : 0U;
    return same;
}

bool SqlWords::take_all(std::initializer_list<std::string_view> texts) {
    const std::size_t start = at_;
    for (const auto text : texts) {
        if (!take_if(text)) {
            at_ = start;
            return false;
        }
    }
    return true;
}

void SqlWords::expect(std::string_view text) {
    if (!take_if(text))
        fail("'" + std::string(text) + "'");
}

std::string SqlWords::take_name() {
    if (peek().kind != SqlWord::Kind::kName)
        fail("a name");
    std::string name = take().text;
    while (take_if(".")) name = take().text;
    return name;
}

std::vector<std::string> SqlWords::take_names_in_parentheses() {
    std::vector<std::string> names;
    expect("(");
    do names.push_back(take_name());
    while (take_if(","));
    expect(")");
    return names;
}

void SqlWords::fail(const std::string& expected) const {
    std::string around;
    const std::size_t from = at_ < 4 ? 0 : at_ - 4;
    for (std::size_t i = from; i < words_.size() && i < at_ + 3; ++i)
        around += (around.empty() ? "" : " ") + words_[i].text;
    throw std::runtime_error("schema: expected " + expected + " in '" + around + "'");
}

}  // namespace sandbox::supabase
