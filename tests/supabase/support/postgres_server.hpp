#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/child_process.hpp"

namespace syncline::test {

// A PostgreSQL 15 of its own in a temporary folder, reached over a socket in that folder only, with
// Supabase's roles. Never runs as root: then as nobody.
class PostgresServer {
public:
    // Throws std::runtime_error that names what is missing.
    PostgresServer();

    // Runs SQL as the owner; stops at the first error. Rows come back as lines, columns separated
    // by
    // '|'. Throws std::runtime_error with PostgreSQL's words.
    std::string sql(const std::string& statements, const std::string& database = "postgres");
    // As `sql`, but tells failure by the status.
    Finished try_sql(const std::string& statements, const std::string& database = "postgres");
    std::string socket_folder() const { return folder_.path().string(); }

    // For PostgREST: connects as role authenticator.
    std::string uri() const;

private:
    TemporaryFolder folder_;
    std::unique_ptr<ChildProcess> server_;
};

}  // namespace syncline::test
