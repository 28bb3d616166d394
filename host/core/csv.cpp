#include "core/csv.hpp"

namespace syncline {
namespace {

constexpr std::string_view kRuns = "=+-@\t\r";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool runs(char c) {
    return kRuns.find(c) != std::string_view::npos;
}

Error at_line(std::size_t line, const std::string& what) {
    return invalid("/csv: line " + std::to_string(line) + ": " + what);
}

class Parser {
public:
    Parser(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {}

    Result<std::vector<CsvRow>> run() {
        if (text_.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
            text_.remove_prefix(kByteOrderMark.size());
        }
        std::vector<CsvRow> rows;
        while (at_ < text_.size()) {
            if (rows.size() > limits_.rows_max) {
                return at_line(
                    line_,
                    "more than " + std::to_string(limits_.rows_max) + " rows; send it in parts"
                );
            }
            SYNCLINE_ASSIGN_OR_RETURN(CsvRow row, next_row());
            if (!rows.empty() && row.cells.size() != rows.front().cells.size()) {
                return at_line(
                    row.line,
                    "it has " + std::to_string(row.cells.size()) + " cells, the heading has " +
                        std::to_string(rows.front().cells.size())
                );
            }
            rows.push_back(std::move(row));
        }
        return rows;
    }

private:
    bool ends() const { return at_ == text_.size(); }
    bool at_line_end() const {
        return ends() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
    }

    Result<CsvRow> next_row() {
        CsvRow row;
        row.line = line_;
        if (at_line_end()) {
            return at_line(line_, "it is empty");
        }
        while (true) {
            SYNCLINE_ASSIGN_OR_RETURN(std::string cell, next_cell());
            row.cells.push_back(std::move(cell));
            if (at_line_end()) {
                at_ += ends() ? 0U : text_[at_] == '\r' ? 2U : 1U;
                ++line_;
                return row;
            }
            ++at_;  // the comma
        }
    }

    Result<std::string> next_cell() {
        SYNCLINE_ASSIGN_OR_RETURN(
            std::string cell, !ends() && text_[at_] == '"' ? quoted_cell() : plain_cell()
        );
        if (cell.size() > limits_.cell_bytes_max) {
            return at_line(
                line_, "a cell has more than " + std::to_string(limits_.cell_bytes_max) + " bytes"
            );
        }
        return cell;
    }

    Result<std::string> plain_cell() {
        std::string cell;
        while (!at_line_end() && text_[at_] != ',') {
            if (text_[at_] == '"' || text_[at_] == '\r' || text_[at_] == '\0') {
                return at_line(
                    line_, "a cell with quotes or control characters must stand in quotes"
                );
            }
            cell += text_[at_++];
        }
        return cell;
    }

    Result<std::string> quoted_cell() {
        const std::size_t begun = line_;
        std::string cell;
        for (++at_; !ends(); ++at_) {
            if (text_[at_] == '\0') {
                return at_line(line_, "a NUL character");
            }
            if (text_[at_] != '"') {
                line_ += text_[at_] == '\n' ? 1U : 0U;
                cell += text_[at_];
                continue;
            }
            if (text_.substr(at_, 2) == "\"\"") {
                cell += text_[at_++];
                continue;
            }
            ++at_;
            if (!at_line_end() && text_[at_] != ',') {
                return at_line(line_, "something follows the closing quote of a cell");
            }
            return cell;
        }
        return at_line(begun, "the quote of a cell is not closed");
    }

    std::string_view text_;
    const CsvLimits limits_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
};

}  // namespace

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits) {
    return Parser(text, limits).run();
}

std::string guarded(std::string cell) {
    const bool ours = cell.size() > 1 && cell[0] == '\'' && (runs(cell[1]) || cell[1] == '\'');
    if (!cell.empty() && (runs(cell[0]) || ours)) {
        cell.insert(0, "'");
    }
    return cell;
}

std::string unguarded(std::string cell) {
    if (cell.size() > 1 && cell[0] == '\'' && (runs(cell[1]) || cell[1] == '\'')) {
        cell.erase(0, 1);
    }
    return cell;
}

}  // namespace syncline
