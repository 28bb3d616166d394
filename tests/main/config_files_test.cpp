// config/syncline.example.json documents every setting, and config/syncline.schema.json says the
// same to editors. The structs are the truth; the comments of the example are the descriptions.
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

#include "main/config.hpp"
#include "main/init.hpp"
#include "support/temp_dir.hpp"

namespace syncline::host {
namespace {

// Path of a setting ("/connections/*/name") to the comment above its first mention.
using Descriptions = std::map<std::string, std::string>;

std::string read(const std::string& path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

std::string config_folder() {
    return std::string(SYNCLINE_SOURCE_DIR) + "/config";
}

// Walks the example's lines: it has one member per line where it documents.
class ExampleReader {
public:
    explicit ExampleReader(const std::string& text) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) {
            take(line.substr(std::min(line.find_first_not_of(' '), line.size())));
        }
    }
    Descriptions descriptions;
    std::vector<std::string> undocumented;

private:
    void take(const std::string& line) {
        if (line.rfind("//", 0) == 0) {
            comment_ += (comment_.empty() || line.size() < 4 ? "" : " ") +
                        (line.size() > 3 ? line.substr(3) : "");
            return;
        }
        name_.clear();
        const std::size_t end = line.rfind('"', 0) == 0 ? line.find('"', 1) : std::string::npos;
        if (end != std::string::npos && line[end + 1] == ':') {
            name_ = line.substr(1, end - 1);
            note(path() + "/" + name_);
        }
        const std::size_t end_of_line = line.find_last_not_of(", ");
        const std::string last =
            end_of_line == std::string::npos ? "" : line.substr(end_of_line, 1);
        if (last == "{" || last == "[") {
            // A list's elements all are "*"; the whole document has no name.
            path_.push_back(last == "[" ? name_ + "/*" : name_);
        } else if (last == "}" || last == "]") {
            const bool opens_here = line.find_first_of("{[") != std::string::npos;
            if (!opens_here) {
                path_.pop_back();
            }
        }
        comment_.clear();
    }
    std::string path() const {
        std::string text;
        for (const auto& part : path_) {
            text += part.empty() ? "" : "/" + part;
        }
        return text;
    }
    void note(const std::string& path) {
        if (comment_.empty() && descriptions.count(path) == 0 &&
            path.find("/settings/") == std::string::npos) {
            undocumented.push_back(path);
        }
        descriptions.emplace(path, comment_);
    }

    std::vector<std::string> path_;
    std::string name_;
    std::string comment_;
};

template <class T>
Json schema_of(const std::string& path, const Descriptions& descriptions);

template <class T>
Json object_schema(const std::string& path, const Descriptions& descriptions) {
    Json properties = Json::object();
    std::apply(
        [&](const auto&... entry) {
            const auto add = [&](const auto& one) {
                using Member = std::decay_t<decltype(std::declval<T>().*(one.member))>;
                const std::string place = path + "/" + std::string(one.name);
                Json property = schema_of<Member>(place, descriptions);
                if (const auto found = descriptions.find(place); found != descriptions.end()) {
                    property["description"] = found->second;
                }
                if constexpr (!detail::HasFields<Member> && !detail::IsVector<Member>::value) {
                    const Json value = to_json(T{})[std::string(one.name)];
                    if (!value.is_null() && !value.is_object() && value != "") {
                        property["default"] = value;
                    }
                }
                properties[std::string(one.name)] = std::move(property);
            };
            (add(entry), ...);
        },
        T::fields()
    );
    return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

template <class T>
Json schema_of(const std::string& path, const Descriptions& descriptions) {
    if constexpr (detail::HasFields<T>) {
        return object_schema<T>(path, descriptions);
    } else if constexpr (detail::IsOptional<T>::value) {
        return schema_of<typename T::value_type>(path, descriptions);
    } else if constexpr (detail::IsVector<T>::value) {
        return {
            {"type", "array"},
            {"items", schema_of<typename T::value_type>(path + "/*", descriptions)}};
    } else if constexpr (std::is_same_v<T, Timestamp>) {
        return {{"type", "string"}, {"format", "date-time"}};
    } else if constexpr (std::is_enum_v<T>) {
        Json names = Json::array();
        for (const auto& [value, name] : EnumNames<T>::kNames) {
            names.push_back(std::string(name));
        }
        return {{"type", "string"}, {"enum", names}};
    } else if constexpr (std::is_same_v<T, Json>) {
        return {{"type", "object"}};
    } else if constexpr (std::is_same_v<T, bool>) {
        return {{"type", "boolean"}};
    } else if constexpr (std::is_integral_v<T>) {
        return {{"type", "integer"}};
    } else {
        return {{"type", "string"}};
    }
}

void collect(const Json& schema, const std::string& path, std::set<std::string>& paths) {
    if (schema.contains("properties")) {
        for (const auto& entry : schema["properties"].items()) {
            paths.insert(path + "/" + entry.key());
            collect(entry.value(), path + "/" + entry.key(), paths);
        }
    }
    if (schema.contains("items")) {
        collect(schema["items"], path + "/*", paths);
    }
}

// Settings of one side of a flow that the struct has for both.
bool of_the_other_side(const std::string& path) {
    const auto within = [&](const std::string& place) {
        return path == place || path.rfind(place + "/", 0) == 0;
    };
    return within("/flows/*/source/entity") || within("/flows/*/source/options") ||
           within("/flows/*/target/filters");
}

TEST(ConfigFiles, TheExampleDocumentsEverySettingAndNoOther) {
    const ExampleReader example(read(config_folder() + "/syncline.example.json"));
    EXPECT_EQ(example.undocumented, std::vector<std::string>{});
    std::set<std::string> known;
    collect(schema_of<HostConfig>("", {}), "", known);
    for (const auto& path : known) {
        EXPECT_TRUE(example.descriptions.count(path) != 0 || of_the_other_side(path))
            << "config/syncline.example.json says nothing of " << path;
    }
    for (const auto& [path, description] : example.descriptions) {
        EXPECT_TRUE(known.count(path) != 0 || path.find("/settings/") != std::string::npos)
            << "there is no setting " << path;
    }
}

TEST(ConfigFiles, TheExampleHasTheDefaults) {
    const auto example =
        parse_json(without_comments(read(config_folder() + "/syncline.example.json")));
    ASSERT_TRUE(example.has_value()) << example.error().message;
    const Json defaults = to_json(HostConfig{});
    for (const char* section :
         {"database",
          "keys",
          "api",
          "log",
          "engine",
          "retention",
          "egress",
          "tls",
          "http",
          "plugin_dir",
          "tenants"}) {
        EXPECT_EQ((*example)[section], defaults[section]) << section;
    }
    FlowSettings flow;
    const Json shown = (*example)["flows"][0];
    for (const char* member :
         {"tenant",
          "mode",
          "batch_size",
          "enabled",
          "approval",
          "conflict_policy",
          "delete_policy",
          "mapping"}) {
        EXPECT_EQ(shown[member], to_json(flow)[member]) << member;
    }
}

TEST(ConfigFiles, TheExampleIsTaken) {
    const auto config = load_config(
        config_folder() + "/syncline.example.json",
        [](const std::string& name) -> std::optional<std::string> {
            return name.find("KEY") != std::string::npos || name.find("SECRET") != std::string::npos
                       ? std::optional<std::string>("x")
                       : std::nullopt;
        }
    );
    EXPECT_TRUE(config.has_value()) << config.error().message;
}

TEST(ConfigFiles, TheSchemaSaysTheSame) {
    const ExampleReader example(read(config_folder() + "/syncline.example.json"));
    Json schema = schema_of<HostConfig>("", example.descriptions);
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
    schema["title"] = "Configuration of a Syncline host";
    const std::string made = schema.dump(2) + "\n";
    const std::string copy = std::string(SYNCLINE_BINARY_DIR) + "/syncline.schema.json";
    std::ofstream(copy) << made;
    EXPECT_TRUE(read(config_folder() + "/syncline.schema.json") == made)
        << "if the change is meant: cp " << copy << " " << config_folder();
}

TEST(ConfigFiles, WhatInitWritesIsTaken) {
    const testing::TempDir dir;
    std::filesystem::create_directories(dir.file("plugins/deep"));
    for (const char* name : {"plugins/a.so", "plugins/deep/b.so", "plugins/notes.txt"}) {
        std::ofstream(dir.file(name)) << "x";
    }
    const auto made = init_folder(dir.file("host"), dir.file("plugins"));
    ASSERT_TRUE(made.has_value()) << made.error().message;
    const auto config = load_config(dir.file("host/syncline.json"), process_environment);
    ASSERT_TRUE(config.has_value()) << config.error().message;
    ASSERT_EQ(config->connectors.size(), 2u);
    EXPECT_EQ(config->connectors[0].file, dir.file("plugins/a.so"));
    EXPECT_EQ(config->connectors[1].file, dir.file("plugins/deep/b.so"));
    const auto perms = [&](const std::string& name) {
        return std::filesystem::status(dir.file(name)).permissions();
    };
    EXPECT_EQ(perms("host/keys"), std::filesystem::perms::owner_all);
    EXPECT_EQ(perms("host/data"), std::filesystem::perms::owner_all);
    const std::string key = read(dir.file("host/keys/encryption.key"));
    const auto again = init_folder(dir.file("host"), dir.file("plugins"));
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, ErrorCode::kExists);
    EXPECT_NE(again.error().message.find("syncline.json is there already"), std::string::npos);
    EXPECT_EQ(read(dir.file("host/keys/encryption.key")), key);
}

}  // namespace
}  // namespace syncline::host
