// What the API shows of mappings, as JSON. Pure.
#pragma once

#include "engine/mapping_preview.hpp"

namespace syncline::api {

// What a list says of a mapping; with its definition when it is shown by itself.
Json mapping_summary_json(const engine::MappingView& mapping);
Json mapping_json(const engine::MappingView& mapping);
Json mapping_version_json(const storage::MappingVersion& version);
// {"definition", "content_hash", "version"}: what an import takes.
Json mapping_export_json(const engine::MappingText& mapping);
Json mapping_tests_json(const engine::MappingTests& tests);
Json mapping_preview_json(const engine::MappingPreview& preview);

}  // namespace syncline::api
