#include "core/log.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <syncline/json.hpp>
#include <syncline/timestamp.hpp>

#include "core/redact.hpp"
#include "core/trace_context.hpp"

namespace syncline::log {
namespace {

constexpr std::size_t kValueBytesMax = 4096;

constexpr std::array<std::pair<Level, std::string_view>, 5> kLevels{{
    {Level::kDebug, "debug"},
    {Level::kInfo, "info"},
    {Level::kWarn, "warn"},
    {Level::kError, "error"},
    {Level::kOff, "off"},
}};

spdlog::level::level_enum spdlog_level(Level level) {
    switch (level) {
        case Level::kDebug:
            return spdlog::level::debug;
        case Level::kInfo:
            return spdlog::level::info;
        case Level::kWarn:
            return spdlog::level::warn;
        case Level::kError:
            return spdlog::level::err;
        case Level::kOff:
            break;
    }
    return spdlog::level::off;
}

class FunctionSink : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit FunctionSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        write_({message.payload.data(), message.payload.size()});
    }
    void flush_() override {}

private:
    std::function<void(std::string_view)> write_;
};

struct Writer {
    std::shared_ptr<spdlog::logger> logger;
    Format format = Format::kText;
};

std::shared_ptr<const Writer> make_writer(Options options) {
    spdlog::sink_ptr sink;
    if (options.sink) {
        sink = std::make_shared<FunctionSink>(std::move(options.sink));
    } else {
        sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    }
    auto logger = std::make_shared<spdlog::logger>("syncline", std::move(sink));
    logger->set_pattern("%v");
    logger->set_level(spdlog_level(options.level));
    logger->flush_on(spdlog::level::info);
    return std::make_shared<const Writer>(Writer{std::move(logger), options.format});
}

std::shared_ptr<const Writer>& current_writer() {
    static std::shared_ptr<const Writer> writer = make_writer(Options{});
    return writer;
}

std::shared_ptr<const Writer> writer() {
    return std::atomic_load(&current_writer());
}

std::string shown(const Field& field) {
    if (is_sensitive_name(field.name)) {
        return std::string(kRedacted);
    }
    if (field.value.size() > kValueBytesMax) {
        return redact(field.value.substr(0, kValueBytesMax)) + "... (" +
               std::to_string(field.value.size()) + " bytes)";
    }
    return redact(field.value);
}

// Bare where it can be read without doubt, else as a JSON string, which escapes control characters.
std::string quoted_if_needed(const std::string& text) {
    const bool plain = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7F && c != '"' && c != '=' && c != '\\';
    });
    return plain ? text : dump_json(Json(text));
}

std::string escaped(std::string_view text) {
    const std::string quoted = dump_json(Json(redact(text)));
    return quoted.substr(1, quoted.size() - 2);
}

Timestamp now() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count()};
}

std::string text_line(Level level, std::string_view event, const Fields& fields) {
    constexpr std::array<std::string_view, 4> kNames{" DEBUG ", " INFO  ", " WARN  ", " ERROR "};
    std::string line = now().to_string();
    line += kNames.at(static_cast<std::size_t>(level));
    line += escaped(event);
    for (const auto& field : fields) {
        line.append(" ").append(field.name).append("=").append(quoted_if_needed(shown(field)));
    }
    return line;
}

std::string json_line(Level level, std::string_view event, const Fields& fields) {
    std::string line = R"({"time":")" + now().to_string() + R"(","level":")";
    line += kLevels.at(static_cast<std::size_t>(level)).second;
    line += R"(","event":")" + escaped(event) + "\"";
    for (const auto& field : fields) {
        const std::string value = shown(field);
        const bool bare = field.kind != Field::Kind::kText && value == field.value;
        line += "," + dump_json(Json(field.name)) + ":" + (bare ? value : dump_json(Json(value)));
    }
    return line + "}";
}

}  // namespace

void configure(Options options) {
    std::atomic_store(&current_writer(), make_writer(std::move(options)));
}

Result<Level> parse_level(std::string_view text) {
    for (const auto& [level, name] : kLevels) {
        if (name == text) {
            return level;
        }
    }
    return invalid(
        "log level '" + std::string(text) + "': expected debug, info, warn, error or off"
    );
}

Result<Format> parse_format(std::string_view text) {
    if (text == "text" || text == "json") {
        return text == "json" ? Format::kJson : Format::kText;
    }
    return invalid("log format '" + std::string(text) + "': expected text or json");
}

bool enabled(Level level) {
    return level != Level::kOff && writer()->logger->should_log(spdlog_level(level));
}

void write(Level level, std::string_view event, const Fields& given) {
    const auto to = writer();
    if (level == Level::kOff || !to->logger->should_log(spdlog_level(level))) {
        return;
    }
    Fields fields = given;
    if (const TraceContext* trace = current_trace()) {
        fields.emplace_back("trace", trace->trace_id);
    }
    const std::string line = to->format == Format::kJson ? json_line(level, event, fields)
                                                         : text_line(level, event, fields);
    to->logger->log(spdlog_level(level), spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace syncline::log
