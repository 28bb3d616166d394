#pragma once

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace syncline::test {

// One request of answers.txt and what the real shop said.
struct RecordedAnswer {
    std::string text;  // the request as written there
    std::string user;  // "", "RW" or "key:secret"
    std::string method = "GET";
    std::string path;  // below the API, or a whole URL
    std::vector<std::pair<std::string, std::string>> headers;
    std::string data;

    int status = 0;
    std::vector<std::pair<std::string, std::string>> answer_headers;
    std::string body;  // long ones were cut when they were recorded
};

// Reads the words after "###": curl's options, then the path.
inline void read_request(RecordedAnswer& answer, const std::string& text) {
    answer.text = text;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (word == "-u") {
            words >> answer.user;
        } else if (word == "-X") {
            words >> answer.method;
        } else if (word == "-d" || word == "--data-binary") {
            words >> answer.data;
        } else if (word == "-H") {
            std::string name, value;
            words >> name >> value;
            name.pop_back();  // the colon
            answer.headers.emplace_back(name, value);
        } else {
            answer.path = word;
        }
    }
}

inline std::vector<RecordedAnswer> read_recorded_answers(const std::string& file) {
    std::ifstream stream(file);
    if (!stream)
        throw std::runtime_error("cannot read " + file);
    std::vector<RecordedAnswer> answers;
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("### ", 0) == 0 || line == "###") {
            answers.emplace_back();
            read_request(answers.back(), line.substr(3));
        } else if (line.rfind("== ", 0) == 0 || answers.empty()) {
            continue;
        } else if (line.rfind("HTTP/1.1 ", 0) == 0) {
            answers.back().status = std::stoi(line.substr(9));
        } else if (const auto colon = line.find(": ");
                   line[0] != '{' && line[0] != '[' && colon != std::string::npos) {
            answers.back().answer_headers.emplace_back(
                line.substr(0, colon), line.substr(colon + 2)
            );
        } else {
            answers.back().body += line;
        }
    }
    return answers;
}

}  // namespace syncline::test
