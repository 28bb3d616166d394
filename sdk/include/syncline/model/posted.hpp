// What books show of a document, in one form for every kind of document: so that the host can
// compare it with the record it was made of, without knowing the platform. A connector whose
// documents can be compared has two things more than others: the fact "posted" (Catalog::facts), a
// PostedForm for each Document::entity; and where ReadRequest::filters has {"posted": true}, in the
// JSON of what read() gives of such documents, beside the model's members, "posted": a Posted.
#pragma once

#include <string>

#include <syncline/json_fields.hpp>

namespace syncline {

enum class PostedKind {
    kSale,      // an amount that is owed: an invoice
    kPaidSale,  // one that was paid when it was made: a sales receipt
    kPayment,
    kRefund,  // money or credit that went back
};
template <>
struct EnumNames<PostedKind> {
    static constexpr std::array<std::pair<PostedKind, std::string_view>, 4> kNames{{
        {PostedKind::kSale, "sale"},
        {PostedKind::kPaidSale, "paid_sale"},
        {PostedKind::kPayment, "payment"},
        {PostedKind::kRefund, "refund"},
    }};
};

// Of ReadRequest::filters.
inline constexpr auto kPostedFilter = "posted";

struct Posted {
    std::string entity;  // the target's: Document::entity
    PostedKind kind = PostedKind::kSale;
    std::string natural_key;  // Document::natural_key, from the document's marker; empty: not ours
    std::string day;          // YYYY-MM-DD, as the document has it
    std::string customer;     // the target's id; may be empty
    Money total;
    Money tax;
    bool voided = false;
    Json owned =
        nullptr;  // the fields we own of it, in the form encode() makes them; null: unknown

    static constexpr auto fields() {
        return field_list(
            field("entity", &Posted::entity),
            field("kind", &Posted::kind),
            field("natural_key", &Posted::natural_key),
            field("day", &Posted::day),
            field("customer", &Posted::customer),
            field("total", &Posted::total),
            field("tax", &Posted::tax),
            field("voided", &Posted::voided),
            field("owned", &Posted::owned)
        );
    }
};

// Where a document that encode() makes holds what the books will show, as JSON pointers into its
// body.
struct PostedForm {
    std::string read_as;  // the entity that read() gives such documents as
    PostedKind kind = PostedKind::kSale;
    std::string day;
    std::string customer;  // an id, or {"$need": "<key>"}

    static constexpr auto fields() {
        return field_list(
            field("read_as", &PostedForm::read_as),
            field("kind", &PostedForm::kind),
            field("day", &PostedForm::day),
            field("customer", &PostedForm::customer)
        );
    }
};

}  // namespace syncline
