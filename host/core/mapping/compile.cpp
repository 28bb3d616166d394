#include <algorithm>

#include "core/json_problems.hpp"
#include "core/mapping/code.hpp"
#include "core/mapping/compile_expression.hpp"

namespace syncline::mapping {
namespace {

constexpr auto kInvalidName = "mapping.invalid";

bool is_reserved(const std::string& name) {
    return !name.empty() && name.front() == '$';
}

// Binary floating point anywhere in a definition: it could not be told from an exact amount later.
void find_floats(const Json& json, const std::string& at, std::vector<std::string>& problems) {
    if (json.is_number_float()) {
        problems.push_back(
            at + ": a binary floating point number is not taken; write decimals as text"
        );
    }
    if (json.is_structured()) {
        for (const auto& entry : json.items()) {
            find_floats(
                entry.value(), at + "/" + syncline::detail::pointer_token(entry.key()), problems
            );
        }
    }
}

// "/Line/0" to "Line" and "0" (RFC 6901).
std::vector<std::string> tokens_of(const std::string& pointer) {
    std::vector<std::string> tokens;
    for (const char c : pointer) {
        if (c == '/') {
            tokens.emplace_back();
        } else if (tokens.empty()) {
            tokens.emplace_back(1, c);
        } else if ((c == '0' || c == '1') && !tokens.back().empty() && tokens.back().back() == '~') {
            tokens.back().back() = c == '0' ? '~' : '/';
        } else {
            tokens.back() += c;
        }
    }
    return tokens;
}

// Whether `step` of a rule's target is where `known` of a connector's mappable path points to.
bool same_step(const PathStep& step, const PathStep& known) {
    if (known.type == PathStep::Type::kMember) {
        return step.type == PathStep::Type::kMember && step.name == known.name;
    }
    if (known.type == PathStep::Type::kWhere) {
        return step.type == PathStep::Type::kWhere && step.name == known.name;
    }
    return step.type != PathStep::Type::kMember;
}

std::string known_places(const TargetSchema& target) {
    std::string names;
    for (const auto& one : target.paths) {
        names += (names.empty() ? "" : ", ") + path_text(one.path);
    }
    return names;
}

// One compilation.
class Compiler {
public:
    Compiler(Code& code, const Shape& record)
        : code_(code), expressions_(code.definition, record, problems_) {}

    std::vector<std::string> run() {
        find_floats(definition_json(code_.definition), "", problems_);
        for (const auto& pointer : code_.target.owned_paths) {
            code_.owned.push_back({pointer, tokens_of(pointer)});
        }
        for (std::size_t i = 0; i < code_.definition.rules.size(); ++i) {
            rule(i);
        }
        tests();
        return std::move(problems_);
    }

private:
    void note(const std::string& at, const std::string& what) {
        problems_.push_back(at + ": " + what);
    }

    void rule(std::size_t index) {
        const Rule& given = code_.definition.rules[index];
        const std::string at = "/rules/" + std::to_string(index);
        CompiledRule rule;
        rule.index = index;
        rule.default_value = given.default_value;
        rule.required = given.required;
        Type type{Kind::kNothing, false, nullptr, nullptr};
        bool typed = true;
        if (!given.source.empty()) {
            rule.source.literal = false;
            typed = expressions_.place(given.source, at + "/source", type, rule.source.place, type);
            if (typed && rule.source.place.root == Root::kHere) {
                note(
                    at + "/source",
                    "'@' stands for a value that a function is given; name a member of the record"
                );
                typed = false;
            }
        } else if (given.transform.empty() && !given.default_value) {
            note(at, "the rule has neither a source nor a transform nor a default");
        }
        typed = typed &&
                expressions_.steps(Json(given.transform), at + "/transform", type, steps_of(rule));
        if (!given.when.is_null()) {
            rule.when.emplace();
            expressions_.condition(
                given.when, at + "/when", Type{Kind::kNothing, false, nullptr, nullptr}, *rule.when
            );
        }
        rule.amount = type.amount;
        if (target(given.target, at + "/target", rule)) {
            if (typed) {
                fits(at, type, rule);
            }
            check_default(at, rule);
        }
        code_.rules.push_back(std::move(rule));
    }

    // A rule without source starts with nothing, which is a literal; its steps still run.
    static std::vector<Step>& steps_of(CompiledRule& rule) { return rule.source.steps; }

    bool target(const std::string& text, const std::string& at, CompiledRule& rule) {
        auto path = parse_path(text);
        if (!path) {
            note(at, path.error().message);
            return false;
        }
        rule.target = *std::move(path);
        std::size_t spread = 0;
        for (const auto& step : rule.target) {
            spread += step.type == PathStep::Type::kEach ? 1 : 0;
            if (is_reserved(step.name)) {
                note(at, "names that begin with '$' are the connectors' own");
                return false;
            }
        }
        if (spread > 1 || rule.target.front().type != PathStep::Type::kMember) {
            note(at, spread > 1 ? "at most one [] is taken" : "expected a member of the document");
            return false;
        }
        return is_free(at, rule) && is_known(at, rule);
    }

    bool is_free(const std::string& at, const CompiledRule& rule) {
        for (const auto& owned : code_.owned) {
            if (overlap(rule.target, owned)) {
                note(
                    at,
                    "the connector owns " + owned.pointer + " of " + code_.target.entity +
                        " (money, tax, references, or what it knows its documents by); a "
                        "mapping cannot set it"
                );
                return false;
            }
        }
        return true;
    }

    bool is_known(const std::string& at, CompiledRule& rule) {
        if (code_.target.paths.empty()) {
            return true;
        }
        for (const auto& known : code_.target.paths) {
            const bool same =
                known.path.size() == rule.target.size() &&
                std::equal(
                    known.path.begin(),
                    known.path.end(),
                    rule.target.begin(),
                    [](const PathStep& a, const PathStep& b) { return same_step(b, a); }
                );
            if (same) {
                rule.place = &known;
                return key_exists(at, rule);
            }
        }
        note(
            at,
            code_.target.entity +
                " has no such place for a mapping (there are: " + known_places(code_.target) + ")"
        );
        return false;
    }

    bool key_exists(const std::string& at, const CompiledRule& rule) {
        const auto& keys = rule.place->keys;
        for (const auto& step : rule.target) {
            if (step.type != PathStep::Type::kWhere || keys.empty() ||
                std::find(keys.begin(), keys.end(), step.value) != keys.end()) {
                continue;
            }
            std::string names;
            for (const auto& key : keys) {
                names += (names.empty() ? "" : ", ") + key;
            }
            note(
                at,
                "the target has no element with " + step.name + " " + step.value + "; it has " +
                    std::to_string(keys.size()) + ": " + names
            );
            return false;
        }
        return true;
    }

    void fits(const std::string& at, const Type& type, const CompiledRule& rule) {
        const bool spread =
            std::any_of(rule.target.begin(), rule.target.end(), [](const auto& step) {
                return step.type == PathStep::Type::kEach;
            });
        if (spread && type.kind != Kind::kList && type.kind != Kind::kAny &&
            type.kind != Kind::kNothing) {
            note(
                at + "/target", "[] takes a list, and this is " + std::string(kind_name(type.kind))
            );
            return;
        }
        const Kind kind = spread && type.element ? type.element->kind : type.kind;
        if (rule.place == nullptr || kind == Kind::kAny || kind == Kind::kNothing) {
            return;
        }
        const Kind wanted = rule.place->kind;
        const bool text = wanted == Kind::kText && (bit(kind) & kScalars) != 0 &&
                          !(rule.place->date && kind != Kind::kText);
        const bool number = wanted == Kind::kNumber && (bit(kind) & kNumeric) != 0;
        const bool time = wanted == Kind::kTime && kind == Kind::kText;
        if (wanted != Kind::kAny && wanted != kind && !text && !number && !time) {
            note(
                at + "/target",
                "takes " +
                    (rule.place->date ? "a date (YYYY-MM-DD)" : std::string(kind_name(wanted))) +
                    ", and this is " + std::string(kind_name(kind)) +
                    (kind == Kind::kTime ? "; use date_format" : "")
            );
        }
    }

    void check_default(const std::string& at, const CompiledRule& rule) {
        if (!rule.default_value) {
            return;
        }
        if (rule.required) {
            note(
                at + "/required",
                "a rule with a default is never without a value; leave one of both out"
            );
        }
        if (has_reserved_member(*rule.default_value)) {
            note(at + "/default", "names that begin with '$' are the connectors' own");
            return;
        }
        // The default goes the way of every value, so what is wrong with it is known now.
        CompiledRule alone;
        alone.target = rule.target;
        alone.place = rule.place;
        alone.default_value = rule.default_value;
        Json body = Json::object();
        Evaluation evaluation(body, body);
        const auto outcome = run_rule(alone, evaluation, body);
        if (!outcome) {
            note(at + "/default", outcome.error().message);
        } else if (outcome->cut) {
            note(
                at + "/default",
                "longer than the " + std::to_string(rule.place->length_max) +
                    " characters the target takes"
            );
        }
    }

    void tests() {
        for (std::size_t i = 0; i < code_.definition.tests.size(); ++i) {
            const Test& test = code_.definition.tests[i];
            const std::string at = "/tests/" + std::to_string(i);
            if (const auto whole = complete_record(code_.definition.source_entity, test.input);
                !whole) {
                const ProblemText problem = split_problem(whole.error().message);
                note(at + "/input" + problem.pointer, problem.text);
            }
            if (test.expected.is_null() == test.hold.empty()) {
                note(at, "expected either 'expected' or 'hold'");
            }
        }
    }

    Code& code_;
    std::vector<std::string> problems_;
    ExpressionCompiler expressions_;
};

}  // namespace

Result<Program> compile(const Definition& definition, const TargetSchema& target) {
    const Shape* record = model_shape(definition.source_entity);
    if (record == nullptr) {
        return Error{
            ErrorCode::kInvalid,
            "/source_entity: there is no entity '" + definition.source_entity +
                "' (there are: " + model_names() + ")",
            kInvalidName};
    }
    const auto code = std::make_shared<Code>();
    code->definition = definition;
    code->target = target;
    // Read again, so that limits hold for definitions that were not parsed, too.
    if (const auto form = parse_definition(definition_json(definition)); !form) {
        return form.error();
    }
    const auto problems = Compiler(*code, *record).run();
    if (!problems.empty()) {
        return joined(problems, kInvalidName);
    }
    return Program(code);
}

const Definition& Program::definition() const {
    return code_->definition;
}

const TargetSchema& Program::target() const {
    return code_->target;
}

}  // namespace syncline::mapping
