#include "storage/alongside.hpp"

namespace syncline::storage {
namespace {

thread_local Alongside* of_thread = nullptr;

}  // namespace

Alongside::Alongside(const Database& database, Work before, Work after)
    : database_(database), before_(std::move(before)), after_(std::move(after)), outer_(of_thread) {
    of_thread = this;
}

Alongside::~Alongside() {
    of_thread = outer_;
}

Alongside* Alongside::waiting_for(const Database& database) {
    const bool waits =
        of_thread != nullptr && &of_thread->database_ == &database && !of_thread->committed_;
    return waits ? of_thread : nullptr;
}

Result<void> Alongside::run(const Work& unit, Sql& sql) const {
    if (before_) {
        SYNCLINE_RETURN_IF_ERROR(before_(sql));
    }
    SYNCLINE_RETURN_IF_ERROR(unit(sql));
    return after_ ? after_(sql) : Result<void>();
}

}  // namespace syncline::storage
