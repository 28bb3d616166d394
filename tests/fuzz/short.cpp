// Every target without libFuzzer: its corpus as it is, then mutations of it from a seed.
//
//   fuzz_short CORPUS [seed [target]]      the seed is printed; the same one does the same again
#include <algorithm>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <vector>

#include "fuzz/target.hpp"

namespace syncline::fuzz {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Target {
    const char* name;
    void (*run)(std::string_view);
    int mutations;
};
constexpr Target kTargets[] = {
    {"route", route, 6000},
    {"request", request, 6000},
    {"body", body, 3000},
    {"cursor", cursor, 3000},
    {"cron", cron, 3000},
    {"merge", merge, 3000},
    {"mapping", mapping, 3000},
    {"token", token, 3000},
    {"proof", proof, 3000},
    {"woocommerce", woocommerce, 3000},
    {"quickbooks", quickbooks, 3000},
    {"supabase", supabase, 3000},
};
constexpr std::size_t kBytesMax = 4096;

using Random = std::mt19937_64;

std::size_t below(Random& random, std::size_t bound) {
    return bound == 0 ? 0 : static_cast<std::size_t>(random() % bound);
}

std::vector<std::string> corpus_of(const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(folder)) {
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<std::string> inputs{""};
    for (const auto& path : files) {
        std::ifstream file(path, std::ios::binary);
        inputs.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return inputs;
}

void mutate_once(std::string& text, const std::vector<std::string>& corpus, Random& random) {
    static constexpr std::string_view kTelling = "[]{}\",:%/?&=.-+*0019\r\n \\\xff";
    const std::size_t at = below(random, text.size() + 1);
    switch (below(random, 7)) {
        case 0:
            text.insert(at, 1, kTelling[below(random, kTelling.size())]);
            break;
        case 1:
            text.insert(at, 1, static_cast<char>(random()));
            break;
        case 2:
            text.erase(at, 1 + below(random, 4));
            break;
        case 3:
            if (at < text.size()) {
                text[at] = static_cast<char>(text[at] ^ 1 << below(random, 8));
            }
            break;
        case 4:  // a part of it once more
            text.insert(at, text.substr(below(random, text.size() + 1), 1 + below(random, 16)));
            break;
        case 5:
            text.resize(at);
            break;
        default: {  // the end of another one
            const std::string& other = corpus[below(random, corpus.size())];
            text = text.substr(0, at) + other.substr(below(random, other.size() + 1));
        }
    }
}

// Whether it holds.
bool holds(const Target& target, const std::string& input) {
    // Of exactly its size, so that a sanitizer sees who reads beyond it.
    const std::vector<char> bytes(input.begin(), input.end());
    try {
        target.run({bytes.data(), bytes.size()});
        return true;
    } catch (const std::exception& e) {
        const std::string file = std::string("fuzz-short-") + target.name + ".input";
        std::ofstream(file, std::ios::binary) << input;
        std::cout << target.name << ": " << e.what() << "\n  with the " << input.size()
                  << " bytes of " << fs::absolute(file).string() << std::endl;
        return false;
    }
}

bool run(const Target& target, const fs::path& corpus_folder, std::uint64_t seed) {
    const auto corpus = corpus_of(corpus_folder / target.name);
    Random random(seed);
    const auto began = Clock::now();
    bool good = true;
    for (const auto& input : corpus) {
        good = good && holds(target, input);
    }
    for (int i = 0; good && i < target.mutations; ++i) {
        std::string input = corpus[below(random, corpus.size())];
        for (std::size_t times = 1 + below(random, 4); times > 0; --times) {
            mutate_once(input, corpus, random);
        }
        input.resize(std::min(input.size(), kBytesMax));
        good = holds(target, input);
    }
    const auto took =
        std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began).count();
    std::cout << target.name << ": " << corpus.size() << " inputs, " << target.mutations
              << " mutations, " << took << " ms: " << (good ? "good" : "BROKEN") << std::endl;
    return good;
}

}  // namespace
}  // namespace syncline::fuzz

int main(int argc, char** argv) {
    if (argc < 2) {
        std::cerr << "expected: fuzz_short CORPUS [seed [target]]\n";
        return 2;
    }
    const std::uint64_t seed = argc > 2 ? std::stoull(argv[2]) : std::random_device{}();
    std::cout << "seed " << seed << std::endl;
    bool good = true;
    for (const auto& target : syncline::fuzz::kTargets) {
        if (argc < 4 || std::strcmp(argv[3], target.name) == 0) {
            good = syncline::fuzz::run(target, argv[1], seed) && good;
        }
    }
    return good ? 0 : 1;
}
