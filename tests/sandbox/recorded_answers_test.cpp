// Sends every request of answers.txt, in its order, to the simulated shop and compares status,
// headers and body with what the real shop answered.
#include "sandbox/recorded_answers.hpp"

#include <map>
#include <regex>

#include <gtest/gtest.h>

#include "sandbox/shop.hpp"

namespace syncline::test {
namespace {

// Answers that are compared only up to a text in the recorded body, and why.
const std::map<std::string, std::pair<std::string, std::string>> kComparedUpTo{
    {" https://shop.example/wp-json/",
     {R"("namespaces")", "the list of namespaces is that of the recorded shop's plugins"}},
    {" ", {R"(,"endpoints")", "arguments of routes are not described by the simulator"}},
    {" -u RW /settings/general/woocommerce_currency",
     {R"("options")", "the simulator does not know the world's currencies"}},
};

// Headers that the recording kept.
const std::vector<std::string> kComparedHeaders{
    "Content-Type",
    "Link",
    "Allow",
    "Location",
    "X-WP-Total",
    "X-WP-TotalPages",
};

// Everything that depends on the host, on chance or on the moment.
std::string normalised(std::string text) {
    static const std::vector<std::pair<std::regex, std::string>> kRules{
        {std::regex(R"(https?:(\\?/\\?/)(127\.0\.0\.1:\d+|shop\.example))"), "https:$1SHOP"},
        {std::regex(R"(wc_order_[A-Za-z0-9]{13})"), "wc_order_KEY"},
        {std::regex(R"(2026-11-21T(02|07):4[01]:\d\d)"), "2026-11-21T$1:40:00"},
        {std::regex(R"("id":\d+,"key")"), R"("id":0,"key")"},
        {std::regex(R"("average_rating":"0(\.00)?")"), R"("average_rating":"0")"},
    };
    for (const auto& [pattern, replacement] : kRules)
        text = std::regex_replace(text, pattern, replacement);
    return text;
}

std::string basic(std::string user) {
    if (user == "RW")
        return kReadWrite.second;
    static constexpr std::string_view kLetters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string encoded;
    while (user.size() % 3 != 0)
        user += '\0';  // a key and a secret never hold a zero, so it can stand for the padding
    for (std::size_t i = 0; i < user.size(); i += 3) {
        unsigned bits = 0;
        for (std::size_t k = 0; k < 3; ++k)
            bits = bits << 8 | static_cast<unsigned char>(user[i + k]);
        for (int shift = 18; shift >= 0; shift -= 6) encoded += kLetters[bits >> shift & 63];
    }
    for (std::size_t i = 0; i < 2 && user[user.size() - 1 - i] == '\0'; ++i)
        encoded[encoded.size() - 1 - i] = '=';
    return "Basic " + encoded;
}

std::string batch_of_101() {
    Json batch;
    for (int i = 0; i < 101; ++i) batch["create"].push_back({{"name", "n" + std::to_string(i)}});
    return batch.dump();
}

SandboxRequest to_request(const RecordedAnswer& recorded) {
    SandboxRequest request;
    request.method = recorded.method;
    request.headers = recorded.headers;
    if (!recorded.user.empty())
        request.headers.emplace_back("Authorization", basic(recorded.user));
    request.body = recorded.data == "@batch-of-101.json" ? batch_of_101() : recorded.data;
    if (!request.body.empty())
        request.headers.emplace_back("Content-Type", "application/json");
    const auto host = recorded.path.find("shop.example");
    request.target = host == std::string::npos ? "/wp-json/wc/v3" + recorded.path
                                               : recorded.path.substr(host + 12);
    return request;
}

// As the recorded shop was when the answers were taken: the data came later, and hold what the
// answers' own requests made.
void go_back_to_the_start(Shop& shop) {
    for (const char* later : {"/orders/125", "/orders/126", "/products/131", "/products/132"})
        shop.control("DELETE", std::string("/woocommerce") + later);
    shop.control(
        "POST",
        "/woocommerce/shop",
        {{"next_id", 125}, {"next_item_id", 307}, {"next_webhook_id", 3}}
    );
    const std::int64_t now = shop.control("GET", "/clock")["now_ms"];
    const std::int64_t recorded = 1'795'246'846'000;  // 2026-11-21T07:40:46Z
    shop.control("POST", "/clock", {{"offset_ms", recorded - now}});
}

void compare(const RecordedAnswer& recorded, const SandboxReply& reply) {
    EXPECT_EQ(reply.status, recorded.status) << reply.body;
    std::map<std::string, std::string> expected;
    for (const auto& [name, value] : recorded.answer_headers) expected[name] = normalised(value);
    for (const std::string& name : kComparedHeaders)
        EXPECT_EQ(normalised(reply.header(name)), expected[name]) << name;
    std::string wanted = normalised(recorded.body);
    const auto limit = kComparedUpTo.find(recorded.text);
    if (limit != kComparedUpTo.end()) {
        const auto end = wanted.find(limit->second.first);
        ASSERT_NE(end, std::string::npos) << "the recording no longer says " << limit->second.first;
        wanted.resize(end);
    }
    const bool whole = limit == kComparedUpTo.end() && Json::accept(recorded.body);
    const std::string said = normalised(reply.body);
    EXPECT_EQ(whole ? said : said.substr(0, wanted.size()), wanted);
}

TEST(RecordedAnswers, AreWhatTheSimulatedShopAnswers) {
    Shop shop;
    go_back_to_the_start(shop);
    const SandboxProcess without_tls;
    const auto recorded = read_recorded_answers(SYNCLINE_TEST_DATA "/woocommerce/answers.txt");
    EXPECT_EQ(recorded.size(), 72u);
    for (const RecordedAnswer& answer : recorded) {
        SCOPED_TRACE("###" + answer.text);
        const bool plain = answer.path.rfind("http://", 0) == 0;
        compare(answer, send(plain ? without_tls.port() : shop.process.port(), to_request(answer)));
    }
}

}  // namespace
}  // namespace syncline::test
