#include "quickbooks/native.hpp"

#include <algorithm>
#include <array>

#include "quickbooks/encode/text.hpp"
#include "quickbooks/wire.hpp"

namespace syncline::quickbooks {
namespace {

// Of QuickBooks' own making; it ignores or refuses them.
constexpr std::array<std::string_view, 17> kServerMade{
    "Id",
    "SyncToken",
    "MetaData",
    "domain",
    "sparse",
    "status",
    "time",
    "TotalAmt",
    "HomeTotalAmt",
    "Balance",
    "HomeBalance",
    "LinkedTxn",
    "RecurDataRef",
    "FullyQualifiedName",
    "V4IDPseudonym",
    "TxnSource",
    "UnappliedAmt"};
constexpr std::string_view kSubtotal = "SubTotalLineDetail";

Encoded held(std::string code, std::string message) {
    Encoded encoded;
    encoded.hold = Reason{std::move(code), std::move(message)};
    return encoded;
}

bool has_reserved(const Json& value) {
    if (!value.is_structured()) {
        return false;
    }
    for (const auto& entry : value.items()) {
        if ((value.is_object() && entry.key().rfind('$', 0) == 0) || has_reserved(entry.value())) {
            return true;
        }
    }
    return false;
}

Json own_lines(const Json& lines) {
    Json own = Json::array();
    for (const auto& line : lines) {
        if (text_at(line, "DetailType") != kSubtotal) {
            own.push_back(line);
            own.back().erase("Id");
            own.back().erase("LineNum");
        }
    }
    return own;
}

Json own_members(const Json& raw) {
    Json body = Json::object();
    for (const auto& entry : raw.items()) {
        const bool made =
            std::find(kServerMade.begin(), kServerMade.end(), entry.key()) != kServerMade.end();
        if (!made && !entry.value().is_null()) {
            body[entry.key()] = entry.key() == "Line" ? own_lines(entry.value()) : entry.value();
        }
    }
    return body;
}

// What the record says it comes to; nothing if it does not say, or not exactly.
std::optional<DocumentMoney> stated_money(const Scope& scope, const Json& raw) {
    const std::string code = reference_at(raw, "CurrencyRef");
    const auto currency = code.empty() ? Result<Currency>(scope.home) : Currency::parse(code);
    const auto total = number_at(raw, "TotalAmt");
    if (!currency || !total) {
        return std::nullopt;
    }
    const Decimal tax = number_at(child_at(raw, "TxnTaxDetail"), "TotalTax").value_or(Decimal{});
    const auto exact_total = Money::from_decimal(*total, *currency);
    const auto exact_tax = Money::from_decimal(tax, *currency);
    if (!exact_total || !exact_tax) {
        return std::nullopt;
    }
    return DocumentMoney{*exact_total, *exact_tax};
}

// Without a marker of its own from an earlier reading.
std::string marked_note(const std::string& marker, const std::string& note) {
    return note.rfind(marker, 0) == 0 ? note : marker + (note.empty() ? "" : "\n" + note);
}

}  // namespace

Encoded encode_native(const Scope& scope, const EntityFacts& facts, const Json& record) {
    const std::string id = text_at(record, "id");
    const Json& raw = child_at(record, "raw");
    const std::string type(facts.type);
    if (id.empty() || !raw.is_object() || raw.empty()) {
        return held(
            "RECORD_UNREADABLE", "a record of a " + type + " needs an id and, under raw, its object"
        );
    }
    if (has_reserved(raw)) {
        return held(
            "RECORD_UNREADABLE", "members of a " + type + " must not begin with $, which is ours"
        );
    }
    Draft draft;
    Document document;
    document.role = facts.entity;
    document.entity = facts.entity;
    document.body = own_members(raw);
    if (!facts.transaction) {
        const std::string name = name_text(text_at(raw, facts.name_member));
        if (name.empty()) {
            return held(
                "NAME_MISSING", type + " " + id + " has no " + std::string(facts.name_member)
            );
        }
        document.body[std::string(facts.name_member)] = name;
        document.natural_key = "name:" + name;
        return draft.finish({std::move(document)});
    }
    document.natural_key = scope.context.source + ":" + id;
    document.marker = marker_of(scope, id);
    put_text(
        scope,
        draft,
        document.body,
        {"PrivateNote", limits::kNote},
        marked_note(document.marker, text_at(raw, "PrivateNote"))
    );
    document.money = stated_money(scope, raw);
    return draft.finish({std::move(document)});
}

}  // namespace syncline::quickbooks
