// Sockets that never wait, plain or TLS: what there is, what fits, and the end of a connection.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <Poco/Net/StreamSocket.h>

namespace syncline::api {

// Of one receive_some(); not smaller than a TLS record, so that nothing stays in the TLS layer,
// where nobody is told of it.
inline constexpr std::size_t kReceiveBytes = 16 * 1024;

// Each answers how many bytes: 0 when there are none, or none fit, now; nothing when the connection
// is over.
std::optional<std::size_t> receive_some(
    Poco::Net::StreamSocket& socket, char* into, std::size_t room
);
std::optional<std::size_t> send_some(Poco::Net::StreamSocket& socket, std::string_view bytes);
// The same for bytes that nobody wants any more, TLS or not.
std::optional<std::size_t> drop_some(Poco::Net::StreamSocket& socket);

// Tells the other side that nothing more comes. It may go on sending.
void end_sending(Poco::Net::StreamSocket& socket);

}  // namespace syncline::api
