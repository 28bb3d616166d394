// Matches, proposals and id mappings as the API shows them.
#pragma once

#include <syncline/json.hpp>

#include "storage/id_mapping_directory.hpp"
#include "storage/match_store.hpp"

namespace syncline::api {

using ProposalTally = std::map<std::pair<std::string, std::string>, std::int64_t>;

Json match_json(const storage::Match& match, const ProposalTally& tally);
Json proposal_json(const storage::MatchProposal& proposal);
// Without `personal` it does not show the identity, which may be an e-mail address.
Json id_mapping_json(const storage::IdMappingRow& row, bool personal);

}  // namespace syncline::api
