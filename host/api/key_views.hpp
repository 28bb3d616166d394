// Encryption keys as the API and the command line show them: never a key, nor anything it sealed.
#pragma once

#include <syncline/json.hpp>

#include "engine/key_rotation.hpp"
#include "storage/key_reset.hpp"

namespace syncline::api {

Json key_rotation_json(const storage::KeyRotationRow& rotation);
Json key_overview_json(const engine::KeyOverview& overview);
Json key_reset_json(const storage::KeyReset& reset, bool done);

}  // namespace syncline::api
