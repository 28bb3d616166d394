// Finds where a request ends in the bytes of a connection (RFC 9112), so that it is read by a
// thread only when it is all there. Pure.
//
// What could be understood in two ways (two lengths, a length and a coding, folded lines, a blank
// before a colon) is refused, not guessed: nobody gets a second request past whoever stands before
// us.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace syncline::api {

struct RequestBounds {
    std::size_t head_bytes_max = 16 * 1024;  // no header may be longer than 8000
    std::size_t headers_max = 100;
    std::size_t body_bytes_max = 1024 * 1024;
};

class RequestScan {
public:
    enum class State {
        kNothing,   // no byte of it yet
        kHead,      // more is needed
        kBody,      // more is needed
        kComplete,  // request_bytes() are one request
        kTooLarge,  // the head is complete; the body is, or says it will be, over the bound
        kRefused,   // status() and reason() say why
    };

    explicit RequestScan(const RequestBounds& bounds) : bounds_(bounds) {}

    // `bytes`: all since the request began, and maybe of the next one; with each call the same and
    // more. Each byte is looked at once.
    State advance(std::string_view bytes);
    State state() const { return state_; }

    // kComplete: of head and body. kTooLarge: of the head.
    std::size_t request_bytes() const { return request_bytes_; }
    std::size_t head_bytes() const { return head_bytes_; }
    bool is_chunked() const { return is_chunked_; }
    // The client waits for a "100 Continue" before it sends the body. With kBody.
    bool expects_continue() const { return expects_continue_; }
    int status() const { return status_; }
    const std::string& reason() const { return reason_; }

private:
    enum class Chunk { kSize, kData, kTrailer };

    State head(std::string_view bytes);
    bool line(std::string_view text);
    bool header(std::string_view name, std::string_view value);
    State end_of_head();
    State body(std::string_view bytes);
    State chunked(std::string_view bytes);
    State refuse(int status, std::string reason);

    RequestBounds bounds_;
    State state_ = State::kNothing;
    std::size_t at_ = 0;          // where the line or chunk being read begins
    std::size_t looked_ = 0;      // no line ends before this
    std::size_t lines_ = 0;       // of the head, the request line included
    std::size_t head_bytes_ = 0;  // once it is complete
    std::size_t body_bytes_ = 0;  // of chunks so far, or as announced
    bool has_length_ = false;
    bool is_chunked_ = false;
    bool expects_continue_ = false;
    Chunk chunk_ = Chunk::kSize;
    std::size_t request_bytes_ = 0;
    int status_ = 0;
    std::string reason_;
};

// The body that these chunks are of, which a RequestScan has accepted.
std::string unchunked(std::string_view chunks);

}  // namespace syncline::api
