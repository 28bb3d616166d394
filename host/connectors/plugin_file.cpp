#include "connectors/plugin_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <openssl/sha.h>
#include <sys/stat.h>
#include <unistd.h>

#include <syncline/abi.h>

#include "connectors/elf_image.hpp"

namespace syncline::connectors {
namespace {

constexpr off_t kFileBytesMax = 512L * 1024 * 1024;

Error refused(const std::string& file, const std::string& why, std::string name) {
    return {ErrorCode::kConfig, "plugin '" + file + "' " + why, std::move(name)};
}

class OpenFile {
public:
    explicit OpenFile(const std::string& file)
        // Without waiting for a writer, should it be a pipe.
        : descriptor_(open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)),
          failure_(errno) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile() {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
    }
    bool is_open() const { return descriptor_ >= 0; }
    int failure() const { return failure_; }
    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
    int failure_;
};

std::string identity_of(const struct stat& status) {
    std::string text;
    for (const auto part :
         {static_cast<std::int64_t>(status.st_dev),
          static_cast<std::int64_t>(status.st_ino),
          static_cast<std::int64_t>(status.st_size),
          static_cast<std::int64_t>(status.st_mtim.tv_sec),
          static_cast<std::int64_t>(status.st_mtim.tv_nsec),
          static_cast<std::int64_t>(status.st_ctim.tv_sec),
          static_cast<std::int64_t>(status.st_ctim.tv_nsec)}) {
        text += std::to_string(part) + ":";
    }
    return text;
}

Error cannot_open(const std::string& file, int failure) {
    switch (failure) {
        case ENOENT:
        case ENOTDIR:
            return refused(
                file, "does not exist; correct the path in the configuration", "plugin.missing"
            );
        case ELOOP:
            return refused(
                file, "is a symbolic link; name the file it points to instead", "plugin.symlink"
            );
        case EACCES:
            return refused(
                file,
                "may not be read by this process; chmod a+r the file and a+x its folders",
                "plugin.unreadable"
            );
        default:
            return refused(
                file,
                "cannot be opened: " + std::generic_category().message(failure),
                "plugin.unreadable"
            );
    }
}

Result<struct stat> check_kind(const std::string& file, int descriptor) {
    struct stat status {};
    if (fstat(descriptor, &status) != 0) {
        return cannot_open(file, errno);
    }
    if (S_ISDIR(status.st_mode)) {
        return refused(file, "is a folder; name the .so file in it", "plugin.not_a_file");
    }
    if (!S_ISREG(status.st_mode)) {
        return refused(file, "is not a regular file", "plugin.not_a_file");
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        return refused(
            file, "can be changed by every user of this machine; chmod o-w it", "plugin.writable"
        );
    }
    if (status.st_size > kFileBytesMax) {
        return refused(file, "is larger than 512 MiB", "plugin.not_a_library");
    }
    return status;
}

Result<std::string> read_whole(const std::string& file, int descriptor, off_t size) {
    std::string bytes(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
        const ssize_t count = read(descriptor, bytes.data() + have, bytes.size() - have);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return refused(file, "cannot be read to its end", "plugin.unreadable");
        }
        have += static_cast<std::size_t>(count);
    }
    return bytes;
}

std::string sha256_of(std::string_view bytes) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : digest) {
        text += kHex[byte >> 4U];
        text += kHex[byte & 15U];
    }
    return text;
}

Result<void> check_pin(const PluginConfig& plugin, const std::string& sha256) {
    if (plugin.sha256.empty()) {
        return {};
    }
    std::string pin = plugin.sha256;
    std::transform(pin.begin(), pin.end(), pin.begin(), [](char c) {
        return c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (pin.size() != sha256.size() ||
        pin.find_first_not_of("0123456789abcdef") != std::string::npos) {
        return refused(
            plugin.file,
            "is pinned to '" + plugin.sha256 + "', which is not 64 hex digits of a sha256",
            "plugin.pin"
        );
    }
    if (pin != sha256) {
        return refused(
            plugin.file,
            "has sha256 " + sha256 + ", but the configuration pins " + pin +
                "; if this change is wanted, pin the new hash",
            "plugin.pin"
        );
    }
    return {};
}

std::string abi_text(unsigned major, unsigned minor) {
    return std::to_string(major) + "." + std::to_string(minor);
}

std::string this_abi() {
    return abi_text(SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR);
}

Error other_major(const std::string& file, const std::string& theirs) {
    return refused(
        file,
        "is built for plugin ABI " + theirs + ", but this host speaks " + this_abi() +
            "; rebuild it with an SDK of version " + std::to_string(SYNCLINE_ABI_MAJOR) + ".x",
        "plugin.abi_major"
    );
}

Error no_symbol(const std::string& file, const ElfImage& image) {
    constexpr std::string_view kPrefix = "syncline_plugin_v";
    for (const auto& name : image.exported(kPrefix)) {
        return other_major(file, name.substr(kPrefix.size()) + ".x");
    }
    return refused(
        file,
        "does not export syncline_plugin_v1, so it is not a Syncline plugin; build it with "
        "syncline_add_connector() and SYNCLINE_PLUGIN()",
        "plugin.no_symbol"
    );
}

Result<void> check_description(const std::string& file, const ElfImage& image) {
    constexpr std::size_t kPrefix = offsetof(syncline_plugin, reserved);
    constexpr std::size_t kLeast = offsetof(syncline_plugin, connectors) + sizeof(void*);
    const std::string_view bytes = image.data_of("syncline_plugin_v1", kPrefix);
    if (bytes.empty()) {
        return no_symbol(file, image);
    }
    syncline_plugin description{};
    std::memcpy(&description, bytes.data(), bytes.size());
    if (description.magic != SYNCLINE_MAGIC) {
        return refused(
            file,
            "exports a syncline_plugin_v1 that is not a plugin's description (wrong magic)",
            "plugin.magic"
        );
    }
    if (description.abi_major != SYNCLINE_ABI_MAJOR) {
        return other_major(file, abi_text(description.abi_major, description.abi_minor_built));
    }
    if (description.struct_size < kLeast) {
        return refused(
            file,
            "describes itself in " + std::to_string(description.struct_size) +
                " bytes, but plugin ABI " + this_abi() + " needs " + std::to_string(kLeast) +
                "; rebuild it with a released SDK",
            "plugin.struct_size"
        );
    }
    if (description.abi_minor_needed > SYNCLINE_ABI_MINOR) {
        return refused(
            file,
            "needs plugin ABI " + abi_text(description.abi_major, description.abi_minor_needed) +
                ", but this host speaks " + this_abi() +
                "; update Syncline, or rebuild the plugin with an SDK of version " + this_abi(),
            "plugin.abi_minor"
        );
    }
    return {};
}

}  // namespace

Result<VettedPlugin> vet_plugin(const PluginConfig& plugin) {
    const std::string& file = plugin.file;
    if (file.empty() || file.front() != '/') {
        return refused(file, "is not named by an absolute path", "plugin.path");
    }
    const OpenFile opened(file);
    if (!opened.is_open()) {
        return cannot_open(file, opened.failure());
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto status, check_kind(file, opened.descriptor()));
    SYNCLINE_ASSIGN_OR_RETURN(
        const std::string bytes, read_whole(file, opened.descriptor(), status.st_size)
    );
    const std::string sha256 = sha256_of(bytes);
    SYNCLINE_RETURN_IF_ERROR(check_pin(plugin, sha256));
    const auto image = ElfImage::open(bytes);
    if (!image) {
        return refused(file, image.error().message, image.error().name);
    }
    SYNCLINE_RETURN_IF_ERROR(check_description(file, *image));
    return VettedPlugin{file, sha256, identity_of(status)};
}

std::string file_identity(const std::string& file) {
    struct stat status {};
    return lstat(file.c_str(), &status) == 0 ? identity_of(status) : "";
}

}  // namespace syncline::connectors
