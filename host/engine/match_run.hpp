// One match: reads both sides, compares them (core/matching.hpp), and stores what it proposes.
// Memory holds the signs of the records, not the records: kMatchRecordsMax of each side at most.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/match_signs.hpp"
#include "engine/match_reading.hpp"
#include "storage/id_mapping_directory.hpp"

namespace syncline::engine {

inline constexpr std::size_t kMatchRecordsMax = 100'000;

class MatchRun {
public:
    MatchRun(
        Stores& stores,
        ConnectionPool& pool,
        ReadingSlots& slots,
        const Clock& clock,
        storage::Match match,
        const std::atomic<bool>* stop
    );

    // Ends the match, completed or failed. Errors: kCancelled (it is begun anew with the host); of
    // the database.
    Result<void> run();

private:
    // What the target would make of a source record.
    struct Made {
        std::string role;
        std::string entity;
        std::string natural_key;
    };
    struct Source {
        std::string identity;
        std::string marker;
        std::vector<Made> made;
    };

    Result<void> compare();
    Result<void> read_target();
    Result<void> read_payments();
    Result<void> read_source();
    Result<void> take_target(const std::string& entity, const Page& page);
    Result<void> take_source(ConnectionSession& target, const Page& page);
    Result<std::vector<Source>> made_of(
        ConnectionSession& target, const Page& page, const std::vector<std::size_t>& places
    );
    // The target's own word for a canonical entity, as find() tells it.
    Result<void> learn_entity(const std::string& canonical, const std::string& id);
    void leave_out_linked(const storage::IdMappingDirectory::Linked& linked);
    Result<void> store(const MatchResult& result);
    storage::MatchProposal proposal_of(const MatchPair& pair) const;
    storage::MatchProposal proposal_of(const MatchDoubt& doubt, std::size_t left) const;
    // The role a document of the target has when it stands for the source record.
    std::string role_of(std::size_t left, const MatchRecord& right) const;
    const std::string& entity_of(const std::string& canonical) const;
    void add_payment(const MatchRecord& right, storage::MatchProposal& proposal) const;

    Stores& stores_;
    storage::MatchStore matches_;
    storage::IdMappingDirectory directory_;
    ConnectionPool& pool_;
    const Clock& clock_;
    const storage::Match match_;
    MatchReading reading_;
    Flow flow_;  // the match's, or one made for its connections
    std::string source_name_;

    std::vector<MatchRecord> left_;
    std::vector<Source> sources_;  // beside left_
    std::vector<MatchRecord> right_;
    std::set<std::pair<std::string, std::string>> seen_;        // of the side that is read
    std::map<std::string, std::string> entities_;               // canonical to the target's own
    std::map<std::string, std::string> roles_;                  // by the target's entity
    std::map<std::string, std::vector<std::string>> payments_;  // by the id of their invoice
    Json counts_ = Json::object();
};

}  // namespace syncline::engine
