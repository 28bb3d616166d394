#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "faults.hpp"
#include "journal.hpp"
#include "platform.hpp"

namespace sandbox {

// What leaves the server for one request.
struct Answer {
    Response response;
    bool dropped = false;  // close the connection without an answer
};

// Routes a request to the platform that serves it, lets faults interfere, keeps the journal and
// answers the control API below `/_sandbox`. Safe from any thread; no lock is held while a fault
// delays, and each platform has a lock of its own.
class Server {
public:
    // `clock` outlives the server.
    Server(std::vector<std::unique_ptr<Platform>> platforms, Clock& clock);

    Answer answer(const Request& request);
    // The line printed at start: base URL, process id, credentials by platform.
    nlohmann::json introduction(const std::string& base_url) const;

private:
    struct Seat {
        std::unique_ptr<Platform> platform;
        std::mutex mutex;
    };

    Seat* seat_for(const Request& request);
    Answer serve(Seat* seat, const Request& request, bool& faulted);
    Response call(Seat* seat, const Request& request);
    Response control(const Request& request);
    Response control_faults(const Request& request);
    Response control_requests(const Request& request);
    Response control_clock(const Request& request);
    Response control_reset();

    std::vector<std::unique_ptr<Seat>> seats_;  // constant after construction
    Clock& clock_;
    std::mutex mutex_;  // of the two below
    FaultList faults_;
    Journal journal_;
};

}  // namespace sandbox
