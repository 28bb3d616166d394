// Refunds and payments as rows for tables of the tenant's own; pure. The documented tables have
// none of them: an order's refunds are in its column refunds.
#pragma once

#include <syncline/model/payment.hpp>
#include <syncline/model/refund.hpp>
#include <syncline/operations.hpp>

namespace syncline::supabase {

Result<Encoded> encode_refund(const EncodeContext& context, const Refund& refund);
Result<Encoded> encode_payment(const EncodeContext& context, const Payment& payment);

}  // namespace syncline::supabase
