#include <csignal>
#include <iostream>

#include <nlohmann/json.hpp>

#include "options.hpp"
#include "quickbooks/quickbooks.hpp"
#include "supabase/supabase.hpp"
#include "woocommerce/woocommerce.hpp"

namespace {

void run(sandbox::Options options, const sigset_t& signals) {
    sandbox::Clock clock;
    options.platform.clock = &clock;
    std::vector<std::unique_ptr<sandbox::Platform>> platforms;
    platforms.push_back(sandbox::make_woocommerce(options.platform));
    platforms.push_back(sandbox::make_quickbooks(options.platform));
    platforms.push_back(sandbox::make_supabase(options.platform));
    sandbox::Server server(std::move(platforms), clock);
    const sandbox::Listener listener(options.listener, server, clock);
    std::cout << server.introduction(listener.base_url()).dump() << std::endl;
    int signal = 0;
    sigwait(&signals, &signal);
}

}  // namespace

int main(int argc, char** argv) try {
    const sandbox::Options options = sandbox::parse_options(argc, argv);
    if (options.help)
        return std::cout << sandbox::kUsage, 0;
    sigset_t signals;  // blocked before any thread starts, so that only sigwait sees them
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    run(options, signals);
    return 0;
} catch (const sandbox::UsageError& error) {
    return std::cerr << "syncline-sandbox: " << error.what() << "\n\n" << sandbox::kUsage, 2;
} catch (const std::exception& error) {
    return std::cerr << "syncline-sandbox: " << error.what() << "\n", 1;
}
