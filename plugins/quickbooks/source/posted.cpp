#include "quickbooks/source/posted.hpp"

#include <array>
#include <string>

#include "quickbooks/remote/verify.hpp"
#include "quickbooks/source/reading.hpp"

namespace syncline::quickbooks {
namespace {

struct PostedEntity {
    std::string_view entity;
    std::string_view read_as;
    PostedKind kind;
};
constexpr std::array kPosted{
    PostedEntity{"invoice", "invoice", PostedKind::kSale},
    PostedEntity{"salesreceipt", "sales_receipt", PostedKind::kPaidSale},
    PostedEntity{"payment", "payment", PostedKind::kPayment},
    PostedEntity{"refundreceipt", "refund", PostedKind::kRefund},
    PostedEntity{"creditmemo", "credit_memo", PostedKind::kRefund},
};

PostedKind kind_of(std::string_view entity) {
    for (const auto& one : kPosted) {
        if (one.entity == entity) {
            return one.kind;
        }
    }
    return PostedKind::kSale;
}

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

Json with_posted(std::string_view entity, Json record, const Json& object, Currency home) {
    Reading reading = reading_of(object, home);
    Posted posted;
    posted.entity = entity;
    posted.kind = kind_of(entity);
    posted.natural_key = marked_key(text_at(object, "PrivateNote"));
    posted.day = text_at(object, "TxnDate");
    posted.customer = reference_at(object, "CustomerRef");
    posted.total = reading.money(object, "TotalAmt", "/TotalAmt");
    posted.tax = reading.money(child_at(object, "TxnTaxDetail"), "TotalTax", "/TxnTaxDetail");
    posted.voided = is_voided(object);
    record["posted"] = to_json(posted);
    return record;
}

}  // namespace syncline::quickbooks
