#include "connectors/http/tls.hpp"

#include <set>

#include <Poco/Exception.h>
#include <Poco/Net/X509Certificate.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace syncline::connectors {
namespace {

// Poco does not hand out the SSL object, which would know the reason.
thread_local std::string last_chain_error;

int note_chain_error(int ok, X509_STORE_CTX* chain) {
    if (ok != 1) {
        last_chain_error = X509_verify_cert_error_string(X509_STORE_CTX_get_error(chain));
    }
    return ok;
}

std::string names_in(const Poco::Net::X509Certificate& certificate) {
    std::string common_name;
    std::set<std::string> names;
    certificate.extractNames(common_name, names);
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text.empty() ? "no name" : text;
}

Result<Poco::Net::Context::Ptr> make_tls_context(const TlsOptions& options) {
    try {
        Poco::Net::Context::Params params;
        params.verificationMode = Poco::Net::Context::VERIFY_STRICT;
        params.loadDefaultCAs = true;
        params.caLocation = options.extra_ca_file;
        params.cipherList = "HIGH:!aNULL:!eNULL:!MD5:!3DES";
        Poco::Net::Context::Ptr context(
            new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params)
        );
        SSL_CTX* const raw = context->sslContext();
        SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, &note_chain_error);
        SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
        return context;
    } catch (const Poco::Exception& e) {
        return Error{ErrorCode::kConfig, "TLS cannot be set up: " + e.displayText(), "http.tls"};
    }
}

}  // namespace

SharedTlsContext tls_context_when_needed(const TlsOptions& options) {
    return std::async(std::launch::deferred, &make_tls_context, options).share();
}

Result<void> check_certificate_host(
    Poco::Net::SecureStreamSocket& socket, const std::string& host
) {
    const Poco::Net::X509Certificate certificate = socket.peerCertificate();
    // OpenSSL's checks do not change the certificate, but do not say so.
    auto* const raw = const_cast<X509*>(certificate.certificate());
    const bool matches =
        X509_check_ip_asc(raw, host.c_str(), 0) == 1 ||
        X509_check_host(
            raw, host.c_str(), host.size(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, nullptr
        ) == 1;
    if (matches) {
        return {};
    }
    return Error{
        ErrorCode::kTransient,
        "the certificate that '" + host + "' presents is not for it but for " +
            names_in(certificate) + "; correct the address, or the server's certificate",
        "http.tls"};
}

std::string take_chain_error() {
    return std::exchange(last_chain_error, {});
}

}  // namespace syncline::connectors
