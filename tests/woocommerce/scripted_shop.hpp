// A shop in memory that answers list and single requests as WooCommerce does: offset, per_page,
// include, status, modified_after, _fields=id. Rows can be changed between requests.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <syncline/plugin/testing/fake_host.hpp>

namespace syncline::woocommerce::testing {

using plugin::HttpRequest;
using plugin::HttpResponse;

inline std::string url_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            decoded +=
                static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

struct ParsedUrl {
    std::string base;  // without query
    std::map<std::string, std::string> query;

    explicit ParsedUrl(const std::string& url) : base(url.substr(0, url.find('?'))) {
        std::size_t at = base.size();
        while (at < url.size()) {
            const auto end = std::min(url.find('&', at + 1), url.size());
            const std::string pair = url.substr(at + 1, end - at - 1);
            const auto equals = pair.find('=');
            query[url_decode(pair.substr(0, equals))] =
                equals == std::string::npos ? "" : url_decode(pair.substr(equals + 1));
            at = end;
        }
    }
    std::string get(const std::string& name, const std::string& otherwise = {}) const {
        const auto found = query.find(name);
        return found == query.end() ? otherwise : found->second;
    }
};

inline HttpResponse json_answer(const Json& body, int status = 200) {
    return {
        status,
        {{"Content-Type", "application/json; charset=UTF-8"},
         {"Date", "Sat, 21 Nov 2026 10:00:00 GMT"}},
        dump_json(body)};
}

inline HttpResponse html_answer(int status, const std::string& body) {
    return {
        status, {{"Content-Type", "text/html"}, {"Date", "Sat, 21 Nov 2026 10:00:00 GMT"}}, body};
}

inline Json error_body(const std::string& code, int status) {
    return {{"code", code}, {"message", "Nicht erlaubt."}, {"data", {{"status", status}}}};
}

class ScriptedShop {
public:
    std::string root = "https://shop.example/wp-json/";
    Json index{
        {"name", "Peer &amp; Shop"},
        {"home", "https://shop.example"},
        {"gmt_offset", -5},
        {"timezone_string", "America/New_York"},
        {"namespaces", {"oembed/1.0", "wc/v3"}}};
    std::map<std::string, std::vector<Json>> lists;  // by path: "orders", "products/30/variations"
    std::map<std::string, HttpResponse> fixed;       // by path; comes first
    std::set<std::string> unreadable;                // ids that are counted but not shown
    std::function<void()> before_request = [] {};
    bool sends_total = true;
    bool sends_date = true;
    bool knows_modified_after = true;

    Result<HttpResponse> answer(const HttpRequest& request) {
        before_request();
        const ParsedUrl url(request.url);
        HttpResponse response = route(url);
        if (!sends_date) {
            std::erase_if(response.headers, [](const auto& h) { return h.first == "Date"; });
        }
        return response;
    }

    // Makes `host` answer from this shop, with credentials set.
    void serve(plugin::testing::FakeHost& host) {
        host.secrets["consumer_key"] = "ck_key";
        host.secrets["consumer_secret"] = "cs_secret";
        host.on_http = [this](const HttpRequest& request) { return answer(request); };
    }

private:
    HttpResponse route(const ParsedUrl& url) {
        if (url.base == root) {
            return json_answer(index);
        }
        const std::string api = root + "wc/v3/";
        if (url.base.rfind(api, 0) != 0) {
            return html_answer(404, "<html><title>Not found</title></html>");
        }
        const std::string path = url.base.substr(api.size());
        if (const auto found = fixed.find(path); found != fixed.end()) {
            return found->second;
        }
        if (const auto found = lists.find(path); found != lists.end()) {
            return list(found->second, url);
        }
        return single(path);
    }

    HttpResponse single(const std::string& path) {
        const auto slash = path.rfind('/');
        const auto found =
            slash == std::string::npos ? lists.end() : lists.find(path.substr(0, slash));
        if (found == lists.end()) {
            return json_answer(error_body("rest_no_route", 404), 404);
        }
        for (const auto& row : found->second) {
            if (dump_json(row["id"]) == path.substr(slash + 1)) {
                return json_answer(row);
            }
        }
        return json_answer(error_body("woocommerce_rest_shop_order_invalid_id", 404), 404);
    }

    static bool status_fits(const Json& row, const std::string& wanted) {
        const std::string status = row.value("status", "");
        return wanted.empty() || wanted == status ||
               (wanted == "any" && status != "trash" && status != "checkout-draft");
    }

    static bool included(const Json& row, const std::string& include) {
        return include.empty() ||
               ("," + include + ",").find("," + dump_json(row["id"]) + ",") != std::string::npos;
    }

    HttpResponse list(const std::vector<Json>& rows, const ParsedUrl& url) {
        std::vector<Json> fitting;
        const std::string after = knows_modified_after ? url.get("modified_after") : std::string();
        for (const auto& row : rows) {
            const bool changed = after.empty() || row.value("date_modified_gmt", "") > after;
            if (changed && status_fits(row, url.get("status")) &&
                included(row, url.get("include"))) {
                fitting.push_back(row);
            }
        }
        const bool ascending = url.get("order", "desc") == "asc";
        std::stable_sort(fitting.begin(), fitting.end(), [&](const Json& a, const Json& b) {
            return ascending ? a["id"] < b["id"] : b["id"] < a["id"];
        });
        const auto offset = static_cast<std::size_t>(std::stoll(url.get("offset", "0")));
        const auto count = static_cast<std::size_t>(std::stoll(url.get("per_page", "10")));
        Json page = Json::array();
        for (std::size_t i = offset; i < fitting.size() && i < offset + count; ++i) {
            if (unreadable.count(dump_json(fitting[i]["id"])) == 0) {
                page.push_back(
                    url.get("_fields") == "id" ? Json{{"id", fitting[i]["id"]}} : fitting[i]
                );
            }
        }
        HttpResponse response = json_answer(page);
        if (sends_total) {
            // As recorded: past the end the total is 0.
            const std::size_t total = offset < fitting.size() ? fitting.size() : 0;
            response.headers.emplace_back("X-WP-Total", std::to_string(total));
        }
        return response;
    }
};

}  // namespace syncline::woocommerce::testing
