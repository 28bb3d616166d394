#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "server.hpp"

namespace sandbox {

struct ListenerOptions {
    std::uint16_t port = 0;  // 0 = any free one
    std::string tls_cert;    // PEM files; both or neither
    std::string tls_key;
};

// Speaks HTTP/1.1 on 127.0.0.1 and hands requests to the server, each connection on a thread of its
// own. Listens from construction to destruction, which ends all connections.
class Listener {
public:
    // `server` and `clock` outlive the listener. Throws std::exception when it cannot listen.
    Listener(const ListenerOptions& options, Server& server, const Clock& clock);
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    std::string base_url() const;

private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace sandbox
