#include "engine/own_records.hpp"

#include <algorithm>
#include <array>

namespace syncline::engine {
namespace {

using connectors::CallContext;
using storage::OwnPlace;

constexpr const char* kMappings = "id_mapping";
constexpr const char* kRuns = "sync_log";
constexpr auto kVersion = "1";

Error no_target(const char* what) {
    return Error{
        ErrorCode::kUnsupported,
        std::string("a connection of the platform syncline is a source only and cannot ") + what +
            "; choose another target for the flow",
        "connector.no_operation"};
}

Spec make_spec() {
    Spec spec;
    spec.title = "Syncline";
    spec.summary = "This host's own id mappings and runs, as records for a warehouse.";
    spec.limits.read_page_max = 500;
    // What a unit of work wrote becomes visible milliseconds after the time it notes.
    spec.limits.read_overlap_s = 60;
    return spec;
}

const Spec& own_spec() {
    static const Spec kSpec = make_spec();
    return kSpec;
}

// Where a scan is, as text: "m:1795161600000:17" among the mappings, "r:..." among those removed.
struct ScanPlace {
    char part = 'm';
    OwnPlace after;

    std::string text() const {
        return std::string(1, part) + ":" + std::to_string(after.changed_ms) + ":" + after.id;
    }
};

ScanPlace place_of(const ReadRequest& request) {
    const std::string& text = request.after_id;
    const auto colon = text.find(':', 2);
    const bool begun = text.size() > 3 && text[1] == ':' && colon != std::string::npos;
    if (!begun) {
        return {'m', {request.window.from ? request.window.from->ms : 0, ""}};
    }
    const std::string ms = text.substr(2, colon - 2);
    const bool digits =
        !ms.empty() && ms.size() < 19 && ms.find_first_not_of("0123456789") == std::string::npos;
    return {text[0], {digits ? std::stoll(ms) : 0, text.substr(colon + 1)}};
}

Record record_of(const storage::OwnIdMapping& row) {
    Record record;
    record.entity = kMappings;
    record.key = own_mapping_key(row.model);
    record.changed_at = Timestamp{row.place.changed_ms};
    record.json = dump_json(to_json(row.model));
    return record;
}

Record removed_record_of(const storage::OwnIdMapping& row) {
    Record record = record_of(row);
    record.operation = RecordOperation::kDelete;
    record.json.clear();
    return record;
}

Record record_of(const storage::OwnRun& row) {
    Record record;
    record.entity = kRuns;
    record.key = row.model.id;
    record.changed_at = Timestamp{row.place.changed_ms};
    record.json = dump_json(to_json(row.model));
    return record;
}

class OwnRecords : public connectors::Connector {
public:
    OwnRecords(storage::Database& database, const Clock& clock, TenantId tenant, std::string name)
        : store_(database), clock_(clock), tenant_(tenant), tenant_name_(std::move(name)) {}

    Result<CheckReport> check(const CallContext&) override {
        return CheckReport{"this host, tenant " + tenant_name_, "syncline/" + tenant_name_, {}};
    }
    Result<Catalog> discover(const CallContext&) override {
        Catalog catalog;
        catalog.entities = {
            {kMappings, {"window", "ids"}, {}, {}}, {kRuns, {"window", "ids"}, {}, {}}};
        return catalog;
    }
    Result<Page> read(const ReadRequest& request, const CallContext&) override;
    Result<std::vector<Encoded>>
    encode(const EncodeContext&, const std::vector<std::string>&, const std::vector<std::vector<KnownDocument>>&, const CallContext&)
        override {
        return no_target("take records");
    }
    Result<std::vector<Found>> find(const FindRequest&, const CallContext&) override {
        return no_target("be searched");
    }
    Result<std::vector<Result<Written>>> write(const WriteRequest&, const CallContext&) override {
        return no_target("be written to");
    }
    Result<Tokens> oauth_refresh(const CallContext&) override {
        return no_target("refresh tokens");
    }

private:
    Result<void> read_ids(const ReadRequest& request, Page& page) const;
    Result<void> read_mappings(const ReadRequest& request, Page& page) const;
    Result<void> read_runs(const ReadRequest& request, Page& page) const;

    storage::OwnRecordStore store_;
    const Clock& clock_;
    const TenantId tenant_;
    const std::string tenant_name_;
};

Result<Page> OwnRecords::read(const ReadRequest& request, const CallContext&) {
    if (request.entity != kMappings && request.entity != kRuns) {
        return Error{
            ErrorCode::kUnsupported,
            "the platform syncline has no entity '" + request.entity.substr(0, 40) +
                "'; there are id_mapping and sync_log",
            "connector.no_operation"};
    }
    Page page;
    page.source_time = clock_.now();
    if (!request.ids.empty()) {
        SYNCLINE_RETURN_IF_ERROR(read_ids(request, page));
    } else if (request.entity == kRuns) {
        SYNCLINE_RETURN_IF_ERROR(read_runs(request, page));
    } else {
        SYNCLINE_RETURN_IF_ERROR(read_mappings(request, page));
    }
    return page;
}

Result<void> OwnRecords::read_ids(const ReadRequest& request, Page& page) const {
    for (const auto& id : request.ids) {
        if (request.entity == kRuns) {
            SYNCLINE_ASSIGN_OR_RETURN(const auto run, store_.run(tenant_, id));
            if (run) {
                page.records.push_back(record_of(*run));
            }
            continue;
        }
        const auto wanted = parse_own_mapping_key(id);
        if (!wanted) {
            continue;  // no mapping has such a key
        }
        SYNCLINE_ASSIGN_OR_RETURN(const auto mapping, store_.id_mapping(tenant_, *wanted));
        if (mapping) {
            page.records.push_back(record_of(*mapping));
        }
    }
    return {};
}

// What changes during the scan moves to its end and is read again there; so nothing is passed over.
Result<void> OwnRecords::read_mappings(const ReadRequest& request, Page& page) const {
    const std::int64_t limit = std::max<std::int64_t>(1, request.limit);
    ScanPlace place = place_of(request);
    if (place.part == 'm') {
        SYNCLINE_ASSIGN_OR_RETURN(const auto rows, store_.id_mappings(tenant_, place.after, limit));
        for (const auto& row : rows) {
            page.records.push_back(record_of(row));
            place.after = row.place;
        }
        const bool full = static_cast<std::int64_t>(rows.size()) == limit;
        const std::int64_t from = request.window.from ? request.window.from->ms : 0;
        page.last_id = full ? place.text() : ScanPlace{'r', {from, ""}}.text();
        page.more = true;  // those that were removed come after them
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(
        const auto rows, store_.removed_id_mappings(tenant_, place.after, limit)
    );
    for (const auto& row : rows) {
        page.records.push_back(removed_record_of(row));
        place.after = row.place;
    }
    page.last_id = place.text();
    page.more = static_cast<std::int64_t>(rows.size()) == limit;
    return {};
}

Result<void> OwnRecords::read_runs(const ReadRequest& request, Page& page) const {
    const std::int64_t limit = std::max<std::int64_t>(1, request.limit);
    ScanPlace place = place_of(request);
    SYNCLINE_ASSIGN_OR_RETURN(const auto rows, store_.runs(tenant_, place.after, limit));
    for (const auto& row : rows) {
        page.records.push_back(record_of(row));
        place.after = row.place;
    }
    page.last_id = place.text();
    page.more = static_cast<std::int64_t>(rows.size()) == limit;
    return {};
}

std::string part_text(const std::string& part) {
    std::string text;
    for (const char c : part) {
        text += c == '%' ? "%25" : c == '/' ? "%2F" : std::string(1, c);
    }
    return text;
}

std::string part_from(std::string text) {
    for (auto at = text.find('%'); at != std::string::npos; at = text.find('%', at + 1)) {
        const bool slash = text.compare(at, 3, "%2F") == 0;
        text.replace(at, 3, slash ? "/" : "%");
    }
    return text;
}

}  // namespace

std::string own_mapping_key(const IdMappingRecord& mapping) {
    return part_text(mapping.source) + "/" + part_text(mapping.entity) + "/" +
           part_text(mapping.record_id) + "/" + part_text(mapping.target) + "/" +
           part_text(mapping.role);
}

Result<IdMappingRecord> parse_own_mapping_key(const std::string& key) {
    std::array<std::string, 5> parts;
    std::size_t at = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto end = key.find('/', at);
        if ((end == std::string::npos) != (i + 1 == parts.size())) {
            return invalid("'" + key.substr(0, 80) + "' is no key of an id mapping");
        }
        parts[i] = part_from(key.substr(at, end - at));
        at = end + 1;
    }
    IdMappingRecord mapping;
    mapping.source = parts[0];
    mapping.entity = parts[1];
    mapping.record_id = parts[2];
    mapping.target = parts[3];
    mapping.role = parts[4];
    return mapping;
}

std::vector<ConnectorDescription> WithOwnRecords::list() const {
    std::vector<ConnectorDescription> all = others_.list();
    ConnectorDescription own;
    own.id = "com.syncline.syncline";
    own.platform = storage::kOwnPlatform;
    own.version = kVersion;
    own.vendor = "Syncline";
    own.operations = {"check", "discover", "read"};
    own.spec = own_spec();
    all.push_back(std::move(own));
    return all;
}

const Spec* WithOwnRecords::spec(const std::string& platform) const {
    return platform == storage::kOwnPlatform ? &own_spec() : others_.spec(platform);
}

Result<std::unique_ptr<connectors::Connector>> WithOwnRecords::create(
    const std::string& platform,
    const connectors::ConnectionIdentity& who,
    const Json& settings,
    connectors::ConnectionServices& services
) {
    if (platform != storage::kOwnPlatform) {
        return others_.create(platform, who, settings, services);
    }
    if (database_ == nullptr) {
        return Error{ErrorCode::kBug, "a description makes no connectors", "host.contract"};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto tenant, storage::TenantStore(*database_).find(who.tenant));
    if (!tenant) {
        return Error{
            ErrorCode::kNotFound, "there is no tenant '" + who.tenant + "'", "tenant.unknown"};
    }
    return std::unique_ptr<connectors::Connector>(
        std::make_unique<OwnRecords>(*database_, clock_, tenant->id, who.tenant)
    );
}

}  // namespace syncline::engine
