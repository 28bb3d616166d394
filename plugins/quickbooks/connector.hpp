// The QuickBooks Online connector. Thread rule: one instance is never called concurrently.
#pragma once

#include <syncline/plugin.hpp>

#include "quickbooks/settings.hpp"

namespace syncline::quickbooks {

class QuickBooks {
public:
    static constexpr const char* kId = "com.syncline.quickbooks";
    static constexpr const char* kVersion = "0.1.0";
    static Spec spec() { return connector_spec(); }

    QuickBooks(plugin::Host host, const Json& settings);

    Result<CheckReport> check(plugin::Call& call);
    Result<Catalog> discover(plugin::Call& call);
    // Records: customer, product, invoice, sales_receipt, payment, refund, and those of
    // native.hpp; see source/read.hpp.
    Result<Page> read(plugin::Call& call, const ReadRequest& request);
    // Pure: the same request gives the same documents. Records: order, customer,
    // product, and those of native.hpp.
    Result<std::vector<Encoded>> encode(plugin::Call& call, const EncodeRequest& request);
    Result<std::vector<Found>> find(plugin::Call& call, const FindRequest& request);
    Result<void> write(plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes);
    Result<Tokens> oauth_refresh(plugin::Call& call);
    Result<Json> webhook_parse(plugin::Call& call, const Json& in);

private:
    plugin::Host host_;
    Json settings_;
    Addresses addresses_;
};

}  // namespace syncline::quickbooks
