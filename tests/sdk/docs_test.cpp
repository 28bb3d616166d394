// What the documents show is what the code does: README snippets are text of the template, and the
// examples of docs/connector-operations.md are read with the real types.
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>
#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

namespace syncline {
namespace {

const std::string kSource = SYNCLINE_SOURCE_DIR;

std::string content(const std::string& path) {
    std::ifstream file(path);
    EXPECT_TRUE(file.good()) << path;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

struct Block {
    std::string language;  // "cpp"
    std::string about;     // the second word: a file, a type
    std::string text;
    int line;
};

// The fenced blocks of a Markdown file.
std::vector<Block> blocks_of(const std::string& path) {
    std::vector<Block> blocks;
    std::istringstream file(content(path));
    bool inside = false;
    int number = 0;
    for (std::string line; std::getline(file, line);) {
        ++number;
        if (line.rfind("```", 0) == 0) {
            if (!inside) {
                std::istringstream words(line.substr(3));
                Block block{"", "", "", number};
                words >> block.language >> block.about;
                blocks.push_back(block);
            }
            inside = !inside;
        } else if (inside) {
            blocks.back().text += line + "\n";
        }
    }
    EXPECT_FALSE(inside) << path << ": a block without its end";
    return blocks;
}

TEST(SdkReadme, ShowsTextOfTheTemplateAndNothingElse) {
    int snippets = 0;
    for (const auto& block : blocks_of(kSource + "/sdk/README.md")) {
        if (block.language != "cpp" && block.language != "cmake") {
            continue;
        }
        ++snippets;
        ASSERT_FALSE(block.about.empty()) << "line " << block.line << ": which file is it from?";
        EXPECT_NE(
            content(kSource + "/sdk/template/" + block.about).find(block.text), std::string::npos
        ) << "line "
          << block.line << ": not in sdk/template/" << block.about << ":\n"
          << block.text;
    }
    EXPECT_GE(snippets, 10);
}

TEST(SdkReadme, ConfiguresTheTemplateAsItsExampleDoes) {
    int configurations = 0;
    for (const auto& block : blocks_of(kSource + "/sdk/README.md")) {
        if (block.language != "json") {
            continue;
        }
        ++configurations;
        const auto json = parse_json(block.text);
        ASSERT_TRUE(json.has_value()) << "line " << block.line << ": " << json.error().message;
        EXPECT_EQ(
            json->at("connections").at(0).at("settings"),
            *parse_json(content(kSource + "/sdk/template/config.example.json"))
        );
        EXPECT_EQ(
            json->at("flows").at(0).at("source").at("connection"),
            json->at("connections").at(0).at("name")
        );
    }
    EXPECT_EQ(configurations, 1);
}

TEST(SdkReadme, LinksToFilesThatExist) {
    for (const std::string document :
         {"sdk/README.md", "docs/connector-operations.md", "sdk/template/README.md"}) {
        const std::string text = content(kSource + "/" + document);
        const auto folder = std::filesystem::path(kSource + "/" + document).parent_path();
        const std::regex link(R"(\]\(([^)#]+))");
        for (std::sregex_iterator at(text.begin(), text.end(), link), end; at != end; ++at) {
            EXPECT_TRUE(std::filesystem::exists(folder / (*at)[1].str()))
                << document << " links to " << (*at)[1];
        }
    }
}

// The errors of the table are those there are.
TEST(SdkReadme, ExplainsEveryErrorCodeThatMayCross) {
    const std::string text = content(kSource + "/sdk/README.md");
    const std::string header = content(kSource + "/sdk/include/syncline/result.hpp");
    const std::regex code(R"((k[A-Za-z]+) = (\d+),)");
    int codes = 0;
    for (std::sregex_iterator at(header.begin(), header.end(), code), end; at != end; ++at) {
        if (std::stoi((*at)[2]) < 100) {
            ++codes;
            EXPECT_NE(text.find("| `" + (*at)[1].str() + "` |"), std::string::npos) << (*at)[1];
        }
    }
    EXPECT_EQ(codes, 11);
}

// Whether every member of `example` is in `whole` with the same value.
bool is_part_of(const Json& example, const Json& whole) {
    if (example.is_object() && whole.is_object()) {
        for (const auto& [name, value] : example.items()) {
            if (!whole.contains(name) || !is_part_of(value, whole.at(name))) {
                return false;
            }
        }
        return true;
    }
    if (example.is_array() && whole.is_array() && example.size() == whole.size()) {
        for (std::size_t i = 0; i < example.size(); ++i) {
            if (!is_part_of(example[i], whole[i])) {
                return false;
            }
        }
        return true;
    }
    return example == whole;
}

template <class T>
std::string complaint(const Json& example) {
    const auto read = from_json<T>(example, Unknown::kRefuse);
    if (!read) {
        return read.error().message;
    }
    const Json written = to_json(*read);
    return is_part_of(example, written) ? "" : "it is written as " + written.dump(2);
}

const std::map<std::string, std::function<std::string(const Json&)>> kTypes{
    {"Spec", complaint<Spec>},
    {"CheckReport", complaint<CheckReport>},
    {"Catalog", complaint<Catalog>},
    {"ReadRequest", complaint<ReadRequest>},
    {"Page", complaint<Page>},
    {"EncodeRequest", complaint<EncodeRequest>},
    {"Encoded", complaint<Encoded>},
    {"FindRequest", complaint<FindRequest>},
    {"Found", complaint<Found>},
    {"WriteRequest", complaint<WriteRequest>},
    {"Written", complaint<Written>},
    {"Tokens", complaint<Tokens>},
    {"WebhookDelivery", complaint<WebhookDelivery>},
    {"WebhookEvent", complaint<WebhookEvent>},
    {"WebhookRegistration", complaint<WebhookRegistration>},
    {"WebhookReport", complaint<WebhookReport>},
    {"Order", complaint<Order>},
    {"Customer", complaint<Customer>},
    {"Product", complaint<Product>},
    {"Refund", complaint<Refund>},
    {"Invoice", complaint<Invoice>},
    {"Payment", complaint<Payment>},
};

TEST(OperationsDocument, HasOneReadableExampleOfEveryType) {
    std::map<std::string, int> seen;
    for (const auto& block : blocks_of(kSource + "/docs/connector-operations.md")) {
        const auto type = kTypes.find(block.about);
        ASSERT_TRUE(type != kTypes.end()) << "line " << block.line << ": '" << block.about << "'";
        const auto json = parse_json(block.text);
        ASSERT_TRUE(json.has_value()) << "line " << block.line << ": " << json.error().message;
        EXPECT_EQ(type->second(*json), "") << "line " << block.line;
        ++seen[block.about];
    }
    for (const auto& [name, reader] : kTypes) {
        EXPECT_GE(seen[name], 1) << "no example of " << name;
    }
}

TEST(OperationsDocument, NamesEveryOperationOfTheTable) {
    const std::string text = content(kSource + "/docs/connector-operations.md");
    const std::string header = content(kSource + "/sdk/include/syncline/abi.h");
    const std::regex slots(R"(\n    syncline_op ([a-z_, ]+);)");
    int operations = 0;
    for (std::sregex_iterator at(header.begin(), header.end(), slots), end; at != end; ++at) {
        std::istringstream names((*at)[1].str());
        for (std::string name; names >> name;) {
            name = name.substr(0, name.find(','));
            ++operations;
            EXPECT_NE(text.find(name), std::string::npos) << name;
        }
    }
    EXPECT_EQ(operations, 16);
}

TEST(TemplateReadme, ListsTheSettingsOfTheTemplate) {
    const std::string readme = content(kSource + "/sdk/template/README.md");
    const std::string source = content(kSource + "/sdk/template/acme.cpp");
    const std::regex setting(R"~(setting\("([a-z_]+)", SettingType::[A-Za-z]+, "([^"]+)"\))~");
    int settings = 0;
    for (std::sregex_iterator at(source.begin(), source.end(), setting), end; at != end; ++at) {
        ++settings;
        EXPECT_NE(readme.find("| `" + (*at)[1].str() + "` |"), std::string::npos) << (*at)[1];
        EXPECT_NE(readme.find((*at)[2].str()), std::string::npos) << (*at)[2];
    }
    EXPECT_EQ(settings, 3);
}

}  // namespace
}  // namespace syncline
