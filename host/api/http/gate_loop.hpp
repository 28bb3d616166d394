// The loop of a gate, on a thread of its own: it has all connections, and every member but ask()
// and join() is that thread's alone. gate_loop.cpp has the connections' coming and going,
// gate_read.cpp how requests arrive, gate_send.cpp how answers and streams leave.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <Poco/Net/Context.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include "api/http/doorway.hpp"
#include "api/http/gate.hpp"
#include "api/http/gate_places.hpp"
#include "api/http/poller.hpp"
#include "core/guarded.hpp"

namespace syncline::api {

// What other threads ask of the loop.
struct GateAsked {
    struct Answer {
        std::uint64_t connection = 0;
        std::string bytes;
        bool last = false;
        std::shared_ptr<StreamState> stream = nullptr;  // it is one of a stream
    };
    std::vector<Answer> answers;
    std::vector<std::promise<void>> end_arrivals;
    bool close = false;
    bool stop = false;
};

class GateLoop {
public:
    GateLoop(
        const ApiConfig& config,
        const Poco::Net::ServerSocket& listener,
        const Poco::Net::Context::Ptr& tls,
        std::function<void(Arrival)> take
    );
    // As join().
    ~GateLoop();
    GateLoop(const GateLoop&) = delete;
    GateLoop& operator=(const GateLoop&) = delete;

    // `what` changes what is asked, which the loop does next. [any thread]
    template <typename What>
    void ask(What&& what) {
        asked_.with(std::forward<What>(what));
        poller_.wake();
    }
    // Sends the answers it has, for 5 s at most, and ends. Idempotent. [not its own]
    void join();

private:
    using Clock = std::chrono::steady_clock;
    using At = Places::Iterator;

    static constexpr std::uint64_t kListener = 1;  // connections have higher numbers
    static constexpr std::string_view kFull =
        "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 2\r\n"
        "Content-Length: 0\r\n\r\n";

    static int descriptor(At at) { return at->second.socket.impl()->sockfd(); }

    void run();
    // Whether somebody still gets an answer, once all threads that make them have ended.
    bool is_sending() const;
    void handle(std::uint64_t number);
    void take_what_was_asked();
    void end_all(Phase phase);
    void expire();

    void accept();
    // With a shortage of file descriptors also if there are places left.
    bool make_room(bool shortage);
    void enter(Poco::Net::StreamSocket socket, std::string address);
    void leave(At at);

    void read(At at);
    // Whether more of the same request is to be read.
    bool advance(At at);
    void wait_on(Place& place, RequestScan::State before, RequestScan::State state);
    // The largest goes when all together are too much. Whether `at` is still arriving.
    bool keep_within_memory(At at);
    void hand_on(At at);
    // The client sends no more; it may still read that its body was too short.
    void cut_short(At at);
    void serve(At at, Arrival arrival);

    void begin_to_send(GateAsked::Answer answer);
    void send(At at);
    // The first bytes are the answer's head.
    void add_to_stream(GateAsked::Answer answer);
    void wait_for_next(At at);
    void drain(At at);
    void read_and_drop(At at);

    const ApiConfig config_;
    const RequestBounds bounds_;
    Places places_;
    Poller poller_;
    Doorway doorway_;
    const std::function<void(Arrival)> take_;
    Guarded<GateAsked> asked_;

    std::uint64_t last_number_ = kListener;  // none comes twice
    Clock::time_point now_ = Clock::now();
    Clock::time_point stopping_since_;
    bool closing_ = false;
    bool arrivals_ended_ = false;
    bool stopping_ = false;

    std::thread thread_;
};

}  // namespace syncline::api
