#include "storage/plain_session.hpp"

#include <Poco/Data/SQLite/Connector.h>

namespace syncline::storage {

Sql plain_session(const std::string& path) {
    Poco::Data::SQLite::Connector::registerConnector();
    Sql sql(Poco::Data::Session("SQLite", path));
    sql.script("PRAGMA busy_timeout = 5000; PRAGMA trusted_schema = OFF");
    return sql;
}

}  // namespace syncline::storage
