#include "engine/id_mapping_control.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "core/csv.hpp"
#include "core/flow.hpp"
#include "engine/encode.hpp"
#include "engine/transformer.hpp"

namespace syncline::engine {
namespace {

constexpr std::size_t kIdMax = 200;
// Places of columns.
constexpr std::size_t kSource = 0;
constexpr std::size_t kTarget = 1;
constexpr std::size_t kEntity = 2;
constexpr std::size_t kSourceId = 3;
constexpr std::size_t kRole = 4;
constexpr std::size_t kTargetEntity = 5;
constexpr std::size_t kTargetId = 6;
constexpr std::size_t kIdentity = 7;
constexpr std::size_t kNeeded = 7;  // columns that an import must have

using Connections = std::map<std::string, ConnectionId>;

void add(ImportReport& report, const ImportProblem& problem) {
    if (report.problems.size() < kImportProblemsMax) {
        report.problems.push_back(problem);
    }
}

// An id that a person gave; "@" begins those of records that have none.
std::string what_is_wrong(const std::string& id) {
    if (id.empty()) {
        return "it is empty";
    }
    if (id.size() > kIdMax) {
        return "it is longer than " + std::to_string(kIdMax) + " bytes";
    }
    const bool odd = std::any_of(id.begin(), id.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
    });
    return odd ? "it has control characters" : "";
}

Result<void> check(const WantedLink& wanted) {
    const std::array<std::pair<const char*, const std::string*>, 5> kPlaces{
        {{"/entity", &wanted.entity},
         {"/source_id", &wanted.source_id},
         {"/target_entity", &wanted.target_entity},
         {"/target_id", &wanted.target_id},
         {"/source", &wanted.source}}};
    for (const auto& [place, value] : kPlaces) {
        if (const auto wrong = what_is_wrong(*value); !wrong.empty()) {
            return invalid(std::string(place) + ": " + wrong);
        }
    }
    if (wanted.source_id.front() == '@') {
        return invalid("/source_id: no record of a source has an id that begins with '@'");
    }
    if (wanted.source == wanted.target) {
        return invalid("/target: a connection is not linked with itself");
    }
    return {};
}

bool told(const std::string& text) {
    return !text.empty();
}

Result<void> check_heading(const std::vector<CsvRow>& rows) {
    const auto& columns = id_mapping_columns();
    const std::size_t width = rows.empty() ? 0 : rows.front().cells.size();
    if (width >= kNeeded && width <= columns.size() &&
        std::equal(rows.front().cells.begin(), rows.front().cells.end(), columns.begin())) {
        return {};
    }
    std::string heading;
    for (const auto& column : columns) {
        heading += (heading.empty() ? "" : ",") + column;
    }
    return invalid(
        "/csv: line 1: expected the heading " + heading + " (the last two may be left out)"
    );
}

std::vector<ImportProblem> problems_of(
    const std::vector<std::string>& cells, std::size_t line, const Connections& connections
) {
    std::vector<ImportProblem> problems;
    const auto refuse = [&](std::size_t column, const std::string& why) {
        problems.push_back({line, id_mapping_columns()[column], why});
    };
    for (std::size_t column = 0; column < kNeeded; ++column) {
        if (const auto wrong = what_is_wrong(cells[column]); told(wrong)) {
            refuse(column, wrong);
        }
    }
    for (const std::size_t column : {kSource, kTarget}) {
        if (told(cells[column]) && connections.count(cells[column]) == 0) {
            refuse(column, "there is no connection '" + cells[column].substr(0, 60) + "'");
        }
    }
    if (told(cells[kEntity]) && plural_of(cells[kEntity]) == cells[kEntity]) {
        refuse(kEntity, "unknown entity '" + cells[kEntity].substr(0, 40) + "'");
    }
    if (told(cells[kSource]) && cells[kSource] == cells[kTarget]) {
        refuse(kTarget, "a connection is not linked with itself");
    }
    return problems;
}

}  // namespace

const std::vector<std::string>& id_mapping_columns() {
    static const std::vector<std::string> kColumns{
        "source",
        "target",
        "entity",
        "source_id",
        "role",
        "target_entity",
        "target_id",
        "identity",
        "state"};
    return kColumns;
}

std::vector<std::string> id_mapping_cells(const storage::IdMappingRow& row) {
    std::vector<std::string> cells{
        row.source,
        row.target,
        row.entity,
        row.source_id,
        row.role,
        row.target_entity,
        row.target_id,
        row.identity,
        row.written ? "written" : "linked"};
    std::transform(cells.begin(), cells.end(), cells.begin(), guarded);
    return cells;
}

Result<storage::NewLink> IdMappingControl::look_up(TenantId tenant, const WantedLink& wanted) {
    SYNCLINE_RETURN_IF_ERROR(check(wanted));
    const auto source_found = stores_.connections.find(tenant, wanted.source);
    const auto target_found = stores_.connections.find(tenant, wanted.target);
    if (!source_found || !target_found) {
        return invalid(
            (source_found ? "/target: " : "/source: ") +
            (source_found ? target_found : source_found).error().message
        );
    }
    const storage::Connection& source = *source_found;
    const storage::Connection& target = *target_found;
    storage::NewLink link;
    link.record = {tenant, source.id, target.id, wanted.entity, wanted.source_id, wanted.identity};
    link.role = wanted.role;
    link.target_entity = wanted.target_entity;
    link.target_id = wanted.target_id;

    SYNCLINE_ASSIGN_OR_RETURN(const auto from, pool_.open(source.id));
    ReadRequest request;
    request.entity = wanted.entity;
    request.ids = {wanted.source_id};
    request.limit = 1;
    SYNCLINE_ASSIGN_OR_RETURN(const Page page, from->read(request));
    const auto record =
        std::find_if(page.records.begin(), page.records.end(), [&](const Record& one) {
            return one.key == wanted.source_id && one.operation != RecordOperation::kDelete;
        });
    if (record == page.records.end()) {
        return Error{
            ErrorCode::kExists,
            "'" + wanted.source + "' has no " + wanted.entity + " " + wanted.source_id,
            "id_mapping.not_in_source"};
    }
    if (link.record.identity.empty()) {
        SYNCLINE_ASSIGN_OR_RETURN(const Json json, parse_json(record->json));
        link.record.identity = identity_key(wanted.entity, wanted.source_id, json);
    }

    SYNCLINE_ASSIGN_OR_RETURN(const auto to, pool_.open(target.id));
    FindRequest find;
    find.entity = wanted.target_entity;
    find.keys.push_back({"it", {}, {}, wanted.target_id, Json()});
    SYNCLINE_ASSIGN_OR_RETURN(const auto found, to->find(find));
    if (found.empty()) {
        return Error{
            ErrorCode::kExists,
            "'" + wanted.target + "' has no " + wanted.target_entity + " " + wanted.target_id,
            "id_mapping.not_in_target"};
    }
    link.target_entity = told(found.front().entity) ? found.front().entity : wanted.target_entity;
    if (link.role.empty()) {
        Flow flow;
        flow.tenant = tenant;
        flow.tenant_name = source.tenant_name;
        flow.source = source.id;
        flow.target = target.id;
        flow.definition.entity = wanted.entity;
        SYNCLINE_ASSIGN_OR_RETURN(const Json facts, to->facts());
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto context, encoding_for(stores_, *to, flow, source, facts)
        );
        const auto encoded = encode_isolating(*to, context, {{record->json}, {}});
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto roles, directory_.roles(tenant, target.id, wanted.entity)
        );
        const auto known = roles.find(link.target_entity);
        link.role = known == roles.end() ? link.target_entity : known->second;
        if (encoded && encoded->front()) {
            for (const auto& document : encoded->front()->documents) {
                if (document.entity == link.target_entity) {
                    link.role = document.role;
                    break;
                }
            }
        }
    }
    return link;
}

Result<storage::IdMappingRow> IdMappingControl::create(
    storage::Sql& sql, const storage::NewLink& link
) {
    SYNCLINE_RETURN_IF_ERROR(directory_.link(sql, link, clock_.now().ms));
    writer_.announce(sql, link.record);
    storage::IdMappingFilter filter;
    filter.entity = link.record.entity;
    filter.source_id = link.record.source_id;
    filter.target_id = link.target_id;
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, directory_.list(link.record.tenant, filter));
    SYNCLINE_ASSIGN_OR_RETURN(const auto target, stores_.connections.by_id(link.record.target));
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const auto& one) {
        return one.role == link.role && one.target == target.name &&
               one.target_entity == link.target_entity;
    });
    if (row == rows.end()) {
        return Error{ErrorCode::kBug, "a link that was stored is not there"};
    }
    return *row;
}

Result<std::vector<IdMappingControl::Line>> IdMappingControl::lines_of(
    TenantId tenant, const std::string& csv, ImportReport& report
) {
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, parse_csv(csv, {kImportLinesMax, 1'000}));
    SYNCLINE_RETURN_IF_ERROR(check_heading(rows));
    SYNCLINE_ASSIGN_OR_RETURN(const auto all, stores_.connections.list(tenant));
    Connections connections;
    for (const auto& one : all) {
        connections[one.name] = one.id;
    }
    std::vector<Line> lines;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        std::vector<std::string> cells = rows[i].cells;
        std::transform(cells.begin(), cells.end(), cells.begin(), unguarded);
        cells.resize(id_mapping_columns().size());
        cells[kEntity] = entity_from_plural(cells[kEntity]).value_or(cells[kEntity]);
        const auto problems = problems_of(cells, rows[i].line, connections);
        for (const auto& problem : problems) {
            add(report, problem);
        }
        if (!problems.empty()) {
            continue;
        }
        if (cells[kIdentity].empty()) {
            cells[kIdentity] = "#" + cells[kSourceId];
        }
        lines.push_back(
            {rows[i].line,
             {{tenant,
               connections[cells[kSource]],
               connections[cells[kTarget]],
               cells[kEntity],
               cells[kSourceId],
               cells[kIdentity]},
              cells[kRole],
              cells[kTargetEntity],
              cells[kTargetId]}}
        );
    }
    report.lines = static_cast<std::int64_t>(rows.size()) - 1;
    return lines;
}

Result<ImportReport> IdMappingControl::import(
    TenantId tenant, const std::string& csv, bool dry_run
) {
    ImportReport report;
    SYNCLINE_ASSIGN_OR_RETURN(const auto lines, lines_of(tenant, csv, report));
    const ImportReport parsed = report;
    bool taken_back = false;
    const auto done = stores_.database.write([&](storage::Sql& sql) -> Result<void> {
        report = parsed;  // the unit may be run again
        taken_back = false;
        for (const auto& line : lines) {
            const auto linked = directory_.link(sql, line.link, clock_.now().ms);
            if (!linked && linked.error().code != ErrorCode::kExists) {
                return linked.error();
            }
            if (!linked) {
                const bool of_source = linked.error().name == "id_mapping.source_taken";
                add(report,
                    {line.number,
                     id_mapping_columns()[of_source ? kSourceId : kTargetId],
                     linked.error().message});
                continue;
            }
            ++(*linked ? report.created : report.unchanged);
            if (*linked) {
                writer_.announce(sql, line.link.record);
            }
        }
        taken_back = dry_run || !report.problems.empty();
        // An error takes everything back.
        return taken_back ? Result<void>(Error{ErrorCode::kExists, "nothing of it is kept"})
                          : Result<void>();
    });
    if (!done && !taken_back) {
        return done.error();
    }
    return report;
}

}  // namespace syncline::engine
