// What all records of one encode() share, and what becomes of one of them while it is encoded.
#pragma once

#include <string>
#include <vector>

#include <syncline/plugin.hpp>

#include "quickbooks/company.hpp"
#include "quickbooks/settings.hpp"

namespace syncline::quickbooks {

struct Scope {
    plugin::Host host;
    const EncodeContext& context;
    Choices choices;
    CompanyFacts company;
    Currency home;
};

// A rule forbids it: becomes Encoded::hold.
inline Error hold(std::string code, std::string message) {
    return Error{ErrorCode::kHold, std::move(message), std::move(code)};
}

// Collects the needs and warnings of one record.
class Draft {
public:
    // What goes where the id of `need` is wanted. Errors: kHold DUPLICATE_SKU when another record
    // of the source has the same key.
    Result<Json> reference(Need need);
    void warn(std::string code, std::string message);

    // The documents with everything collected.
    Encoded finish(std::vector<Document> documents);

private:
    std::vector<Need> needs_;
    std::vector<Reason> warnings_;
};

// Tells find() and write() by the body or record that one which is inactive is made active again,
// if the tenant chose that.
void mark_inactive_choice(const Scope& scope, Json& body);

// "[syncline woocommerce:shop:60 v1]"
std::string marker_of(const Scope& scope, const std::string& record_id);

}  // namespace syncline::quickbooks
