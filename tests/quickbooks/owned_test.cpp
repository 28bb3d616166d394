// What of an object is compared with what we sent.
#include "quickbooks/remote/owned.hpp"

#include <gtest/gtest.h>

#include "books.hpp"

namespace syncline::quickbooks {
namespace {

Json with_fields(const char* fields) {
    return Json{{"CustomField", parsed(fields)}};
}

TEST(OwnedFields, AreTheOnesOfTheirDefinitionsWhateverTheirOrderAndNames) {
    const Json sent = with_fields(R"([
        {"DefinitionId": "1", "Type": "StringType", "StringValue": "60"},
        {"DefinitionId": "3", "Type": "StringType", "StringValue": "PO 7"}])");
    const Json shown = with_fields(R"([
        {"DefinitionId": "3", "Name": "Order", "Type": "StringType", "StringValue": "PO 7"},
        {"DefinitionId": "2", "Name": "Rep", "Type": "StringType", "StringValue": "Ann"},
        {"DefinitionId": "1", "Name": "PO", "Type": "StringType", "StringValue": "60"}])");
    const EntityFacts& facts = *find_entity("invoice");
    EXPECT_EQ(owned_part(facts, shown, sent), sent);

    Json changed = shown;
    changed["CustomField"][2]["StringValue"] = "61";
    EXPECT_EQ(
        Json::diff(sent, owned_part(facts, changed, sent)),
        parsed(R"([{"op": "replace", "path": "/CustomField/0/StringValue", "value": "61"}])")
    );
    // Emptied by somebody: no value, or not there at all.
    changed["CustomField"][2].erase("StringValue");
    EXPECT_NE(owned_part(facts, changed, sent), sent);
    changed["CustomField"].erase(2);
    EXPECT_EQ(owned_part(facts, changed, sent).at("CustomField").size(), 1u);
}

}  // namespace
}  // namespace syncline::quickbooks
