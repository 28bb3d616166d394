// Rows of text in columns, for people. Pure.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include <syncline/json.hpp>

namespace syncline::cli {

class Table {
public:
    explicit Table(std::vector<std::string> columns) : columns_(std::move(columns)) {}

    void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
    bool empty() const { return rows_.empty(); }
    // Columns as wide as their widest cell; numbers to the right. Control characters are shown as
    // '?', so that what comes from elsewhere cannot steer the terminal.
    void print(std::ostream& out) const;

private:
    std::vector<std::string> columns_;
    std::vector<std::vector<std::string>> rows_;
};

// A member as text: strings as they are, null and absent as "-", else as JSON.
std::string text_at(const Json& json, const std::string& member);

}  // namespace syncline::cli
