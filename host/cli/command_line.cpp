#include "cli/command_line.hpp"

#include <algorithm>
#include <fstream>
#include <istream>
#include <ostream>

#include <Poco/Exception.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionProcessor.h>
#include <Poco/Util/OptionSet.h>

#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

constexpr auto kUsageName = "usage";
constexpr auto kDefaultConfig = "syncline.json";
constexpr auto kDefaultUrl = "http://127.0.0.1:8923";
constexpr std::size_t kTokenFileBytesMax = 8192;

const std::vector<OptionRow>& shared_options() {
    static const std::vector<OptionRow> kShared{
        {"config", "c", "FILE", "configuration file (SYNCLINE_CONFIG; ./syncline.json)"},
        {"url", "u", "URL", "the host's address (SYNCLINE_URL; else from the configuration)"},
        {"token-file", "", "FILE", "file with the bearer token (or SYNCLINE_TOKEN)"},
        {"output", "o", "FORMAT", "json or table"},
        {"help", "h", "", "this help"}};
    return kShared;
}

std::vector<OptionRow> all_options(const Verb& verb) {
    std::vector<OptionRow> all = verb.options;
    all.insert(all.end(), shared_options().begin(), shared_options().end());
    return all;
}

Poco::Util::OptionSet option_set(const Verb& verb) {
    Poco::Util::OptionSet set;
    for (const auto& row : all_options(verb)) {
        Poco::Util::Option option(row.name, row.letter, row.help);
        if (!row.argument.empty()) {
            option.argument(row.argument);
        }
        set.addOption(option);
    }
    return set;
}

struct Parsed {
    std::map<std::string, std::string> options;
    std::vector<std::string> words;
};

Result<Parsed> parse(const Verb& verb, const std::vector<std::string>& arguments) {
    const Poco::Util::OptionSet set = option_set(verb);
    Poco::Util::OptionProcessor processor(set);
    Parsed parsed;
    try {
        for (const auto& argument : arguments) {
            std::string name;
            std::string value;
            if (!processor.process(argument, name, value)) {
                parsed.words.push_back(argument);
            } else if (!name.empty()) {
                parsed.options[name] = value;
            }
        }
        processor.checkRequired();
    } catch (const Poco::Exception& e) {
        return usage_error(e.displayText());
    }
    const std::string format =
        parsed.options.count("output") != 0 ? parsed.options["output"] : "table";
    if (format != "table" && format != "json") {
        return usage_error("--output: expected json or table, found '" + format + "'");
    }
    return parsed;
}

void print_all_verbs(std::ostream& out) {
    out << "usage: syncline VERB [options]\n\n";
    for (const auto& verb : verbs()) {
        std::string left = "  " + verb.name + " " + verb.words;
        left.resize(std::max<std::size_t>(left.size() + 1, 34), ' ');
        out << left << verb.summary << "\n";
    }
    out << "\n`syncline VERB --help` shows a verb's options.\n"
           "Exit codes: 0 ok, 1 failed, 2 wrong usage.\n";
}

void print_help(const Verb& verb, std::ostream& out) {
    out << "usage: syncline " << verb.name << (verb.words.empty() ? "" : " ") << verb.words
        << " [options]\n"
        << verb.summary << "\n\n";
    for (const auto& row : all_options(verb)) {
        std::string left = row.letter.empty() ? "      --" : "  -" + row.letter + ", --";
        left += row.name + (row.argument.empty() ? "" : " " + row.argument);
        left.resize(std::max<std::size_t>(left.size() + 1, 30), ' ');
        out << left << row.help << "\n";
    }
}

Result<int> run_verb(
    const Verb& verb, const std::vector<std::string>& arguments, Surroundings& around
) {
    SYNCLINE_ASSIGN_OR_RETURN(Parsed parsed, parse(verb, arguments));
    if (parsed.options.count("help") != 0) {
        print_help(verb, around.out);
        return kOk;
    }
    if (parsed.words.size() < verb.words_min) {
        return usage_error("something is missing: " + verb.words);
    }
    if (parsed.words.size() > verb.words_max) {
        return usage_error("too much: '" + parsed.words[verb.words_max] + "'");
    }
    return verb.run(Invocation(around, std::move(parsed.options), std::move(parsed.words)));
}

Result<std::string> read_token_file(const std::string& file) {
    std::ifstream in(file);
    std::string token(kTokenFileBytesMax, '\0');
    in.read(token.data(), static_cast<std::streamsize>(token.size()));
    token.resize(static_cast<std::size_t>(in.gcount()));
    token.erase(token.find_last_not_of(" \t\r\n") + 1);
    if (token.empty()) {
        return Error{ErrorCode::kConfig, "the token file " + file + " cannot be read or is empty"};
    }
    return token;
}

}  // namespace

Error usage_error(std::string message) {
    return Error{ErrorCode::kInvalid, std::move(message), kUsageName};
}

bool Invocation::ask(const std::string& question) const {
    err() << question << " (y/N) " << std::flush;
    std::string answer;
    if (around_.in == nullptr || !std::getline(*around_.in, answer)) {
        return false;
    }
    return answer == "y" || answer == "Y" || answer == "yes";
}

std::string Invocation::option(const std::string& name) const {
    const auto found = options_.find(name);
    return found == options_.end() ? std::string() : found->second;
}

std::string Invocation::word(std::size_t index) const {
    return index < words_.size() ? words_[index] : std::string();
}

std::string Invocation::config_file() const {
    if (has("config")) {
        return option("config");
    }
    return around_.environment("SYNCLINE_CONFIG").value_or(kDefaultConfig);
}

Result<HostClient> Invocation::host() const {
    std::string url = has("url") ? option("url") : around_.environment("SYNCLINE_URL").value_or("");
    if (url.empty()) {
        const bool chosen = has("config") || around_.environment("SYNCLINE_CONFIG").has_value();
        if (chosen || std::ifstream(config_file()).good()) {
            SYNCLINE_ASSIGN_OR_RETURN(url, local().host_url(config_file()));
        } else {
            url = kDefaultUrl;
        }
    }
    std::string token = around_.environment("SYNCLINE_TOKEN").value_or("");
    if (has("token-file")) {
        SYNCLINE_ASSIGN_OR_RETURN(token, read_token_file(option("token-file")));
    }
    return HostClient::make(url, token);
}

void Invocation::print(const Json& answer, const std::function<void(std::ostream&)>& as_table)
    const {
    if (option("output") == "json") {
        out() << answer.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
    } else {
        as_table(out());
    }
}

int run_command(const std::vector<std::string>& arguments, Surroundings& around) {
    const std::string name = arguments.empty() ? "" : arguments.front();
    if (name == "help" || name == "--help" || name == "-h") {
        print_all_verbs(around.out);
        return kOk;
    }
    const auto verb = std::find_if(verbs().begin(), verbs().end(), [&](const Verb& one) {
        return one.name == (name == "--version" ? "version" : name);
    });
    if (verb == verbs().end()) {
        around.err << "syncline: "
                   << (name.empty() ? "no verb given" : "unknown verb '" + name + "'") << "\n\n";
        print_all_verbs(around.err);
        return kUsage;
    }
    const auto result = run_verb(*verb, {arguments.begin() + 1, arguments.end()}, around);
    if (result) {
        return *result;
    }
    const bool usage = result.error().name == kUsageName;
    around.err << "syncline" << (usage ? " " + verb->name : "") << ": " << result.error().message
               << "\n";
    if (usage) {
        around.err << "see: syncline " << verb->name << " --help\n";
    }
    return usage ? kUsage : kFailed;
}

}  // namespace syncline::cli
