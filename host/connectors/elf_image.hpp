// Reads a shared library as a file, without running any of its code. Pure; trusts nothing it reads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/result.hpp>

namespace syncline::connectors {

class ElfImage {
public:
    // `bytes` (the whole file) outlives the image. Errors: kConfig, the end of a sentence that
    // begins with the file: "is not a shared library".
    static Result<ElfImage> open(std::string_view bytes);

    // Names of all symbols it exports that begin with `prefix`.
    std::vector<std::string> exported(std::string_view prefix) const;

    // The first `size` bytes of an exported data symbol as they are in the file; empty if there is
    // no such symbol or the file does not hold them.
    std::string_view data_of(std::string_view symbol, std::size_t size) const;

private:
    struct Symbol {
        std::string_view name;
        std::size_t address = 0;
    };
    explicit ElfImage(std::string_view bytes) : bytes_(bytes) {}
    void read_symbols();
    void read_symbol_table(std::size_t section_offset, std::size_t sections_at);
    // Where in the file the loader finds `address`; npos if nowhere.
    std::size_t file_offset(std::size_t address, std::size_t size) const;

    std::string_view bytes_;
    std::vector<Symbol> symbols_;
};

}  // namespace syncline::connectors
