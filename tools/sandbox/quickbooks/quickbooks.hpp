#pragma once

#include <memory>

#include "platform.hpp"

namespace sandbox {

// QuickBooks Online, Accounting API v3, minor version 75, with its OAuth 2.0 server: the books that
// judge what was posted to them. They compute every total and tax themselves, exactly.
std::unique_ptr<Platform> make_quickbooks(const PlatformOptions& options);

}  // namespace sandbox
