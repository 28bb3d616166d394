#include "api/http/gate.hpp"

#include <future>
#include <utility>

#include "api/http/gate_loop.hpp"

namespace syncline::api {

Gate::Gate(
    const ApiConfig& config,
    const Poco::Net::ServerSocket& listener,
    const Poco::Net::Context::Ptr& tls,
    std::function<void(Arrival)> take
)
    : loop_(std::make_shared<GateLoop>(config, listener, tls, std::move(take))) {}

Gate::~Gate() {
    stop();
}

// Keeps the loop, which takes nothing any more once the gate is stopped.
class Gate::ConnectionStream : public Stream {
public:
    ConnectionStream(std::shared_ptr<GateLoop> loop, std::uint64_t connection)
        : loop_(std::move(loop)), connection_(connection) {}

    void send(std::string bytes) override { ask(std::move(bytes), false); }
    void end() override { ask({}, true); }
    std::size_t unread() const override { return state_->unread; }
    bool is_open() const override { return state_->open; }

private:
    void ask(std::string bytes, bool last) {
        state_->unread += bytes.size();
        loop_->ask([&](GateAsked& asked) {
            asked.answers.push_back({connection_, std::move(bytes), last, state_});
        });
    }

    const std::shared_ptr<GateLoop> loop_;
    const std::uint64_t connection_;
    const std::shared_ptr<StreamState> state_ = std::make_shared<StreamState>();
};

std::shared_ptr<Stream> Gate::stream(std::uint64_t connection, std::string bytes) {
    auto stream = std::make_shared<ConnectionStream>(loop_, connection);
    stream->send(std::move(bytes));
    return stream;
}

void Gate::answer(std::uint64_t connection, std::string bytes, bool last) {
    loop_->ask([&](GateAsked& asked) {
        asked.answers.push_back({connection, std::move(bytes), last});
    });
}

void Gate::close() {
    loop_->ask([](GateAsked& asked) { asked.close = true; });
}

void Gate::end_arrivals() {
    std::promise<void> promise;
    const std::future<void> done = promise.get_future();
    loop_->ask([&](GateAsked& asked) {
        if (!asked.stop) {
            asked.end_arrivals.push_back(std::move(promise));
        } else {
            promise.set_value();
        }
    });
    done.wait();
}

void Gate::stop() {
    loop_->join();
}

}  // namespace syncline::api
