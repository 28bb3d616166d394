#include "api/http/request_scan.hpp"

#include <algorithm>

namespace syncline::api {
namespace {

constexpr std::size_t kHeaderBytesMax = 8000;  // what the parser takes
constexpr std::size_t kLengthDigitsMax = 15;
constexpr std::size_t kChunkDigitsMax = 8;
constexpr std::size_t kChunkLineMax = 256;
constexpr auto kDigits = "0123456789";
constexpr auto kHexDigits = "0123456789abcdefABCDEF";

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is(std::string_view text, std::string_view lower_case) {
    return text.size() == lower_case.size() &&
           std::equal(text.begin(), text.end(), lower_case.begin(), [](char a, char b) {
               return lower(a) == b;
           });
}

bool is_token(std::string_view text) {
    return !text.empty() && text.find_first_not_of(
                                "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            ) == std::string_view::npos;
}

// Tabs are blanks; what stands for no character ends a line for some.
bool has_control(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f || byte == 0xff;
    });
}

bool is_request_line(std::string_view text) {
    const auto method_end = text.find(' ');
    const auto target_end = text.rfind(' ');
    if (method_end == std::string_view::npos || target_end <= method_end + 1) {
        return false;
    }
    const auto target = text.substr(method_end + 1, target_end - method_end - 1);
    const auto version = text.substr(target_end + 1);
    return is_token(text.substr(0, method_end)) &&
           target.find_first_of(" \t") == std::string_view::npos &&
           (version == "HTTP/1.1" || version == "HTTP/1.0");
}

std::size_t number(std::string_view digits, int base) {
    return static_cast<std::size_t>(std::stoull(std::string(digits), nullptr, base));
}

}  // namespace

RequestScan::State RequestScan::refuse(int status, std::string reason) {
    status_ = status;
    reason_ = std::move(reason);
    return state_ = State::kRefused;
}

RequestScan::State RequestScan::advance(std::string_view bytes) {
    if (state_ == State::kNothing && !bytes.empty()) {
        state_ = State::kHead;
    }
    if (state_ == State::kHead) {
        head(bytes);
    }
    if (state_ == State::kBody) {
        body(bytes);
    }
    return state_;
}

// A line ends with CR LF; a bare LF is taken as well, as our parser does.
RequestScan::State RequestScan::head(std::string_view bytes) {
    while (state_ == State::kHead) {
        const std::size_t end = bytes.find('\n', looked_);
        const std::size_t seen = end == std::string_view::npos ? bytes.size() : end;
        if (seen > bounds_.head_bytes_max) {
            return refuse(
                431,
                "the request line and headers are larger than " +
                    std::to_string(bounds_.head_bytes_max) + " bytes (api.head_bytes_max)"
            );
        }
        looked_ = seen;
        if (end == std::string_view::npos) {
            return state_;
        }
        std::string_view text = bytes.substr(at_, end - at_);
        if (!text.empty() && text.back() == '\r') {
            text.remove_suffix(1);
        }
        at_ = looked_ = end + 1;
        if (text.empty() && lines_ > 0) {
            return end_of_head();
        }
        if (!text.empty() && !line(text)) {
            return state_;
        }
    }
    return state_;
}

// Whether the head goes on.
bool RequestScan::line(std::string_view text) {
    if (has_control(text)) {
        refuse(400, "the headers hold a control character");
        return false;
    }
    if (++lines_ == 1) {
        if (!is_request_line(text)) {
            refuse(400, "this is no HTTP/1.1 request");
            return false;
        }
        return true;
    }
    if (lines_ - 1 > bounds_.headers_max) {
        refuse(
            431,
            "there are more than " + std::to_string(bounds_.headers_max) +
                " headers (api.headers_max)"
        );
        return false;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos || !is_token(text.substr(0, colon))) {
        refuse(400, "a header line is not 'name: value'");
        return false;
    }
    if (text.size() > kHeaderBytesMax) {
        refuse(431, "a header is longer than " + std::to_string(kHeaderBytesMax) + " bytes");
        return false;
    }
    return header(text.substr(0, colon), trimmed(text.substr(colon + 1)));
}

bool RequestScan::header(std::string_view name, std::string_view value) {
    if (is(name, "content-length")) {
        if (has_length_ || value.empty() || value.size() > kLengthDigitsMax ||
            value.find_first_not_of(kDigits) != std::string_view::npos) {
            refuse(400, "there must be one Content-Length, and it must be a number");
            return false;
        }
        has_length_ = true;
        body_bytes_ = number(value, 10);
    } else if (is(name, "transfer-encoding")) {
        if (is_chunked_ || !is(value, "chunked")) {
            refuse(400, "the only Transfer-Encoding taken is 'chunked'");
            return false;
        }
        is_chunked_ = true;
    } else if (is(name, "expect")) {
        if (!is(value, "100-continue")) {
            refuse(417, "the only expectation that is met is '100-continue'");
            return false;
        }
        expects_continue_ = true;
    }
    return true;
}

RequestScan::State RequestScan::end_of_head() {
    if (has_length_ && is_chunked_) {
        return refuse(400, "a request has a Content-Length or a Transfer-Encoding, not both");
    }
    head_bytes_ = request_bytes_ = at_;
    if (has_length_ && body_bytes_ > bounds_.body_bytes_max) {
        return state_ = State::kTooLarge;
    }
    if (has_length_ || is_chunked_) {
        return state_ = State::kBody;
    }
    return state_ = State::kComplete;
}

RequestScan::State RequestScan::body(std::string_view bytes) {
    if (is_chunked_) {
        return chunked(bytes);
    }
    if (bytes.size() - head_bytes_ >= body_bytes_) {
        request_bytes_ = head_bytes_ + body_bytes_;
        state_ = State::kComplete;
    }
    return state_;
}

RequestScan::State RequestScan::chunked(std::string_view bytes) {
    while (true) {
        if (chunk_ == Chunk::kData) {
            if (bytes.size() < at_) {
                return state_;
            }
            if (bytes.substr(at_ - 2, 2) != "\r\n") {
                return refuse(400, "a chunk of the body does not end where its size says");
            }
            chunk_ = Chunk::kSize;
            looked_ = at_;
        }
        const std::size_t end = bytes.find('\n', looked_);
        looked_ = end == std::string_view::npos ? bytes.size() : end;
        if (looked_ - at_ > kChunkLineMax) {
            return refuse(400, "a line between the chunks of the body is too long");
        }
        if (end == std::string_view::npos) {
            return state_;
        }
        std::string_view text = bytes.substr(at_, end - at_);
        if (!text.empty() && text.back() == '\r') {
            text.remove_suffix(1);
        }
        at_ = looked_ = end + 1;
        if (has_control(text)) {
            return refuse(400, "a chunk of the body has no size");
        }
        if (chunk_ == Chunk::kTrailer) {
            if (text.empty()) {
                request_bytes_ = at_;
                return state_ = State::kComplete;
            }
            return refuse(400, "headers after the body are not taken");
        }
        const auto digits = text.substr(0, text.find_first_not_of(kHexDigits));
        const auto after = text.substr(digits.size());
        if (digits.empty() || digits.size() > kChunkDigitsMax ||
            !(after.empty() || after.front() == ';')) {
            return refuse(400, "a chunk of the body has no size");
        }
        const std::size_t size = number(digits, 16);
        body_bytes_ += size;
        if (body_bytes_ > bounds_.body_bytes_max) {
            request_bytes_ = head_bytes_;
            return state_ = State::kTooLarge;
        }
        chunk_ = size == 0 ? Chunk::kTrailer : Chunk::kData;
        at_ += size == 0 ? 0 : size + 2;
    }
}

std::string unchunked(std::string_view chunks) {
    std::string body;
    while (true) {
        const auto end = chunks.find('\n');
        const auto line = chunks.substr(0, end);
        const std::size_t size = number(line.substr(0, line.find_first_not_of(kHexDigits)), 16);
        if (size == 0) {
            return body;
        }
        body.append(chunks.substr(end + 1, size));
        chunks.remove_prefix(end + 1 + size + 2);
    }
}

}  // namespace syncline::api
