// Where a request ends in what a client sends, however its bytes arrive.
#include "api/http/request_scan.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

using api::RequestBounds;
using api::RequestScan;
using State = RequestScan::State;

// Small, so that they are reached.
constexpr RequestBounds kBounds{512, 6, 200};

bool is_over(const RequestScan& scan) {
    return scan.state() == State::kComplete || scan.state() == State::kTooLarge ||
           scan.state() == State::kRefused;
}

bool same(const RequestScan& a, const RequestScan& b) {
    return a.state() == b.state() && a.request_bytes() == b.request_bytes() &&
           a.head_bytes() == b.head_bytes() && a.is_chunked() == b.is_chunked() &&
           a.expects_continue() == b.expects_continue() && a.status() == b.status() &&
           a.reason() == b.reason();
}

RequestScan scanned(std::string_view bytes) {
    RequestScan scan(kBounds);
    scan.advance(bytes);
    return scan;
}

void look_at_complete(const RequestScan& scan, std::string_view bytes) {
    const std::size_t size = scan.request_bytes();
    require(size <= bytes.size(), "a request ends in what was sent");
    require(scan.head_bytes() <= size, "a head is part of its request");
    require(scan.head_bytes() <= kBounds.head_bytes_max + 1, "no head is over its bound");
    require(same(scanned(bytes.substr(0, size)), scan), "what comes after a request is no part");
    require(!is_over(scanned(bytes.substr(0, size - 1))), "a request needs its last byte");
    const std::string_view sent = bytes.substr(scan.head_bytes(), size - scan.head_bytes());
    const std::string whole = scan.is_chunked() ? api::unchunked(sent) : std::string(sent);
    require(whole.size() <= kBounds.body_bytes_max, "no body is over its bound");
}

}  // namespace

void request(std::string_view input) {
    Feed feed(input);
    const std::size_t step = feed.byte() % 32U + 1;
    const std::string_view bytes = feed.rest();
    const RequestScan whole = scanned(bytes);
    RequestScan pieces(kBounds);
    for (std::size_t here = 0; here < bytes.size() && !is_over(pieces);) {
        here = std::min(here + step, bytes.size());
        pieces.advance(bytes.substr(0, here));
    }
    require(same(whole, pieces), "however the bytes arrive, it is the same request");
    if (whole.state() == State::kComplete) {
        look_at_complete(whole, bytes);
    } else if (whole.state() == State::kTooLarge) {
        require(whole.request_bytes() <= bytes.size(), "a head ends in what was sent");
    } else if (whole.state() == State::kRefused) {
        require(whole.status() >= 400 && !whole.reason().empty(), "a refusal says why");
    }
}

}  // namespace syncline::fuzz
