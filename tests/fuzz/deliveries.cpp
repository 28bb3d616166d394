// What the three plugins make of a delivery: records that are read, a reason, or an error; never an
// exception, and never a record without an id.
#include <algorithm>

#include "fuzz/target.hpp"
#include "quickbooks/webhooks.hpp"
#include "supabase/webhooks.hpp"
#include "woocommerce/webhooks.hpp"

namespace syncline::fuzz {
namespace {

constexpr auto kRealm = "9130350000000001";

void look_at(const Result<WebhookEvent>& event, std::initializer_list<std::string_view> entities) {
    if (!event) {
        require(
            event.error().code == ErrorCode::kData, "what cannot be understood is its data's fault"
        );
        require(!event.error().message.empty(), "a refusal says why");
        return;
    }
    require(event->changes.empty() == event->ignored.has_value(), "it has records, or a reason");
    for (const auto& change : event->changes) {
        require(!change.id.empty(), "a record has an id");
        require(
            std::find(entities.begin(), entities.end(), change.entity) != entities.end(),
            "a record is of an entity that is read"
        );
    }
}

}  // namespace

void woocommerce(std::string_view input) {
    Feed feed(input);
    WebhookDelivery delivery;
    delivery.headers.push_back({"X-WC-Webhook-Topic", std::string(feed.until('\n'))});
    look_at(
        syncline::woocommerce::parse_webhook(delivery, feed.rest()),
        {"order", "refund", "product", "customer"}
    );
}

void quickbooks(std::string_view input) {
    look_at(
        syncline::quickbooks::parse_webhook(input, kRealm),
        {"sales_receipt", "refund", "product", "customer", "invoice", "payment"}
    );
    const auto others = syncline::quickbooks::parse_webhook(input, "no such company");
    require(
        !others || others->changes.empty() || input.find("company") != std::string_view::npos,
        "a company gets its own records only"
    );
}

void supabase(std::string_view input) {
    static const auto kTables = syncline::supabase::source_tables(Json::object()).value();
    look_at(
        syncline::supabase::parse_webhook(input, kTables, "public"),
        {"order", "refund", "product", "customer", "invoice", "payment"}
    );
}

}  // namespace syncline::fuzz
