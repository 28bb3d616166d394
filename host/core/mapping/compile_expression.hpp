// From the JSON of transforms and conditions to what runs, checked against types. Used by compile()
// alone; docs/mapping.md describes the JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/mapping/functions.hpp"

namespace syncline::mapping {

// Every method answers false after it has noted what is wrong; `at` is the JSON pointer of what it
// is given.
class ExpressionCompiler {
public:
    // All three outlive it and what it makes.
    ExpressionCompiler(
        const Definition& definition, const Shape& record, std::vector<std::string>& problems
    )
        : definition_(definition), record_(record), problems_(problems) {}

    // `type` is what the value is before the steps, and after it what they give.
    bool steps(const Json& list, const std::string& at, Type& type, std::vector<Step>& out);
    bool condition(const Json& json, const std::string& at, const Type& here, Condition& out);
    // A path that a rule or an operand names.
    bool place(
        const std::string& text, const std::string& at, const Type& here, Place& out, Type& type
    );

    bool note(const std::string& at, const std::string& what);

private:
    struct Wanted {
        const Type& here;
        unsigned kinds = kEverything;
    };

    bool step(const Json& json, const std::string& at, Type& type, Step& out);
    bool arguments(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool own_form(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool map(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool choice(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool match(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool filled_text(
        const Json& given,
        const std::string& at,
        const Type& in,
        Step& step,
        std::vector<Type>& types
    );
    bool operand(
        const Json& json, const std::string& at, const Wanted& wanted, Operand& out, Type& type
    );
    bool literal(const Json& json, const std::string& at, unsigned kinds, Operand& out, Type& type);
    bool read_place(
        const Json& json, const std::string& at, const Wanted& wanted, Operand& out, Type& type
    );
    bool fits(const std::string& at, const Type& type, unsigned kinds);
    bool walk(const Place& place, const std::string& at, const Shape& root, Type& type);
    bool operands(const Json& json, const std::string& at, const Type& here, Condition& out);
    bool compare_alike(
        const std::string& at, std::vector<Operand>& operands, const std::vector<Type>& types
    );

    const Definition& definition_;
    const Shape& record_;
    std::vector<std::string>& problems_;
    int depth_ = 0;
    const Shape* leaf_ = nullptr;  // where walk() came to
};

}  // namespace syncline::mapping
