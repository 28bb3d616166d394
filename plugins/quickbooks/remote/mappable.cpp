#include "quickbooks/remote/mappable.hpp"

#include <array>

#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

constexpr std::int64_t kCopyTo = 200;  // BillEmailCc, BillEmailBcc
constexpr std::int64_t kNotes = 1024;  // of a customer: the lower of the two figures Intuit gives
constexpr std::int64_t kWebAddress = 1000;
constexpr std::int64_t kCustomText = 31;
constexpr std::int64_t kShipText = 30;

struct Limited {
    std::string_view path;
    std::int64_t length_max;
};
constexpr std::array<Limited, 8> kAddressParts{{
    {"Line1", limits::kAddressLine},
    {"Line2", limits::kAddressLine},
    {"Line3", limits::kAddressLine},
    {"Line4", limits::kAddressLine},
    {"City", limits::kAddressPart},
    {"CountrySubDivisionCode", limits::kAddressPart},
    {"PostalCode", limits::kPostalCode},
    {"Country", limits::kAddressPart},
}};
constexpr std::array<Limited, 8> kSalesTexts{{
    {"CustomerMemo.value", limits::kMemo},
    {"BillEmail.Address", limits::kEmail},
    {"BillEmailCc.Address", kCopyTo},
    {"BillEmailBcc.Address", kCopyTo},
    {"TrackingNum", kShipText},
    {"ShipMethodRef.value", kShipText},
    {"ShipMethodRef.name", kShipText},
    {"PaymentRefNum", limits::kPaymentRef},
}};
constexpr std::array<Limited, 12> kCustomerTexts{{
    {"GivenName", limits::kPersonName},
    {"MiddleName", limits::kPersonName},
    {"FamilyName", limits::kPersonName},
    {"Title", 16},
    {"Suffix", 16},
    {"CompanyName", limits::kCompanyName},
    {"PrimaryPhone.FreeFormNumber", limits::kPhone},
    {"AlternatePhone.FreeFormNumber", limits::kPhone},
    {"Mobile.FreeFormNumber", limits::kPhone},
    {"Fax.FreeFormNumber", limits::kPhone},
    {"WebAddr.URI", kWebAddress},
    {"Notes", kNotes},
}};

// The ids of one of the company's lists.
std::vector<std::string> ids_of(const Json& facts, std::string_view list) {
    std::vector<std::string> ids;
    for (const auto& entry : child_at(facts, list)) {
        ids.push_back(text_at(entry, "id"));
    }
    return ids;
}

class Paths {
public:
    explicit Paths(const Json& facts) : facts_(facts) {}

    void texts(const auto& all, const std::string& below = {}) {
        for (const auto& one : all) {
            add(below + std::string(one.path), "text").length_max = one.length_max;
        }
    }
    void choice(std::string path, std::vector<std::string> allowed) {
        add(std::move(path), "text").allowed = std::move(allowed);
    }
    // A list that the company does not have cannot be referred to.
    void reference(const std::string& path, std::string_view list) {
        if (auto ids = ids_of(facts_, list); !ids.empty()) {
            choice(path + ".value", std::move(ids));
        }
    }
    void addresses() {
        texts(kAddressParts, "BillAddr.");
        texts(kAddressParts, "ShipAddr.");
    }
    // As many as were discovered; where they were not looked for, by any id.
    void custom_fields() {
        const bool known = facts_.contains("custom_fields");
        const auto ids = ids_of(facts_, "custom_fields");
        if (known && ids.empty()) {
            return;
        }
        const std::string field = "CustomField[DefinitionId=].";
        MappablePath& value = add(field + "StringValue", "text");
        value.length_max = kCustomText;
        value.keys = ids;
        MappablePath& type = add(field + "Type", "text");
        type.allowed = {"StringType"};
        type.keys = ids;
    }
    MappablePath& add(std::string path, std::string type) {
        MappablePath& one = paths_.emplace_back();
        one.path = std::move(path);
        one.type = std::move(type);
        return one;
    }
    std::vector<MappablePath> take() { return std::move(paths_); }

private:
    const Json& facts_;
    std::vector<MappablePath> paths_;
};

void add_sales(Paths& paths) {
    paths.texts(kSalesTexts);
    paths.add("ShipDate", "date");
    paths.choice("PrintStatus", {"NotSet", "NeedToPrint", "PrintComplete"});
    paths.choice("EmailStatus", {"NotSet", "NeedToSend", "EmailSent"});
    paths.reference("PaymentMethodRef", "payment_methods");
    paths.reference("ClassRef", "classes");
    paths.reference("DepartmentRef", "locations");
    paths.custom_fields();
    paths.addresses();
}

}  // namespace

std::vector<MappablePath> mappable_paths(std::string_view entity, const Json& facts) {
    Paths paths(facts);
    if (entity == "customer") {
        paths.texts(kCustomerTexts);
        paths.choice("PreferredDeliveryMethod", {"Print", "Email", "None"});
        paths.reference("SalesTermRef", "terms");
        paths.reference("PaymentMethodRef", "payment_methods");
        paths.addresses();
    } else if (entity == "item") {
        paths.add("Description", "text").length_max = limits::kDescription;
        paths.add("PurchaseDesc", "text").length_max = limits::kDescription;
    } else if (entity == "payment") {
        paths.add("PaymentRefNum", "text").length_max = limits::kPaymentRef;
        paths.reference("PaymentMethodRef", "payment_methods");
    } else if (entity == "invoice" || entity == "salesreceipt" || entity == "creditmemo" ||
               entity == "refundreceipt") {
        add_sales(paths);
    }
    if (entity == "invoice") {  // the others are not due
        paths.add("DueDate", "date");
        paths.reference("SalesTermRef", "terms");
    }
    return paths.take();
}

}  // namespace syncline::quickbooks
