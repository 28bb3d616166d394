#include "storage/database.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>

#include <Poco/Data/SQLite/Connector.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/failpoint.hpp"

namespace syncline::storage {
namespace {

Error cannot(const std::string& what, const std::string& path) {
    return Error{
        ErrorCode::kStorage,
        "cannot " + what + " " + path + ": " + std::strerror(errno),
        "storage.open"};
}

std::string read_start(int file) {
    std::array<char, 200> text{};
    const ssize_t count = pread(file, text.data(), text.size() - 1, 0);
    return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count))
                     : "an unknown process";
}

std::string our_name() {
    std::array<char, 100> host{};
    gethostname(host.data(), host.size() - 1);
    std::array<char, 40> since{};
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::strftime(since.data(), since.size(), "%Y-%m-%dT%H:%M:%SZ", &utc);
    return "process " + std::to_string(getpid()) + " on " + host.data() + " since " + since.data();
}

// Takes the lock that keeps a second host off the file; answers the open descriptor.
Result<int> lock(const std::string& path) {
    const std::string lock_path = path + ".lock";
    const int file = ::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return cannot("open the lock file", lock_path);
    }
    if (flock(file, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = read_start(file);
        ::close(file);
        return Error{
            ErrorCode::kStorage,
            "the database " + path + " is in use by another host: " + holder +
                "; stop that one or give this one a database of its own",
            "storage.in_use"};
    }
    const std::string name = our_name();
    if (ftruncate(file, 0) != 0 || pwrite(file, name.data(), name.size(), 0) < 0) {
        ::close(file);
        return cannot("write the lock file", lock_path);
    }
    return file;
}

// The file must exist before SQLite makes it, so that nobody else may read it, not even for a
// moment.
Result<void> create_private(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0) {
        return cannot("open the database", path);
    }
    ::close(file);
    return {};
}

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
    SYNCLINE_ASSIGN_OR_RETURN(database->lock_file_, lock(database->config_.path));
    SYNCLINE_RETURN_IF_ERROR(create_private(database->config_.path));
    SYNCLINE_RETURN_IF_ERROR(guard_storage([&]() -> Result<void> {
        database->writer_ = std::make_unique<Sql>(database->new_session());
        database->writer_->run("SELECT count(*) FROM sqlite_master");
        for (int i = 0; i < database->config_.readers; ++i) {
            database->readers_.push_back(std::make_unique<Sql>(database->new_session()));
        }
        return {};
    }));
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

Result<void> Database::submit(std::function<Result<void>(Sql&)> work) {
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
    return done.get();
}

void Database::write_groups() {
    for (;;) {
        std::deque<Unit> group;
        {
            std::unique_lock lock(queue_mutex_);
            queue_filled_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
            if (queue_.empty()) {
                return;
            }
            group.swap(queue_);
        }
        commit_group(std::move(group));
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
    const Result<void> ended = guard_storage([&]() -> Result<void> {
        writer_->script(unit.answer ? "RELEASE unit" : "ROLLBACK TO unit; RELEASE unit");
        return {};
    });
    if (!ended && unit.answer) {
        unit.answer = ended;
    }
    return !writer_->autocommit();
}

void Database::commit_group(std::deque<Unit> group) {
    const auto started = std::chrono::steady_clock::now();
    std::vector<Unit> ran;
    Result<void> committed = guard_storage([&]() -> Result<void> {
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
    if (!committed && !writer_->autocommit()) {
        static_cast<void>(guard_storage([&]() -> Result<void> {
            writer_->script("ROLLBACK");
            return {};
        }));
    }
    if (ran.empty()) {  // not even BEGIN worked: nobody of this group was served
        for (auto& unit : group) {
            unit.done.set_value(committed.error());
        }
        return;
    }
    for (auto& unit : ran) {
        unit.done.set_value(committed ? std::move(unit.answer) : committed);
    }
    if (!group.empty()) {
        const std::lock_guard lock(queue_mutex_);
        for (; !group.empty(); group.pop_back()) {
            queue_.push_front(std::move(group.back()));
        }
    }
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
