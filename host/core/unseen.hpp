// The version of a document that a person linked and nobody compared with its record yet. No target
// has it: such a document is looked at before anything is written there.
#pragma once

#include <string_view>

namespace syncline {

inline constexpr std::string_view kUnseenVersion = "(unseen)";

}  // namespace syncline
