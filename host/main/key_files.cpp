#include "main/key_files.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/wipe.hpp"

namespace syncline::host {
namespace {

constexpr std::size_t kFileBytesMax = 1024;
constexpr auto kEncryptionVariable = "INTEGRATION_ENCRYPTION_KEY";
constexpr auto kFormerVariable = "INTEGRATION_ENCRYPTION_KEY_FORMER";

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
    std::string text(kFileBytesMax, 0);
    const WipeAtEnd wiped(text);
    const ssize_t count = ::read(file.get(), text.data(), text.size());
    text.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    auto key = storage::Key::from_base64(text);
    if (!key) {
        return key_error(
            what + " " + path + " does not hold a key: expected 32 bytes in base64 (44 characters)"
        );
    }
    return key;
}

Result<storage::Key> key_in(const char* variable, std::string text) {
    const WipeAtEnd wiped(text);
    auto key = storage::Key::from_base64(text);
    if (!key) {
        return key_error(
            std::string(variable) +
            " does not hold a key: expected 32 bytes in base64 (44 characters)"
        );
    }
    return key;
}

bool is_there(const std::string& path) {
    struct stat facts {};
    return ::lstat(path.c_str(), &facts) == 0 || errno != ENOENT;
}

Result<void> sync_folder_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const File opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.get() < 0 || ::fsync(opened.get()) != 0) {
        return key_error("the folder " + folder + " cannot be synced: " + std::strerror(errno));
    }
    return {};
}

// Two files: the current key's, and beside it the one before it.
class FileKeys : public storage::KeySource {
public:
    FileKeys(std::string current, std::string former, Environment environment)
        : current_(std::move(current)),
          former_(std::move(former)),
          environment_(std::move(environment)) {}

    Result<storage::HeldKeys> load() const override {
        SYNCLINE_ASSIGN_OR_RETURN(storage::HeldKey current, load_current());
        storage::HeldKeys keys{std::move(current), {}};
        if (auto text = environment_(kFormerVariable)) {
            SYNCLINE_ASSIGN_OR_RETURN(storage::Key key, key_in(kFormerVariable, std::move(*text)));
            keys.former.push_back({std::move(key), kFormerVariable});
        } else if (is_there(former_)) {
            SYNCLINE_ASSIGN_OR_RETURN(storage::Key key, read_former());
            keys.former.push_back({std::move(key), "the file " + former_});
        }
        return keys;
    }

    // Whatever the moment of a crash: the current file holds a key, and once it is the new one, the
    // former file holds the old one.
    Result<void> renew() const override {
        if (environment_(kEncryptionVariable)) {
            return Error{
                ErrorCode::kExists,
                std::string("the encryption key comes from ") + kEncryptionVariable +
                    ", which only a start can change: start the host with a new key there "
                    "(openssl rand -base64 32) and the present one in " +
                    kFormerVariable + "; it then goes over to the new one by itself",
                "keys.from_environment"};
        }
        SYNCLINE_ASSIGN_OR_RETURN(const storage::HeldKey current, load_current());
        SYNCLINE_RETURN_IF_ERROR(keep_former(current.key));
        const std::string fresh = current_ + ".new";
        ::unlink(fresh.c_str());  // of a renewal that was cut short: nothing was sealed with it
        SYNCLINE_RETURN_IF_ERROR(make_key_file(fresh));
        if (::rename(fresh.c_str(), current_.c_str()) != 0) {
            return key_error(
                "the key file " + current_ + " cannot be replaced: " + std::strerror(errno)
            );
        }
        return sync_folder_of(current_);
    }

private:
    Result<storage::HeldKey> load_current() const {
        if (auto text = environment_(kEncryptionVariable)) {
            SYNCLINE_ASSIGN_OR_RETURN(
                storage::Key key, key_in(kEncryptionVariable, std::move(*text))
            );
            return storage::HeldKey{std::move(key), kEncryptionVariable};
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            storage::Key key,
            read_key(
                "the encryption key file",
                current_,
                std::string("`syncline init` makes one; put back the file this database was made "
                            "with, or give the key in ") +
                    kEncryptionVariable + "; if it is lost for good: syncline keys reset"
            )
        );
        return storage::HeldKey{std::move(key), "the file " + current_};
    }

    Result<storage::Key> read_former() const {
        return read_key("the former encryption key file", former_, "put it back, or move it away");
    }

    Result<void> keep_former(const storage::Key& current) const {
        if (::link(current_.c_str(), former_.c_str()) == 0) {
            return sync_folder_of(former_);
        }
        if (errno != EEXIST) {
            return key_error(
                "the key file " + current_ + " cannot be kept as " + former_ + ": " +
                std::strerror(errno)
            );
        }
        const auto kept = read_former();
        if (kept && kept->id() == current.id()) {
            return {};
        }
        return Error{
            ErrorCode::kExists,
            former_ +
                " holds an earlier key, which nothing in the database needs any more; move it to "
                "where the backups' keys are (those made before the last rotation need it), then "
                "rotate again",
            "keys.former_is_there"};
    }

    const std::string current_;
    const std::string former_;
    const Environment environment_;
};

}  // namespace

std::string former_key_file(const HostConfig& config) {
    return config.keys.former_encryption_key_file.empty()
               ? config.keys.encryption_key_file + ".former"
               : config.keys.former_encryption_key_file;
}

bool encryption_key_is_missing(const HostConfig& config, const Environment& environment) {
    return !environment(kEncryptionVariable) && !is_there(config.keys.encryption_key_file);
}

Result<std::unique_ptr<storage::KeyEncryption>> encryption_keys(
    const HostConfig& config, const Environment& environment
) {
    return storage::KeyRing::load(std::make_unique<FileKeys>(
        config.keys.encryption_key_file, former_key_file(config), environment
    ));
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
    std::string text = key.to_base64() + "\n";
    const WipeAtEnd wiped(text);
    if (file.get() < 0 ||
        ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size()) ||
        ::fsync(file.get()) != 0) {
        return key_error("the key file " + path + " cannot be written: " + std::strerror(errno));
    }
    return {};
}

}  // namespace syncline::host
