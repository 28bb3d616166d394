// Where a request ends, and what is refused because it could be read in two ways.
#include "api/http/request_scan.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace syncline::testing {
namespace {

using api::RequestBounds;
using api::RequestScan;
using State = RequestScan::State;

constexpr RequestBounds kBounds{512, 5, 64};
const std::string kGet = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

RequestScan scanned(const std::string& bytes) {
    RequestScan scan(kBounds);
    scan.advance(bytes);
    return scan;
}

std::string with_header(const std::string& line, const std::string& body = "") {
    return "POST /x HTTP/1.1\r\nHost: x\r\n" + line + "\r\n\r\n" + body;
}

TEST(RequestScan, EndsARequestWithoutABodyAtItsHead) {
    EXPECT_EQ(scanned("").state(), State::kNothing);
    EXPECT_EQ(scanned("GET /livez HT").state(), State::kHead);
    EXPECT_EQ(scanned("\r\n" + kGet).state(), State::kComplete);
    const RequestScan scan = scanned(kGet + "GET /next");
    EXPECT_EQ(scan.state(), State::kComplete);
    EXPECT_EQ(scan.request_bytes(), kGet.size());
    EXPECT_EQ(scanned("GET / HTTP/1.1\nHost: x\n\n").state(), State::kComplete);
}

TEST(RequestScan, EndsABodyWhereItsLengthSays) {
    const std::string request = with_header("Content-Length: 4", "abcd");
    EXPECT_EQ(scanned(request.substr(0, request.size() - 1)).state(), State::kBody);
    EXPECT_EQ(scanned(request + "rest").request_bytes(), request.size());
    EXPECT_EQ(scanned(with_header("content-length:0")).state(), State::kComplete);
    EXPECT_EQ(
        scanned(with_header("Content-Length: 64", std::string(64, 'x'))).state(), State::kComplete
    );
    EXPECT_EQ(scanned(with_header("Content-Length: 65")).state(), State::kTooLarge);
}

TEST(RequestScan, EndsChunksWithTheLastOne) {
    const auto chunked = [](const std::string& body) {
        return with_header("Transfer-Encoding: Chunked", body);
    };
    const std::string request = chunked("4\r\nabcd\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n");
    const RequestScan scan = scanned(request + "GET");
    EXPECT_EQ(scan.state(), State::kComplete) << scan.reason();
    EXPECT_EQ(scan.request_bytes(), request.size());
    EXPECT_EQ(scanned(chunked("")).state(), State::kBody);
    EXPECT_EQ(scanned(chunked("4\r\nabcd\r\n0\r\n")).state(), State::kBody);
    EXPECT_EQ(scanned(chunked("41\r\n")).state(), State::kTooLarge);
    EXPECT_EQ(
        scanned(chunked("20\r\n" + std::string(32, 'x') + "\r\n21\r\n")).state(), State::kTooLarge
    );
    for (const std::string body :
         {"\r\n",
          "x\r\n",
          "-1\r\n",
          "4 4\r\n",
          "ffffffffff\r\n",
          "4\r\nabcdef\r\n",
          "0\r\nX: y\r\n\r\n"}) {
        EXPECT_EQ(scanned(chunked(body)).state(), State::kRefused) << body;
    }
    EXPECT_EQ(scanned(chunked("4;" + std::string(300, 'x'))).state(), State::kRefused);
}

TEST(RequestScan, RefusesWhatCouldBeReadInTwoWays) {
    const std::vector<std::string> lines{
        "Content-Length: 4\r\nContent-Length: 4",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length: +4",
        "Content-Length: 4, 4",
        "Content-Length: 0x4",
        "Content-Length:",
        "Content-Length: 9999999999999999999999",
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Content-Length : 4",
        "X: a\xff",
        "X: \x7f",
        " folded: line",
        "no colon",
        ": no name",
        std::string("X: a\0b", 6),
        "X: a\rContent-Length: 4",
    };
    for (const auto& line : lines) {
        const RequestScan scan = scanned(with_header(line));
        EXPECT_EQ(scan.state(), State::kRefused) << line;
        EXPECT_EQ(scan.status(), 400) << line;
        EXPECT_FALSE(scan.reason().empty());
    }
    for (const std::string request :
         {"nonsense\r\n\r\n",
          "GET /\r\n\r\n",
          "GET HTTP/1.1\r\nHost: x\r\n\r\n",
          "GET /a b HTTP/1.1\r\n\r\n",
          "GE T / HTTP/2\r\n\r\n",
          "G@T / HTTP/1.1\r\n\r\n"}) {
        EXPECT_EQ(scanned(request).status(), 400) << request;
    }
    EXPECT_EQ(scanned(with_header("Expect: tea")).status(), 417);
}

TEST(RequestScan, BoundsTheHead) {
    const std::string start = "GET / HTTP/1.1\r\n";
    EXPECT_EQ(scanned(start + "X: " + std::string(600, 'x')).status(), 431);
    EXPECT_EQ(scanned(std::string(600, 'x')).status(), 431);
    EXPECT_EQ(scanned(std::string(600, '\n')).status(), 431);
    EXPECT_EQ(
        scanned(start + "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\n\r\n").state(), State::kComplete
    );
    EXPECT_EQ(scanned(start + "A: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\nE: 5\r\nF: 6\r\n").status(), 431);
}

TEST(RequestScan, KnowsWhoWaitsToGoOn) {
    const RequestScan scan = scanned(with_header("Content-Length: 4\r\nExpect: 100-Continue"));
    EXPECT_EQ(scan.state(), State::kBody);
    EXPECT_TRUE(scan.expects_continue());
    EXPECT_FALSE(scanned(with_header("Content-Length: 4")).expects_continue());
}

// However the bytes arrive, it is the same request.
RC_GTEST_PROP(RequestScan, DoesNotDependOnHowTheBytesArrive, ()) {
    const auto piece = rc::gen::element<std::string>(
        "GET / HTTP/1.1",
        "\r\n",
        "\n",
        "\r",
        "Content-Length: 4",
        "Transfer-Encoding: chunked",
        "abcd",
        "4\r\nabcd\r\n",
        "0\r\n\r\n",
        "X: y",
        ":",
        " ",
        "Expect: 100-continue",
        "POST /x HTTP/1.1\r\n"
    );
    const auto pieces = *rc::gen::container<std::vector<std::string>>(piece);
    std::string bytes;
    if (*rc::gen::arbitrary<bool>()) {
        bytes = *rc::gen::element<std::string>(
            "POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
            "GET / HTTP/1.1\r\n"
        );
    }
    RequestScan parts(kBounds);
    RequestScan single(kBounds);
    parts.advance(bytes);
    single.advance(bytes);
    for (const auto& text : pieces) {
        for (const char c : text) {
            bytes.push_back(c);
            single.advance(bytes);
        }
        parts.advance(bytes);
    }
    const RequestScan whole = scanned(bytes);
    for (const auto* scan : {&parts, &single}) {
        RC_ASSERT(scan->state() == whole.state());
        RC_ASSERT(scan->status() == whole.status());
        RC_ASSERT(scan->request_bytes() == whole.request_bytes());
    }
}

}  // namespace
}  // namespace syncline::testing
