#include "main/signals.hpp"

#include <thread>

#include <signal.h>
#include <unistd.h>

namespace syncline::host {
namespace {

sigset_t set_of(std::initializer_list<int> signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) {
        sigaddset(&set, signal);
    }
    return set;
}

int next_of(const sigset_t& set) {
    int signal = 0;
    while (sigwait(&set, &signal) != 0) {
    }
    return signal;
}

}  // namespace

Signals::Signals() {
    const sigset_t set = set_of({SIGTERM, SIGINT, SIGHUP});
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

Signals::Event Signals::wait() {
    return next_of(set_of({SIGTERM, SIGINT, SIGHUP})) == SIGHUP ? Event::kReload : Event::kStop;
}

void Signals::exit_on_next() {
    std::thread([] {
        next_of(set_of({SIGTERM, SIGINT}));
        _exit(1);
    }).detach();
}

}  // namespace syncline::host
