#include "quickbooks/encode/items.hpp"

#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

std::vector<std::string> item_names(const Scope& scope, const Product& product) {
    const std::string sku = trimmed(product.sku);
    std::string base = name_text(product.name);
    base = base.empty() ? name_text(sku) : base;
    const std::string unique = product.id.empty() ? "" : " #W" + product.id;
    // Without a SKU the name is all we can find it by, so it must be its own.
    std::vector<std::string> suffixes{sku.empty() ? unique : ""};
    if (!sku.empty()) {
        suffixes.push_back(" (" + name_text(sku) + ")");
        suffixes.push_back(" #W" + (product.id.empty() ? short_hash(sku) : product.id));
    }
    std::vector<std::string> names;
    for (const auto& suffix : suffixes) {
        std::string name = with_suffix(scope.host, base, suffix, limits::kItemName);
        if (!name.empty()) {
            names.push_back(std::move(name));
        }
    }
    return names;
}

Need need_of(const std::string& natural_key) {
    Need need;
    need.entity = "product";
    need.natural_key = natural_key;
    need.key = "product:" + natural_key;
    return need;
}

Product product_of(const LineItem& line) {
    const bool variation = !line.variation_id.empty();
    Product product;
    product.id = variation ? line.variation_id : line.product_id;
    product.parent_id = variation ? line.product_id : "";
    product.sku = line.sku;
    product.name = line.name.empty() ? line.parent_name : line.name;
    product.type = variation ? "variation" : "simple";
    return product;
}

// "Parent - attr, attr"
Product named_variation(const Product& parent, Product variation) {
    std::string options;
    for (const auto& attribute : variation.attributes) {
        options += (options.empty() ? "" : ", ") + attribute.option;
    }
    const std::string& last = options.empty() ? variation.name : options;
    variation.name = parent.name + (last.empty() ? "" : " - " + last);
    return variation;
}

Result<std::string> income_account(const Scope& scope) {
    const std::string& wanted = scope.choices.income_account;
    const Account* account =
        wanted.empty() ? scope.company.default_income_account() : scope.company.account(wanted);
    if (account == nullptr) {
        return hold(
            "INCOME_ACCOUNT_UNKNOWN",
            wanted.empty() ? "QuickBooks has no income account for new items; set income_account"
                           : "QuickBooks has no account '" + wanted + "'; change income_account"
        );
    }
    return account->id;
}

Result<Document> item_document(const Scope& scope, Draft& draft, const Product& product) {
    const std::string sku = trimmed(product.sku);
    if (code_points(sku) > limits::kSku) {
        return hold(
            "SKU_TOO_LONG", "the SKU '" + sku + "' is longer than the 100 characters of QuickBooks"
        );
    }
    if (name_text(product.name).empty() && name_text(sku).empty()) {
        return hold("NAME_MISSING", "product " + product.id + " has neither a name nor a SKU");
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string account, income_account(scope));
    std::vector<std::string> names = item_names(scope, product);
    Document document;
    document.role = "item";
    document.entity = "item";
    document.natural_key = item_key(scope, product);
    Json& body = document.body;
    body["Name"] = names.front();
    names.erase(names.begin());
    if (!names.empty()) {
        body["$alternatives"] = names;
    }
    if (!sku.empty()) {
        body["Sku"] = sku;
    }
    body["Type"] =
        std::string(product.type == "service" ? "Service" : enum_name(scope.choices.item_type));
    body["IncomeAccountRef"] = {{"value", account}};
    body["Taxable"] = product.taxable;
    if (product.price && product.price->currency() == scope.home) {
        body["UnitPrice"] = plain(product.price->decimal());
    }
    put_text(
        scope, draft, body, {"Description", limits::kDescription}, without_html(product.description)
    );
    mark_inactive_choice(scope, body);
    return document;
}

Encoded stopped(std::optional<Reason> skip, std::optional<Reason> held) {
    Encoded encoded;
    encoded.skip = std::move(skip);
    encoded.hold = std::move(held);
    return encoded;
}

}  // namespace

std::string item_key(const Scope& scope, const Product& product) {
    std::string sku = trimmed(product.sku);
    if (!sku.empty()) {
        return sku;
    }
    const auto names = item_names(scope, product);
    return "name:" + (names.empty() ? std::string() : names.front());
}

Result<Json> item_of_choice(Draft& draft, const std::string& choice, const std::string& own_name) {
    if (choice.empty()) {
        Product service;
        service.name = own_name;
        service.type = "service";
        Need need = need_of("name:" + own_name);
        need.record = to_json(service);
        return draft.reference(std::move(need));
    }
    if (choice.rfind("id:", 0) == 0) {
        return Json(choice.substr(3));
    }
    return draft.reference(need_of(choice.rfind("sku:", 0) == 0 ? choice.substr(4) : choice));
}

Result<Json> item_of_line(const Scope& scope, Draft& draft, const LineItem& line) {
    for (const std::string& name : {trimmed(line.sku), line.name}) {
        const auto chosen = scope.choices.product_items.find(name);
        if (!name.empty() && chosen != scope.choices.product_items.end()) {
            return item_of_choice(draft, chosen->second, "");
        }
    }
    if (line.product_id.empty() && line.variation_id.empty()) {
        if (scope.choices.fallback_item.empty()) {
            return hold(
                "DELETED_PRODUCT",
                "the product of line '" + line.name +
                    "' was deleted in the shop; set fallback_item, or name the item "
                    "to use"
            );
        }
        draft.warn(
            "PRODUCT_FALLBACK",
            "line '" + line.name + "' is booked on the fallback item " +
                scope.choices.fallback_item + ", since its product was deleted"
        );
        return item_of_choice(draft, scope.choices.fallback_item, "");
    }
    const Product product = product_of(line);
    if (code_points(trimmed(product.sku)) > limits::kSku) {
        return hold(
            "SKU_TOO_LONG", "the SKU of line '" + line.name + "' has more than 100 characters"
        );
    }
    Need need = need_of(item_key(scope, product));
    need.source_id = product.id;
    if (scope.choices.missing_items == MissingChoice::kCreate) {
        need.record = to_json(product);
        mark_inactive_choice(scope, need.record);
    }
    return draft.reference(std::move(need));
}

Encoded encode_product(const Scope& scope, const Product& product) {
    if (!product.active) {
        return stopped(Reason{"NOT_ACTIVE", "the product is not active in the shop"}, std::nullopt);
    }
    Draft draft;
    std::vector<Document> documents;
    const bool single = product.type != "variable" && product.variants.empty();
    if (!single && product.variants.empty()) {
        return stopped(Reason{"NO_VARIATIONS", "the product has no variations yet"}, std::nullopt);
    }
    const std::vector<Product> sold = single ? std::vector<Product>{product} : product.variants;
    for (const auto& one : sold) {
        auto document = item_document(scope, draft, single ? one : named_variation(product, one));
        if (!document) {
            return stopped(std::nullopt, Reason{document.error().name, document.error().message});
        }
        document->role = single ? "item" : "item:" + one.id;
        documents.push_back(*std::move(document));
    }
    return draft.finish(std::move(documents));
}

}  // namespace syncline::quickbooks
