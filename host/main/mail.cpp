#include "main/mail.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <Poco/Net/MailMessage.h>
#include <Poco/Net/MailRecipient.h>
#include <Poco/Timestamp.h>

#include "storage/seal.hpp"

namespace syncline::host {
namespace {

using connectors::Connection;
using connectors::IoOutcome;
using connectors::IoState;
using connectors::Patience;

constexpr std::size_t kReplyBytesMax = 16 * 1024;
constexpr std::size_t kReplyShown = 300;

struct Reply {
    int code = 0;
    std::string text;                // of the last line, with the code
    std::vector<std::string> lines;  // without the code

    bool ok() const { return code >= 200 && code < 300; }
};

std::string printable(std::string text) {
    std::replace_if(
        text.begin(),
        text.end(),
        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F || (c & 0x80) != 0; },
        '?'
    );
    return text.substr(0, kReplyShown);
}

class Dialog {
public:
    Dialog(Connection& connection, const MailServer& server, const Patience& patience)
        : connection_(connection), server_(server), patience_(patience) {}

    Result<Reply> read() {
        Reply reply;
        std::size_t bytes = 0;
        while (true) {
            SYNCLINE_ASSIGN_OR_RETURN(const std::string line, read_line());
            bytes += line.size();
            const bool digits =
                line.size() >= 3 && std::all_of(line.begin(), line.begin() + 3, [](char c) {
                    return c >= '0' && c <= '9';
                });
            if (!digits || bytes > kReplyBytesMax) {
                return broken("answered what is no SMTP");
            }
            reply.code = std::stoi(line.substr(0, 3));
            reply.text = printable(line);
            reply.lines.push_back(line.size() > 4 ? line.substr(4) : std::string());
            if (line.size() == 3 || line[3] != '-') {
                return reply;
            }
        }
    }
    Result<Reply> ask(const std::string& line) {
        SYNCLINE_RETURN_IF_ERROR(write(line + "\r\n"));
        return read();
    }
    Result<void> write(std::string_view bytes) {
        while (!bytes.empty()) {
            const IoOutcome outcome = connection_.write_some(bytes, patience_);
            if (outcome.state != IoState::kDone) {
                return failed(outcome);
            }
            bytes.remove_prefix(outcome.count);
        }
        return {};
    }
    Result<void> start_tls() {
        // What came with the answer was said by somebody in between.
        if (!received_.empty()) {
            return broken("went on in plain text after STARTTLS");
        }
        return connection_.secure(server_.url, server_.tls, patience_);
    }
    Error broken(const std::string& what) const {
        return {ErrorCode::kTransient, server_.url.authority() + " " + what, "mail.protocol"};
    }

private:
    Result<std::string> read_line() {
        while (true) {
            const std::size_t end = received_.find('\n');
            if (end != std::string::npos) {
                std::string line = received_.substr(0, end);
                received_.erase(0, end + 1);
                line.erase(line.find_last_not_of('\r') + 1);
                return line;
            }
            if (received_.size() > kReplyBytesMax) {
                return broken("answered what is no SMTP");
            }
            std::array<char, 1024> part{};
            const IoOutcome outcome = connection_.read_some(part.data(), part.size(), patience_);
            if (outcome.state != IoState::kDone) {
                return failed(outcome);
            }
            received_.append(part.data(), outcome.count);
        }
    }
    Error failed(const IoOutcome& outcome) const {
        switch (outcome.state) {
            case IoState::kStopped:
                return {ErrorCode::kCancelled, "stopped while mail was sent", "http.stopped"};
            case IoState::kTimedOut:
                return broken("did not answer in time");
            case IoState::kClosed:
                return broken("closed the connection");
            default:
                return broken("broke the connection: " + outcome.detail);
        }
    }

    Connection& connection_;
    const MailServer& server_;
    const Patience& patience_;
    std::string received_;
};

bool offers(const Reply& hello, const std::string& keyword, const std::string& value = "") {
    return std::any_of(hello.lines.begin() + 1, hello.lines.end(), [&](const std::string& line) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) {
            return static_cast<char>(std::toupper(c));
        });
        if (word != keyword) {
            return false;
        }
        bool found = value.empty();
        while (!found && words >> word) {
            found = word == value;
        }
        return found;
    });
}

// With every refusal as an answer: {false, what the server said}.
#define SYNCLINE_MAIL_STEP(reply, call, accepted)       \
    SYNCLINE_ASSIGN_OR_RETURN(const Reply reply, call); \
    if (!(accepted)) {                                  \
        return MailReply{false, (reply).text};          \
    }

// A refusal that repeats what it was told must not show it to those who read it.
MailReply refused_login(std::string text, const std::string& told) {
    if (const std::size_t at = text.find(told); !told.empty() && at != std::string::npos) {
        text.replace(at, told.size(), "***");
    }
    return {false, std::move(text)};
}

Result<MailReply> log_in(Dialog& dialog, const MailServer& server, const Reply& hello) {
    const auto& user = server.username;
    if (offers(hello, "AUTH", "PLAIN") || !offers(hello, "AUTH", "LOGIN")) {
        const std::string both = storage::to_base64(
            std::string(1, '\0') + user + std::string(1, '\0') + server.password
        );
        SYNCLINE_ASSIGN_OR_RETURN(const Reply plain, dialog.ask("AUTH PLAIN " + both));
        return plain.ok() ? MailReply{true, plain.text} : refused_login(plain.text, both);
    }
    const std::string password = storage::to_base64(server.password);
    SYNCLINE_MAIL_STEP(begun, dialog.ask("AUTH LOGIN"), begun.code == 334);
    SYNCLINE_MAIL_STEP(named, dialog.ask(storage::to_base64(user)), named.code == 334);
    SYNCLINE_ASSIGN_OR_RETURN(const Reply in, dialog.ask(password));
    return in.ok() ? MailReply{true, in.text} : refused_login(in.text, password);
}

Result<MailReply> post(Dialog& dialog, const Mail& mail) {
    SYNCLINE_MAIL_STEP(from, dialog.ask("MAIL FROM:<" + mail.from + ">"), from.ok());
    std::size_t taken = 0;
    std::string refused;
    for (const auto& to : mail.to) {
        SYNCLINE_ASSIGN_OR_RETURN(const Reply reply, dialog.ask("RCPT TO:<" + to + ">"));
        taken += reply.ok() ? 1U : 0U;
        refused = reply.ok() ? refused : reply.text;
    }
    if (taken == 0) {
        return MailReply{false, refused};
    }
    SYNCLINE_MAIL_STEP(data, dialog.ask("DATA"), data.code == 354);
    SYNCLINE_RETURN_IF_ERROR(dialog.write(mail_text(mail)));
    SYNCLINE_MAIL_STEP(done, dialog.ask("."), done.ok());
    const bool all = taken == mail.to.size();
    // Its answer means nothing any more.
    static_cast<void>(dialog.write("QUIT\r\n"));
    return MailReply{
        true,
        all ? done.text
            : done.text + "; " + std::to_string(mail.to.size() - taken) + " of " +
                  std::to_string(mail.to.size()) + " recipients refused: " + refused};
}

Result<MailReply> converse(Dialog& dialog, const MailServer& server, const Mail& mail) {
    SYNCLINE_MAIL_STEP(greeting, dialog.read(), greeting.ok());
    const std::string hello = "EHLO [127.0.0.1]";
    SYNCLINE_MAIL_STEP(plain, dialog.ask(hello), plain.ok());
    Reply abilities = plain;
    if (server.security == MailSecurity::kStartTls) {
        if (!offers(plain, "STARTTLS")) {
            return Error{
                ErrorCode::kTransient,
                server.url.authority() +
                    " offers no STARTTLS, so nothing was sent; settings.security says otherwise "
                    "(tls, none)",
                "mail.no_tls"};
        }
        SYNCLINE_MAIL_STEP(ready, dialog.ask("STARTTLS"), ready.ok());
        SYNCLINE_RETURN_IF_ERROR(dialog.start_tls());
        SYNCLINE_MAIL_STEP(secured, dialog.ask(hello), secured.ok());
        abilities = secured;
    }
    if (!server.username.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const auto in, log_in(dialog, server, abilities));
        if (!in.taken) {
            return in;
        }
    }
    return post(dialog, mail);
}

#undef SYNCLINE_MAIL_STEP

}  // namespace

std::string mail_text(const Mail& mail) {
    using Poco::Net::MailMessage;
    MailMessage message;
    message.setSender(mail.from);
    for (const auto& to : mail.to) {
        message.addRecipient({Poco::Net::MailRecipient::PRIMARY_RECIPIENT, to});
    }
    message.setSubject(MailMessage::encodeWord(mail.subject, "UTF-8"));
    message.setDate(Poco::Timestamp(mail.at.ms * 1000));
    message.set("Message-ID", "<" + mail.message_id + ">");
    message.set("Auto-Submitted", "auto-generated");
    message.setContentType("text/plain; charset=UTF-8");
    message.setContent(mail.text, MailMessage::ENCODING_QUOTED_PRINTABLE);
    std::ostringstream out;
    message.write(out);
    std::string wire;
    bool line_begins = true;
    for (const char c : out.str()) {
        if (c == '\r') {
            continue;
        }
        // A line of one dot would end the message.
        wire += c == '\n' ? "\r\n" : (line_begins && c == '.' ? ".." : std::string(1, c));
        line_begins = c == '\n';
    }
    return line_begins ? wire : wire + "\r\n";
}

Result<MailReply> send_mail(
    const MailServer& server, const Mail& mail, const connectors::Patience& patience
) {
    connectors::Url url = server.url;
    url.scheme = server.security == MailSecurity::kTls ? "https" : "http";
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto connection, Connection::open(url, server.addresses, server.tls, patience)
    );
    Dialog dialog(*connection, server, patience);
    return converse(dialog, server, mail);
}

}  // namespace syncline::host
