// Our reader against the library's own parser: the same texts are JSON for both, and mean the same,
// except that numbers with a fraction or beyond 64 bits are texts for us.
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <syncline/json.hpp>

namespace syncline {
namespace {

Json random_document(int depth) {
    switch (*rc::gen::inRange(0, depth > 0 ? 8 : 6)) {
        case 0:
            return nullptr;
        case 1:
            return *rc::gen::arbitrary<bool>();
        case 2:
            return *rc::gen::arbitrary<std::int64_t>();
        case 3:
            return *rc::gen::arbitrary<std::uint64_t>();
        case 4:
        case 5: {
            std::string text;
            for (const auto code : *rc::gen::container<std::vector<std::uint32_t>>(rc::gen::oneOf(
                     rc::gen::inRange<std::uint32_t>(0, 0x80),
                     rc::gen::inRange<std::uint32_t>(0x80, 0xD800),
                     rc::gen::inRange<std::uint32_t>(0xE000, 0x110000)
                 ))) {
                // By way of the library's escapes, so that our own UTF-8 is not its own witness.
                const std::uint32_t above = code - 0x10000;
                char escape[16];
                if (code < 0x10000) {
                    std::snprintf(escape, sizeof escape, "\\u%04x", code);
                } else {
                    std::snprintf(
                        escape,
                        sizeof escape,
                        "\\u%04x\\u%04x",
                        0xD800 + (above >> 10U),
                        0xDC00 + (above & 0x3FFU)
                    );
                }
                text += escape;
            }
            return Json::parse('"' + text + '"');
        }
        case 6: {
            Json array = Json::array();
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
                array.push_back(random_document(depth - 1));
            }
            return array;
        }
        default: {
            Json object = Json::object();
            for (int i = *rc::gen::inRange(0, 4); i > 0; --i) {
                object[*rc::gen::arbitrary<std::string>() + "k"] = random_document(depth - 1);
            }
            return object;
        }
    }
}

// The library refuses a number that overflows a double (error 406), and with it the whole text; for
// us it is a number like any other.
std::optional<bool> is_json_for_the_library(const std::string& text) {
    if (text.find('\0') != std::string::npos) {
        return std::nullopt;
    }
    try {
        const Json read = Json::parse(text);
        return true;
    } catch (const Json::out_of_range&) {
        return std::nullopt;
    } catch (const Json::parse_error&) {
        return false;
    }
}

RC_GTEST_PROP(ParseJsonProperty, ReadsBackWhatTheLibraryWrites, ()) {
    const Json document = Json::parse(dump_json(random_document(3)));
    const int indent = *rc::gen::inRange(-1, 4);
    const bool ascii = *rc::gen::arbitrary<bool>();
    const auto back = parse_json(document.dump(indent, ' ', ascii));
    RC_ASSERT(back.has_value());
    RC_ASSERT(*back == document);
}

RC_GTEST_PROP(ParseJsonProperty, AgreesWithTheLibraryOnDamagedTexts, ()) {
    std::string text = dump_json(random_document(3));
    const int changes = *rc::gen::inRange(1, 4);
    for (int i = 0; i < changes && !text.empty(); ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
        const char byte = *rc::gen::oneOf(
            rc::gen::elementOf(std::string("{}[],:\"\\ 0123456789.eE+-truefalsn\n\t/u")),
            rc::gen::arbitrary<char>()
        );
        switch (*rc::gen::inRange(0, 3)) {
            case 0:
                text[at] = byte;
                break;
            case 1:
                text.erase(at, 1);
                break;
            default:
                text.insert(at, 1, byte);
        }
    }
    RC_LOG() << text;
    const auto theirs = is_json_for_the_library(text);
    RC_PRE(theirs.has_value());
    RC_ASSERT(parse_json(text).has_value() == *theirs);
}

RC_GTEST_PROP(ParseJsonProperty, AgreesWithTheLibraryOnWhatIsANumber, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789.eE+-")));
    const auto ours = parse_json(text);
    const auto theirs = is_json_for_the_library(text);
    RC_PRE(theirs.has_value());
    RC_ASSERT(ours.has_value() == *theirs);
    if (ours && ours->is_string()) {
        RC_ASSERT(ours->get<std::string>() == text);
    }
}

}  // namespace
}  // namespace syncline
