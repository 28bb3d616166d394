// A server's side of a connection that ends in a way the client can read the last answer.
//
// Closing a socket that still has unread bytes resets the connection (RFC 9112 section 9.6), and a
// client that is still sending loses the answer that told it why it is refused.
#pragma once

#include <Poco/Net/StreamSocket.h>

namespace syncline::api {

class LingeringSocket : public Poco::Net::StreamSocket {
public:
    // Shares the connection of `accepted`, which may be dropped afterwards.
    //
    // close() says that nothing more is sent, then reads and drops what the client still sends:
    // until it ends too, is silent for 200 ms, has sent 16 MiB or took 5 s.
    explicit LingeringSocket(const Poco::Net::StreamSocket& accepted);
};

}  // namespace syncline::api
