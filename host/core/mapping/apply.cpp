#include <algorithm>
#include <charconv>

#include "core/mapping/characters.hpp"
#include "core/mapping/code.hpp"
#include "core/mapping/functions.hpp"

namespace syncline::mapping {
namespace {

constexpr std::size_t kObjectBytesMax = 256 * 1024;

bool is_date(const std::string& text) {
    return text.size() == 10 && text[4] == '-' && text[7] == '-' &&
           Timestamp::parse(text + "T00:00:00Z").has_value();
}

// What stands at the place, or nullptr.
const Json* stands_at(const Json& body, const OwnedPlace& owned) {
    const Json* here = &body;
    for (const auto& token : owned.tokens) {
        if (here->is_object()) {
            const auto found = here->find(token);
            here = found == here->end() ? nullptr : &*found;
        } else if (here->is_array()) {
            std::size_t index = 0;
            const auto* end = token.data() + token.size();
            const bool number = std::from_chars(token.data(), end, index).ptr == end;
            here = number && index < here->size() ? &(*here)[index] : nullptr;
        } else {
            here = nullptr;
        }
        if (here == nullptr) {
            return nullptr;
        }
    }
    return here;
}

bool same_there(const OwnedPlace& owned, const Json& a, const Json& b) {
    const Json* first = stands_at(a, owned);
    const Json* second = stands_at(b, owned);
    return first == nullptr || second == nullptr ? first == second : *first == *second;
}

std::string named(const CompiledRule& rule) {
    return "/rules/" + std::to_string(rule.index) + " (" + path_text(rule.target) + ")";
}

Result<void> check_allowed(const TargetPath& place, const std::string& text) {
    const auto& allowed = place.allowed;
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), text) != allowed.end()) {
        return {};
    }
    std::string names;
    for (std::size_t i = 0; i < std::min<std::size_t>(allowed.size(), 10); ++i) {
        names += (names.empty() ? "" : ", ") + allowed[i];
    }
    return failed(
        "the target has no '" + std::string(syncline::detail::prefix_of(text, 60)) +
        "' to refer to (there are: " + names + (allowed.size() > 10 ? ", ..." : "") + ")"
    );
}

Result<Json> as_text(const CompiledRule& rule, const Value& value, bool& cut) {
    SYNCLINE_ASSIGN_OR_RETURN(std::string text, text_of(value));
    const TargetPath& place = *rule.place;
    if (place.date && !is_date(text)) {
        return failed("expected a date (YYYY-MM-DD), found " + shown(value));
    }
    SYNCLINE_RETURN_IF_ERROR(check_allowed(place, text));
    const std::string_view fitting =
        place.length_max == 0 ? std::string_view(text) : cut_to(text, place.length_max);
    if (fitting.size() < text.size()) {
        if (rule.amount) {
            return failed(
                "longer than the " + std::to_string(place.length_max) +
                " characters the target takes, and an amount is never cut"
            );
        }
        cut = true;
        text.resize(fitting.size());
    }
    return Json(std::move(text));
}

Result<Json> as_number(const Value& value) {
    if (const Decimal* number = number_in(value)) {
        return Json(number->to_string());
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(value));
    const auto number = Decimal::parse(text);
    return number ? Result<Json>(Json(number->to_string()))
                  : failed("expected a number, found " + shown(value));
}

Result<Json> as_time(const Value& value) {
    if (const auto* time = std::get_if<Timestamp>(&value.of)) {
        return Json(time->to_string());
    }
    SYNCLINE_ASSIGN_OR_RETURN(const std::string text, text_of(value));
    const auto time = Timestamp::parse(text);
    return time ? Result<Json>(Json(time->to_string())) : failed(time.error().message);
}

Result<Json> as_anything(const Value& value) {
    Json json = json_of(value);
    if (has_reserved_member(json)) {
        return failed("the value has members that begin with '$', which are the connectors' own");
    }
    if (json.is_structured() && dump_json(json).size() > kObjectBytesMax) {
        return beyond_limit(
            "the value has more than " + std::to_string(kObjectBytesMax) + " bytes"
        );
    }
    return json;
}

// `value` in the form that the target takes.
Result<Json> conform(const CompiledRule& rule, const Value& value, bool& cut) {
    switch (rule.place == nullptr ? Kind::kAny : rule.place->kind) {
        case Kind::kText:
            return as_text(rule, value, cut);
        case Kind::kNumber:
            return as_number(value);
        case Kind::kTime:
            return as_time(value);
        case Kind::kBoolean:
            return std::holds_alternative<bool>(value.of)
                       ? Result<Json>(json_of(value))
                       : failed("expected true or false, found " + shown(value));
        default:
            return as_anything(value);
    }
}

bool spreads(const CompiledRule& rule) {
    return std::any_of(rule.target.begin(), rule.target.end(), [](const PathStep& step) {
        return step.type == PathStep::Type::kEach;
    });
}

// A list below a target with []: each element to its own place.
Result<void> write_spread(
    const CompiledRule& rule, const Value& value, Json& body, RuleOutcome& outcome
) {
    const auto* list = std::get_if<List>(&value.of);
    if (list == nullptr) {
        return failed("[] takes a list, and this is " + shown(value));
    }
    outcome.set = Json::array();
    Path target = rule.target;
    const auto each = std::find_if(target.begin(), target.end(), [](const PathStep& step) {
        return step.type == PathStep::Type::kEach;
    });
    each->type = PathStep::Type::kIndex;
    for (std::size_t i = 0; i < list->size(); ++i) {
        each->index = i;
        SYNCLINE_ASSIGN_OR_RETURN(Json json, conform(rule, (*list)[i], outcome.cut));
        outcome.set->push_back(json);
        SYNCLINE_RETURN_IF_ERROR(write_at(body, target, std::move(json)));
    }
    return {};
}

Result<void> write_value(
    const CompiledRule& rule, const Value& value, Json& body, RuleOutcome& outcome
) {
    if (spreads(rule)) {
        return write_spread(rule, value, body, outcome);
    }
    SYNCLINE_ASSIGN_OR_RETURN(outcome.set, conform(rule, value, outcome.cut));
    return write_at(body, rule.target, *outcome.set);
}

}  // namespace

bool overlap(const Path& path, const OwnedPlace& owned) {
    for (std::size_t i = 0; i < std::min(path.size(), owned.tokens.size()); ++i) {
        const bool certain =
            path[i].type == PathStep::Type::kMember || path[i].type == PathStep::Type::kIndex;
        const std::string name =
            path[i].type == PathStep::Type::kMember ? path[i].name : std::to_string(path[i].index);
        if (certain && name != owned.tokens[i]) {
            return false;
        }
    }
    return true;
}

bool overlap(const Path& a, const Path& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        const bool members =
            a[i].type == PathStep::Type::kMember && b[i].type == PathStep::Type::kMember;
        const bool indexes =
            a[i].type == PathStep::Type::kIndex && b[i].type == PathStep::Type::kIndex;
        const bool chosen =
            a[i].type == PathStep::Type::kWhere && b[i].type == PathStep::Type::kWhere;
        if ((members && a[i].name != b[i].name) || (indexes && a[i].index != b[i].index) ||
            (chosen && a[i].name == b[i].name && a[i].value != b[i].value)) {
            return false;
        }
    }
    return true;
}

bool has_reserved_member(const Json& json) {
    if (const auto* members = json.get_ptr<const Json::object_t*>()) {
        return std::any_of(members->begin(), members->end(), [](const auto& member) {
            return (!member.first.empty() && member.first.front() == '$') ||
                   has_reserved_member(member.second);
        });
    }
    return json.is_array() && std::any_of(json.begin(), json.end(), has_reserved_member);
}

Result<RuleOutcome> run_rule(
    const CompiledRule& rule, Evaluation& evaluation, Json& body, Trace* trace
) {
    RuleOutcome outcome;
    if (rule.when) {
        SYNCLINE_ASSIGN_OR_RETURN(const bool holds, evaluation.holds(*rule.when, Value{}));
        if (!holds) {
            outcome.text = "left as it was: 'when' does not hold";
            return outcome;
        }
    }
    Value value;
    if (rule.source.literal) {
        SYNCLINE_ASSIGN_OR_RETURN(value, evaluation.run(rule.source.steps, Value{}, trace));
    } else {
        SYNCLINE_ASSIGN_OR_RETURN(value, evaluation.value(rule.source, Value{}, trace));
    }
    if (value.nothing() && rule.default_value) {
        if (trace != nullptr) {
            trace->push_back({"default", *rule.default_value});
        }
        SYNCLINE_ASSIGN_OR_RETURN(value, value_of(*rule.default_value, kAnyShape));
        if (value.nothing()) {  // null, "" and [] say that the target is to have none
            if (spreads(rule)) {
                return failed("[] takes a list, and this is nothing; leave the default out");
            }
            outcome.set = *rule.default_value;
            outcome.text = "set to " + dump_json(*outcome.set) + " by default";
            SYNCLINE_RETURN_IF_ERROR(write_at(body, rule.target, *outcome.set));
            return outcome;
        }
    }
    if (value.nothing()) {
        if (rule.required) {
            return Error{
                ErrorCode::kInvalid,
                "the rule needs a value, and the record has nothing there",
                "MAPPING_REQUIRED"};
        }
        outcome.text = "left as it was: the value is nothing";
        return outcome;
    }
    SYNCLINE_RETURN_IF_ERROR(write_value(rule, value, body, outcome));
    outcome.text = "set to " + syncline::detail::excerpt(*outcome.set) +
                   (outcome.cut ? ", cut to the length the target takes" : "");
    return outcome;
}

Result<Json> run_rules(
    const Code& code, const Json& record, const Json& body, std::vector<std::string>& cut
) {
    Json changed = body;
    Evaluation evaluation(record, changed);
    for (const auto& rule : code.rules) {
        auto outcome = run_rule(rule, evaluation, changed);
        if (!outcome) {
            Error error = std::move(outcome).error();
            error.name = error.name.empty() ? "MAPPING_FAILED" : error.name;
            error.message =
                "mapping '" + code.definition.name + "', " + named(rule) + ": " + error.message;
            return error;
        }
        if (outcome->cut) {
            cut.push_back(path_text(rule.target));
        }
    }
    for (const auto& owned : code.owned) {
        if (!same_there(owned, body, changed)) {
            return Error{
                ErrorCode::kBug,
                "mapping '" + code.definition.name + "' changed " + owned.pointer +
                    ", which the connector owns; this is a defect of Syncline",
                "MAPPING_OWNED"};
        }
    }
    return changed;
}

bool is_for(const Definition& definition, const Document& document) {
    if (document.operation != DocumentOperation::kUpsert) {
        return false;
    }
    return definition.role.empty() ? document.role == definition.target_entity ||
                                         document.entity == definition.target_entity
                                   : document.role == definition.role;
}

void apply(const Program& program, const Json& record, Encoded& encoded) {
    if (encoded.hold || encoded.skip) {
        return;
    }
    const Code& code = program.code();
    std::vector<std::pair<Document*, Json>> changed;
    std::vector<std::string> cut;
    for (auto& document : encoded.documents) {
        if (!is_for(code.definition, document)) {
            continue;
        }
        auto body = run_rules(code, record, document.body, cut);
        if (!body) {
            encoded.hold = Reason{body.error().name, body.error().message};
            return;
        }
        changed.emplace_back(&document, *std::move(body));
    }
    for (auto& [document, body] : changed) {
        document->body = std::move(body);
    }
    for (const auto& path : cut) {
        encoded.warnings.push_back(
            {"MAPPING_CUT",
             "mapping '" + code.definition.name + "': " + path +
                 " is longer than the target takes and was cut"}
        );
    }
}

}  // namespace syncline::mapping
