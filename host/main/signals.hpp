// Signals as events that the main thread waits for: no code runs in a signal handler.
#pragma once

namespace syncline::host {

class Signals {
public:
    enum class Event { kStop, kReload };

    // Blocks SIGTERM, SIGINT and SIGHUP for this thread and those it makes from now on, and ignores
    // SIGPIPE. Make it before any other thread.
    Signals();

    // The next one: SIGTERM and SIGINT stop, SIGHUP reloads.
    Event wait();

    // From now on the next SIGTERM or SIGINT ends the process at once.
    void exit_on_next();
};

}  // namespace syncline::host
