#pragma once

#include <memory>

#include "platform.hpp"

namespace sandbox {

std::unique_ptr<Platform> make_woocommerce(const PlatformOptions& options);

}  // namespace sandbox
