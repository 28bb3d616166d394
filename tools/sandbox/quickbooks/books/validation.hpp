#pragma once

#include "quickbooks/books/company.hpp"
#include "quickbooks/fault.hpp"

namespace sandbox::quickbooks {

// Field by field: is it a member the entity has, of the right type and length, and does what it
// refers to exist? Rules that need more than one field are elsewhere.

// The writable members of `body` in the schema's order, references completed with names. Members of
// the server's own are left out, members that are null or "" count as absent, unknown ones are
// 2010. `before` is what the object was: a reference it has already may have become inactive since.
// Everything that is wrong is added to `errors`.
Json checked_members(
    Company& company, Entity entity, const Json& body, const Json* before, Errors& errors
);

// {"value", "name"} of the object `ref` refers to; 2500 when there is none, 610 when it is inactive
// and `before_id` is not the same one. Null after an error.
Json checked_reference(
    const Company& company,
    Entity target,
    const Json& ref,
    std::string_view element,
    std::string_view before_id,
    Errors& errors
);

// The text of a member of a line or the like: 2010 for a wrong type, 2050 and 2040 as usual.
void check_text(const Json& value, std::string_view element, std::size_t max, Errors& errors);

// Code points of UTF-8 text.
std::size_t length_of(std::string_view text);

// "US Dollar"-like name of a currency the books know; empty for others.
std::string_view currency_name(std::string_view code);
Json currency_ref(std::string_view code);
// Digits after the point of its amounts.
int currency_places(std::string_view code);

}  // namespace sandbox::quickbooks
