// A connection as Poco's HTTP classes see it for one request: they read the request that has
// arrived already, and what they send has a deadline as a whole. They cannot read past the request,
// wait for the client, or end the connection: that is the gate's.
#pragma once

#include <chrono>
#include <string>

#include <Poco/Net/StreamSocket.h>

namespace syncline::api {

class GatedSocket : public Poco::Net::StreamSocket {
public:
    // Shares `socket`, a blocking one. After `deadline` sending throws Poco::TimeoutException.
    GatedSocket(
        const Poco::Net::StreamSocket& socket,
        std::string request,
        std::chrono::steady_clock::time_point deadline
    );
};

}  // namespace syncline::api
