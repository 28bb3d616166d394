// What the settings of an alert channel are, by its kind. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/result.hpp>

namespace syncline {

using AlertSecrets = std::map<std::string, std::string>;  // by name

// How a mail server is spoken to: TLS asked for (and insisted on) after the greeting, from the
// first byte, or not at all.
enum class MailSecurity { kStartTls, kTls, kNone };
template <>
struct EnumNames<MailSecurity> {
    static constexpr std::array<std::pair<MailSecurity, std::string_view>, 3> kNames{{
        {MailSecurity::kStartTls, "starttls"},
        {MailSecurity::kTls, "tls"},
        {MailSecurity::kNone, "none"},
    }};
};

struct EmailChannel {
    std::string host;
    std::int64_t port = 587;
    MailSecurity security = MailSecurity::kStartTls;
    std::string username;  // with the secret "password"; empty: no login
    std::string from;
    std::vector<std::string> to;

    static constexpr auto fields() {
        return std::make_tuple(
            field("host", &EmailChannel::host),
            field("port", &EmailChannel::port),
            field("security", &EmailChannel::security),
            field("username", &EmailChannel::username),
            field("from", &EmailChannel::from),
            field("to", &EmailChannel::to)
        );
    }
};

struct WebhookChannel {
    std::string url;

    static constexpr auto fields() { return std::make_tuple(field("url", &WebhookChannel::url)); }
};

inline constexpr const char* kEmailKind = "email";
inline constexpr const char* kSlackKind = "slack";  // its secret "url" is all there is
inline constexpr const char* kWebhookKind = "webhook";

// Settings with every member. Errors: kInvalid with every problem, "/settings/host: ...".
Result<Json> complete_alert_channel(
    const std::string& kind, const Json& settings, const AlertSecrets& secrets
);

}  // namespace syncline
