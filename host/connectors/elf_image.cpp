#include "connectors/elf_image.hpp"

#include <cstring>
#include <map>
#include <optional>

#include <elf.h>

namespace syncline::connectors {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kThisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kThisMachine = EM_AARCH64;
#else
#error "name this machine's ELF number"
#endif

// A copy of the T at `offset`, if the file has all of it.
template <class T>
std::optional<T> take(std::string_view bytes, std::size_t offset) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof(T)) {
        return std::nullopt;
    }
    T value;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return value;
}

// The NUL-terminated text at `offset`; empty if it does not end within the file.
std::string_view text_at(std::string_view bytes, std::size_t offset) {
    if (offset >= bytes.size()) {
        return {};
    }
    const std::string_view rest = bytes.substr(offset);
    const auto end = rest.find('\0');
    return end == std::string_view::npos ? std::string_view() : rest.substr(0, end);
}

std::string machine_name(std::uint16_t machine) {
    static const std::map<std::uint16_t, std::string> kNames{
        {EM_X86_64, "x86-64"},
        {EM_AARCH64, "aarch64"},
        {EM_386, "i386"},
        {EM_ARM, "arm"},
        {EM_PPC64, "ppc64"},
        {EM_RISCV, "riscv"},
    };
    const auto found = kNames.find(machine);
    return found == kNames.end() ? "machine number " + std::to_string(machine) : found->second;
}

Error unfit(std::string why) {
    return {ErrorCode::kConfig, std::move(why), "plugin.not_a_library"};
}

}  // namespace

Result<ElfImage> ElfImage::open(std::string_view bytes) {
    const auto header = take<Elf64_Ehdr>(bytes, 0);
    if (bytes.substr(0, SELFMAG) != std::string_view(ELFMAG, SELFMAG)) {
        return unfit("is not a shared library (no ELF file)");
    }
    if (!header || header->e_ident[EI_CLASS] != ELFCLASS64 ||
        header->e_ident[EI_DATA] != ELFDATA2LSB) {
        return unfit("is not a 64-bit little-endian library, as this host needs");
    }
    if (header->e_machine != kThisMachine) {
        return unfit(
            "is built for " + machine_name(header->e_machine) + ", but this host runs on " +
            machine_name(kThisMachine)
        );
    }
    if (header->e_type != ET_DYN) {
        return unfit("is an ELF file but not a shared library");
    }
    ElfImage image(bytes);
    image.read_symbols();
    return image;
}

void ElfImage::read_symbols() {
    const auto header = take<Elf64_Ehdr>(bytes_, 0);
    for (std::size_t i = 0; i < header->e_shnum; ++i) {
        const std::size_t at = header->e_shoff + i * sizeof(Elf64_Shdr);
        const auto section = take<Elf64_Shdr>(bytes_, at);
        if (section && section->sh_type == SHT_DYNSYM) {
            read_symbol_table(at, header->e_shoff);
            return;
        }
    }
}

void ElfImage::read_symbol_table(std::size_t section_offset, std::size_t sections_at) {
    const auto table = take<Elf64_Shdr>(bytes_, section_offset);
    const auto names = take<Elf64_Shdr>(bytes_, sections_at + table->sh_link * sizeof(Elf64_Shdr));
    if (!names || table->sh_offset > bytes_.size() || names->sh_offset > bytes_.size()) {
        return;
    }
    const std::size_t count = table->sh_size / sizeof(Elf64_Sym);
    for (std::size_t i = 0; i < count; ++i) {
        const auto symbol = take<Elf64_Sym>(bytes_, table->sh_offset + i * sizeof(Elf64_Sym));
        if (!symbol) {
            return;
        }
        const bool exported =
            symbol->st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol->st_info) != STB_LOCAL;
        if (exported) {
            symbols_.push_back(
                {text_at(bytes_, names->sh_offset + symbol->st_name), symbol->st_value}
            );
        }
    }
}

std::size_t ElfImage::file_offset(std::size_t address, std::size_t size) const {
    const auto header = take<Elf64_Ehdr>(bytes_, 0);
    for (std::size_t i = 0; i < header->e_phnum; ++i) {
        const auto segment = take<Elf64_Phdr>(bytes_, header->e_phoff + i * sizeof(Elf64_Phdr));
        if (!segment || segment->p_type != PT_LOAD || address < segment->p_vaddr) {
            continue;
        }
        const std::size_t within = address - segment->p_vaddr;
        if (within < segment->p_filesz && segment->p_filesz - within >= size) {
            return segment->p_offset + within;
        }
    }
    return std::string_view::npos;
}

std::vector<std::string> ElfImage::exported(std::string_view prefix) const {
    std::vector<std::string> names;
    for (const auto& symbol : symbols_) {
        if (symbol.name.substr(0, prefix.size()) == prefix) {
            names.emplace_back(symbol.name);
        }
    }
    return names;
}

std::string_view ElfImage::data_of(std::string_view symbol, std::size_t size) const {
    for (const auto& candidate : symbols_) {
        if (candidate.name != symbol) {
            continue;
        }
        const std::size_t offset = file_offset(candidate.address, size);
        const bool whole = offset <= bytes_.size() && bytes_.size() - offset >= size;
        return whole ? bytes_.substr(offset, size) : std::string_view();
    }
    return {};
}

}  // namespace syncline::connectors
