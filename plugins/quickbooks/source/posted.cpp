#include "quickbooks/source/posted.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "quickbooks/remote/owned.hpp"
#include "quickbooks/remote/verify.hpp"
#include "quickbooks/source/reading.hpp"

namespace syncline::quickbooks {
namespace {

struct PostedEntity {
    std::string_view entity;
    std::string_view type;
    std::string_view read_as;
    PostedKind kind;
};
constexpr std::array kPosted{
    PostedEntity{"invoice", "Invoice", "invoice", PostedKind::kSale},
    PostedEntity{"salesreceipt", "SalesReceipt", "sales_receipt", PostedKind::kPaidSale},
    PostedEntity{"payment", "Payment", "payment", PostedKind::kPayment},
    PostedEntity{"refundreceipt", "RefundReceipt", "refund", PostedKind::kRefund},
    PostedEntity{"creditmemo", "CreditMemo", "credit_memo", PostedKind::kRefund},
};

// What our marker names: "woocommerce:shop:60" of "[syncline woocommerce:shop:60 v1]"; empty if
// there is none.
std::string marked_key(const std::string& note) {
    constexpr std::string_view kStart = "[syncline ";
    const auto start = note.find(kStart);
    const auto end = start == std::string::npos ? start : note.find(" v1]", start);
    return end == std::string::npos
               ? std::string()
               : note.substr(start + kStart.size(), end - start - kStart.size());
}

}  // namespace

Json posted_forms() {
    Json all = Json::object();
    for (const auto& one : kPosted) {
        all[std::string(one.entity)] = to_json(PostedForm{
            std::string(one.read_as), one.kind, "/TxnDate", "/CustomerRef/value"});
    }
    return all;
}

void add_posted(std::string_view type, const Json& object, Currency home, Json& record) {
    const auto of = std::find_if(kPosted.begin(), kPosted.end(), [&](const PostedEntity& one) {
        return one.type == type;
    });
    if (of == kPosted.end()) {
        return;
    }
    Reading reading = reading_of(object, home);
    Posted posted;
    posted.entity = of->entity;
    posted.kind = of->kind;
    posted.natural_key = marked_key(text_at(object, "PrivateNote"));
    posted.day = text_at(object, "TxnDate");
    posted.customer = reference_at(object, "CustomerRef");
    posted.total = reading.money(object, "TotalAmt", "/TotalAmt");
    posted.tax = reading.money(child_at(object, "TxnTaxDetail"), "TotalTax", "/TxnTaxDetail");
    posted.voided = is_voided(object);
    if (const EntityFacts* facts = find_entity(of->entity)) {
        posted.owned = owned_part(*facts, object, nullptr);
    }
    record["posted"] = to_json(posted);
}

}  // namespace syncline::quickbooks
