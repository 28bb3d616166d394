// Files that travel inside the program (host/api/CMakeLists.txt).
#pragma once

#include <string_view>
#include <vector>

namespace syncline::api {

struct EmbeddedText {
    std::string_view name;  // of the file, without its suffix
    std::string_view text;
};

// host/api/openapi/*.json
const std::vector<EmbeddedText>& embedded_openapi();
// docs/errors/*.md
const std::vector<EmbeddedText>& embedded_error_pages();

}  // namespace syncline::api
