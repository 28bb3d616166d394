// The log: an event with a fixed sentence and named fields, one line each.
//
//   log::info("connection paused", {{"connection", name}, {"code", error.name}});
//
//   2026-11-21T07:34:11.123Z INFO  connection paused connection=shop code=auth.rejected
//   {"time":"2026-11-21T07:34:11.123Z","level":"info","event":"connection paused",...}
//
// Values of fields that may hold personal data or secrets are shown as "***" (redact.hpp says
// which); texts that look like credentials are masked wherever they stand. Line breaks and control
// characters are escaped, so that a line is always one event. [any thread] Never call it with a
// lock held.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/result.hpp>

namespace syncline::log {

enum class Level { kDebug, kInfo, kWarn, kError, kOff };
enum class Format { kText, kJson };

struct Options {
    Level level = Level::kInfo;
    Format format = Format::kText;
    // Where lines go, without the line break; empty: standard error. [any thread]
    std::function<void(std::string_view line)> sink;
};

// Call once at start, before threads; the default options hold until then. Tests may call it again.
void configure(Options options);

// "debug", "info", "warn", "error", "off". Errors: kInvalid naming the text.
Result<Level> parse_level(std::string_view text);
// "text", "json". Errors: kInvalid naming the text.
Result<Format> parse_format(std::string_view text);

// One named value of an event. Numbers and booleans stay what they are in JSON lines.
struct Field {
    enum class Kind { kText, kNumber, kBoolean };

    Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
    Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
    Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
    Field(std::string_view field_name, bool flag)
        : name(field_name), value(flag ? "true" : "false"), kind(Kind::kBoolean) {}
    template <std::integral T>
    requires(!std::same_as<T, bool>) Field(std::string_view field_name, T number)
        : name(field_name), value(std::to_string(number)), kind(Kind::kNumber) {}

    std::string name;
    std::string value;
    Kind kind = Kind::kText;
};
using Fields = std::vector<Field>;

// True if events of `level` are written: lets a caller skip the work of making fields.
bool enabled(Level level);

void write(Level level, std::string_view event, const Fields& fields);

inline void debug(std::string_view event, const Fields& fields = {}) {
    write(Level::kDebug, event, fields);
}
inline void info(std::string_view event, const Fields& fields = {}) {
    write(Level::kInfo, event, fields);
}
inline void warn(std::string_view event, const Fields& fields = {}) {
    write(Level::kWarn, event, fields);
}
inline void error(std::string_view event, const Fields& fields = {}) {
    write(Level::kError, event, fields);
}

}  // namespace syncline::log
