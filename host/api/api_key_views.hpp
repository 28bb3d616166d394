// API keys as people get them. Pure.
#pragma once

#include "engine/api_key_control.hpp"

namespace syncline::api {

// Without its secret. "state" is active, rotated (still good for a while), expired or revoked.
Json api_key_json(const storage::ApiKey& key, std::int64_t now_ms);

// With the whole key as "key".
Json made_api_key_json(const engine::MadeApiKey& made, std::int64_t now_ms);

}  // namespace syncline::api
