// The shop's REST API: where it is, how requests are signed, and what the answers say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/plugin/host.hpp>

#include "woocommerce/answer.hpp"
#include "woocommerce/oauth1.hpp"

namespace syncline::woocommerce {

struct ShopSettings {
    std::string store_url;  // without a trailing slash, query, or /wp-json
    Auth auth = Auth::kBasic;
    std::int64_t page_size = 100;
    std::optional<Error> error;  // what is wrong with them, for the first call to tell

    static ShopSettings from_json(const Json& settings);
};

// What the shop's REST index says of it (GET /wp-json/).
struct Site {
    std::string store_url;  // it was looked for there
    std::string root;  // "https://shop.example/wp-json/" or "https://shop.example/?rest_route=/"
    std::string home;  // as the shop is configured; store_url where the index is closed
    std::string name;
    std::string zone;  // IANA; empty if the shop has a bare offset, or the index is closed
    std::int64_t gmt_offset_minutes = 0;
    std::vector<std::string> namespaces;
    bool index_closed = false;  // a plugin lets nobody read the index

    static constexpr auto fields() {
        return std::make_tuple(
            field("store_url", &Site::store_url),
            field("root", &Site::root),
            field("home", &Site::home),
            field("name", &Site::name),
            field("zone", &Site::zone),
            field("gmt_offset_minutes", &Site::gmt_offset_minutes),
            field("namespaces", &Site::namespaces),
            field("index_closed", &Site::index_closed)
        );
    }
};

struct Answer {
    Json body;
    std::optional<Timestamp> date;      // the shop's clock
    std::optional<std::int64_t> total;  // X-WP-Total; proxies drop it, and it is 0 past the end
};

class Shop {
public:
    Shop(plugin::Host host, ShopSettings settings);

    // GET of a wc/v3 path ("orders/55/refunds"), authenticated. Errors: see answer_error(); those
    // of Host::http() pass through. No message contains a key, a secret or a query.
    Result<Answer> get(std::string_view path, const QueryParameters& query);

    // The same with another method and a JSON body, which no signature covers.
    Result<Answer> send(
        const std::string& method, std::string_view path, const QueryParameters& query, Json body
    );

    // The site as last discovered (kept in the connection's memory), or else discovered now.
    Result<Site> site();
    // Asks the shop where its REST API is: /wp-json/, the Link header of the home page,
    // ?rest_route=. Errors: kConfig if this is no WordPress, those of answer_error().
    Result<Site> discover_site();

    // The earliest time of change that the shop may write on a change made at `changed`. In the
    // hour that its clocks repeat in autumn, WooCommerce takes local times for those of the first
    // pass.
    Timestamp earliest_mark(Timestamp changed) const;

    // PHP notices stood before the JSON of an answer.
    bool prints_notices() const { return prints_notices_; }
    const ShopSettings& settings() const { return settings_; }

private:
    Result<plugin::HttpResponse> exchange(const plugin::HttpRequest& request) const;
    Result<Answer> ask(
        plugin::HttpRequest request, std::string_view path, const QueryParameters& query
    );
    // Adds address and signature to a request that has its method.
    Result<void> sign(
        plugin::HttpRequest& request,
        const Site& site,
        std::string_view path,
        const QueryParameters& query
    ) const;
    Result<plugin::HttpResponse> exchange_signed(
        plugin::HttpRequest request,
        const Site& site,
        std::string_view path,
        const QueryParameters& query
    ) const;
    bool may_be_a_repetition(
        const plugin::HttpRequest& request, const plugin::HttpResponse& response
    ) const;
    Result<std::optional<Site>> read_index(const std::string& root);
    Result<std::string> root_from_home_page();
    Result<Answer> understand(const plugin::HttpResponse& response, const std::string& what);
    void remember(const Site& site);
    void forget();
    std::string without_secrets(std::string text) const;

    plugin::Host host_;
    const ShopSettings settings_;
    std::optional<Site> site_;
    bool prints_notices_ = false;
};

}  // namespace syncline::woocommerce
