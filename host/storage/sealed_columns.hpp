// Where sealed values are kept: every column that holds some, so that all of them can be walked
// over. A column that is added to the schema is added here; a test compares the two.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "storage/sql.hpp"
#include "storage/vault.hpp"

namespace syncline::storage {

struct SealedColumn {
    const char* name;   // "credentials.sealed"
    const char* page;   // query of sealed_page()
    const char* count;  // how many there are
};

struct SealedValue {
    std::int64_t row = 0;
    Place place;              // it was sealed for
    ConnectionId connection;  // it belongs to, for people; 0: none
    std::string name;         // "consumer_secret", where a row has a name of its own
    std::string sealed;
};

// In the order in which they are walked over. An empty value stands for none.
const std::vector<SealedColumn>& sealed_columns();

// The values after `row`, by row. Throws Poco::Exception.
std::vector<SealedValue> sealed_page(
    Sql& sql, const SealedColumn& column, std::int64_t row, std::int64_t limit
);

}  // namespace syncline::storage
