// What problems mean and what to do about them: docs/errors/*.md, one file per first word of their
// names, one section ("## flow.unknown") per name. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::api {

// The section of that name, or, for a first word alone ("flow"), all of its file.
std::optional<std::string> error_page(std::string_view name);

// The names that have a section.
std::vector<std::string> documented_errors();

}  // namespace syncline::api
