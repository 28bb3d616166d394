// What belongs into a unit of work besides what its own code does: a condition to be looked at
// before, a row to be written after. While an Alongside lives, the first unit of work that its
// thread hands to the database runs with both, in the same transaction; if it fails, the next one
// is the first again. So a handler's effect and what is noted of the request are durable together,
// and handlers need not know of it.
#pragma once

#include <functional>

#include "storage/database.hpp"

namespace syncline::storage {

class Alongside {
public:
    using Work = std::function<Result<void>(Sql&)>;

    // Either may be empty. Both run on the database's writer thread, and must be as short as a unit
    // of work. An error of either undoes the unit and is its error.
    Alongside(const Database& database, Work before, Work after);
    ~Alongside();
    Alongside(const Alongside&) = delete;
    Alongside& operator=(const Alongside&) = delete;

    // Whether a unit of work ran with them and is durable.
    bool committed() const { return committed_; }

private:
    friend class Database;
    // The calling thread's, as long as it waits for its unit; else null.
    static Alongside* waiting_for(const Database& database);
    Result<void> run(const Work& unit, Sql& sql) const;

    const Database& database_;
    const Work before_;
    const Work after_;
    Alongside* const outer_;
    bool committed_ = false;
};

}  // namespace syncline::storage
