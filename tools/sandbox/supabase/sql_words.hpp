#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sandbox::supabase {

struct SqlWord {
    enum class Kind { kName, kString, kNumber, kSymbol, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  // names in lower case, strings without quotes
};

// One SQL statement as words, read from front to back. Comments are gone.
class SqlWords {
public:
    // The statements of `sql`, without their semicolons. Dollar-quoted text is one string.
    static std::vector<SqlWords> statements(std::string_view sql);

    const SqlWord& peek(std::size_t ahead = 0) const;
    SqlWord take();
    // Takes the word if it is this name or symbol.
    bool take_if(std::string_view text);
    // Takes all of them if they follow one another.
    bool take_all(std::initializer_list<std::string_view> texts);
    // Throws std::runtime_error that shows the place when another word follows.
    void expect(std::string_view text);
    std::string take_name();  // "orders" also of "public.orders"
    std::vector<std::string> take_names_in_parentheses();
    bool at_end() const { return peek().kind == SqlWord::Kind::kEnd; }
    [[noreturn]] void fail(const std::string& expected) const;

private:
    std::vector<SqlWord> words_;
    std::size_t at_ = 0;
};

}  // namespace sandbox::supabase
