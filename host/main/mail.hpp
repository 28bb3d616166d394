// One e-mail to one server (RFC 5321): greeting, STARTTLS, login, message. Not by Poco's client,
// whose timeout is per receive: a server that sends a byte a second would hold a thread for ever.
#pragma once

#include <string>
#include <vector>

#include <Poco/Net/Context.h>

#include "connectors/http/connection.hpp"
#include "core/alert_channel.hpp"

namespace syncline::host {

struct Mail {
    std::string from;
    std::vector<std::string> to;
    std::string subject;     // one line, UTF-8
    std::string text;        // UTF-8
    std::string message_id;  // without <>
    Timestamp at;
};

// As it is sent, without the line that ends it.
std::string mail_text(const Mail& mail);

struct MailServer {
    connectors::Url url;  // https://host:port/, for messages and the certificate
    std::vector<std::string> addresses;
    Poco::Net::Context::Ptr tls;
    MailSecurity security = MailSecurity::kStartTls;
    std::string username;  // empty: no login
    std::string password;
};

struct MailReply {
    bool taken = false;
    std::string text;  // the server's last word: "250 2.0.0 queued as 4711"
};

// Blocks up to the patience. Before TLS is established nothing but the greeting is said, unless
// `security` is none. Errors: kTransient "http...." (not reached), "mail.protocol", "mail.no_tls";
// kCancelled.
Result<MailReply> send_mail(
    const MailServer& server, const Mail& mail, const connectors::Patience& patience
);

}  // namespace syncline::host
