// JSON bodies: the parser with its bounds, and the strict readers over it.
#include <algorithm>
#include <vector>

#include "api/http/input.hpp"
#include "core/flow.hpp"
#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

int depth_of(const Json& json) {
    int depth = 0;
    std::vector<std::pair<const Json*, int>> left{{&json, 0}};
    while (!left.empty()) {
        const auto [one, above] = left.back();
        left.pop_back();
        if (one->is_structured()) {
            depth = std::max(depth, above + 1);
            for (const auto& inner : *one) {
                left.emplace_back(&inner, above + 1);
            }
        }
    }
    return depth;
}

// Numbers that the library's own parser refuses, since they fit no double.
bool may_be_beyond_double(std::string_view text) {
    return text.size() > 300 || text.find_first_of("eE") != std::string_view::npos;
}

void parse(std::string_view text) {
    const auto parsed = parse_json(text);
    if (!parsed) {
        const std::string& message = parsed.error().message;
        require(
            !message.empty() && message.size() < 200, "a refusal says why, not what stands there"
        );
        const bool too_deep = message.find("nested deeper") != std::string::npos;
        // The library takes a zero byte for the end.
        const bool has_zero = text.find('\0') != std::string_view::npos;
        require(too_deep || has_zero || !Json::accept(text), "what is JSON is taken");
        return;
    }
    require(depth_of(*parsed) <= kJsonDepthMax, "nothing is nested deeper than the bound");
    require(Json::accept(text) || may_be_beyond_double(text), "what is taken is JSON");
    const auto again = parse_json(dump_json(*parsed));
    require(again && *again == *parsed, "what was read is written as it was");
}

// As many brackets around it as its first byte says.
void nest(std::string_view input) {
    Feed feed(input);
    const std::size_t levels = feed.byte();
    const std::string text =
        std::string(levels, '[').append(feed.rest()).append(std::string(levels, ']'));
    require(
        !parse_json(text) || levels <= std::size_t{kJsonDepthMax},
        "what is nested deeper than the bound is refused"
    );
}

void read(std::string_view text) {
    api::Request request;
    request.body = text;
    const auto object = api::body_object(request);
    require(
        object.has_value() ? object->is_object() : !object.error().message.empty(), "an object"
    );
    const auto flow = api::body_as<FlowDefinition>(request);
    if (flow) {
        const Json written = to_json(*flow);
        const auto again = strict_from_json<FlowDefinition>(written);
        require(again && to_json(*again) == written, "what was read is written as it was");
        static_cast<void>(check_conflict_fields(flow->conflict_fields));
    } else {
        for (const auto& line : problem_lines(flow.error().message)) {
            static_cast<void>(split_problem(line));
        }
    }
}

}  // namespace

void body(std::string_view input) {
    parse(input);
    nest(input);
    read(input);
}

}  // namespace syncline::fuzz
