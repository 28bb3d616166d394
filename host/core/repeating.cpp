#include "core/repeating.hpp"

#include <string>
#include <utility>

#include "core/log.hpp"

namespace syncline {

void Repeating::start(
    std::chrono::milliseconds first, std::chrono::milliseconds after_failure, Step step
) {
    thread_ = std::thread([this,
                           wait = first,
                           after_failure,
                           step = std::move(step),
                           stopped = stop_asked_.get_future()]() mutable {
        std::string said;
        while (stopped.wait_for(wait) == std::future_status::timeout) {
            const auto done = step();
            if (!done && done.error().message != said) {
                log::warn(complaint_, {{"reason", done.error().message}});
            }
            said = done ? "" : done.error().message;
            wait = done ? *done : after_failure;
        }
    });
}

void Repeating::stop() {
    stopping_ = true;
    if (thread_.joinable()) {
        stop_asked_.set_value();
        thread_.join();
    }
}

}  // namespace syncline
