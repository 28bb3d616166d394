// A login service of somebody else: its keys, its key set, and the tokens it signs.
#pragma once

#include <memory>
#include <string>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <syncline/json.hpp>

#include "api/http/base64url.hpp"

namespace syncline::testing {

class TokenMaker {
public:
    static TokenMaker rsa(const std::string& id, unsigned bits = 2048) {
        return TokenMaker(EVP_RSA_gen(bits), "RS256", id);
    }
    static TokenMaker ec(const std::string& id, const char* curve = "P-256") {
        return TokenMaker(EVP_EC_gen(curve), "ES256", id);
    }

    // Of the public key, as in a key set.
    Json jwk() const {
        Json key{{"kid", id_}, {"use", "sig"}, {"alg", algorithm_}};
        if (algorithm_ == "RS256") {
            key["kty"] = "RSA";
            key["n"] = number(OSSL_PKEY_PARAM_RSA_N);
            key["e"] = number(OSSL_PKEY_PARAM_RSA_E);
        } else {
            key["kty"] = "EC";
            key["crv"] = "P-256";
            key["x"] = number(OSSL_PKEY_PARAM_EC_PUB_X);
            key["y"] = number(OSSL_PKEY_PARAM_EC_PUB_Y);
        }
        return key;
    }
    // The public key as text, which an attacker might use as a secret.
    std::string public_text() const { return dump_json(jwk()); }

    std::string sign(const Json& claims) const {
        return sign(claims, {{"alg", algorithm_}, {"typ", "JWT"}, {"kid", id_}});
    }
    std::string sign(const Json& claims, const Json& header) const {
        const std::string text = api::base64url_encode(dump_json(header)) + "." +
                                 api::base64url_encode(dump_json(claims));
        return text + "." + api::base64url_encode(signature(text));
    }

private:
    TokenMaker(EVP_PKEY* key, std::string algorithm, std::string id)
        : key_(key, EVP_PKEY_free), algorithm_(std::move(algorithm)), id_(std::move(id)) {}

    std::string number(const char* name) const {
        BIGNUM* value = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), name, &value);
        const bool of_curve = algorithm_ == "ES256";
        std::string bytes(
            of_curve ? std::size_t{32} : static_cast<std::size_t>(BN_num_bytes(value)), '\0'
        );
        BN_bn2binpad(
            value, reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())
        );
        BN_free(value);
        return api::base64url_encode(bytes);
    }
    std::string signature(const std::string& text) const {
        EVP_MD_CTX* context = EVP_MD_CTX_new();
        EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_.get());
        std::size_t size = 0;
        const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
        EVP_DigestSign(context, nullptr, &size, bytes, text.size());
        std::string made(size, '\0');
        EVP_DigestSign(
            context, reinterpret_cast<unsigned char*>(made.data()), &size, bytes, text.size()
        );
        made.resize(size);
        EVP_MD_CTX_free(context);
        return algorithm_ == "RS256" ? made : side_by_side(made);
    }
    static std::string side_by_side(const std::string& der) {
        const auto* at = reinterpret_cast<const unsigned char*>(der.data());
        ECDSA_SIG* pair = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
        std::string made(64, '\0');
        auto* bytes = reinterpret_cast<unsigned char*>(made.data());
        BN_bn2binpad(ECDSA_SIG_get0_r(pair), bytes, 32);
        BN_bn2binpad(ECDSA_SIG_get0_s(pair), bytes + 32, 32);
        ECDSA_SIG_free(pair);
        return made;
    }

    std::shared_ptr<EVP_PKEY> key_;
    std::string algorithm_;
    std::string id_;
};

}  // namespace syncline::testing
