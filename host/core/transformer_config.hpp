// The setting "transformer_config": what a tenant decides once for all its connections of how
// records become documents. Its members are settings of connectors; which they are, and what they
// may hold, only those know (engine/transformer.hpp). Pure.
#pragma once

#include <string_view>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

namespace syncline {

struct TransformerConfig {
    static constexpr std::string_view kKey = "transformer_config";
    static constexpr std::string_view kSummary =
        "What all connections of the tenant make of records, unless they or a flow say otherwise";
};

// The value as it is: what is left out is each connector's default. Errors: kInvalid
// "setting.malformed" for what is no object, a member that is null, or more than 256 KiB.
Result<Json> complete_transformer_config(const Json& value);

}  // namespace syncline
