#include "core/webhook_proof.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace syncline {
namespace {

// Different ones; a platform names an account with every change of it.
constexpr std::size_t kSourcesMax = 10'000;

const EVP_MD* digest_of(WebhookHash hash) {
    switch (hash) {
        case WebhookHash::kSha1:
            return EVP_sha1();
        case WebhookHash::kSha512:
            return EVP_sha512();
        case WebhookHash::kSha256:
            break;
    }
    return EVP_sha256();
}

std::string keyed_hash(WebhookHash hash, std::string_view secret, std::string_view body) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    HMAC(
        digest_of(hash),
        secret.data(),
        static_cast<int>(secret.size()),
        reinterpret_cast<const unsigned char*>(body.data()),
        body.size(),
        digest.data(),
        &size
    );
    return {reinterpret_cast<const char*>(digest.data()), size};
}

std::string encoded(WebhookEncoding encoding, const std::string& bytes) {
    if (encoding == WebhookEncoding::kBase64) {
        std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
        const int size = EVP_EncodeBlock(
            reinterpret_cast<unsigned char*>(text.data()),
            reinterpret_cast<const unsigned char*>(bytes.data()),
            static_cast<int>(bytes.size())
        );
        text.resize(static_cast<std::size_t>(size));
        return text;
    }
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text.append(1, kHex[byte >> 4U]).append(1, kHex[byte & 15U]);
    }
    return text;
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// The character an entity at the start of `text` stands for, and how long it is; 0: it is none of
// those that WordPress' wp_specialchars_decode(ENT_QUOTES) knows.
std::pair<char, std::size_t> entity_at(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, char>, 4> kNamed{
        {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}}};
    for (const auto& [name, character] : kNamed) {
        if (text.substr(0, name.size()) == name) {
            return {character, name.size()};
        }
    }
    const std::size_t end = text.substr(0, 20).find(';');
    if (end == std::string_view::npos || end < 4 || text.substr(0, 2) != "&#") {
        return {'\0', 0};
    }
    const bool hex = lower(text[2]) == 'x';
    std::string digits(text.substr(hex ? 3 : 2, end - (hex ? 3 : 2)));
    digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
    constexpr std::array<std::pair<std::string_view, char>, 5> kDecimal{
        {{"39", '\''}, {"34", '"'}, {"60", '<'}, {"62", '>'}, {"38", '&'}}};
    constexpr std::array<std::pair<std::string_view, char>, 3> kHexadecimal{
        {{"27", '\''}, {"22", '"'}, {"26", '&'}}};
    const auto* from = hex ? kHexadecimal.data() : kDecimal.data();
    const std::size_t count = hex ? kHexadecimal.size() : kDecimal.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (from[i].first == digits) {
            return {from[i].second, end + 1};
        }
    }
    return {'\0', 0};
}

// The texts at "/events/*/account", "*" standing for every item of an array.
void collect(const Json& json, std::string_view path, std::set<std::string>& found) {
    if (found.size() >= kSourcesMax) {
        return;
    }
    if (path.empty()) {
        if (json.is_string()) {
            found.insert(source_identity(json.get<std::string>()));
        }
        return;
    }
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string name(path.substr(1, end - 1));
    if (name == "*" && json.is_array()) {
        for (const auto& item : json) {
            collect(item, path.substr(end), found);
        }
    } else if (json.is_object() && json.contains(name)) {
        collect(json.at(name), path.substr(end), found);
    }
}

// Of paths that begin with `name`, what follows it.
std::vector<std::string_view> inside(
    const std::vector<std::string_view>& paths, std::string_view name
) {
    std::vector<std::string_view> rests;
    for (const auto path : paths) {
        const std::size_t end = std::min(path.find('/', 1), path.size());
        if (!path.empty() && path.substr(1, end - 1) == name) {
            rests.push_back(path.substr(end));
        }
    }
    return rests;
}

void keep_items(
    Json& json, const std::vector<std::string_view>& paths, const std::vector<std::string>& sources
) {
    if (json.is_object()) {
        for (auto& entry : json.items()) {
            keep_items(entry.value(), inside(paths, entry.key()), sources);
        }
        return;
    }
    const auto of_items = inside(paths, "*");
    if (!json.is_array() || of_items.empty()) {
        return;
    }
    Json kept = Json::array();
    for (auto& item : json) {
        std::set<std::string> said;
        for (const auto path : of_items) {
            collect(item, path, said);
        }
        const bool is_about = std::any_of(sources.begin(), sources.end(), [&](const auto& source) {
            return said.count(source) != 0;
        });
        if (is_about) {
            keep_items(item, of_items, sources);
            kept.push_back(std::move(item));
        }
    }
    json = std::move(kept);
}

}  // namespace

std::string effective_secret(const WebhookSpec& spec, std::string_view secret) {
    if (!spec.secret_entities) {
        return std::string(secret);
    }
    std::string decoded;
    for (std::size_t at = 0; at < secret.size();) {
        const auto [character, size] =
            secret[at] == '&' ? entity_at(secret.substr(at)) : std::pair<char, std::size_t>{};
        decoded += size == 0 ? secret[at] : character;
        at += size == 0 ? 1 : size;
    }
    return decoded;
}

bool proves(
    const WebhookSpec& spec,
    std::string_view header,
    std::string_view body,
    std::string_view effective_secret
) {
    const std::string& prefix = spec.proof_prefix;
    if (effective_secret.empty() || header.substr(0, prefix.size()) != prefix) {
        return false;
    }
    std::string proof(header.substr(prefix.size()));
    switch (spec.proof) {
        case WebhookProof::kNone:
            return false;
        case WebhookProof::kSecret:
            // Hashes are compared, so that not even the length shows.
            return equal_in_constant_time(
                keyed_hash(WebhookHash::kSha256, "proof", proof),
                keyed_hash(WebhookHash::kSha256, "proof", effective_secret)
            );
        case WebhookProof::kHmac:
            break;
    }
    if (spec.encoding == WebhookEncoding::kHex) {
        std::transform(proof.begin(), proof.end(), proof.begin(), lower);
    }
    return equal_in_constant_time(
        encoded(spec.encoding, keyed_hash(spec.hash, effective_secret, body)), proof
    );
}

std::string source_identity(std::string_view source) {
    const std::size_t scheme = source.find("://");
    if (scheme == std::string_view::npos) {
        return std::string(source);
    }
    source.remove_prefix(scheme + 3);
    while (!source.empty() && source.back() == '/') {
        source.remove_suffix(1);
    }
    std::string identity(source);
    const std::size_t host_end = std::min(identity.find('/'), identity.size());
    std::transform(
        identity.begin(),
        identity.begin() + static_cast<std::ptrdiff_t>(host_end),
        identity.begin(),
        lower
    );
    return identity.rfind("www.", 0) == 0 ? identity.substr(4) : identity;
}

std::vector<std::string> sources_of(
    const WebhookSpec& spec, const WebhookDelivery& delivery, std::string_view body
) {
    std::set<std::string> sources;
    if (!spec.source_header.empty()) {
        sources.insert(source_identity(delivery.header(spec.source_header)));
    }
    if (!spec.source_paths.empty()) {
        if (const auto json = parse_json(body)) {
            for (const auto& path : spec.source_paths) {
                collect(*json, path, sources);
            }
        }
    }
    sources.erase("");
    return {sources.begin(), sources.end()};
}

std::string body_about(
    const WebhookSpec& spec, std::string_view body, const std::vector<std::string>& sources
) {
    auto json = parse_json(body);
    if (!json) {
        return "";
    }
    keep_items(*json, {spec.source_paths.begin(), spec.source_paths.end()}, sources);
    return dump_json(*json);
}

}  // namespace syncline
