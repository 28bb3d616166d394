// A mail server on loopback that takes what comes, and keeps it: SMTP with STARTTLS and AUTH.
#pragma once

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "core/guarded.hpp"

namespace syncline::testing {

// What it does differently from a server in good order.
struct MailSinkFaults {
    bool no_starttls = false;  // offers none
    bool injects = false;      // says more in plain text before TLS
    bool refuses_login = false;
    bool refuses_first = false;  // of the recipients
    bool drips = false;          // greets a byte at a time, for ever
};

class MailSink {
public:
    struct Received {
        bool encrypted = false;
        std::string login;  // as sent after AUTH PLAIN
        std::string from;
        std::vector<std::string> to;
        std::string data;  // without the dots that SMTP doubles
    };

    explicit MailSink(Poco::Net::Context::Ptr tls, MailSinkFaults faults = {})
        : tls_(std::move(tls)),
          faults_(faults),
          socket_(Poco::Net::SocketAddress("127.0.0.1", 0)),
          thread_([this] { accept_all(); }) {}
    ~MailSink() {
        ending_ = true;
        thread_.join();
    }
    MailSink(const MailSink&) = delete;
    MailSink& operator=(const MailSink&) = delete;

    std::uint16_t port() const { return socket_.address().port(); }
    std::vector<Received> mails() const {
        return mails_.with([](const auto& mails) { return mails; });
    }
    // Commands as they came, "TLS" where it began.
    std::vector<std::string> commands() const {
        return commands_.with([](const auto& commands) { return commands; });
    }

private:
    class Gone {};

    void accept_all() {
        while (!ending_) {
            if (socket_.poll(Poco::Timespan(0, 20'000), Poco::Net::Socket::SELECT_READ)) {
                Poco::Net::StreamSocket client = socket_.acceptConnection();
                try {
                    client.setReceiveTimeout(Poco::Timespan(5, 0));
                    serve(client);
                } catch (const Gone&) {
                } catch (const Poco::Exception&) {
                }
            }
        }
    }
    static void say(Poco::Net::StreamSocket& client, const std::string& line) {
        const std::string text = line + "\r\n";
        client.sendBytes(text.data(), static_cast<int>(text.size()));
    }
    std::string line(Poco::Net::StreamSocket& client) {
        std::string text;
        while (!ending_) {
            char c = 0;
            if (client.receiveBytes(&c, 1) <= 0) {
                break;
            }
            if (c == '\n') {
                text.erase(text.find_last_not_of('\r') + 1);
                return text;
            }
            text += c;
        }
        throw Gone();
    }
    void greet(Poco::Net::StreamSocket& client) {
        while (faults_.drips && !ending_) {
            client.sendBytes("2", 1);
            std::this_thread::sleep_for(std::chrono::milliseconds(50));
        }
        say(client, "220 sink ready");
    }
    void serve(Poco::Net::StreamSocket client) {
        greet(client);
        Received mail;
        while (true) {
            const std::string command = line(client);
            commands_.with([&](auto& commands) { commands.push_back(command.substr(0, 10)); });
            if (command.rfind("EHLO", 0) == 0) {
                say(client, "250-sink");
                if (!mail.encrypted && !faults_.no_starttls) {
                    say(client, "250-STARTTLS");
                }
                say(client, "250 AUTH PLAIN LOGIN");
            } else if (command == "STARTTLS") {
                say(client, faults_.injects ? "220 go\r\n250 I am the server" : "220 go");
                client = Poco::Net::SecureStreamSocket::attach(client, tls_);
                mail.encrypted = true;
                commands_.with([&](auto& commands) { commands.emplace_back("TLS"); });
            } else if (command.rfind("AUTH PLAIN ", 0) == 0) {
                mail.login = command.substr(11);
                say(client, faults_.refuses_login ? "535 5.7.8 no: " + mail.login : "235 ok");
            } else if (command.rfind("MAIL FROM:", 0) == 0) {
                mail.from = command.substr(10);
                say(client, "250 ok");
            } else if (command.rfind("RCPT TO:", 0) == 0) {
                const bool refused = faults_.refuses_first && mail.to.empty();
                mail.to.push_back(command.substr(8));
                say(client, refused ? "550 5.1.1 nobody" : "250 ok");
            } else if (command == "DATA") {
                say(client, "354 go on");
                take_data(client, mail);
                mails_.with([&](auto& mails) { mails.push_back(mail); });
                say(client, "250 2.0.0 queued as 4711");
            } else {
                say(client, "221 bye");
                return;
            }
        }
    }
    void take_data(Poco::Net::StreamSocket& client, Received& mail) {
        for (std::string text = line(client); text != "."; text = line(client)) {
            mail.data += (text.rfind('.', 0) == 0 ? text.substr(1) : text) + "\n";
        }
    }

    const Poco::Net::Context::Ptr tls_;
    const MailSinkFaults faults_;
    Poco::Net::ServerSocket socket_;
    std::atomic<bool> ending_{false};
    Guarded<std::vector<Received>> mails_;
    Guarded<std::vector<std::string>> commands_;
    std::thread thread_;
};

}  // namespace syncline::testing
