// What must not be readable in a log line or an error message. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <syncline/json.hpp>

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

// What a record (canonical model) says of persons: names, company, street, city, postcode, phone
// number, e-mail address, note.
std::vector<std::string> personal_values(const Json& record);
// The same of a document in a target's own form, as far as the names of its members tell: what is
// below a sensitive name or an address ("PrimaryPhone", "BillAddr").
std::vector<std::string> personal_values_of_document(const Json& document);
// `text` with those of `values` masked that it repeats as whole words. Platforms put them into the
// errors they answer with, and an error is shown to more people than a record is.
std::string without_values(std::string_view text, std::vector<std::string> values);

}  // namespace syncline
