#include "quickbooks/books/sale_lines.hpp"

#include <algorithm>

#include "quickbooks/books/validation.hpp"

namespace sandbox::quickbooks {
namespace {

constexpr int kPricePlacesMax = 7;
constexpr std::size_t kDescriptionMax = 4000;
const Decimal kAmountMax{99'999'999'999};

constexpr std::string_view kTaxMissing =
    "Make sure all your transactions have a GST/HST/VAT rate before you save.";

struct Reader {
    const Company& company;
    const LineRules& rules;
    const Json* before;
    Errors& errors;
    SaleLines result{};
    std::int64_t last_line_id = 0;
    Json subtotal_line{};
    Json discount_line{};
    std::optional<Decimal> discount_given{};
    Json shipping_line{};
};

void refuse_unknown(
    const Json& object, std::initializer_list<std::string_view> known, Errors& errors
) {
    for (const auto& [name, value] : object.items())
        if (std::find(known.begin(), known.end(), name) == known.end())
            errors.push_back(unknown_property(name));
}

// A number of at most `places` decimals; nullopt, and a fault unless it is simply absent.
std::optional<Decimal> checked_number(
    const Json& object, const char* name, int places, Errors& errors
) {
    const Json* value = member(object, name);
    if (!value)
        return std::nullopt;
    const auto amount = decimal(*value);
    if (!amount)
        errors.push_back(unknown_property(name));
    else if (amount->places() > places || amount->abs() > kAmountMax)
        errors.push_back(invalid_number(std::string("Line.") + name, amount->text()));
    else
        return amount;
    return std::nullopt;
}

bool was_on_lines(const Json* before, std::string_view item) {
    const Json* lines = before ? member(*before, "Line") : nullptr;
    return lines && std::any_of(lines->begin(), lines->end(), [&](const Json& line) {
               return text_at(line, "SalesItemLineDetail.ItemRef.value") == item;
           });
}

std::string us_code(Reader& reader, const Json& detail, const Record* item) {
    std::string code = text_at(detail, "TaxCodeRef.value");
    if (code.empty())
        // A shipping line has no item to ask; untaxed is modelled (UNCONFIRMED).
        code = item && flag_at(item->doc, "Taxable", false) ? "TAX" : "NON";
    if (code != "TAX" && code != "NON")
        reader.errors.push_back(wrong_line_tax_code(code));
    return code;
}

std::string vat_code(Reader& reader, const Json& detail) {
    const std::string code = text_at(detail, "TaxCodeRef.value");
    if (code.empty())
        reader.errors.push_back(business_rule(kTaxMissing));
    else if (!reader.company.find(Entity::kTaxCode, code))
        reader.errors.push_back(invalid_reference("TaxCodes", code));
    return code;
}

// "" where lines carry no code.
std::string tax_code_of(Reader& reader, const Json& detail, const Record* item) {
    if (reader.rules.tax == TaxMode::kOff || reader.rules.not_applicable)
        return "";
    return reader.rules.tax == TaxMode::kElsewhere ? vat_code(reader, detail)
                                                   : us_code(reader, detail, item);
}

// Keeps the line's id when the document had such a line, else gives the next one.
Json numbered_line(Reader& reader, const Json& line) {
    const Json* lines = reader.before ? member(*reader.before, "Line") : nullptr;
    const std::string asked = text_at(line, "Id");
    const bool known =
        !asked.empty() && lines && std::any_of(lines->begin(), lines->end(), [&](const Json& old) {
            return text_at(old, "Id") == asked;
        });
    Json numbered{
        {"Id", known ? asked : std::to_string(++reader.last_line_id)},
        {"LineNum", reader.result.lines.size() + 1}};
    if (const Json* description = member(line, "Description")) {
        check_text(*description, "Line.Description", kDescriptionMax, reader.errors);
        numbered["Description"] = *description;
    }
    return numbered;
}

// Amount, Qty and UnitPrice of a line, completed and checked against each other.
struct Figures {
    Decimal amount;
    std::optional<Decimal> quantity;
    std::optional<Decimal> price;
};

Figures checked_figures(Reader& reader, const Json& line, const Json& detail) {
    Figures figures;
    figures.quantity = checked_number(detail, "Qty", kPricePlacesMax, reader.errors);
    figures.price = checked_number(detail, "UnitPrice", kPricePlacesMax, reader.errors);
    const auto amount = checked_number(line, "Amount", reader.rules.places, reader.errors);
    if (!amount) {
        if (!member(line, "Amount"))
            reader.errors.push_back(missing("Line.Amount"));
        return figures;
    }
    figures.amount = *amount;
    if (figures.price) {
        // A price without a quantity is one piece (UNCONFIRMED).
        const Decimal quantity = figures.quantity.value_or(Decimal(1));
        if ((quantity * *figures.price).rounded(reader.rules.places) != *amount)
            reader.errors.push_back(wrong_amount(amount->text()));
    } else if (figures.quantity && !figures.quantity->is_zero()) {
        figures.price = Decimal::quotient(*amount, *figures.quantity, kPricePlacesMax);
    }
    return figures;
}

const Record* sold_item(Reader& reader, const Json& detail, const std::string& id) {
    const std::string was = was_on_lines(reader.before, id) ? id : "";
    const Json ref = checked_reference(
        reader.company, Entity::kItem, detail["ItemRef"], "ItemRef", was, reader.errors
    );
    const Record* item = ref.is_null() ? nullptr : reader.company.find(Entity::kItem, id);
    if (item && text_at(item->doc, "Type") == "Category")
        reader.errors.push_back(business_rule("A category cannot be sold."));
    return item;
}

void note_taxed(Reader& reader, const Json& detail, TaxedLine line) {
    line.gross = checked_number(detail, "TaxInclusiveAmt", reader.rules.places, reader.errors);
    reader.result.taxed.push_back(std::move(line));
}

Json detail_of(const Figures& figures, Json item_ref, const std::string& code) {
    Json detail{{"ItemRef", std::move(item_ref)}};
    if (figures.price)
        detail["UnitPrice"] = number(*figures.price);
    if (figures.quantity)
        detail["Qty"] = number(*figures.quantity);
    if (!code.empty())
        detail["TaxCodeRef"] = {{"value", code}};
    return detail;
}

void read_item_line(Reader& reader, const Json& line, const Json& detail, const std::string& id) {
    const Record* item = sold_item(reader, detail, id);
    const Figures figures = checked_figures(reader, line, detail);
    const std::string code = tax_code_of(reader, detail, item);
    Json kept = numbered_line(reader, line);
    kept["Amount"] = number(figures.amount);
    kept["DetailType"] = "SalesItemLineDetail";
    Json ref{{"value", id}, {"name", item ? text_at(item->doc, "Name") : ""}};
    kept["SalesItemLineDetail"] = detail_of(figures, std::move(ref), code);
    if (const Json* date = member(detail, "ServiceDate"))
        kept["SalesItemLineDetail"]["ServiceDate"] = *date;
    if (const Json* ref_given = member(detail, "ClassRef"))
        kept["SalesItemLineDetail"]["ClassRef"] = checked_reference(
            reader.company, Entity::kClass, *ref_given, "ClassRef", "", reader.errors
        );
    SaleLines& result = reader.result;
    note_taxed(reader, detail, {code, figures.amount, {}, false, result.lines.size()});
    result.lines.push_back(std::move(kept));
    result.subtotal += figures.amount;
}

void read_shipping_line(Reader& reader, const Json& line, const Json& detail) {
    if (!flag_at(reader.company.preferences(), "SalesFormsPrefs.AllowShipping", false))
        reader.errors.push_back(business_rule(
            "Shipping is switched off in the company's sales settings (AllowShipping)."
        ));
    if (!reader.shipping_line.is_null())
        reader.errors.push_back(business_rule("A transaction has one shipping line at most."));
    if (member(detail, "Qty") || member(detail, "UnitPrice"))
        reader.errors.push_back(business_rule("A shipping line has neither Qty nor UnitPrice."));
    const Figures figures = checked_figures(reader, line, Json::object());
    const std::string code = tax_code_of(reader, detail, nullptr);
    Json kept = Json::object();
    if (const Json* description = member(line, "Description")) {
        check_text(*description, "Line.Description", kDescriptionMax, reader.errors);
        kept["Description"] = *description;
    }
    kept["Amount"] = number(figures.amount);
    kept["DetailType"] = "SalesItemLineDetail";
    kept["SalesItemLineDetail"] = detail_of({}, {{"value", kShippingItem}}, code);
    reader.shipping_line = std::move(kept);
    reader.result.shipping += figures.amount;
    note_taxed(reader, detail, {code, figures.amount, {}, true, 0});
}

void read_sales_line(Reader& reader, const Json& line) {
    const Json* detail = member(line, "SalesItemLineDetail");
    if (!detail || !detail->is_object()) {
        reader.errors.push_back(missing("Line.SalesItemLineDetail"));
        return;
    }
    refuse_unknown(
        *detail,
        {"ItemRef",
         "Qty",
         "UnitPrice",
         "TaxCodeRef",
         "ClassRef",
         "ServiceDate",
         "TaxInclusiveAmt",
         "ItemAccountRef"},
        reader.errors
    );
    const std::string id = text_at(*detail, "ItemRef.value");
    if (id.empty())
        reader.errors.push_back(missing("ItemRef"));
    else if (id == kShippingItem)
        read_shipping_line(reader, line, *detail);
    else
        read_item_line(reader, line, *detail, id);
}

Json discount_account(Reader& reader, const Json& detail) {
    Json ref{
        {"value", text_at(reader.company.preferences(), "SalesFormsPrefs.DefaultDiscountAccount")}};
    if (const Json* given = member(detail, "DiscountAccountRef"))
        ref = *given;
    return checked_reference(
        reader.company, Entity::kAccount, ref, "DiscountAccountRef", "", reader.errors
    );
}

void read_discount_line(Reader& reader, const Json& line) {
    if (!flag_at(reader.company.preferences(), "SalesFormsPrefs.AllowDiscount", false))
        reader.errors.push_back(business_rule(
            "Discounts are switched off in the company's sales settings (AllowDiscount)."
        ));
    if (!reader.discount_line.is_null())
        reader.errors.push_back(business_rule("A transaction has one discount line at most."));
    const Json* given = member(line, "DiscountLineDetail");
    const Json detail = given ? *given : Json::object();
    refuse_unknown(
        detail,
        {"PercentBased", "DiscountPercent", "DiscountAccountRef", "TaxCodeRef", "ClassRef"},
        reader.errors
    );
    const bool percent_based = flag_at(detail, "PercentBased", false);
    const auto percent = checked_number(detail, "DiscountPercent", kPricePlacesMax, reader.errors);
    const auto amount = checked_number(line, "Amount", reader.rules.places, reader.errors);
    if (percent_based ? !percent : !amount)
        reader.errors.push_back(other_fault(
            6090, "Discount Line missing required info", "An amount or a percent is required."
        ));
    Json kept_detail{{"PercentBased", percent_based}};
    if (percent_based)
        kept_detail["DiscountPercent"] = number(percent.value_or(Decimal()));
    kept_detail["DiscountAccountRef"] = discount_account(reader, detail);
    reader.discount_given = amount;
    reader.discount_line = {
        {"Amount", number(amount.value_or(Decimal()))},
        {"DetailType", "DiscountLineDetail"},
        {"DiscountLineDetail", std::move(kept_detail)}};
}

// The subtotal is known only now, and a percentage is of that.
void settle_discount(Reader& reader) {
    if (reader.discount_line.is_null())
        return;
    const Json& detail = reader.discount_line["DiscountLineDetail"];
    Decimal discount = reader.discount_given.value_or(Decimal());
    if (flag_at(detail, "PercentBased", false)) {
        discount = (reader.result.subtotal * number_at(detail, "DiscountPercent") * Decimal(1, 2))
                       .rounded(reader.rules.places);
        if (reader.discount_given && *reader.discount_given != discount)
            reader.errors.push_back(wrong_amount(reader.discount_given->text()));
    }
    if (discount.is_negative())
        reader.errors.push_back(
            business_rule("The amount of a discount is positive; it reduces the total.")
        );
    else if (discount > reader.result.subtotal)
        reader.errors.push_back(business_rule(
            "The discount " + discount.text() + " is more than the subtotal " +
            reader.result.subtotal.text() + "."
        ));
    reader.discount_line["Amount"] = number(discount);
    reader.result.discount = discount;
}

void read_description(Reader& reader, const Json& line) {
    if (!number_at(line, "Amount").is_zero())
        reader.errors.push_back(business_rule("A line that is only a description has no amount."));
    Json kept = numbered_line(reader, line);
    kept["DetailType"] = "DescriptionOnly";
    kept["DescriptionLineDetail"] = Json::object();
    reader.result.lines.push_back(std::move(kept));
}

void read_line(Reader& reader, const Json& line) {
    if (!line.is_object()) {
        reader.errors.push_back(unknown_property("Line"));
        return;
    }
    refuse_unknown(
        line,
        {"Id",
         "LineNum",
         "Description",
         "Amount",
         "DetailType",
         "SalesItemLineDetail",
         "DiscountLineDetail",
         "SubTotalLineDetail",
         "DescriptionLineDetail",
         "LinkedTxn",
         "CustomExtensions"},
        reader.errors
    );
    const std::string type = text_at(line, "DetailType");
    if (type == "SalesItemLineDetail")
        read_sales_line(reader, line);
    else if (type == "DiscountLineDetail")
        read_discount_line(reader, line);
    else if (type == "DescriptionOnly")
        read_description(reader, line);
    else if (type.empty())
        reader.errors.push_back(missing("Line.DetailType"));
    else if (type != "SubTotalLineDetail")  // the server makes its own
        reader.errors.push_back(invalid_enumeration("Line.DetailType", type));
}

void lay_out(Reader& reader) {
    SaleLines& result = reader.result;
    result.lines.push_back(
        {{"Amount", number(result.subtotal)},
         {"DetailType", "SubTotalLineDetail"},
         {"SubTotalLineDetail", Json::object()}}
    );
    if (!reader.discount_line.is_null())
        result.lines.push_back(reader.discount_line);
    if (reader.shipping_line.is_null())
        return;
    for (TaxedLine& line : result.taxed)
        if (line.shipping)
            line.at = result.lines.size();
    result.lines.push_back(reader.shipping_line);
}

}  // namespace

SaleLines checked_lines(
    const Company& company,
    const LineRules& rules,
    const Json& lines,
    const Json* before,
    Errors& errors
) {
    Reader reader{company, rules, before, errors};
    const Json* old_lines = before ? member(*before, "Line") : nullptr;
    for (const Json& line : old_lines ? *old_lines : Json::array())
        reader.last_line_id =
            std::max(reader.last_line_id, parse_id(text_at(line, "Id")).value_or(0));
    for (const Json& line : lines) read_line(reader, line);
    settle_discount(reader);
    lay_out(reader);
    return std::move(reader.result);
}

}  // namespace sandbox::quickbooks
