// The architecture as data: who may include whom, where SQL and locks live, which names and
// libraries are not ours. A rule that is not tested decays.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const std::map<std::string, std::set<std::string>> kMayInclude{
    {"core", {}},
    {"storage", {"core"}},
    {"connectors", {"core"}},
    {"engine", {"core", "storage", "connectors"}},
    {"api", {"core", "storage", "engine"}},
    {"cli", {"core"}},
    {"main", {"core", "storage", "connectors", "engine", "api", "cli"}},
};

// Whoever else wants a lock takes Guarded<T>.
const std::set<std::string> kMayLock{
    "host/core/guarded.hpp",
    "host/storage/database.hpp",
    "host/storage/database.cpp",
    "host/storage/vault.hpp",
    "host/storage/vault.cpp",
    "host/connectors/registry.cpp",
    "host/connectors/http/http_pool.hpp",
    "host/connectors/http/http_pool.cpp",
    "host/engine/worker_pool.hpp",
    "host/engine/worker_pool.cpp",
    "host/engine/dispatcher.hpp",
    "host/engine/dispatcher.cpp",
    "host/engine/webhook_intake.hpp",
};

// Words that let anything into a file.
const std::set<std::string> kBannedWords{
    "manager", "helper", "helpers", "util", "utils", "common", "misc"};

struct Source {
    std::string path;  // from the root
    std::string text;
};

std::string read(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::vector<Source> sources(const std::vector<std::string>& folders) {
    const fs::path root = SYNCLINE_SOURCE_DIR;
    std::vector<Source> all;
    for (const auto& folder : folders) {
        if (!fs::exists(root / folder)) {
            continue;
        }
        for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
            const std::string extension = entry.path().extension().string();
            const bool foreign = entry.path().string().find("/node_modules/") != std::string::npos;
            if (foreign) {
                continue;
            }
            if (extension == ".cpp" || extension == ".hpp" || extension == ".h" ||
                extension == ".c") {
                all.push_back({fs::relative(entry.path(), root).string(), read(entry.path())});
            }
        }
    }
    EXPECT_FALSE(all.empty());
    return all;
}

std::vector<std::string> includes(const std::string& text) {
    static const std::regex kInclude(R"re(#include\s+[<"]([^>"]+)[>"])re");
    std::vector<std::string> found;
    for (std::sregex_iterator it(text.begin(), text.end(), kInclude), end; it != end; ++it) {
        found.push_back((*it)[1]);
    }
    return found;
}

std::string first_folder(const std::string& path) {
    return path.substr(0, path.find('/'));
}

bool starts_with(const std::string& text, const std::string& prefix) {
    return text.rfind(prefix, 0) == 0;
}

std::string without_comments_and_strings(const std::string& text) {
    static const std::regex kNoise(R"re(//[^\n]*|/\*[\s\S]*?\*/|"(?:[^"\\\n]|\\.)*")re");
    return std::regex_replace(text, kNoise, "");
}

TEST(Tidy, FoldersIncludeOnlyWhatLiesBelowThem) {
    for (const auto& source : sources({"host"})) {
        const std::string folder = first_folder(source.path.substr(5));
        const auto allowed = kMayInclude.find(folder);
        ASSERT_NE(allowed, kMayInclude.end()) << source.path << " is in a folder without a rule";
        for (const auto& include : includes(source.text)) {
            const std::string other = first_folder(include);
            if (kMayInclude.count(other) == 0 || other == folder ||
                include.find('/') == std::string::npos) {
                EXPECT_FALSE(starts_with(include, "syncline/plugin"))
                    << source.path << " may not include the plugin side of the SDK";
                continue;
            }
            EXPECT_TRUE(allowed->second.count(other) != 0)
                << source.path << " may not include " << other << "/";
        }
    }
}

TEST(Tidy, PluginsAndTheSdkIncludeOnlyTheSdk) {
    for (const auto& source : sources({"plugins", "sdk"})) {
        for (const auto& include : includes(source.text)) {
            EXPECT_FALSE(
                kMayInclude.count(first_folder(include)) != 0 &&
                include.find('/') != std::string::npos
            ) << source.path
              << " may not include " << include;
            EXPECT_FALSE(starts_with(include, "Poco/") || starts_with(include, "boost/"))
                << source.path << ": a plugin opens no socket and needs no " << include;
        }
    }
}

TEST(Tidy, TheSandboxSharesNoCode) {
    for (const auto& source : sources({"tools/sandbox"})) {
        for (const auto& include : includes(source.text)) {
            EXPECT_FALSE(
                starts_with(include, "syncline/") ||
                (kMayInclude.count(first_folder(include)) != 0 &&
                 include.find('/') != std::string::npos)
            ) << source.path
              << " may not include " << include;
        }
    }
}

TEST(Tidy, OnlyTheBoundaryKnowsTheAbi) {
    for (const auto& source : sources({"host"})) {
        for (const auto& include : includes(source.text)) {
            EXPECT_TRUE(include != "syncline/abi.h" || starts_with(source.path, "host/connectors/"))
                << source.path << " may not include abi.h";
        }
    }
}

TEST(Tidy, SqlLivesInStorage) {
    static const std::regex kSql(
        R"re(\b(SELECT\s+[\w\*\(]|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|BEGIN\s+IMMEDIATE))re"
    );
    for (const auto& source : sources({"host"})) {
        if (!starts_with(source.path, "host/storage/")) {
            EXPECT_FALSE(std::regex_search(source.text, kSql)) << source.path << " holds SQL";
        }
    }
}

TEST(Tidy, LocksLiveInAHandfulOfFiles) {
    for (const auto& source : sources({"host", "plugins"})) {
        for (const auto& include : includes(source.text)) {
            EXPECT_TRUE(
                (include != "mutex" && include != "shared_mutex" && include != "condition_variable"
                ) ||
                kMayLock.count(source.path) != 0
            ) << source.path
              << " may not lock by hand; use Guarded<T>";
        }
    }
}

// Every opening of a credential is in the audit log, because there is one place that opens them.
TEST(Tidy, CredentialsAreOpenedInOnePlace) {
    static const std::regex kOpens(R"re((\.|->)credential\()re");
    bool opens = false;
    for (const auto& source : sources({"host"})) {
        const bool the_place = source.path == "host/engine/credential_openings.cpp";
        const bool found = std::regex_search(without_comments_and_strings(source.text), kOpens);
        EXPECT_TRUE(!found || the_place)
            << source.path << " opens a credential past engine/credential_openings";
        opens = opens || (found && the_place);
    }
    EXPECT_TRUE(opens);
}

TEST(Tidy, OneJsonLibraryAndOneLogger) {
    for (const auto& source : sources({"host", "sdk", "plugins", "tools"})) {
        for (const auto& include : includes(source.text)) {
            EXPECT_FALSE(starts_with(include, "Poco/JSON") || include == "Poco/Logger.h")
                << source.path << " includes " << include;
            EXPECT_TRUE(!starts_with(include, "spdlog/") || source.path == "host/core/log.cpp")
                << source.path << " logs past core/log.hpp";
        }
    }
}

TEST(Tidy, NoBinaryFloatingPointInOurCode) {
    static const std::regex kFloat(R"re(\b(double|float)\b)re");
    for (const auto& source : sources({"host/core", "host/engine", "host/storage", "plugins"})) {
        EXPECT_FALSE(std::regex_search(without_comments_and_strings(source.text), kFloat))
            << source.path << " uses binary floating point";
    }
}

TEST(Tidy, NamesSayWhatAThingIs) {
    for (const auto& source : sources({"host", "sdk", "plugins", "tools", "tests", "bench"})) {
        std::string word;
        for (const char c : fs::path(source.path).stem().string() + "_") {
            if (c != '_' && c != '-') {
                word += c;
                continue;
            }
            EXPECT_EQ(kBannedWords.count(word), 0u)
                << source.path << ": '" << word << "' names nothing";
            word.clear();
        }
    }
    static const std::regex kType(R"re(\b(class|struct)\s+\w*(Manager|Helper|Util|Utils)\b)re");
    for (const auto& source : sources({"host", "sdk", "plugins", "tools"})) {
        EXPECT_FALSE(std::regex_search(source.text, kType)) << source.path;
    }
}

TEST(Tidy, HeadersEndInHppAndOnlyTheAbiInH) {
    for (const auto& source : sources({"host", "sdk", "plugins", "tools", "tests"})) {
        if (fs::path(source.path).extension() == ".h") {
            EXPECT_EQ(source.path, "sdk/include/syncline/abi.h");
        }
    }
}

TEST(Tidy, NothingIsLeftOver) {
    static const std::regex kLeftover(
        "\\b(TO"
        "DO|FIX"
        "ME|XX"
        "X|HA"
        "CK)\\b"
    );
    static const std::regex kIdle(
        "GTEST_"
        "SKIP|DISABLED"
        "_|EXPECT_TRUE\\(true"
        "\\)|ASSERT_TRUE\\(true"
        "\\)"
    );
    for (const auto& source : sources({"host", "sdk", "plugins", "tools", "tests", "bench"})) {
        EXPECT_FALSE(std::regex_search(source.text, kLeftover))
            << source.path << " has a leftover note";
        EXPECT_FALSE(std::regex_search(source.text, kIdle)) << source.path << " has an idle test";
        EXPECT_EQ(source.text.find(std::string("../") + "shared"), std::string::npos)
            << source.path << " needs a folder outside the project";
    }
}

TEST(Tidy, EveryPluginExplainsItself) {
    const fs::path plugins = fs::path(SYNCLINE_SOURCE_DIR) / "plugins";
    for (const auto& entry : fs::directory_iterator(plugins)) {
        if (entry.is_directory()) {
            EXPECT_TRUE(fs::exists(entry.path() / "README.md")) << entry.path();
            EXPECT_TRUE(fs::exists(entry.path() / "config.example.json")) << entry.path();
        }
    }
}

TEST(Tidy, MigrationsAreNumberedWithoutGapsAndSayWhy) {
    const fs::path folder = fs::path(SYNCLINE_SOURCE_DIR) / "migrations/sqlite";
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
        names.push_back(entry.path().filename().string());
        const std::string text = read(entry.path());
        EXPECT_TRUE(starts_with(text, "-- ")) << entry.path() << " must begin with why";
        EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 80) << entry.path();
    }
    std::sort(names.begin(), names.end());
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_TRUE(std::regex_match(names[i], std::regex(R"re(\d{4}_[a-z_]+\.sql)re")))
            << names[i];
        EXPECT_EQ(std::stoul(names[i].substr(0, 4)), i + 1) << names[i];
    }
}

TEST(Tidy, FilesStayWithinWhatOneCanRead) {
    for (const auto& source : sources({"host", "sdk/include", "plugins", "tools"})) {
        const auto lines = std::count(source.text.begin(), source.text.end(), '\n');
        EXPECT_LE(lines, 650) << source.path << ": which two things live in it?";
    }
}

}  // namespace
