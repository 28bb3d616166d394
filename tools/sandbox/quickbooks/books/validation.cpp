#include "quickbooks/books/validation.hpp"

#include <algorithm>

namespace sandbox::quickbooks {
namespace {

constexpr std::size_t kManyLines = 1000;  // texts of at least that length may have line breaks
constexpr std::size_t kCustomValueMax = 31;

struct Limit {
    std::string_view name;
    std::size_t max;
};
constexpr std::array<Limit, 9> kAddressParts{
    {{"Line1", 500},
     {"Line2", 500},
     {"Line3", 500},
     {"Line4", 500},
     {"Line5", 500},
     {"City", 255},
     {"Country", 255},
     {"CountrySubDivisionCode", 255},
     {"PostalCode", 30}}};

// Since 2025 addresses come back with three-letter countries.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kCountries{
    {{"US", "USA"},
     {"United States", "USA"},
     {"CA", "CAN"},
     {"GB", "GBR"},
     {"United Kingdom", "GBR"},
     {"DE", "DEU"},
     {"FR", "FRA"},
     {"NL", "NLD"},
     {"ES", "ESP"},
     {"IT", "ITA"},
     {"AU", "AUS"},
     {"NZ", "NZL"},
     {"JP", "JPN"},
     {"IE", "IRL"}}};

// One body under check.
struct Check {
    Company& company;
    Entity entity;
    const Json* before;
    Errors& errors;
};

// A colon would look like a path of names; names are one line.
bool is_name(std::string_view element) {
    return element == "DisplayName" || element == "Name";
}

void check_characters(
    std::string_view text, std::string_view element, std::size_t max, Errors& errors
) {
    const bool many_lines = max >= kManyLines;
    const bool bad = std::any_of(text.begin(), text.end(), [&](char c) {
        const auto byte = static_cast<unsigned char>(c);
        const bool line_break = c == '\n' || c == '\r' || c == '\t';
        return byte == 0x7f || (byte < 0x20 && !(many_lines && line_break));
    });
    if (is_name(element) && (bad || text.find(':') != std::string_view::npos))
        errors.push_back(invalid_characters(
            element,
            "Names cannot have tabs, new lines, or colons. Supplied value:" + std::string(text)
        ));
    else if (bad)
        errors.push_back(invalid_characters(
            element, "Element contains invalid characters: control characters are not supported"
        ));
}

bool wrong_type(const Check& check, const Member& member) {
    check.errors.push_back(unknown_property(member.name));
    return false;
}

bool is_empty(const Json& value) {
    return value.is_null() || (value.is_string() && value.get_ref<const std::string&>().empty());
}

// An object with one text: {"Address"}, {"URI"}, {"FreeFormNumber"}, {"value"}.
Json checked_single(
    const Check& check, const Member& member, const Json& value, std::string_view inner
) {
    const std::string key(inner);
    if (!value.is_object()) {
        wrong_type(check, member);
        return nullptr;
    }
    if (!value.contains(key) || is_empty(value[key]))
        return nullptr;
    const std::string element = std::string(member.name) + "." + key;
    check_text(value[key], element, member.length_max, check.errors);
    return {{key, value[key]}};
}

Json checked_email(const Check& check, const Member& member, const Json& value) {
    Json email = checked_single(check, member, value, "Address");
    const std::string address = text_at(email, "Address");
    // A comma list is allowed.
    const auto at = address.find('@');
    const bool plausible = at != std::string::npos && at > 0 && at + 1 < address.size() &&
                           address.find_first_of(" \t") == std::string::npos;
    if (!address.empty() && !plausible)
        check.errors.push_back(invalid_email(std::string(member.name) + ".Address", address));
    return email;
}

// An address that did not change keeps its id.
Json numbered_address(const Check& check, const Member& member, const Json& address) {
    const auto old =
        check.before ? check.before->find(std::string(member.name)) : Json::const_iterator();
    if (check.before && old != check.before->end()) {
        Json content = *old;
        content.erase("Id");
        if (content == address)
            return *old;
    }
    Json numbered{{"Id", std::to_string(check.company.next_address_id())}};
    numbered.update(address);
    return numbered;
}

Json checked_address(const Check& check, const Member& member, const Json& value) {
    if (!value.is_object()) {
        wrong_type(check, member);
        return nullptr;
    }
    Json address = Json::object();
    for (const auto& [name, part] : value.items()) {
        if (is_empty(part) || name == "Id" || name == "Lat" || name == "Long" || name == "Note")
            continue;
        const auto* limit = std::find_if(
            kAddressParts.begin(),
            kAddressParts.end(),
            [&name = name](const Limit& known) { return known.name == name; }
        );
        if (limit == kAddressParts.end()) {
            check.errors.push_back(unknown_property(std::string(member.name) + "." + name));
            continue;
        }
        check_text(part, std::string(member.name) + "." + name, limit->max, check.errors);
        address[name] = part;
    }
    if (address.empty())
        return nullptr;
    const std::string country = text_at(address, "Country");
    for (const auto& [written, code] : kCountries)
        if (country == written)
            address["Country"] = code;
    return numbered_address(check, member, address);
}

Json checked_currency(const Check& check, const Member& member, const Json& value) {
    const std::string code = text_at(value, "value");
    if (!value.is_object() || code.empty()) {
        wrong_type(check, member);
        return nullptr;
    }
    if (currency_name(code).empty())
        check.errors.push_back(invalid_reference("Currencies", code));
    else if (code != check.company.home_currency() && !check.company.multi_currency())
        check.errors.push_back(business_rule(
            "Multi-currency is not enabled for this company; " + code + " cannot be used."
        ));
    return currency_ref(code);
}

// The name of a custom field in use; "" when the company has not switched it on.
std::string custom_field_name(const Json& preferences, const std::string& id) {
    std::string name;
    bool in_use = false;
    const Json* groups = member(preferences, "SalesFormsPrefs.CustomField");
    for (const Json& group : groups ? *groups : Json::array()) {
        for (const Json& field : group.value("CustomField", Json::array())) {
            const std::string key = text_at(field, "Name");
            if (key == "SalesFormsPrefs.UseSalesCustom" + id)
                in_use = flag_at(field, "BooleanValue", false);
            if (key == "SalesFormsPrefs.SalesCustomName" + id)
                name = text_at(field, "StringValue");
        }
    }
    return in_use ? name : "";
}

// The legacy fields: up to three texts. One without a DefinitionId is ignored without a word, as
// the service does; one the company has not switched on is refused (UNCONFIRMED).
Json checked_custom_fields(const Check& check, const Member& member, const Json& value) {
    if (!value.is_array()) {
        wrong_type(check, member);
        return nullptr;
    }
    Json fields = Json::array();
    for (const Json& field : value) {
        const std::string id = text_at(field, "DefinitionId");
        if (id.empty())
            continue;
        const std::string name = custom_field_name(check.company.preferences(), id);
        if (name.empty()) {
            check.errors.push_back(other_fault(
                3000, "Invalid Custom Field", "DefinitionId " + id + " is not a custom field in use"
            ));
            continue;
        }
        const std::string content = text_at(field, "StringValue");
        if (length_of(content) > kCustomValueMax)
            check.errors.push_back(
                wrong_length("CustomField.StringValue", kCustomValueMax, length_of(content))
            );
        fields.push_back(
            {{"DefinitionId", id}, {"Name", name}, {"Type", "StringType"}, {"StringValue", content}}
        );
    }
    return fields;
}

Json checked_choice(const Check& check, const Member& member, const Json& value) {
    const std::string text = value.is_string() ? value.get<std::string>() : print(value);
    const std::string choices = "|" + std::string(member.choices) + "|";
    if (text.find('|') != std::string::npos || choices.find("|" + text + "|") == std::string::npos)
        check.errors.push_back(invalid_enumeration(member.name, text));
    return text;
}

Json checked_plain(const Check& check, const Member& member, const Json& value) {
    const bool fits = member.type == Type::kAmount ? is_number(value)
                      : member.type == Type::kFlag ? value.is_boolean()
                                                   : value.is_string();
    if (!fits) {
        wrong_type(check, member);
        return nullptr;
    }
    if (member.type == Type::kText)
        check_text(value, member.name, member.length_max, check.errors);
    if (member.type == Type::kDate && !is_date(value.get<std::string>()))
        check.errors.push_back(invalid_date(member.name, value.get<std::string>()));
    return value;
}

Json checked_free_ref(const Check& check, const Member& member, const Json& value) {
    Json ref = checked_single(check, member, value, "value");
    if (ref.is_object())
        ref["name"] = ref["value"];
    return ref;
}

Json checked_value(const Check& check, const Member& member, const Json& value) {
    switch (member.type) {
        case Type::kEnum:
            return checked_choice(check, member, value);
        case Type::kRef: {
            const std::string path = std::string(member.name) + ".value";
            const std::string before = check.before ? text_at(*check.before, path) : "";
            return checked_reference(
                check.company, member.target, value, member.name, before, check.errors
            );
        }
        case Type::kFreeRef:
            return checked_free_ref(check, member, value);
        case Type::kEmail:
            return checked_email(check, member, value);
        case Type::kPhone:
            return checked_single(check, member, value, "FreeFormNumber");
        case Type::kUri:
            return checked_single(check, member, value, "URI");
        case Type::kMemo:
            return checked_single(check, member, value, "value");
        case Type::kAddress:
            return checked_address(check, member, value);
        case Type::kCurrency:
            return checked_currency(check, member, value);
        case Type::kCustomFields:
            return checked_custom_fields(check, member, value);
        case Type::kText:
        case Type::kAmount:
        case Type::kFlag:
        case Type::kDate:
            return checked_plain(check, member, value);
        case Type::kLines:
        case Type::kTaxDetail:
        case Type::kAny:
        case Type::kServer:
            break;
    }
    return value;
}

}  // namespace

std::size_t length_of(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    }));
}

void check_text(const Json& value, std::string_view element, std::size_t max, Errors& errors) {
    if (!value.is_string()) {
        errors.push_back(unknown_property(element));
        return;
    }
    const auto& text = value.get_ref<const std::string&>();
    const auto dot = element.rfind('.');
    const std::string_view last = dot == std::string_view::npos ? element : element.substr(dot + 1);
    if (length_of(text) > max)
        errors.push_back(wrong_length(element, max, length_of(text)));
    check_characters(text, last, max, errors);
}

Json checked_reference(
    const Company& company,
    Entity target,
    const Json& ref,
    std::string_view element,
    std::string_view before_id,
    Errors& errors
) {
    const Json* value = ref.is_object() ? member(ref, "value") : nullptr;
    if (!value || !value->is_string()) {
        errors.push_back(unknown_property(element));
        return nullptr;
    }
    const std::string id = value->get<std::string>();
    const Record* record = company.find(target, id);
    if (!record) {
        errors.push_back(invalid_reference(info(target).reference, id));
        return nullptr;
    }
    if (!flag_at(record->doc, "Active", true) && id != before_id) {
        errors.push_back(object_not_found());
        return nullptr;
    }
    const std::string display_name = text_at(record->doc, "DisplayName");
    const std::string name = display_name.empty() ? text_at(record->doc, "Name") : display_name;
    Json checked{{"value", id}};
    // Terms come back without their name.
    if (target != Entity::kTerm)
        checked["name"] = name;
    return checked;
}

Json checked_members(
    Company& company, Entity entity, const Json& body, const Json* before, Errors& errors
) {
    const Check check{company, entity, before, errors};
    const std::vector<Member>& known = members(entity);
    for (const auto& [name, value] : body.items()) {
        const bool found =
            std::any_of(known.begin(), known.end(), [&name = name](const Member& member) {
                return member.name == name;
            });
        if (!found)
            errors.push_back(unknown_property(name));
    }
    Json doc = Json::object();
    for (const Member& member : known) {
        const auto it = body.find(std::string(member.name));
        const bool given = it != body.end() && !is_empty(*it);
        if (!given && member.need == Need::kRequired)
            errors.push_back(missing(member.name));
        if (!given || member.type == Type::kServer)
            continue;
        Json value = checked_value(check, member, *it);
        if (!value.is_null())
            doc[std::string(member.name)] = std::move(value);
    }
    return doc;
}

}  // namespace sandbox::quickbooks
