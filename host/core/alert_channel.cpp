#include "core/alert_channel.hpp"

#include <algorithm>

#include "core/json_problems.hpp"
#include "core/standard_webhook.hpp"

namespace syncline {
namespace {

constexpr std::size_t kRecipientsMax = 20;
constexpr std::size_t kAddressMax = 254;
constexpr std::size_t kTextMax = 2'000;

using Problems = std::vector<std::string>;

// Letters that may stand in a header or an SMTP command as they are.
bool is_plain(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool is_address(const std::string& text) {
    const std::size_t at = text.find('@');
    return is_plain(text) && text.size() <= kAddressMax && at != std::string::npos && at > 0 &&
           at + 1 < text.size() && text.find('@', at + 1) == std::string::npos &&
           text.find_first_of("<>\"(),;:\\[]") == std::string::npos;
}

void find_problems(const EmailChannel& email, const AlertSecrets& secrets, Problems& problems) {
    if (email.host.empty() || email.host.size() > 253 || !is_plain(email.host) ||
        email.host.find_first_of("/@") != std::string::npos) {
        problems.emplace_back("/settings/host: expected the name of a mail server");
    }
    if (email.port < 1 || email.port > 65'535) {
        problems.push_back(
            "/settings/port: expected 1 to 65535, found " + std::to_string(email.port)
        );
    }
    if (!is_address(email.from)) {
        problems.emplace_back("/settings/from: expected an e-mail address");
    }
    if (email.to.empty() || email.to.size() > kRecipientsMax) {
        problems.push_back(
            "/settings/to: expected 1 to " + std::to_string(kRecipientsMax) + " addresses, found " +
            std::to_string(email.to.size())
        );
    }
    for (std::size_t i = 0; i < email.to.size(); ++i) {
        if (!is_address(email.to[i])) {
            problems.push_back(
                "/settings/to/" + std::to_string(i) + ": expected an e-mail address"
            );
        }
    }
    if (email.username.empty() != (secrets.count("password") == 0)) {
        problems.emplace_back("/secrets/password: a password and /settings/username belong together"
        );
    }
    if (!email.username.empty() && email.security == MailSecurity::kNone) {
        problems.emplace_back(
            "/settings/security: a password is not sent without TLS; take starttls or tls"
        );
    }
    if (email.username.size() > kTextMax || email.username.find('\0') != std::string::npos) {
        problems.emplace_back("/settings/username: too long, or not a text");
    }
}

void find_problems(const WebhookChannel& webhook, const AlertSecrets& secrets, Problems& problems) {
    if (webhook.url.empty()) {
        problems.emplace_back("/settings/url: expected where to send to");
    }
    const auto secret = secrets.find("secret");
    if (secret == secrets.end()) {
        problems.emplace_back("/secrets/secret: missing");
    } else if (const auto key = standard_webhook_key(secret->second); !key) {
        problems.push_back("/secrets/secret: " + key.error().message);
    }
}

void find_unknown_secrets(
    const AlertSecrets& secrets, const std::string& known, Problems& problems
) {
    for (const auto& [name, value] : secrets) {
        if (name != known) {
            problems.push_back(
                "/secrets/" + name.substr(0, 60) + ": unknown (known here: " + known + ")"
            );
        } else if (value.empty() || value.size() > kTextMax) {
            problems.push_back("/secrets/" + name + ": expected 1 to 2000 bytes");
        }
    }
}

template <class T>
Result<Json> complete(
    const Json& settings, const AlertSecrets& secrets, const std::string& known_secret
) {
    Problems problems;
    for (const auto& problem : json_problems<T>(settings)) {
        problems.push_back(
            problem.front() == '/' ? "/settings" + problem : "/settings: " + problem
        );
    }
    find_unknown_secrets(secrets, known_secret, problems);
    if (problems.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const T typed, from_json<T>(settings, Unknown::kRefuse));
        find_problems(typed, secrets, problems);
        if (problems.empty()) {
            return to_json(typed);
        }
    }
    return joined(problems, "alert_channel.invalid");
}

Result<Json> complete_slack(const Json& settings, const AlertSecrets& secrets) {
    Problems problems;
    if (!settings.is_object()) {
        problems.emplace_back("/settings: expected an object");
    } else if (!settings.empty()) {
        problems.push_back(
            "/settings/" + detail::pointer_token(settings.begin().key()) +
            ": unknown (nothing is known here)"
        );
    }
    find_unknown_secrets(secrets, "url", problems);
    if (secrets.count("url") == 0) {
        problems.emplace_back("/secrets/url: expected the URL of the incoming webhook");
    }
    return problems.empty() ? Result<Json>(Json::object())
                            : Result<Json>(joined(problems, "alert_channel.invalid"));
}

}  // namespace

Result<Json> complete_alert_channel(
    const std::string& kind, const Json& settings, const AlertSecrets& secrets
) {
    if (kind == kEmailKind) {
        return complete<EmailChannel>(settings, secrets, "password");
    }
    if (kind == kSlackKind) {
        return complete_slack(settings, secrets);
    }
    if (kind == kWebhookKind) {
        return complete<WebhookChannel>(settings, secrets, "secret");
    }
    return Error{
        ErrorCode::kInvalid,
        "/kind: expected email, slack or webhook, found '" + kind.substr(0, 40) + "'",
        "alert_channel.invalid"};
}

}  // namespace syncline
