#include "storage/installation.hpp"

#include <algorithm>
#include <array>

#include "core/sha256.hpp"
#include "storage/seal.hpp"

namespace syncline::storage {
namespace {

constexpr auto kInsert = R"sql(
    INSERT INTO installation (only_row, id, created_at_ms) VALUES (1, ?, ?)
    ON CONFLICT (only_row) DO NOTHING
)sql";
constexpr auto kSelect = "SELECT id FROM installation";

}  // namespace

Result<std::string> installation_id(Database& database, std::int64_t now_ms) {
    SYNCLINE_ASSIGN_OR_RETURN(const std::string bytes, random_bytes(10));
    std::array<std::uint8_t, 10> random{};
    std::transform(bytes.begin(), bytes.end(), random.begin(), [](char c) {
        return static_cast<std::uint8_t>(c);
    });
    return database.write([&](Sql& sql) -> Result<std::string> {
        sql.run(kInsert, uuid_v7(Timestamp{now_ms}, random), now_ms);
        return *sql.value<std::string>(kSelect);
    });
}

}  // namespace syncline::storage
