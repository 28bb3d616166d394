// Where a flow's reading stands, seen and changed by a person. It changes only while the flow is
// paused or stopped; what lies before the new cursor stays delivered, and what is read again and is
// as it was costs no write. Everything is within one tenant. [any thread]
#pragma once

#include "engine/preview.hpp"

namespace syncline::engine {

class CursorControl {
public:
    CursorControl(Stores& stores, Preview& preview, const Clock& clock)
        : stores_(stores), preview_(preview), clock_(clock) {}

    struct View {
        Flow flow;
        storage::Cursor cursor;
        std::optional<Preview::Reread> reread;  // of a dry run
    };
    // `entity`, if given, must be the flow's. Errors: kNotFound.
    Result<View> show(TenantId tenant, const std::string& name, const std::string& entity) const;

    // Reads from `cursor` on in the next incremental run; nothing: from the beginning. A scan under
    // way is given up. Errors: kInvalid /cursor (in the future, before 1970), kExists flow.running
    // and flow.busy.
    Result<View> set(
        TenantId tenant,
        const std::string& name,
        const std::string& entity,
        std::optional<Timestamp> cursor,
        const storage::Cause& cause
    );

    // What set() would make the next run read, at most a thousand records; changes nothing, so the
    // flow may run. Errors: of set() but for those; of the source.
    Result<View> try_out(
        TenantId tenant,
        const std::string& name,
        const std::string& entity,
        std::optional<Timestamp> cursor
    );

private:
    Result<void> check(std::optional<Timestamp> cursor) const;

    Stores& stores_;
    Preview& preview_;
    const Clock& clock_;
};

}  // namespace syncline::engine
