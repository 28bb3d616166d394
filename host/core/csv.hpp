// Reads CSV (RFC 4180) strictly: what a person sends is taken exactly or refused with its line.
// Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/result.hpp>

namespace syncline {

struct CsvLimits {
    std::size_t rows_max = 10'000;  // besides the heading
    std::size_t cell_bytes_max = 1'000;
};

struct CsvRow {
    std::size_t line = 0;  // on which it begins, from 1
    std::vector<std::string> cells;
};

// Rows with as many cells as the first one has; lines end with LF or CR LF; an UTF-8 byte order
// mark is passed over, empty lines are refused. Errors: kInvalid naming the line.
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvLimits& limits = {});

// A spreadsheet runs a cell that begins with one of = + - @, a tab or a carriage return. Our own
// CSV has an apostrophe before it; unguarded() takes it away again, and unguarded(guarded(x)) is x.
std::string guarded(std::string cell);
std::string unguarded(std::string cell);

}  // namespace syncline
