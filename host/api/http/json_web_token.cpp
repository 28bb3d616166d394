#include "api/http/json_web_token.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>

#include "api/http/base64url.hpp"

namespace syncline::api {
namespace {

constexpr std::size_t kKeysMax = 50;
constexpr int kRsaBitsMin = 2048;
constexpr int kRsaBitsMax = 8192;
constexpr std::size_t kEs256Half = 32;

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Builder = std::unique_ptr<OSSL_PARAM_BLD, Freed<OSSL_PARAM_BLD_free>>;
using Parameters = std::unique_ptr<OSSL_PARAM, Freed<OSSL_PARAM_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using EcSignature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using PublicKey = std::shared_ptr<const EVP_PKEY>;

Error malformed() {
    return Error{
        ErrorCode::kUnauthorized, "the bearer token is not a JSON Web Token", "token.malformed"};
}

Error bad_set(const std::string& what) {
    return Error{ErrorCode::kConfig, "the key set " + what, "identity.key_set"};
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

Result<Json> parse_object(std::string_view part) {
    const auto text = base64url_decode(part);
    auto json = text ? parse_json(*text) : Result<Json>(malformed());
    return json && json->is_object() ? json : Result<Json>(malformed());
}

bool has_mac(const TokenParts& parts, const std::string& secret) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    HMAC(
        EVP_sha256(),
        secret.data(),
        static_cast<int>(secret.size()),
        bytes_of(parts.signed_text),
        parts.signed_text.size(),
        mac.data(),
        &size
    );
    return parts.signature.size() == size &&
           CRYPTO_memcmp(parts.signature.data(), mac.data(), size) == 0;
}

// ES256 signatures are the two numbers side by side; OpenSSL wants them in DER.
std::string der_of(const std::string& signature) {
    if (signature.size() != 2 * kEs256Half) {
        return "";
    }
    const EcSignature pair(ECDSA_SIG_new());
    Number r(BN_bin2bn(bytes_of(signature), kEs256Half, nullptr));
    Number s(BN_bin2bn(bytes_of(signature) + kEs256Half, kEs256Half, nullptr));
    if (pair == nullptr || r == nullptr || s == nullptr ||
        ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) {
        return "";
    }
    // The pair owns them now.
    static_cast<void>(r.release());
    static_cast<void>(s.release());
    unsigned char* bytes = nullptr;
    const int size = i2d_ECDSA_SIG(pair.get(), &bytes);
    std::string der(
        reinterpret_cast<const char*>(bytes), size > 0 ? static_cast<std::size_t>(size) : 0
    );
    OPENSSL_free(bytes);
    return der;
}

bool has_public_signature(
    std::string_view text, const std::string& signature, const PublicKey& key
) {
    const DigestContext digest(EVP_MD_CTX_new());
    return digest != nullptr && !signature.empty() &&
           EVP_DigestVerifyInit(
               digest.get(), nullptr, EVP_sha256(), nullptr, const_cast<EVP_PKEY*>(key.get())
           ) == 1 &&
           EVP_DigestVerify(
               digest.get(), bytes_of(signature), signature.size(), bytes_of(text), text.size()
           ) == 1;
}

PublicKey key_from(const char* type, OSSL_PARAM_BLD* builder) {
    const Parameters parameters(OSSL_PARAM_BLD_to_param(builder));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* key = nullptr;
    if (parameters == nullptr || context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
        return nullptr;
    }
    PublicKey made(key, EVP_PKEY_free);
    const KeyContext check(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
    return check != nullptr && EVP_PKEY_public_check(check.get()) == 1 ? made : nullptr;
}

std::string member(const Json& key, const char* name) {
    const auto found = key.find(name);
    return found != key.end() && found->is_string() ? found->get<std::string>() : std::string();
}

PublicKey rsa_key(const Json& key) {
    const auto n = base64url_decode(member(key, "n"));
    const auto e = base64url_decode(member(key, "e"));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!n || !e || e->empty() || e->size() > 8 || n->size() > kRsaBitsMax / 8 ||
        builder == nullptr) {
        return nullptr;
    }
    const Number modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
    const Number exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
    if (modulus == nullptr || exponent == nullptr || BN_num_bits(modulus.get()) < kRsaBitsMin ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
        return nullptr;
    }
    return key_from("RSA", builder.get());
}

PublicKey ec_key(const Json& key) {
    const auto x = base64url_decode(member(key, "x"));
    const auto y = base64url_decode(member(key, "y"));
    const Builder builder(OSSL_PARAM_BLD_new());
    if (!x || !y || x->size() != kEs256Half || y->size() != kEs256Half || builder == nullptr) {
        return nullptr;
    }
    const std::string point = "\x04" + *x + *y;
    if (OSSL_PARAM_BLD_push_utf8_string(
            builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0
        ) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(
            builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()
        ) != 1) {
        return nullptr;
    }
    return key_from("EC", builder.get());
}

// Whether the key is there to check signatures of this algorithm.
bool is_meant_for(const Json& key, TokenAlgorithm algorithm) {
    if (!key.is_object()) {
        return false;
    }
    const bool rsa = algorithm == TokenAlgorithm::kRs256;
    const std::string use = member(key, "use");
    const std::string alg = member(key, "alg");
    return member(key, "kty") == (rsa ? "RSA" : "EC") && (rsa || member(key, "crv") == "P-256") &&
           (use.empty() || use == "sig") && (alg.empty() || alg == enum_name(algorithm));
}

}  // namespace

Result<TokenParts> take_apart(std::string_view token) {
    const std::size_t first = token.find('.');
    const std::size_t last = token.rfind('.');
    if (token.size() > kTokenBytesMax || first == std::string_view::npos || first == last ||
        token.find('.', first + 1) != last) {
        return malformed();
    }
    TokenParts parts;
    parts.signed_text = token.substr(0, last);
    auto signature = base64url_decode(token.substr(last + 1));
    if (!signature) {
        return malformed();
    }
    parts.signature = std::move(*signature);
    SYNCLINE_ASSIGN_OR_RETURN(parts.header, parse_object(token.substr(0, first)));
    SYNCLINE_ASSIGN_OR_RETURN(
        parts.payload, parse_object(token.substr(first + 1, last - first - 1))
    );
    return parts;
}

bool has_signature_of(const TokenParts& parts, const VerificationKey& key) {
    // What "crit" names would have to be understood; nothing of it is.
    if (parts.header.value("alg", Json()) != Json(enum_name(key.algorithm)) ||
        parts.header.contains("crit")) {
        return false;
    }
    switch (key.algorithm) {
        case TokenAlgorithm::kHs256:
            return !key.secret.empty() && has_mac(parts, key.secret);
        case TokenAlgorithm::kRs256:
            return key.public_key != nullptr &&
                   has_public_signature(parts.signed_text, parts.signature, key.public_key);
        case TokenAlgorithm::kEs256:
            return key.public_key != nullptr &&
                   has_public_signature(parts.signed_text, der_of(parts.signature), key.public_key);
    }
    return false;
}

Result<std::vector<VerificationKey>> parse_key_set(
    std::string_view text, TokenAlgorithm algorithm
) {
    const auto json = parse_json(text);
    const Json entries = json && json->is_object() ? json->value("keys", Json()) : Json();
    if (!entries.is_array()) {
        return bad_set("is none: expected {\"keys\": [...]} (RFC 7517)");
    }
    if (entries.size() > kKeysMax) {
        return bad_set("has more than " + std::to_string(kKeysMax) + " keys");
    }
    std::vector<VerificationKey> keys;
    std::set<std::string> ids;
    for (const auto& entry : entries) {
        if (!is_meant_for(entry, algorithm)) {
            continue;
        }
        VerificationKey key;
        key.id = member(entry, "kid");
        key.algorithm = algorithm;
        key.public_key = algorithm == TokenAlgorithm::kRs256 ? rsa_key(entry) : ec_key(entry);
        const std::string shown = "has the key '" + key.id.substr(0, 60) + "' ";
        if (key.public_key == nullptr) {
            return bad_set(shown + "that is none (RSA: 2048 to 8192 bits; EC: P-256)");
        }
        if (!ids.insert(key.id).second) {
            return bad_set(shown + "twice");
        }
        keys.push_back(std::move(key));
    }
    return keys.empty() ? Result<std::vector<VerificationKey>>(
                              bad_set("has no key that checks " + std::string(enum_name(algorithm)))
                          )
                        : keys;
}

const VerificationKey* key_for(const std::vector<VerificationKey>& keys, const Json& header) {
    const auto kid = header.find("kid");
    if (kid == header.end()) {
        return keys.size() == 1 ? &keys.front() : nullptr;
    }
    if (!kid->is_string()) {
        return nullptr;
    }
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const VerificationKey& key) {
        return key.id == kid->get_ref<const std::string&>();
    });
    return found == keys.end() ? nullptr : &*found;
}

}  // namespace syncline::api
