#include "postgres_server.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

#include <unistd.h>

namespace syncline::test {
namespace {

constexpr auto kBin = "/usr/lib/postgresql/15/bin/";

constexpr auto kSupabaseRoles = R"sql(
create role anon nologin noinherit;
create role authenticated nologin noinherit;
create role service_role nologin noinherit bypassrls;
create role authenticator login noinherit;
grant anon, authenticated, service_role to authenticator;
grant usage on schema public to anon, authenticated, service_role;
)sql";

// postgres refuses to run as root.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
    if (getuid() != 0) {
        return command;
    }
    std::vector<std::string> wrapped{
        "/usr/bin/setpriv",
        "--reuid=nobody",
        "--regid=nogroup",
        "--clear-groups",
        "--pdeathsig=KILL",
        "--"};
    wrapped.insert(wrapped.end(), command.begin(), command.end());
    return wrapped;
}

}  // namespace

PostgresServer::PostgresServer() {
    using namespace std::chrono_literals;
    if (!std::filesystem::exists(std::string(kBin) + "postgres")) {
        throw std::runtime_error(
            std::string(kBin) + "postgres is missing; install it: apt-get install postgresql-15"
        );
    }
    std::filesystem::permissions(folder_.path(), static_cast<std::filesystem::perms>(0777));
    const std::string data = (folder_.path() / "data").string();
    const auto made = run(unprivileged(
        {std::string(kBin) + "initdb",
         "-D",
         data,
         "-U",
         "owner",
         "-A",
         "trust",
         "-E",
         "UTF8",
         "--locale=C",
         "--no-sync"}
    ));
    if (made.status != 0) {
        throw std::runtime_error("initdb failed: " + made.output);
    }
    server_ = std::make_unique<ChildProcess>(
        unprivileged(
            {std::string(kBin) + "postgres",
             "-D",
             data,
             "-c",
             "listen_addresses=",
             "-c",
             "unix_socket_directories=" + folder_.path().string(),
             "-c",
             "fsync=off",
             "-c",
             "full_page_writes=off",
             "-c",
             "timezone=UTC"}
        ),
        folder_.path() / "postgres.log"
    );
    server_->stop_signal = SIGINT;  // "fast": clients are not waited for
    for (int i = 0; i < 300 && try_sql("select 1").status != 0; ++i) {
        if (!server_->running()) {
            throw std::runtime_error("postgres ended: " + server_->log());
        }
        std::this_thread::sleep_for(50ms);
    }
    sql(kSupabaseRoles);
}

Finished PostgresServer::try_sql(const std::string& statements, const std::string& database) {
    return run(
        {std::string(kBin) + "psql",
         "-h",
         folder_.path().string(),
         "-U",
         "owner",
         "-d",
         database,
         "-X",
         "-q",
         "-A",
         "-t",
         "-v",
         "ON_ERROR_STOP=1",
         "-f",
         "-"},
        "set client_min_messages = warning;\n" + statements
    );
}

std::string PostgresServer::sql(const std::string& statements, const std::string& database) {
    Finished finished = try_sql(statements, database);
    if (finished.status != 0) {
        throw std::runtime_error(finished.output);
    }
    return finished.output;
}

std::string PostgresServer::uri() const {
    return "postgres://authenticator@/postgres?host=" + folder_.path().string();
}

}  // namespace syncline::test
