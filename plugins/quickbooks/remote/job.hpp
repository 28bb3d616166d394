// One item of a write on its way.
#pragma once

#include <string>
#include <string_view>

#include <syncline/operations.hpp>

#include "quickbooks/entities.hpp"
#include "quickbooks/remote/api.hpp"

namespace syncline::quickbooks {

struct Job {
    const WriteItem* item = nullptr;
    const EntityFacts* facts = nullptr;
    Json sent;                                    // the body as it goes out, before printing
    std::string wire;                             // printed
    std::string request_key;                      // of the whole write
    std::optional<Currency> home = std::nullopt;  // the company's; absent while it is not known

    bool create() const { return item->remote_id.empty(); }
    // "b7": at most 10 characters, the same whenever this item is sent.
    std::string batch_id() const { return "b" + std::to_string(item->index); }
    // For a request that follows the first one for this item; at most 50 characters.
    std::string follow_up_id(std::string_view step) const;
    // "creating the invoice for woocommerce:shop:60"
    std::string what() const;
};

// Errors: kUnsupported for an unknown entity, kBug for a body that cannot be printed.
Result<Job> make_job(const WriteItem& item, const std::string& request_key);

// An error that names the item, for an answer to it.
Error item_error(const Job& job, const Fault& fault, Occasion occasion);

// With the object as a record of ours, if we wrote it: QuickBooks changes no object but in the
// version it was told, so nothing of somebody else is in it that was not there before. Not of an
// object that was adopted.
Written written_of(const Job& job, const Json& object, bool adopted = false);

// Options of a request that deletes the document of its body, or voids it; the latter only for
// kinds that can be voided, whose `body` gets what that takes.
inline constexpr const char* kDeletes = "operation=delete&";
std::string void_options(const EntityFacts& facts, Json& body);

// POSTs `body` to the job's entity under a follow-up id and gives the object; faults stay in the
// Answer.
Result<Answer> follow_up(
    const Api& api,
    const Job& job,
    const std::string& options,
    const Json& body,
    std::string_view step
);

// ---- what follows the first answer
// --------------------------------------------------------------------

// The object QuickBooks answered: compared with the order; tax corrected once; voided if we
// made it and it still differs, or deleted where its kind cannot be voided (kData
// "qbo.amount_mismatch").
Result<Written> accept(const Api& api, const Job& job, const Json& object);

// 6140: adopts the holder of the number if it carries our marker, else kHold DUPLICATE_DOC_NUMBER.
Result<Written> adopt_numbered(
    const Api& api, const Job& job, const Fault& fault, const Occasion& at
);

// 6240: adopts the record of the same e-mail or SKU, else tries the body's "$alternatives" in turn.
Result<Written> resolve_name(
    const Api& api, const Job& job, const Fault& fault, const Occasion& at
);

// An invoice that is to be voided but has a payment, which a void would set free: kHold
// INVOICE_ALREADY_PAID. One that is void already is done. Nothing if the void can go out.
Result<std::optional<Result<Written>>> check_void(const Api& api, const Job& job);
// For a record that QuickBooks has as an inactive one only: makes that active again and takes it;
// nothing if there is none. Errors: kHold when several are inactive.
Result<std::optional<Written>> make_active(const Api& api, const Job& job);

// A payment for an invoice that has less left to pay: the one we made before, or kHold
// INVOICE_ALREADY_PAID; nothing if the payment can go out. Also one that uses a credit, which
// QuickBooks may have done by itself. `invoice` is as QuickBooks has it.
Result<std::optional<Written>> check_payment(const Api& api, const Job& job, const Json& invoice);

}  // namespace syncline::quickbooks
