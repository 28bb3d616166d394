// The description of the API: OpenAPI 3.1, made of the route table (what there is, who may, in one
// sentence) and of host/api/openapi/*.json (names, parameters, bodies, answers). Pure.
//
// A file there has "areas" (a sentence per tag), "path_parameters" (what a "{name}" in paths is),
// "operations" by "METHOD path", and "schemas" by name. Of an operation:
//
//   "id"          operationId
//   "query"       schemas by parameter
//   "path"        where they differ from "path_parameters"
//   "body"        a schema; "needs_body" when it may not be left out; "raw_body": any bytes
//   "merge_patch" the body may be called a merge patch, too (RFC 7396)
//   "answers"     schemas by status; null: without a body
//   "etag"        of a GET: its 200 has an ETag; it and what changes it take conditions
//   "text"        other media types of the 200
//   "refusals"    further statuses, with a problem document; those that every row has are added
//   "problems"    schemas of problem documents with more members, by status
//   "text_refusals"  other media types of the refusals
//
// Schemas are JSON Schema 2020-12 with a short form wherever one can stand:
//
//   "string", "integer", "boolean", "any"      themselves; any other word names a schema
//   "Time?"                                    or null
//   "[Run]", "{Count}"                         an array; an object with any keys
//   "= json | csv"                             one of these texts
//   "items of Flow", "page of Run"             the answer of a list
//   {"members": {"id": "RowId", "flow?": "string"}, "closed": true, "extends": "Run"}
//       an object; a member with "?" may be absent; closed: it takes no other ones; with all the
//       members of another one
#pragma once

#include <string>
#include <vector>

#include <syncline/json.hpp>

#include "api/embedded_text.hpp"
#include "api/http/route.hpp"

namespace syncline::api {

// Errors: kBug naming the row without a description, the description without a row, the area
// without a sentence, or the schema that is missing or that nobody uses.
Result<Json> openapi_document(
    const std::vector<Route>& routes,
    const std::vector<EmbeddedText>& descriptions,
    const std::string& version
);

}  // namespace syncline::api
