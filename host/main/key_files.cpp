#include "main/key_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace syncline::host {
namespace {

constexpr std::size_t kFileBytesMax = 1024;
constexpr auto kEncryptionVariable = "INTEGRATION_ENCRYPTION_KEY";

Error key_error(std::string message) {
    return Error{ErrorCode::kConfig, std::move(message), "config.key"};
}

std::string octal(mode_t mode) {
    std::array<char, 8> text{};
    std::snprintf(text.data(), text.size(), "%04o", static_cast<unsigned>(mode & 07777U));
    return text.data();
}

class File {
public:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    ~File() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    int get() const { return descriptor_; }

private:
    const int descriptor_;
};

// The rights are read from the open file, so that nobody can swap it in between.
Result<void> check_private(int file, const std::string& what, const std::string& path) {
    struct stat facts {};
    if (::fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        return key_error(what + " " + path + " is not a regular file");
    }
    if ((facts.st_mode & 077U) != 0) {
        return key_error(
            what + " " + path + " can be read by others (mode " + octal(facts.st_mode) +
            "); run: chmod 600 " + path
        );
    }
    return {};
}

Result<storage::Key> read_key(
    const std::string& what, const std::string& path, const std::string& way_out
) {
    const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) {
        return key_error(
            what + " " + path + " cannot be read: " + std::strerror(errno) + "; " + way_out
        );
    }
    SYNCLINE_RETURN_IF_ERROR(check_private(file.get(), what, path));
    std::array<char, kFileBytesMax> bytes{};
    const ssize_t count = ::read(file.get(), bytes.data(), bytes.size());
    std::string text(bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    auto key = storage::Key::from_base64(text);
    if (!key) {
        return key_error(
            what + " " + path + " does not hold a key: expected 32 bytes in base64 (44 characters)"
        );
    }
    return key;
}

}  // namespace

Result<storage::Key> encryption_key(const HostConfig& config, const Environment& environment) {
    if (const auto text = environment(kEncryptionVariable)) {
        auto key = storage::Key::from_base64(*text);
        if (!key) {
            return key_error(
                std::string(kEncryptionVariable) +
                " does not hold a key: expected 32 bytes in base64 (44 characters)"
            );
        }
        return key;
    }
    return read_key(
        "the encryption key file",
        config.keys.encryption_key_file,
        std::string("`syncline init` makes one; put back the file this database was made with, or "
                    "give the key in "
        ) + kEncryptionVariable
    );
}

Result<storage::Key> token_key(const HostConfig& config) {
    return read_key(
        "the token key file",
        config.keys.token_key_file,
        "`syncline init` makes one; a new one makes all former tokens invalid"
    );
}

Result<storage::Key> issuer_key(const std::string& path) {
    return read_key(
        "the token issuer's key file", path, "put the issuer's key there (identity.issuers)"
    );
}

Result<void> make_key_file(const std::string& path) {
    SYNCLINE_ASSIGN_OR_RETURN(const storage::Key key, storage::Key::random());
    const File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    const std::string text = key.to_base64() + "\n";
    if (file.get() < 0 ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0) {
        return key_error("the key file " + path + " cannot be written: " + std::strerror(errno));
    }
    return {};
}

}  // namespace syncline::host
