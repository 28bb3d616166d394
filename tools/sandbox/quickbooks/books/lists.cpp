#include "quickbooks/books/lists.hpp"

#include <algorithm>

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr int kLevelsMax = 5;

struct Draft {
    const Company& company;
    Entity entity;
    std::int64_t id;
    const Json* before;
    Json& doc;
    Errors& errors;
};

bool is_person(Entity entity) {
    return entity == Entity::kCustomer || entity == Entity::kVendor || entity == Entity::kEmployee;
}

std::string name_member(Entity entity) {
    return is_person(entity) ? "DisplayName" : "Name";
}

void set_default(Json& doc, const char* name, Json value) {
    if (!doc.contains(name))
        doc[name] = std::move(value);
}

// The names of a person make the display name when none is given.
void fill_display_name(Draft& draft) {
    if (draft.doc.contains("DisplayName"))
        return;
    std::string name;
    for (const char* part : {"Title", "GivenName", "MiddleName", "FamilyName", "Suffix"}) {
        const std::string text = text_at(draft.doc, part);
        name += (name.empty() || text.empty() ? "" : " ") + text;
    }
    if (name.empty())
        draft.errors.push_back(other_fault(
            6080,
            "No Name Provided",
            "One of Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix is needed."
        ));
    draft.doc["DisplayName"] = name;
}

// An inactive object keeps its name, marked; active again, it gets its own one back.
void settle_name(Draft& draft) {
    const std::string member = name_member(draft.entity);
    std::string name = text_at(draft.doc, member);
    const auto suffix = name.size() > kDeletedSuffix.size()
                            ? name.find(kDeletedSuffix, name.size() - kDeletedSuffix.size())
                            : std::string::npos;
    if (suffix != std::string::npos)
        name.resize(suffix);
    if (!name.empty() && draft.company.name_taken(draft.entity, name, draft.id))
        draft.errors.push_back(duplicate_name());
    if (!flag_at(draft.doc, "Active", true))
        name += kDeletedSuffix;
    draft.doc[member] = name;
}

void fill_qualified_name(Draft& draft) {
    const std::string own = text_at(draft.doc, name_member(draft.entity));
    const std::string parent_id = text_at(draft.doc, "ParentRef.value");
    const Record* parent = draft.company.find(draft.entity, parent_id);
    if (!parent) {
        draft.doc["FullyQualifiedName"] = own;
        return;
    }
    if (parent_id == std::to_string(draft.id)) {
        draft.errors.push_back(
            other_fault(900, "Parent cannot be child", "An object cannot be its own parent.")
        );
        return;
    }
    const std::string path = text_at(parent->doc, "FullyQualifiedName") + ":" + own;
    if (std::count(path.begin(), path.end(), ':') >= kLevelsMax)
        draft.errors.push_back(
            other_fault(6180, "Sub Level Limit", "Objects can be nested up to 5 levels.")
        );
    draft.doc["FullyQualifiedName"] = path;
}

// A currency is chosen when the object is made and never changes.
void settle_currency(Draft& draft) {
    const std::string before = draft.before ? text_at(*draft.before, "CurrencyRef.value") : "";
    const std::string asked = text_at(draft.doc, "CurrencyRef.value");
    if (!before.empty() && !asked.empty() && asked != before)
        draft.errors.push_back(business_rule("The currency cannot be changed once it is set."));
    const std::string home = draft.company.home_currency();
    draft.doc["CurrencyRef"] = currency_ref(
        !before.empty() ? before
        : asked.empty() ? home
                        : asked
    );
}

void keep_balance(Draft& draft, const char* name) {
    const Json* before = draft.before ? member(*draft.before, name) : nullptr;
    draft.doc[name] = before ? *before : Json(0);
}

void complete_person(Draft& draft) {
    fill_display_name(draft);
    settle_name(draft);
    settle_currency(draft);
    std::string printed = text_at(draft.doc, "GivenName") + " " + text_at(draft.doc, "FamilyName");
    if (printed == " " || printed.front() == ' ' || printed.back() == ' ')
        printed = text_at(draft.doc, "DisplayName");
    set_default(draft.doc, "PrintOnCheckName", printed);
    fill_qualified_name(draft);
    keep_balance(draft, "Balance");
    if (draft.entity != Entity::kCustomer)
        return;
    keep_balance(draft, "BalanceWithJobs");
    set_default(draft.doc, "Taxable", true);
    set_default(draft.doc, "Job", false);
    set_default(draft.doc, "BillWithParent", false);
    set_default(draft.doc, "PreferredDeliveryMethod", "None");
    draft.doc["IsProject"] = false;
    draft.doc["ClientEntityId"] = "0";
    if (flag_at(draft.doc, "Job", false) && !draft.doc.contains("ParentRef"))
        draft.errors.push_back(
            other_fault(6150, "ParentRef Required", "ParentRef is required when Job is true.")
        );
}

void check_account(
    Draft& draft, const char* ref_name, std::string_view type, std::string_view sub_type
) {
    const Record* account =
        draft.company.find(Entity::kAccount, text_at(draft.doc, std::string(ref_name) + ".value"));
    if (!account)
        return;
    const bool fits = text_at(account->doc, "AccountType") == type &&
                      (sub_type.empty() || text_at(account->doc, "AccountSubType") == sub_type);
    if (!fits)
        draft.errors.push_back(other_fault(
            6430,
            "Invalid account type used",
            std::string(ref_name) + " must be an account of type " + std::string(type) + "."
        ));
}

void require(Draft& draft, const char* name) {
    const bool complained = std::any_of(
        draft.errors.begin(), draft.errors.end(), [](const Error& e) { return e.code == 2500; }
    );
    if (!draft.doc.contains(name) && !complained)
        draft.errors.push_back(missing(name));
}

void check_inventory(Draft& draft) {
    if (draft.before && !flag_at(draft.doc, "TrackQtyOnHand", false)) {
        draft.errors.push_back(business_rule("Tracking the quantity on hand cannot be switched off."
        ));
        return;
    }
    for (const char* name :
         {"TrackQtyOnHand",
          "QtyOnHand",
          "InvStartDate",
          "IncomeAccountRef",
          "ExpenseAccountRef",
          "AssetAccountRef"})
        require(draft, name);
    if (draft.doc.contains("TrackQtyOnHand") && !flag_at(draft.doc, "TrackQtyOnHand", false))
        draft.errors.push_back(business_rule("An inventory item needs TrackQtyOnHand to be true."));
    check_account(draft, "ExpenseAccountRef", "Cost of Goods Sold", "");
    check_account(draft, "AssetAccountRef", "Other Current Asset", "Inventory");
}

void complete_item(Draft& draft) {
    settle_name(draft);
    fill_qualified_name(draft);
    const std::string type = text_at(draft.doc, "Type");
    const std::string type_before = draft.before ? text_at(*draft.before, "Type") : type;
    if (type_before != type)
        draft.errors.push_back(other_fault(
            2120, "Invalid Type", "The type of an item cannot be changed from " + type_before + "."
        ));
    if (type == "Category")
        return;
    if (type == "Inventory")
        check_inventory(draft);
    else if (flag_at(draft.doc, "TrackQtyOnHand", false))
        draft.errors.push_back(business_rule("Only an inventory item tracks its quantity."));
    else
        require(draft, "IncomeAccountRef");
    check_account(draft, "IncomeAccountRef", "Income", "");
    set_default(draft.doc, "Taxable", false);
    set_default(draft.doc, "UnitPrice", 0);
    set_default(draft.doc, "PurchaseCost", 0);
    set_default(draft.doc, "TrackQtyOnHand", type == "Inventory");
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 15> kClassifications{
    {{"Bank", "Asset"},
     {"Other Current Asset", "Asset"},
     {"Fixed Asset", "Asset"},
     {"Other Asset", "Asset"},
     {"Accounts Receivable", "Asset"},
     {"Equity", "Equity"},
     {"Expense", "Expense"},
     {"Other Expense", "Expense"},
     {"Cost of Goods Sold", "Expense"},
     {"Accounts Payable", "Liability"},
     {"Credit Card", "Liability"},
     {"Long Term Liability", "Liability"},
     {"Other Current Liability", "Liability"},
     {"Income", "Revenue"},
     {"Other Income", "Revenue"}}};

void complete_account(Draft& draft) {
    settle_name(draft);
    fill_qualified_name(draft);
    settle_currency(draft);
    const std::string type = text_at(draft.doc, "AccountType");
    // A sub-type alone would do on the real service; nobody needs that here.
    if (type.empty())
        draft.errors.push_back(other_fault(
            6010, "Invalid Account.AccountType", "AccountType or AccountSubType is needed."
        ));
    for (const auto& [known, classification] : kClassifications)
        if (known == type)
            draft.doc["Classification"] = classification;
    set_default(draft.doc, "SubAccount", draft.doc.contains("ParentRef"));
    keep_balance(draft, "CurrentBalance");
    keep_balance(draft, "CurrentBalanceWithSubAccounts");
}

void complete_term(Draft& draft) {
    settle_name(draft);
    const bool date_driven = draft.doc.contains("DayOfMonthDue");
    if (!date_driven && !draft.doc.contains("DueDays"))
        draft.errors.push_back(missing("DueDays"));
    draft.doc["Type"] = date_driven ? "DATE_DRIVEN" : "STANDARD";
}

void complete_other(Draft& draft) {
    settle_name(draft);
    if (draft.entity == Entity::kPaymentMethod)
        set_default(draft.doc, "Type", "NON_CREDIT_CARD");
    else
        fill_qualified_name(draft);
}

}  // namespace

void complete_list_object(
    const Company& company,
    Entity entity,
    std::int64_t id,
    const Record* before,
    Json& doc,
    Errors& errors
) {
    Draft draft{company, entity, id, before ? &before->doc : nullptr, doc, errors};
    set_default(doc, "Active", true);
    if (is_person(entity))
        complete_person(draft);
    else if (entity == Entity::kItem)
        complete_item(draft);
    else if (entity == Entity::kAccount)
        complete_account(draft);
    else if (entity == Entity::kTerm)
        complete_term(draft);
    else
        complete_other(draft);
}

}  // namespace sandbox::quickbooks
