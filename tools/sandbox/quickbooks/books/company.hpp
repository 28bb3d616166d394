#pragma once

#include <map>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "quickbooks/books/schema.hpp"
#include "quickbooks/exact/calendar.hpp"
#include "quickbooks/exact/exact_json.hpp"

namespace sandbox::quickbooks {

// One object of a company. A deleted one stays as a tombstone for change data capture.
struct Record {
    Json doc;  // exactly as it is answered
    Millis changed = 0;
    bool deleted = false;
    bool voided = false;
    bool deposited = false;  // part of a bank deposit; locked (6540)
    bool tax_given = false;  // TxnTaxDetail holds the caller's own tax, not the computed one
};

enum class TaxMode { kOff, kUsAutomated, kUsManual, kElsewhere };

// What a tester may switch for a company; the documents do not say which is right, or it is a
// choice of the company's owner that the API does not show.
struct CompanyOptions {
    bool warn_duplicate_numbers = true;  // 6140
    bool void_keeps_note =
        false;  // "Voided - <note>" as the reference says, not the samples' "Voided"
    std::string time_zone = "America/Chicago";  // decides today's date
};

// The books of one realm: tables, indexes and links, no rules. Documents get their ids from one
// sequence, each list from its own. Single-threaded.
class Company {
public:
    Company(std::string realm, std::string profile)
        : realm_(std::move(realm)), profile_(std::move(profile)) {}

    const std::string& realm() const { return realm_; }
    const std::string& profile() const { return profile_; }
    CompanyOptions& options() { return options_; }
    const CompanyOptions& options() const { return options_; }

    Json& preferences() { return table(Entity::kPreferences).at(1).doc; }
    const Json& preferences() const { return table(Entity::kPreferences).at(1).doc; }
    TaxMode tax_mode() const;
    std::string home_currency() const;
    bool multi_currency() const;
    std::string today(Millis now) const { return local_date(now, options_.time_zone); }

    using Table = std::map<std::int64_t, Record>;
    Table& table(Entity entity) { return tables_[index(entity)]; }
    const Table& table(Entity entity) const { return tables_[index(entity)]; }

    // The living object of that id; nullptr when it is unknown, deleted, or was made by an earlier
    // item of the batch under way.
    Record* find(Entity entity, std::string_view id);
    const Record* find(Entity entity, std::string_view id) const;

    std::int64_t next_id(Entity entity);
    std::int64_t next_address_id() { return ++last_address_id_; }
    // The number after the last one the company numbered itself.
    std::string next_number() { return std::to_string(++last_number_); }

    // Stores it as new or in place of what was there, and keeps the indexes of names and numbers.
    void put(Entity entity, std::int64_t id, Record record);

    // Whether another object of the same name space holds that name, inactive ones too.
    bool name_taken(Entity entity, const std::string& name, std::int64_t by_others_than) const;
    // The document that holds the number, over all kinds that share numbers; {kInvoice, 0} if none.
    std::pair<Entity, std::int64_t> number_holder(
        Entity entity, const std::string& number, std::int64_t by_others_than
    ) const;

    // Amounts that payments apply to a document, by payment id.
    using Applied = std::map<std::int64_t, Decimal>;
    const Applied& applied_to(std::int64_t document) const;
    void apply(std::int64_t document, std::int64_t payment, const Decimal& amount);
    void take_back(std::int64_t payment);

    // Between the two, objects made since are not found.
    void begin_batch() { in_batch_ = true; }
    void end_batch();
    bool hidden(Entity entity, std::int64_t id) const {
        return in_batch_ && fresh_.count({entity, id}) > 0;
    }

private:
    // Documents share one sequence of ids, people another; every other list has its own.
    static constexpr int kDocumentIds = -1;
    static int id_sequence(Entity entity);
    static std::size_t index(Entity entity) { return static_cast<std::size_t>(entity); }
    void forget_indexes(Entity entity, std::int64_t id, const Record& record);
    void note_indexes(Entity entity, std::int64_t id, const Record& record);

    std::string realm_;
    std::string profile_;
    CompanyOptions options_;
    std::array<Table, kEntities> tables_;
    // By sequence; apart from each other, so that an id used for another kind finds nothing.
    std::map<int, std::int64_t> last_ids_{
        {kDocumentIds, 9000},
        {static_cast<int>(Entity::kCustomer), 180},
        {static_cast<int>(Entity::kItem), 500}};
    std::int64_t last_address_id_ = 200;
    std::int64_t last_number_ = 1000;
    using Key = std::pair<Entity, std::int64_t>;
    std::unordered_multimap<std::string, Key> names_;
    std::unordered_multimap<std::string, Key> numbers_;
    std::map<std::int64_t, Applied> applied_;
    bool in_batch_ = false;
    std::set<Key> fresh_;
};

// nullopt when it is no id: digits only, at most 18.
std::optional<std::int64_t> parse_id(std::string_view text);

// A name as the books compare it: without case, without the " (deleted)" of inactive objects.
std::string folded_name(std::string_view name);
constexpr std::string_view kDeletedSuffix = " (deleted)";

}  // namespace sandbox::quickbooks
