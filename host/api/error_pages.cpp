#include "api/error_pages.hpp"

#include <algorithm>

#include "api/embedded_text.hpp"

namespace syncline::api {
namespace {

constexpr std::string_view kHeading = "## ";

// Calls `take` with every section's name and text, until it answers true.
template <class Take>
void each_section(std::string_view file, Take take) {
    const std::string start = "\n" + std::string(kHeading);
    for (std::size_t at = file.find(start); at != std::string_view::npos;) {
        const std::size_t next = file.find(start, at + 1);
        const std::string_view text = file.substr(at + 1, std::min(next, file.size()) - at - 1);
        const std::string_view line = text.substr(0, text.find('\n'));
        if (take(line.substr(kHeading.size()), text)) {
            return;
        }
        at = next;
    }
}

}  // namespace

std::optional<std::string> error_page(std::string_view name) {
    const std::string_view word = name.substr(0, name.find('.'));
    const auto& files = embedded_error_pages();
    const auto file = std::find_if(files.begin(), files.end(), [&](const EmbeddedText& one) {
        return one.name == word;
    });
    if (file == files.end()) {
        return std::nullopt;
    }
    std::optional<std::string> page;
    each_section(file->text, [&](std::string_view section, std::string_view text) {
        if (section == name) {
            page = std::string(text);
        }
        return section == name;
    });
    if (!page && word == name) {
        page = std::string(file->text);
    }
    return page;
}

std::vector<std::string> documented_errors() {
    std::vector<std::string> names;
    for (const auto& file : embedded_error_pages()) {
        each_section(file.text, [&](std::string_view section, std::string_view) {
            names.emplace_back(section);
            return false;
        });
    }
    return names;
}

}  // namespace syncline::api
