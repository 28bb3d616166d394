#include "connectors/http/message.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace syncline::connectors {
namespace {

// The client decides about framing, connection and coding.
constexpr std::array<std::string_view, 14> kOwnHeaders{
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "accept-encoding",
    "user-agent",
    "expect",
    "te",
    "trailer",
    "upgrade",
    "keep-alive",
    "proxy-connection",
    "proxy-authorization",
    "http2-settings"};

Error protocol_error(const std::string& why) {
    return {ErrorCode::kTransient, "the answer is not HTTP: " + why, "http.protocol"};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_token(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F);
    });
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos
               ? std::string_view()
               : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// True if the comma-separated value has `word`, in any case.
bool has_word(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const auto comma = std::min(list.find(','), list.size());
        if (same_name(trimmed(list.substr(0, comma)), word)) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

// The next line without its break; a bare LF ends a line too.
std::string_view take_line(std::string_view& text) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.empty() && line.back() == '\r') {
        line.remove_suffix(1);
    }
    return line;
}

Result<int> parse_status(std::string_view line) {
    int status = 0;
    const bool shaped = line.size() >= 12 && line.substr(0, 7) == "HTTP/1." && line[8] == ' ' &&
                        (line.size() == 12 || line[12] == ' ');
    const auto [end, failure] = std::from_chars(
        line.data() + std::min<std::size_t>(9, line.size()),
        line.data() + std::min<std::size_t>(12, line.size()),
        status
    );
    if (!shaped || failure != std::errc() || end != line.data() + 12 || status < 100 ||
        status > 599) {
        return protocol_error("it has no status line");
    }
    return status;
}

Result<Headers> parse_fields(std::string_view text) {
    Headers headers;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        const auto colon = line.find(':');
        const std::string_view value =
            colon == std::string_view::npos ? "" : trimmed(line.substr(colon + 1));
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
            !is_field_value(value)) {
            return protocol_error("malformed header line");
        }
        headers.emplace_back(line.substr(0, colon), value);
    }
    return headers;
}

// Of all Content-Length headers; several have to agree.
Result<std::optional<std::uint64_t>> content_length(const Headers& headers) {
    std::optional<std::uint64_t> length;
    for (const auto& [name, value] : headers) {
        if (!same_name(name, "Content-Length")) {
            continue;
        }
        std::uint64_t number = 0;
        const auto [end, failure] =
            std::from_chars(value.data(), value.data() + value.size(), number);
        if (value.empty() || failure != std::errc() || end != value.data() + value.size() ||
            (length && *length != number)) {
            return protocol_error("malformed Content-Length");
        }
        length = number;
    }
    return length;
}

Result<void> decide_framing(AnswerHead& head, std::string_view request_method) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto length, content_length(head.headers));
    const bool bodiless =
        request_method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304;
    const auto coding = header_of(head.headers, "Transfer-Encoding");
    if (bodiless) {
        head.framing = Framing::kNone;
    } else if (coding) {
        if (!same_name(trimmed(*coding), "chunked")) {
            return protocol_error("unknown Transfer-Encoding");
        }
        head.framing = Framing::kChunked;
    } else {
        head.framing = length ? Framing::kLength : Framing::kUntilClose;
        head.length = length.value_or(0);
    }
    // Both at once is how requests are smuggled; such a connection is not used again.
    const bool doubtful = coding && length;
    head.keep_alive = head.keep_alive && head.framing != Framing::kUntilClose && !doubtful;
    return {};
}

bool is_own_header(std::string_view name) {
    return std::any_of(kOwnHeaders.begin(), kOwnHeaders.end(), [&](std::string_view own) {
        return same_name(own, name);
    });
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return lower(x) == lower(y);
           });
}

std::optional<std::string_view> header_of(const Headers& headers, std::string_view name) {
    for (const auto& [candidate, value] : headers) {
        if (same_name(candidate, name)) {
            return value;
        }
    }
    return std::nullopt;
}

Result<std::string> request_text(
    const HttpRequest& request, const Url& url, const std::string& user_agent
) {
    if (!is_token(request.method)) {
        return Error{ErrorCode::kBug, "the request's method is not an HTTP method", "http.request"};
    }
    std::string text = request.method + " " + url.target + " HTTP/1.1\r\n";
    text += "Host: " + url.host_header() + "\r\nUser-Agent: " + user_agent +
            "\r\nAccept-Encoding: gzip, deflate\r\n";
    for (const auto& [name, value] : request.headers) {
        if (!is_token(name) || !is_field_value(value)) {
            return Error{
                ErrorCode::kBug,
                "the request's header '" + name.substr(0, 40) + "' is malformed",
                "http.request"};
        }
        if (!is_own_header(name)) {
            text.append(name).append(": ").append(value).append("\r\n");
        }
    }
    const bool has_body = !request.body.empty() || request.method == "POST" ||
                          request.method == "PUT" || request.method == "PATCH";
    if (has_body) {
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    }
    return text.append("\r\n").append(request.body);
}

Result<AnswerHead> parse_head(std::string_view text, std::string_view request_method) {
    AnswerHead head;
    const std::string_view first = take_line(text);
    SYNCLINE_ASSIGN_OR_RETURN(head.status, parse_status(first));
    SYNCLINE_ASSIGN_OR_RETURN(head.headers, parse_fields(text));
    const std::string_view connection = header_of(head.headers, "Connection").value_or("");
    const bool is_1_0 = first[7] == '0';
    head.keep_alive = is_1_0 ? has_word(connection, "keep-alive") : !has_word(connection, "close");
    SYNCLINE_RETURN_IF_ERROR(decide_framing(head, request_method));
    return head;
}

}  // namespace syncline::connectors
