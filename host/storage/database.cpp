#include "storage/database.hpp"

#include <Poco/Data/SQLite/Connector.h>
#include <unistd.h>

#include "core/failpoint.hpp"
#include "core/trace_context.hpp"
#include "storage/alongside.hpp"
#include "storage/database_file.hpp"
#include "storage/soundness.hpp"

namespace syncline::storage {
namespace {

// How often a file that could not be written is tried again.
constexpr std::chrono::seconds kProbeEvery{1};
constexpr auto kCorrupt = "storage.corrupt";

}  // namespace

Database::Database(DatabaseConfig config) : config_(std::move(config)) {}

Poco::Data::Session Database::new_session() const {
    Poco::Data::Session session("SQLite", config_.path);
    Sql sql(session);
    sql.script(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = " + config_.synchronous +
        "; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF;"
        "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 67108864;"
    );
    return session;
}

Result<std::unique_ptr<Database>> Database::open(DatabaseConfig config) {
    Poco::Data::SQLite::Connector::registerConnector();
    std::unique_ptr<Database> database(new Database(std::move(config)));
    if (database->config_.exclusive) {
        SYNCLINE_ASSIGN_OR_RETURN(database->lock_file_, lock_database(database->config_.path));
    }
    SYNCLINE_RETURN_IF_ERROR(create_private(database->config_.path));
    const auto opened = guard_storage([&]() -> Result<void> {
        database->writer_ = std::make_unique<Sql>(database->new_session());
        SYNCLINE_RETURN_IF_ERROR(check_sound(*database->writer_));
        for (int i = 0; i < database->config_.readers; ++i) {
            database->readers_.push_back(std::make_unique<Sql>(database->new_session()));
        }
        return {};
    });
    if (!opened) {
        return database->note_failure(opened.error());
    }
    database->writer_thread_ = std::thread([raw = database.get()] { raw->write_groups(); });
    return database;
}

Database::~Database() {
    {
        const std::lock_guard lock(queue_mutex_);
        stopping_ = true;
    }
    queue_filled_.notify_all();
    if (writer_thread_.joinable()) {
        writer_thread_.join();
    }
    readers_.clear();
    writer_.reset();
    if (lock_file_ >= 0) {
        ::close(lock_file_);
    }
}

Error Database::note_failure(Error error) const {
    if (!is_file_failure(error)) {
        return error;
    }
    if (error.message.find(config_.path) == std::string::npos) {
        error.message.insert(0, "database " + config_.path + ": ");
    }
    failure_.with([&](std::optional<Error>& failure) {
        if (!failure || failure->name != kCorrupt) {
            failure = error;
        }
    });
    return error;
}

Result<void> Database::health() const {
    const auto failure = failure_.with([](const auto& last) { return last; });
    return failure ? Result<void>(*failure) : Result<void>();
}

Result<void> Database::undamaged() const {
    auto healthy = health();
    return !healthy && healthy.error().name == kCorrupt ? healthy : Result<void>();
}

void Database::probe() {
    const auto written = guard_storage([&]() -> Result<void> {
        writer_->script("BEGIN IMMEDIATE");
        // The same number once more is a change, too.
        const auto version = writer_->value<std::int64_t>("PRAGMA user_version").value_or(0);
        writer_->script("PRAGMA user_version = " + std::to_string(version) + "; COMMIT");
        return {};
    });
    if (!written) {
        note_failure(written.error());
        roll_back();
        return;
    }
    failure_.with([](std::optional<Error>& failure) { failure.reset(); });
}

void Database::roll_back() {
    if (!writer_->autocommit()) {
        static_cast<void>(guard_storage([&]() -> Result<void> {
            writer_->script("ROLLBACK");
            return {};
        }));
    }
}

Result<void> Database::submit(std::function<Result<void>(Sql&)> work) {
    SYNCLINE_RETURN_IF_ERROR(undamaged());
    Alongside* const alongside = Alongside::waiting_for(*this);
    if (alongside != nullptr) {
        work = [alongside, alone = std::move(work)](Sql& sql) {
            return alongside->run(alone, sql);
        };
    }
    if (const TraceContext* trace = current_trace()) {
        work = [traced = *trace, untraced = std::move(work)](Sql& sql) {
            const TraceScope scope(traced);
            return untraced(sql);
        };
    }
    std::future<Result<void>> done;
    {
        const std::lock_guard lock(queue_mutex_);
        if (stopping_) {
            return Error{ErrorCode::kCancelled, "the database is being closed", "storage.closing"};
        }
        queue_.push_back(Unit{std::move(work), {}, {}});
        done = queue_.back().done.get_future();
    }
    queue_filled_.notify_one();
    Result<void> answer = done.get();
    if (alongside != nullptr && answer) {
        alongside->committed_ = true;
    }
    return answer;
}

Result<void> Database::join(const std::function<Result<void>(Sql&)>& work) {
    Result<void> answer = guard_storage([&]() -> Result<void> {
        writer_->script("SAVEPOINT joined");
        return work(*writer_);
    });
    if (writer_->autocommit()) {  // the unit around it finds that out, too
        return answer ? Result<void>(Error{
                            ErrorCode::kStorage,
                            "the database lost its transaction",
                            "storage.transaction"})
                      : answer;
    }
    const Result<void> ended = guard_storage([&]() -> Result<void> {
        writer_->script(answer ? "RELEASE joined" : "ROLLBACK TO joined; RELEASE joined");
        return {};
    });
    return answer && !ended ? ended : answer;
}

void Database::write_groups() {
    for (;;) {
        std::deque<Unit> group;
        const auto healthy = health();
        {
            std::unique_lock lock(queue_mutex_);
            const auto filled = [&] { return stopping_ || !queue_.empty(); };
            if (healthy) {
                queue_filled_.wait(lock, filled);
            } else {
                queue_filled_.wait_for(lock, kProbeEvery, filled);
            }
            if (queue_.empty() && stopping_) {
                return;
            }
            group.swap(queue_);
        }
        const bool committed = group.empty() || commit_group(std::move(group));
        if (committed && !healthy && healthy.error().name != kCorrupt) {
            probe();
        }
    }
}

bool Database::run_unit(Unit& unit) {
    unit.answer = guard_storage([&]() -> Result<void> {
        writer_->script("SAVEPOINT unit");
        return unit.work(*writer_);
    });
    if (writer_->autocommit()) {
        return false;  // SQLite rolled everything back by itself: disk full, I/O error
    }
    if (!unit.answer && unit.answer.error().name == kCorrupt) {
        return false;  // nothing at all is written to a damaged file
    }
    const Result<void> ended = guard_storage([&]() -> Result<void> {
        writer_->script(unit.answer ? "RELEASE unit" : "ROLLBACK TO unit; RELEASE unit");
        return {};
    });
    if (!ended && unit.answer) {
        unit.answer = ended;
    }
    return !writer_->autocommit();
}

bool Database::commit_group(std::deque<Unit> group) {
    const auto started = std::chrono::steady_clock::now();
    std::vector<Unit> ran;
    Result<void> committed = guard_storage([&]() -> Result<void> {
        SYNCLINE_RETURN_IF_ERROR(undamaged());
        writer_->script("BEGIN IMMEDIATE");
        return {};
    });
    bool intact = committed.has_value();
    while (intact && !group.empty() &&
           (ran.empty() || std::chrono::steady_clock::now() - started < config_.group_max)) {
        ran.push_back(std::move(group.front()));
        group.pop_front();
        intact = run_unit(ran.back());
    }
    if (committed && intact) {
        committed = guard_storage([&]() -> Result<void> {
            SYNCLINE_FAILPOINT_OR_ERROR("storage.before_commit")
            writer_->script("COMMIT");
            SYNCLINE_FAILPOINT("storage.after_commit");
            return {};
        });
    } else if (committed) {
        committed = ran.back().answer ? Result<void>(Error{
                                            ErrorCode::kStorage,
                                            "the database lost its transaction",
                                            "storage.transaction"})
                                      : ran.back().answer;
    }
    if (!committed) {
        roll_back();
        committed = note_failure(committed.error());
    }
    if (ran.empty()) {  // not even BEGIN worked: nobody of this group was served
        for (auto& unit : group) {
            unit.done.set_value(committed.error());
        }
        return false;
    }
    for (auto& unit : ran) {
        if (committed && !unit.answer) {
            unit.answer = note_failure(unit.answer.error());
        }
        unit.done.set_value(committed ? std::move(unit.answer) : committed);
    }
    if (!group.empty()) {
        const std::lock_guard lock(queue_mutex_);
        for (; !group.empty(); group.pop_back()) {
            queue_.push_front(std::move(group.back()));
        }
    }
    return committed.has_value();
}

void Database::ReturnReader::operator()(Sql* sql) const {
    {
        const std::lock_guard lock(owner->readers_mutex_);
        owner->readers_.emplace_back(sql);
    }
    owner->reader_returned_.notify_one();
}

std::unique_ptr<Sql, Database::ReturnReader> Database::borrow_reader() const {
    std::unique_lock lock(readers_mutex_);
    reader_returned_.wait(lock, [&] { return !readers_.empty(); });
    Sql* reader = readers_.back().release();
    readers_.pop_back();
    return {reader, ReturnReader{this}};
}

}  // namespace syncline::storage
