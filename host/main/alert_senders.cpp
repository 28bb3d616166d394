#include "main/alert_senders.hpp"

#include <algorithm>
#include <cctype>
#include <csignal>

#include "core/standard_webhook.hpp"
#include "main/mail.hpp"

namespace syncline::host {
namespace {

using engine::AlertPost;
using engine::AlertReply;

constexpr std::size_t kAnswerBytesMax = 64 * 1024;
constexpr std::size_t kAnswerShown = 200;
constexpr int kGone = 410;

// Names and addresses are checked; the port of a mail server is any.
connectors::Url mail_url(const EmailChannel& email) {
    connectors::Url url;
    url.scheme = "https";  // of the two that there are rules for, the one for what is encrypted
    url.host = email.host;
    std::transform(url.host.begin(), url.host.end(), url.host.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    url.port = static_cast<std::uint16_t>(email.port);
    url.target = "/";
    return url;
}

std::string secret_of(const AlertSecrets& secrets, const char* name) {
    const auto found = secrets.find(name);
    return found == secrets.end() ? std::string() : found->second;
}

void mask(std::string& text, const std::string& secret) {
    for (std::size_t at = text.find(secret); secret.size() > 1 && at != std::string::npos;
         at = text.find(secret, at + 3)) {
        text.replace(at, secret.size(), "***");
    }
}

// What the other side says is shown to people who may not see the secrets it was told. Of a URL it
// sees the part behind the host.
std::string without_secrets(std::string text, const AlertSecrets& secrets) {
    for (const auto& [name, secret] : secrets) {
        mask(text, secret);
        if (const auto url = connectors::parse_url(secret)) {
            mask(text, url->target);
        }
    }
    return text;
}

std::string answer_line(const connectors::HttpAnswer& answer) {
    std::string text = answer.body.substr(0, kAnswerShown);
    std::replace_if(
        text.begin(),
        text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || (c & 0x80) != 0 || c == 0x7F; },
        ' '
    );
    return std::to_string(answer.status) + (text.empty() ? "" : " " + text);
}

std::chrono::seconds retry_after(const connectors::HttpAnswer& answer) {
    const auto value = connectors::header_of(answer.headers, "Retry-After");
    const bool number = value && !value->empty() && value->size() < 6 &&
                        value->find_first_not_of("0123456789") == std::string_view::npos;
    return std::chrono::seconds(number ? std::stoi(std::string(*value)) : 0);
}

Result<void> check_url(
    const connectors::EgressPolicy& policy, const std::string& place, const std::string& url
) {
    const auto parsed = connectors::parse_url(url);
    const auto checked = parsed ? policy.check(*parsed, connectors::EgressScope{{parsed->host}})
                                : Result<void>(parsed.error());
    if (!checked) {
        return Error{
            ErrorCode::kInvalid, place + ": " + checked.error().message, "alert_channel.invalid"};
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<AlertSenders>> AlertSenders::make(connectors::HttpOptions options) {
    options.limits.body_bytes = kAnswerBytesMax;
    // Connections are not kept: a message is rare.
    options.pool.idle_per_host_max = 0;
    options.pool.idle_total_max = 0;
    SYNCLINE_ASSIGN_OR_RETURN(auto policy, connectors::EgressPolicy::make(options.egress));
    SYNCLINE_ASSIGN_OR_RETURN(auto http, connectors::HttpClient::make(options));
    return std::unique_ptr<AlertSenders>(new AlertSenders(
        std::move(policy), connectors::tls_context_when_needed(options.tls), std::move(http)
    ));
}

Result<void> AlertSenders::check(const storage::AlertChannel& channel, const AlertSecrets& secrets)
    const {
    if (channel.kind == kSlackKind) {
        return check_url(policy_, "/secrets/url", secret_of(secrets, "url"));
    }
    if (channel.kind == kWebhookKind) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto webhook, from_json<WebhookChannel>(channel.settings));
        return check_url(policy_, "/settings/url", webhook.url);
    }
    return {};
}

Result<AlertReply> AlertSenders::send(const AlertPost& post) {
    auto reply = post.channel.kind == kEmailKind   ? send_mail(post)
                 : post.channel.kind == kSlackKind ? send_slack(post)
                                                   : send_webhook(post);
    if (reply) {
        reply->text = without_secrets(std::move(reply->text), post.secrets);
        return reply;
    }
    Error error = reply.error();
    error.message = without_secrets(std::move(error.message), post.secrets);
    return error;
}

Result<AlertReply> AlertSenders::send_mail(const AlertPost& post) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto email, from_json<EmailChannel>(post.channel.settings));
    MailServer server;
    server.url = mail_url(email);
    server.security = email.security;
    server.username = email.username;
    server.password = secret_of(post.secrets, "password");
    const connectors::Patience patience{
        std::chrono::steady_clock::now() + post.time_left, post.stop};
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto addresses, connectors::resolve_by_system(server.url.host, patience)
    );
    SYNCLINE_ASSIGN_OR_RETURN(server.addresses, policy_.permitted(server.url, addresses));
    if (email.security != MailSecurity::kNone) {
        const auto tls = connectors::SharedTlsContext(tls_).get();
        if (!tls) {
            return tls.error();
        }
        server.tls = *tls;
    }
    Mail mail;
    mail.from = email.from;
    mail.to = email.to;
    mail.subject = alert_title(post.message);
    mail.text = alert_text(post.message);
    mail.message_id = post.message.id + email.from.substr(email.from.find('@'));
    mail.at = post.now;
    SYNCLINE_ASSIGN_OR_RETURN(const auto reply, host::send_mail(server, mail, patience));
    AlertReply answer;
    answer.taken = reply.taken;
    answer.text = reply.text;
    return answer;
}

Result<AlertReply> AlertSenders::send_slack(const AlertPost& post) {
    return post_json(
        post, secret_of(post.secrets, "url"), dump_json(alert_slack_body(post.message)), {}
    );
}

Result<AlertReply> AlertSenders::send_webhook(const AlertPost& post) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto webhook, from_json<WebhookChannel>(post.channel.settings));
    const std::string body = dump_json(alert_webhook_body(post.message));
    const std::int64_t seconds = post.now.ms / 1000;
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string signature,
        standard_webhook_signature(
            secret_of(post.secrets, "secret"), post.message.id, seconds, body
        )
    );
    return post_json(
        post,
        webhook.url,
        body,
        {{"webhook-id", post.message.id},
         {"webhook-timestamp", std::to_string(seconds)},
         {"webhook-signature", signature}}
    );
}

Result<AlertReply> AlertSenders::post_json(
    const AlertPost& post,
    const std::string& url,
    const std::string& body,
    connectors::Headers headers
) {
    SYNCLINE_ASSIGN_OR_RETURN(const connectors::Url parsed, connectors::parse_url(url));
    const connectors::EgressScope scope{{parsed.host}};
    connectors::HttpRequest request;
    request.method = "POST";
    request.url = url;
    request.headers = std::move(headers);
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body;
    request.timeout = post.time_left;
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto answer, http_->exchange(request, {scope, post.stop, post.time_left})
    );
    AlertReply reply;
    reply.taken = answer.status >= 200 && answer.status < 300;
    reply.gone = answer.status == kGone;
    reply.text = answer_line(answer);
    reply.again = retry_after(answer);
    return reply;
}

}  // namespace syncline::host
