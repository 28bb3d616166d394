// Text out of HTML: item names with entities, error pages, product descriptions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::woocommerce {

// `text` with its character references resolved once: "Mug &amp; Tea" -> "Mug & Tea". Takes decimal
// and hexadecimal references and the named ones that shops write; others stay as they are.
std::string decode_entities(std::string_view text);

// `html` without tags, scripts, styles and comments; references resolved, runs of white space made
// one space, trimmed.
std::string plain_text(std::string_view html);

// The first `size` bytes of `text`, cut at the end of a character, with "..." if something is
// missing.
std::string excerpt(std::string_view text, std::size_t size);

}  // namespace syncline::woocommerce
