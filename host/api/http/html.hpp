// What the few pages for people have in common. Pure.
#pragma once

#include <string>

namespace syncline::api {

// For the text of an element or a quoted attribute.
std::string html_escaped(const std::string& text);

}  // namespace syncline::api
