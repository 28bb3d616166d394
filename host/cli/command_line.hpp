// The command line: verbs with their options as data, parsed with Poco::Util.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <syncline/json.hpp>
#include <syncline/result.hpp>

#include "cli/host_client.hpp"
#include "cli/local_actions.hpp"

namespace syncline::cli {

// Exit codes of the program.
inline constexpr int kOk = 0;
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Where a verb writes and what it may use.
struct Surroundings {
    std::ostream& out;
    std::ostream& err;
    Environment environment;
    LocalActions& local;
    bool terminal = false;       // err is one: progress may be drawn over
    std::istream* in = nullptr;  // where somebody answers questions; nullptr: nobody is there
};

// One use of a verb.
class Invocation {
public:
    Invocation(
        Surroundings& around,
        std::map<std::string, std::string> options,
        std::vector<std::string> words
    )
        : around_(around), options_(std::move(options)), words_(std::move(words)) {}

    std::ostream& out() const { return around_.out; }
    std::ostream& err() const { return around_.err; }
    LocalActions& local() const { return around_.local; }
    bool terminal() const { return around_.terminal; }
    // Whether there is somebody to ask.
    bool can_ask() const { return around_.in != nullptr; }
    // Asks on err; only "y" and "yes" are a yes.
    bool ask(const std::string& question) const;

    bool has(const std::string& option) const { return options_.count(option) != 0; }
    std::string option(const std::string& name) const;
    // What stands on the line besides options; "" if there are fewer.
    std::string word(std::size_t index) const;

    // --config, SYNCLINE_CONFIG, or ./syncline.json
    std::string config_file() const;
    // The host, with the token of SYNCLINE_TOKEN or --token-file. Errors: kConfig.
    Result<HostClient> host() const;

    // Prints the answer as JSON if that is wanted, else lets `as_table` print it.
    void print(const Json& answer, const std::function<void(std::ostream&)>& as_table) const;

private:
    Surroundings& around_;
    std::map<std::string, std::string> options_;
    std::vector<std::string> words_;
};

struct OptionRow {
    std::string name;
    std::string letter;    // "" = none
    std::string argument;  // what it is called in the help; "" = takes none
    std::string help;
};

struct Verb {
    std::string name;
    std::string words;  // of the help: "ENTITY", "[ID]"
    std::string summary;
    std::size_t words_min = 0;
    std::size_t words_max = 0;
    std::vector<OptionRow> options;  // besides those that all have
    // Answers the exit code.
    Result<int> (*run)(const Invocation& invocation) = nullptr;
};

// A usage error; exit code 2.
Error usage_error(std::string message);

// Runs `arguments` (without the program's name); answers the exit code.
int run_command(const std::vector<std::string>& arguments, Surroundings& around);

}  // namespace syncline::cli
