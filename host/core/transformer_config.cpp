#include "core/transformer_config.hpp"

#include "core/json_problems.hpp"

namespace syncline {
namespace {

constexpr std::size_t kBytesMax = 256 * 1024;

}  // namespace

Result<Json> complete_transformer_config(const Json& value) {
    std::vector<std::string> problems;
    if (!value.is_object()) {
        problems.emplace_back("expected an object");
    } else if (dump_json(value).size() > kBytesMax) {
        problems.emplace_back("expected no more than 256 KiB");
    } else {
        for (const auto& entry : value.items()) {
            if (entry.value().is_null()) {
                problems.push_back(
                    "/" + detail::pointer_token(entry.key()) +
                    ": null is no value; leave the member out for its default"
                );
            }
        }
    }
    return problems.empty() ? Result<Json>(value) : joined(problems, "setting.malformed");
}

}  // namespace syncline
