// Mappings in files, as `mapping lint`, `test` and `diff` work on them: without a host.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include "core/mapping/program.hpp"

namespace syncline::cli {

// What a file holds: a definition, or an export with one in it.
struct MappingFile {
    std::string file;
    Json definition;
};

// Errors: kConfig when the file cannot be read or is no JSON.
Result<Json> read_json_file(const std::string& file);
Result<MappingFile> read_mapping_file(const std::string& file);

// What a connector's catalog says of its entities: `file` holds what GET of it answered, or
// {"entities": [...]}. Errors: kConfig.
Result<Catalog> read_catalog_file(const std::string& file);

// What `lint` finds: problems of the definition, each "/rules/3/target: ...".
struct LintedMapping {
    std::string name;
    std::vector<std::string> problems;
    std::optional<mapping::Program> program;  // when there are none
};

// With a catalog against that of the target; without one the connector's own paths are not known,
// and only a publish finds what reaches them.
LintedMapping lint_mapping(const MappingFile& file, const std::optional<Catalog>& catalog);

}  // namespace syncline::cli
