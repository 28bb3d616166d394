#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace sandbox::quickbooks {

enum class Entity {
    kCustomer,
    kVendor,
    kEmployee,
    kItem,
    kAccount,
    kTaxCode,
    kTaxRate,
    kTerm,
    kPaymentMethod,
    kClass,
    kDepartment,
    kInvoice,
    kSalesReceipt,
    kCreditMemo,
    kRefundReceipt,
    kEstimate,
    kPayment,
    kBill,
    kPreferences,
    kCompanyInfo,
};
constexpr std::size_t kEntities = 20;

// How the books treat an entity.
enum class Family {
    kList,      // has a name and `Active`; deactivated, never deleted
    kSale,      // a document with sales lines, tax and a total
    kOther,     // payment and bill: documents with rules of their own
    kReadOnly,  // nothing is written through the API
};

// How a document is voided; each has one way only.
enum class VoidBy { kNever, kOperation, kInclude };

// What a member holds; decides how it is checked and stored.
enum class Type {
    kText,
    kAmount,  // any exact number
    kFlag,
    kDate,
    kEnum,     // one of `choices`, separated by '|'
    kRef,      // {"value", "name"} of `target`
    kFreeRef,  // {"value", "name"}, the value is text of the caller's (ShipMethodRef)
    kEmail,    // {"Address"}
    kPhone,    // {"FreeFormNumber"}
    kUri,      // {"URI"}
    kMemo,     // {"value"}
    kAddress,
    kCurrency,
    kCustomFields,
    kLines,      // the document's own rules check them
    kTaxDetail,  // likewise
    kAny,        // kept as it is
    kServer,     // the server's own; ignored when sent
};

enum class Need { kOptional, kRequired };

struct Member {
    std::string_view name;
    Type type = Type::kServer;
    std::size_t length_max = 0;
    std::string_view choices{};
    Entity target = Entity::kCustomer;
    Need need = Need::kOptional;
};

struct EntityInfo {
    Entity entity;
    std::string_view name;       // "SalesReceipt"
    std::string_view path;       // "salesreceipt"
    std::string_view reference;  // what 2500 calls it: "Accounts"
    Family family;
    VoidBy void_by = VoidBy::kNever;
    bool in_cdc = true;
};

const EntityInfo& info(Entity entity);
const std::array<EntityInfo, kEntities>& all_entities();
// nullptr when there is no such entity. Names are case-sensitive.
const EntityInfo* entity_named(std::string_view name);
const EntityInfo* entity_at_path(std::string_view path);

// Every member an entity may carry, its own and the server's.
const std::vector<Member>& members(Entity entity);

}  // namespace sandbox::quickbooks
