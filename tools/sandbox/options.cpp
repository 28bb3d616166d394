#include "options.hpp"

#include <array>
#include <charconv>
#include <functional>
#include <map>

namespace sandbox {
namespace {

namespace fs = std::filesystem;

int to_number(const std::string& name, const std::string& text, int most) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > most)
        throw UsageError(
            name + " " + text + ": a number from 0 to " + std::to_string(most) + " is needed"
        );
    return number;
}

// The installed tree first, so that an installed program never reads the tree it was built from.
fs::path default_data() {
    const fs::path program = fs::read_symlink("/proc/self/exe");
    const std::array<fs::path, 2> candidates{
        program.parent_path().parent_path() / "share/syncline/sandbox",
        fs::path(SYNCLINE_SANDBOX_SOURCE_DATA),
    };
    for (const fs::path& candidate : candidates)
        if (fs::exists(candidate / "woocommerce"))
            return candidate;
    throw UsageError("no recorded data found; name its folder with --data");
}

}  // namespace

const char* const kUsage =
    "usage: syncline-sandbox [--port N] [--data DIR] [--orders N] [--shop FOLDER]\n"
    "                        [--woocommerce-assume-tls] [--tls-cert FILE --tls-key FILE]\n"
    "\n"
    "Simulates WooCommerce, QuickBooks Online and Supabase on one port of 127.0.0.1. Prints one\n"
    "line of JSON with its URL and credentials when it listens; ends on SIGTERM.\n"
    "\n"
    "  --port N                   the port; 0 (the default) takes a free one\n"
    "  --data DIR                 recorded data: a folder that holds woocommerce/ and others\n"
    "  --shop FOLDER              which recorded shop: woocommerce (default), "
    "woocommerce-inclusive\n"
    "  --orders N                 multiply the shop's orders to N, for measurements\n"
    "  --woocommerce-assume-tls   the shop takes Basic over http, as behind a TLS proxy\n"
    "  --tls-cert, --tls-key      PEM files; the port then speaks https\n";

Options parse_options(int argc, char** argv) {
    Options options;
    using Setter = std::function<void(const std::string&)>;
    const std::map<std::string, Setter> with_value{
        {"--port",
         [&](const std::string& text) {
             options.listener.port = static_cast<std::uint16_t>(to_number("--port", text, 65535));
         }},
        {"--data", [&](const std::string& text) { options.platform.data = text; }},
        {"--shop", [&](const std::string& text) { options.platform.woocommerce_shop = text; }},
        {"--orders",
         [&](const std::string& text) {
             options.platform.orders = to_number("--orders", text, 10'000'000);
         }},
        {"--tls-cert", [&](const std::string& text) { options.listener.tls_cert = text; }},
        {"--tls-key", [&](const std::string& text) { options.listener.tls_key = text; }},
    };
    for (int i = 1; i < argc; ++i) {
        const std::string name = argv[i];
        if (name == "--help") {
            options.help = true;
            return options;
        }
        if (name == "--woocommerce-assume-tls") {
            options.platform.woocommerce_assume_tls = true;
            continue;
        }
        const auto setter = with_value.find(name);
        if (setter == with_value.end())
            throw UsageError("unknown option " + name);
        if (++i == argc)
            throw UsageError(name + " needs a value");
        setter->second(argv[i]);
    }
    if (options.listener.tls_cert.empty() != options.listener.tls_key.empty())
        throw UsageError("--tls-cert and --tls-key go together");
    if (options.platform.data.empty())
        options.platform.data = default_data();
    return options;
}

}  // namespace sandbox
