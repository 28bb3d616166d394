// Schemas in the short form of host/api/openapi/*.json, made into JSON Schema 2020-12. Pure.
#pragma once

#include <set>
#include <string>

#include <syncline/json.hpp>

namespace syncline::api {

class SchemaWriter {
public:
    // `named`: all schemas that can be named, as written.
    explicit SchemaWriter(const Json& named) : named_(named) {}

    // Errors: kBug for a schema that extends an unknown one, or is of no known form.
    Result<Json> schema(const Json& written);

    // The names that were met in references.
    const std::set<std::string>& referenced() const { return referenced_; }

private:
    Result<Json> from_text(const std::string& text);
    Result<Json> from_object(const Json& written);
    Result<void> add_members(const Json& written, Json& schema);

    const Json& named_;
    std::set<std::string> referenced_;
};

}  // namespace syncline::api
