#include "engine/cursor_control.hpp"

namespace syncline::engine {
namespace {

constexpr std::int64_t kRereadMax = 1'000;

}  // namespace

Result<void> CursorControl::check(std::optional<Timestamp> cursor) const {
    if (!cursor) {
        return {};
    }
    const Timestamp now = clock_.now();
    if (cursor->ms > now.ms) {
        return invalid(
            "/cursor: " + cursor->to_string() + " is in the future (it is " + now.to_string() +
            "); everything that changes until then would be passed over"
        );
    }
    if (cursor->ms <= 0) {
        return invalid("/cursor: must be later than 1970; DELETE reads from the beginning");
    }
    return {};
}

Result<CursorControl::View> CursorControl::show(
    TenantId tenant, const std::string& name, const std::string& entity
) const {
    View view;
    SYNCLINE_ASSIGN_OR_RETURN(view.flow, stores_.flows.find(tenant, name));
    if (!entity.empty() && entity != view.flow.definition.entity) {
        return Error{
            ErrorCode::kNotFound,
            "the flow '" + name + "' reads " + plural_of(view.flow.definition.entity) +
                ", it has no cursor of " + plural_of(entity),
            "cursor.unknown"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        view.cursor, stores_.flows.cursor(view.flow.id, view.flow.definition.entity)
    );
    return view;
}

Result<CursorControl::View> CursorControl::set(
    TenantId tenant,
    const std::string& name,
    const std::string& entity,
    std::optional<Timestamp> cursor,
    const storage::Cause& cause
) {
    SYNCLINE_ASSIGN_OR_RETURN(const View before, show(tenant, name, entity));
    SYNCLINE_RETURN_IF_ERROR(check(cursor));
    SYNCLINE_RETURN_IF_ERROR(stores_.flow_changes.set_cursor(
        before.flow.id,
        before.flow.definition.entity,
        cursor ? cursor->ms : 0,
        cause,
        clock_.now().ms
    ));
    return show(tenant, name, entity);
}

Result<CursorControl::View> CursorControl::try_out(
    TenantId tenant,
    const std::string& name,
    const std::string& entity,
    std::optional<Timestamp> cursor
) {
    SYNCLINE_ASSIGN_OR_RETURN(View view, show(tenant, name, entity));
    SYNCLINE_RETURN_IF_ERROR(check(cursor));
    SYNCLINE_ASSIGN_OR_RETURN(
        view.reread, preview_.reread(view.flow, cursor ? cursor->ms : 0, kRereadMax)
    );
    return view;
}

}  // namespace syncline::engine
