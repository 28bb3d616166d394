// What shows that a delivery is genuine: signatures and secrets in a header, and whose account it
// is about.
#include <algorithm>
#include <array>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/webhook_proof.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

std::string mac_of(WebhookHash hash, std::string_view key, std::string_view text) {
    const EVP_MD* digest = hash == WebhookHash::kSha1     ? EVP_sha1()
                           : hash == WebhookHash::kSha256 ? EVP_sha256()
                                                          : EVP_sha512();
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned int size = 0;
    HMAC(
        digest,
        key.data(),
        static_cast<int>(key.size()),
        reinterpret_cast<const unsigned char*>(text.data()),
        text.size(),
        bytes.data(),
        &size
    );
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

std::string hex_of(const std::string& bytes) {
    std::string text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += "0123456789ABCDEF"[byte / 16];  // capitals: both are taken
        text += "0123456789ABCDEF"[byte % 16];
    }
    return text;
}

std::string base64_of(const std::string& bytes) {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        std::uint32_t group = 0;
        for (std::size_t i = at; i < at + 3; ++i) {
            group = group << 8U | (i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : 0U);
        }
        for (std::size_t i = 0; i < 4; ++i) {
            text += at + i <= bytes.size() ? kDigits[group >> (18U - 6U * i) & 63U] : '=';
        }
    }
    return text;
}

void flip(std::string& text, std::size_t at) {
    char& byte = text[at % text.size()];
    byte = static_cast<char>(byte ^ 1);
}

WebhookSpec spec_of(std::uint8_t choice) {
    WebhookSpec spec;
    spec.proof = choice % 4 == 0 ? WebhookProof::kSecret : WebhookProof::kHmac;
    spec.hash = static_cast<WebhookHash>(choice / 4 % 3);
    spec.encoding = choice / 16 % 2 == 0 ? WebhookEncoding::kBase64 : WebhookEncoding::kHex;
    spec.proof_prefix = choice / 32 % 2 == 0 ? "" : "sha256=";
    spec.secret_entities = choice / 64 % 2 == 0;
    spec.source_header = "X-Source";
    spec.source_paths = {"/eventNotifications/*/realmId", "/*/intuitaccountid", "/a"};
    return spec;
}

void sources(const WebhookSpec& spec, std::string_view header, std::string_view body) {
    WebhookDelivery delivery;
    delivery.headers.push_back({"x-source", std::string(header)});
    const auto found = sources_of(spec, delivery, body);
    require(std::is_sorted(found.begin(), found.end()), "accounts are in order");
    require(
        std::adjacent_find(found.begin(), found.end()) == found.end(), "each account comes once"
    );
    require(
        std::none_of(found.begin(), found.end(), [](const auto& one) { return one.empty(); }),
        "no account is without a name"
    );
}

}  // namespace

void proof(std::string_view input) {
    Feed feed(input);
    const WebhookSpec spec = spec_of(feed.byte());
    const std::size_t changed_at = feed.byte();
    const std::string given(feed.until('\n'));
    const std::string header(feed.until('\n'));
    const std::string_view body = feed.rest();
    const std::string secret = effective_secret(spec, given);
    require(secret.size() <= given.size(), "resolving entities makes nothing longer");
    require(
        given.find('&') != std::string::npos || secret == given, "without entities it is the same"
    );
    std::string good = secret;
    if (spec.proof == WebhookProof::kHmac) {
        const std::string mac = mac_of(spec.hash, secret, body);
        good = spec.encoding == WebhookEncoding::kHex ? hex_of(mac) : base64_of(mac);
    }
    good.insert(0, spec.proof_prefix);
    require(proves(spec, good, body, secret) == !secret.empty(), "the right proof proves");
    require(
        header == good || !proves(spec, header, body, secret) ||
            spec.encoding == WebhookEncoding::kHex,
        "nothing else proves"
    );
    std::string other = good;
    if (!other.empty()) {
        flip(other, changed_at);
        require(!proves(spec, other, body, secret), "a proof with another byte does not");
    }
    if (spec.proof == WebhookProof::kHmac) {
        std::string changed(body.empty() ? std::string_view("x") : body);
        flip(changed, changed_at);
        require(!proves(spec, good, changed, secret), "a body with another byte is not proven");
    }
    sources(spec, header, body);
}

}  // namespace syncline::fuzz
