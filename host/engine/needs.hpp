// The records that documents refer to: their ids in the target, found or made.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <syncline/operations.hpp>

#include "engine/writer.hpp"

namespace syncline::engine {

// What is known of one need.
struct NeedState {
    enum class Kind {
        kKnown,    // remote_id
        kMissing,  // not in the target: would be made (dry run), or cannot be (no record)
        kBusy,     // somebody else works in its lane now
        kFailed,   // error
    };
    Kind kind = Kind::kMissing;
    std::string remote_id;
    Error error;
    bool made = false;
};
using NeedStates = std::map<std::string, NeedState>;  // by Need::key

// A need and the first job that has it.
struct WantedNeed {
    Need need;
    JobId job;
};

class NeedResolver {
public:
    NeedResolver(Stores& stores, Writer& writer) : stores_(stores), writer_(writer) {}

    // By id mapping, else by find(). Found ones are remembered as id mappings unless `remember` is
    // false. Errors: of the whole find.
    Result<NeedStates> look_up(
        ConnectionSession& session,
        const WriteContext& context,
        const std::vector<WantedNeed>& needs,
        bool remember
    );

    // Makes the missing ones from their records, each in its own lane.
    Result<void> make_missing(
        ConnectionSession& session,
        const EncodeContext& encode_context,
        const WriteContext& context,
        const std::vector<WantedNeed>& needs,
        NeedStates& states
    );

private:
    Result<void> find_missing(
        ConnectionSession& session,
        const WriteContext& context,
        const std::vector<WantedNeed>& needs,
        bool remember,
        NeedStates& states
    );
    Result<void> remember_found(
        const WriteContext& context, ConnectionId target, const Need& need, const Found& found
    );
    Result<NeedState> mapped(const WriteContext& context, ConnectionId target, const Need& need)
        const;
    Result<void> make_entity(
        ConnectionSession& session,
        EncodeContext encode_context,
        const WriteContext& context,
        const std::vector<WantedNeed>& needs,
        NeedStates& states
    );

    // The needs of one entity that share a lane; one of them may have a record to make it from
    // where another one's is bad.
    using Lanes = std::map<std::string, std::vector<WantedNeed>>;
    // Makes each from its first record that is taken; the lanes are held.
    Result<void> make_in_lanes(
        ConnectionSession& session,
        const EncodeContext& encode_context,
        const WriteContext& context,
        const Lanes& lanes,
        NeedStates& states
    );

    Stores& stores_;
    Writer& writer_;
};

// The lane of a need within its target.
std::string need_lane(const Need& need);

}  // namespace syncline::engine
