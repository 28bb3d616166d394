// QuickBooks as a list of expected requests and their answers.
#pragma once

#include <deque>
#include <string>

#include "books.hpp"

namespace syncline::quickbooks {

inline std::string url_decoded(const std::string& url) {
    std::string out;
    for (std::size_t i = 0; i < url.size(); ++i) {
        if (url[i] == '%' && i + 2 < url.size()) {
            out += static_cast<char>(std::stoi(url.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            out += url[i];
        }
    }
    return out;
}

// The part of an address after the company: "invoice?requestid=...&minorversion=75".
inline std::string path_of(const plugin::HttpRequest& request) {
    const std::string start =
        "https://sandbox-quickbooks.api.intuit.com/v3/company/9130350000000001/";
    const std::string url = url_decoded(request.url);
    EXPECT_EQ(url.substr(0, start.size()), start);
    return url.substr(std::min(start.size(), url.size()));
}

struct Step {
    std::string expected;  // "POST invoice?requestid=k&minorversion=75"; a prefix
    std::string answer;
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers = {};
};

// Answers the connector's requests one after the other; every step must come, and no other request.
class Script {
public:
    Script(Books& books, std::vector<Step> steps)
        : books_(books), steps_(steps.begin(), steps.end()) {
        books.host.on_http = [this](const plugin::HttpRequest& request) { return answer(request); };
    }
    ~Script() {
        for (const auto& step : steps_) {
            ADD_FAILURE() << "this request did not come: " << step.expected;
        }
        books_.host.on_http = [](const plugin::HttpRequest&) -> Result<plugin::HttpResponse> {
            return Error{ErrorCode::kTransient, "no script", {}};
        };
    }
    Script(const Script&) = delete;
    Script& operator=(const Script&) = delete;

private:
    Result<plugin::HttpResponse> answer(const plugin::HttpRequest& request) {
        const std::string found = request.method + " " + path_of(request);
        if (steps_.empty()) {
            ADD_FAILURE() << "this request is one too many: " << found << "\n" << request.body;
            return Error{ErrorCode::kTransient, "no answer", {}};
        }
        const Step step = steps_.front();
        steps_.pop_front();
        EXPECT_EQ(found.substr(0, step.expected.size()), step.expected) << found;
        plugin::HttpResponse response;
        response.status = step.status;
        response.body = step.answer;
        response.headers = step.headers;
        if (step.status == 0) {
            return Error{ErrorCode::kTransient, step.answer, "http.timeout"};
        }
        return response;
    }

    Books& books_;
    std::deque<Step> steps_;
};

inline std::string query_answer(const std::string& type, const std::vector<Json>& rows) {
    Json response = Json::object();
    if (!rows.empty()) {
        response = {{type, rows}, {"startPosition", 1}, {"maxResults", rows.size()}};
    }
    return dump_json({{"QueryResponse", response}, {"time", "2026-09-14T07:15:22.318-07:00"}});
}

inline std::string fault_answer(const std::string& code, const std::string& detail = "as it is") {
    return dump_json(
        {{"Fault",
          {{"Error",
            Json::array(
                {{{"Message", "Refused"}, {"Detail", detail}, {"code", code}, {"element", ""}}}
            )},
           {"type", "ValidationFault"}}}}
    );
}

inline Json with_placeholders_filled(const Json& body, const std::string& id) {
    if (body.is_object() && body.contains("$need")) {
        return id;
    }
    Json out = body;
    if (out.is_structured()) {
        for (auto& child : out) {
            child = with_placeholders_filled(child, id);
        }
    }
    return out;
}

// A document ready to be written, as the host hands it to write().
inline WriteItem item_of(const Document& document, std::int64_t index) {
    WriteItem item;
    item.index = index;
    item.role = document.role;
    item.entity = document.entity;
    item.natural_key = document.natural_key;
    item.marker = document.marker;
    item.body = with_placeholders_filled(document.body, "17");
    item.money = document.money;
    return item;
}

// The document as QuickBooks would answer it, with everything it adds.
inline Json stored(const WriteItem& item, const std::string& id) {
    Json object = item.body;
    for (auto entry = object.begin(); entry != object.end();) {
        entry = entry.key().rfind('$', 0) == 0 ? object.erase(entry) : std::next(entry);
    }
    object["Id"] = id;
    object["SyncToken"] = "0";
    object["domain"] = "QBO";
    object["MetaData"] = {{"CreateTime", "2026-11-21T07:15:20-07:00"}};
    if (item.money) {
        object["TotalAmt"] = plain(item.money->total.decimal());
        object["CurrencyRef"] = {{"value", "USD"}, {"name", "United States Dollar"}};
    }
    if (item.entity == "invoice" || item.entity == "salesreceipt") {
        object["Line"].push_back(
            {{"Amount", "72.95"},
             {"DetailType", "SubTotalLineDetail"},
             {"SubTotalLineDetail", Json::object()}}
        );
        object["CustomerRef"]["name"] = "Ines Okafor";
        object["BillAddr"]["Id"] = "221";
    }
    return object;
}

}  // namespace syncline::quickbooks
