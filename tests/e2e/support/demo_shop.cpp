#include "e2e/support/demo_shop.hpp"

#include <memory>
#include <sstream>
#include <stdexcept>

#include <Poco/Base64Encoder.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/URI.h>

namespace syncline::test {
namespace {

bool is_order(const Json& order) {
    const std::string status = order.at("status");
    return status != "checkout-draft" && status != "auto-draft" && status != "trash";
}

// Accounting rules 4.14 and 4.26, for books in USD.
bool belongs_in_the_books(const Json& order) {
    const std::string status = order.at("status");
    return is_order(order) && status != "cancelled" && status != "failed" &&
           order.at("currency") == "USD" && order.at("total") != "0.00";
}

std::string order_of(const std::string& marker) {
    const auto colon = marker.rfind(':');
    return marker.substr(colon + 1, marker.find(' ', colon) - colon - 1);
}

// "7.1", "7.10" and 7.1 are the same amount: text without trailing zeros.
std::string amount(const Json& value) {
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.') {
            text.pop_back();
        }
    }
    return text;
}

void compare(
    const Json& order,
    const Json& copy,
    const std::string& place,
    const char* tax_column,
    std::string& problems
) {
    const std::string id = order.at("id").dump();
    if (amount(copy.at("total")) != amount(order.at("total"))) {
        problems += place + ": order " + id + " has total " + copy.at("total").dump() +
                    ", the shop says " + order.at("total").dump() + "\n";
    }
    if (amount(copy.at(tax_column)) != amount(order.at("total_tax"))) {
        problems += place + ": order " + id + " has tax " + copy.at(tax_column).dump() +
                    ", the shop says " + order.at("total_tax").dump() + "\n";
    }
}

void check_copies(
    const std::map<std::string, Json>& wanted,
    const std::vector<std::pair<std::string, Json>>& copies,
    const std::string& place,
    const char* tax_column,
    std::string& problems
) {
    std::set<std::string> seen;
    for (const auto& [id, copy] : copies) {
        if (!seen.insert(id).second) {
            problems += place + ": order " + id + " is there twice\n";
        }
        const auto order = wanted.find(id);
        if (order == wanted.end()) {
            problems += place + ": order " + id + " does not belong there\n";
            continue;
        }
        compare(order->second, copy, place, tax_column, problems);
    }
    for (const auto& [id, order] : wanted) {
        if (seen.count(id) == 0) {
            problems += place + ": order " + id + " is missing\n";
        }
    }
}

// The sandbox's certificate is the test's own; whether it is right is the host's matter.
std::unique_ptr<Poco::Net::HTTPClientSession> session_to(const std::string& url) {
    const Poco::URI uri(url);
    std::unique_ptr<Poco::Net::HTTPClientSession> session;
    if (uri.getScheme() == "https") {
        const Poco::Net::Context::Ptr context = new Poco::Net::Context(
            Poco::Net::Context::TLS_CLIENT_USE, "", Poco::Net::Context::VERIFY_NONE
        );
        session =
            std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
    } else {
        session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
    }
    session->setTimeout(Poco::Timespan(20, 0));
    return session;
}

}  // namespace

DemoShop::DemoShop(std::vector<std::string> sandbox_arguments)
    : sandbox_(std::move(sandbox_arguments)) {}

Json DemoShop::control(const std::string& method, const std::string& path, const Json& body) const {
    const auto session = session_to(sandbox_.url());
    Poco::Net::HTTPRequest request(method, "/_sandbox" + path, "HTTP/1.1");
    const std::string text = body.is_null() ? "" : body.dump();
    request.setContentLength64(static_cast<std::int64_t>(text.size()));
    session->sendRequest(request) << text;
    Poco::Net::HTTPResponse response;
    std::string answer;
    Poco::StreamCopier::copyToString(session->receiveResponse(response), answer);
    if (response.getStatus() / 100 != 2) {
        throw std::runtime_error(
            method + " " + path + ": " + std::to_string(response.getStatus()) + " " + answer
        );
    }
    return answer.empty() ? Json() : Json::parse(answer);
}

Json DemoShop::config() const {
    const Json& platforms = sandbox_.introduction().at("platforms");
    Json shop = platforms.at("woocommerce");
    shop.erase("keys");
    Json books = platforms.at("quickbooks");
    books["document_choice"] = {{"bacs", "invoice_and_payment"}};
    books["start_date"] = "2020-01-01";  // its orders were made before it is connected
    const auto connection = [](const char* name, const char* platform, const Json& settings) {
        return Json{{"name", name}, {"platform", platform}, {"settings", settings}};
    };
    const auto flow = [](const char* name, const char* target) {
        return Json{
            {"name", name},
            {"entity", "order"},
            {"source", {{"connection", "shop"}}},
            {"target", {{"connection", target}}},
            {"approval", {{"exempt", {"api", "schedule", "webhook"}}}}};
    };
    return {
        {"connections",
         {connection("shop", "woocommerce", shop),
          connection("books", "quickbooks", books),
          connection("warehouse", "supabase", platforms.at("supabase"))}},
        {"flows",
         {flow("shop-books-orders", "books"), flow("shop-warehouse-orders", "warehouse")}}};
}

std::size_t DemoShop::writes() const {
    std::size_t count = 0;
    const Json journal = control("GET", "/requests?limit=5000");
    for (const auto& request : journal.at("requests")) {
        count += request.at("platform") != "woocommerce" && request.at("method") != "GET" &&
                         request.at("path").get<std::string>().find("/oauth2/") == std::string::npos
                     ? 1U
                     : 0U;
    }
    return count;
}

std::string DemoShop::wrong(const std::set<std::string>& held) const {
    std::map<std::string, Json> all;
    std::map<std::string, Json> for_the_books;
    for (const auto& order : orders()) {
        if (is_order(order)) {
            all[order.at("id").dump()] = order;
        }
        if (belongs_in_the_books(order) && held.count(order.at("id").dump()) == 0) {
            for_the_books[order.at("id").dump()] = order;
        }
    }
    std::vector<std::pair<std::string, Json>> posted;
    for (const auto& document : documents()) {
        const std::string entity = document.at("entity");
        if (entity == "Invoice" || entity == "SalesReceipt") {
            posted.emplace_back(order_of(document.at("marker")), document);
        }
    }
    std::vector<std::pair<std::string, Json>> stored;
    for (const auto& row : rows("orders")) {
        stored.emplace_back(row.at("source_id").get<std::string>(), row);
    }
    std::string problems;
    check_copies(for_the_books, posted, "books", "tax", problems);
    check_copies(all, stored, "warehouse", "tax_total", problems);
    return problems;
}

std::map<std::string, std::size_t> DemoShop::inventory() const {
    std::map<std::string, std::size_t> counts;
    const Json ledger = control("GET", "/quickbooks/ledger");
    for (const auto& document : ledger.at("documents")) {
        ++counts[document.at("entity").get<std::string>()];
    }
    for (const auto& entry : ledger.at("lists").items()) {
        counts[entry.key()] = entry.value().get<std::size_t>();
    }
    for (const char* table : {"orders", "order_lines", "customers", "products"}) {
        counts[table] = rows(table).size();
    }
    return counts;
}

std::string DemoShop::consented_token() const {
    const auto page = send(
        port(),
        {"GET",
         "/connect/oauth2?client_id=sandbox-client-id&response_type=code&scope=accounting"
         "&redirect_uri=http%3A%2F%2Flocalhost%2F&state=1"}
    );
    const std::string location = page.header("Location");
    const auto start = location.find("code=") + 5;
    const Json books = config().at("connections").at(1).at("settings");
    std::ostringstream encoded;
    Poco::Base64Encoder encoder(encoded);
    encoder.rdbuf()->setLineLength(0);
    encoder << books.at("client_id").get<std::string>() << ":"
            << books.at("client_secret").get<std::string>();
    encoder.close();
    const auto granted = send(
        port(),
        {"POST",
         "/oauth2/v1/tokens/bearer",
         {{"Authorization", "Basic " + encoded.str()},
          {"Content-Type", "application/x-www-form-urlencoded"}},
         "grant_type=authorization_code&redirect_uri=http%3A%2F%2Flocalhost%2F&code=" +
             location.substr(start, location.find('&', start) - start)}
    );
    return granted.json().at("refresh_token");
}

}  // namespace syncline::test
