// The two sides of a reconciliation, read through their connectors as facts (core/reconcile.hpp).
// Pages are turned into facts as they come and dropped; what stays of a document is a few hundred
// bytes.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/reconcile.hpp"
#include "core/time_zone.hpp"
#include "engine/connection_pool.hpp"
#include "engine/reading_pace.hpp"
#include "storage/reconciliation_store.hpp"

namespace syncline::engine {

using PostedForms = std::map<std::string, PostedForm>;  // by Document::entity
// Of a target's facts; empty: it does not tell what its documents show.
PostedForms posted_forms(const Json& facts);

// Flows between the same two connections.
struct ComparedPair {
    TenantId tenant;
    ConnectionId source;
    ConnectionId target;
    std::vector<Flow> flows;
    PostedForms forms;  // of the target
};

// More facts than this on one side are not compared at once.
constexpr std::size_t kFactsMax = 500'000;

// When reading has to begin for documents of the window's days: what is dated on a day changed
// then or later, in whatever zone.
Result<Timestamp> reading_begin(const DayWindow& window);

// The documents that the target has.
class TargetSide {
public:
    TargetSide(
        Stores& stores, const ComparedPair& pair, ConnectionSession& session, ReadingPace& pace
    );

    // Everything that changed since `from`. Errors: of the connector; kData "reconciliation.large".
    Result<void> read(Timestamp from, Timestamp to, const std::string& source_key);
    // The documents of these ids, by target entity; what is gone is left out.
    Result<void> look_up(
        const std::map<std::string, std::vector<std::string>>& ids, const std::string& source_key
    );
    const std::vector<TargetFact>& facts() const { return facts_; }
    // Documents that were not made of the source's records.
    std::int64_t others() const { return others_; }

private:
    struct Compared {
        TargetFact fact;
        Json owned;           // Posted::owned
        bool mapped = false;  // by an id mapping
    };
    Result<void> take(const Page& page, const std::string& key);
    Result<void> add(
        std::vector<Posted> documents, const std::vector<std::string>& ids, const std::string& key
    );
    Result<void> note_edits(std::vector<Compared>& documents);
    static void note_edit(const Json& base, Compared& document);

    Stores& stores_;
    const storage::ReconciliationStore lookups_;
    const ComparedPair& pair_;
    ConnectionSession& session_;
    ReadingPace& pace_;
    std::vector<TargetFact> facts_;
    std::set<std::string> seen_;      // target entity and id
    std::set<std::string> entities_;  // canonical, that are compared
    std::int64_t others_ = 0;         // documents that were not made of such records
};

// What the source's records are to have there.
class SourceSide {
public:
    SourceSide(
        Stores& stores,
        const ComparedPair& pair,
        ConnectionSession& source,
        ConnectionSession& target,
        ReadingPace& pace
    );

    // Errors: of the connectors; kData "reconciliation.large".
    Result<void> read(const Flow& flow, Timestamp from, Timestamp to);
    Result<void> look_up(const Flow& flow, const std::vector<std::string>& ids);

    const std::vector<SourceFact>& facts() const { return facts_; }

private:
    struct ReadRecord {
        Record record;
        std::vector<WrittenBefore> before;  // what the target has of it
    };
    Result<void> take(const Flow& flow, Page page);
    Result<void> encode(const Flow& flow, const std::vector<ReadRecord>& records);
    Result<void> take_unreadable(const Flow& flow, const Page& page);
    void add_documents(
        const Flow& flow,
        const std::string& id,
        const Encoded& encoded,
        const std::vector<WrittenBefore>& before
    );
    void add_without(
        const Flow& flow,
        const Record& record,
        SourceFact fact,
        const std::vector<WrittenBefore>& before
    );
    std::string customer_of(const Json& reference, const Encoded& encoded);
    std::string day_of_record(Timestamp at) const;

    Stores& stores_;
    const ComparedPair& pair_;
    ConnectionSession& source_;
    ConnectionSession& target_;
    ReadingPace& pace_;
    std::optional<TimeZone> zone_;  // of the books
    std::vector<SourceFact> facts_;
    std::set<std::string> seen_;                    // entity and record id
    std::map<std::string, std::string> customers_;  // the target's ids, by need
};

}  // namespace syncline::engine
