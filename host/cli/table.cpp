#include "cli/table.hpp"

#include <algorithm>
#include <ostream>

namespace syncline::cli {
namespace {

std::string printable(std::string text) {
    std::replace_if(
        text.begin(),
        text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
        '?'
    );
    return text;
}

// Characters, not bytes: what follows a UTF-8 start byte takes no column of its own.
std::size_t width_of(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

bool is_number(const std::string& text) {
    return !text.empty() && text.find_first_not_of("0123456789.-") == std::string::npos &&
           text != "-";
}

void print_row(
    std::ostream& out, const std::vector<std::string>& row, const std::vector<std::size_t>& widths
) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        const std::string cell = printable(row[i]);
        const std::string space(widths[i] - width_of(cell), ' ');
        line += (i == 0 ? "" : "  ") + (is_number(cell) ? space + cell : cell + space);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
}

}  // namespace

void Table::print(std::ostream& out) const {
    std::vector<std::size_t> widths;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        widths.push_back(width_of(columns_[i]));
        for (const auto& row : rows_) {
            widths[i] = std::max(widths[i], width_of(row[i]));
        }
    }
    print_row(out, columns_, widths);
    for (const auto& row : rows_) {
        print_row(out, row, widths);
    }
}

std::string text_at(const Json& json, const std::string& member) {
    const auto found = json.find(member);
    if (found == json.end() || found->is_null()) {
        return "-";
    }
    return found->is_string() ? found->get<std::string>() : dump_json(*found);
}

}  // namespace syncline::cli
