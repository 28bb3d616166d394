// What must not be readable in a log line or an error message. Pure.
#pragma once

#include <string>
#include <string_view>

namespace syncline {

inline constexpr std::string_view kRedacted = "***";

// True if a field of this name may hold personal data or a secret: one of its words (parted by '_',
// '-', '.' or a capital letter) is email, name, phone, address, token, secret, key, password or
// authorization. "billing_email", "firstName", "Authorization"; not "hostname", "username".
bool is_sensitive_name(std::string_view name);

// `text` with credentials masked: what follows "Bearer " or "Basic ", the value of sensitive query
// or form parameters ("consumer_secret=..."), of sensitive JSON members ("\"access_token\":
// \"...\"") and the user part of a URL. Everything else is unchanged.
std::string redact(std::string_view text);

}  // namespace syncline
