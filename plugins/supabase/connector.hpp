// The connector com.syncline.supabase.
#pragma once

#include <syncline/plugin/connector.hpp>

#include "supabase/bulk_write.hpp"
#include "supabase/rest_client.hpp"
#include "supabase/source_table.hpp"

namespace syncline::supabase {

class SupabaseConnector {
public:
    static constexpr const char* kId = "com.syncline.supabase";
    static constexpr const char* kVersion = kConnectorVersion;

    static Spec spec();
    SupabaseConnector(plugin::Host host, const Json& settings);

    Result<CheckReport> check(plugin::Call& call);
    Result<Catalog> discover(plugin::Call& call);
    Result<Page> read(plugin::Call& call, const ReadRequest& request);
    Result<std::vector<Encoded>> encode(plugin::Call& call, const EncodeRequest& request);
    Result<std::vector<Found>> find(plugin::Call& call, const FindRequest& request);
    Result<void> write(plugin::Call& call, const WriteRequest& request, plugin::Outcomes& outcomes);
    Result<Json> webhook_parse(plugin::Call& call, const Json& in);

private:
    Result<void> check_key() const;
    // That the tables are there with all that is asked of them.
    Result<void> check_tables() const;
    // The same for a table that is only read.
    Result<void> check_source(const SourceTable& source) const;
    CatalogEntity catalog_entity(const Table& table) const;
    // Tables of the tenant's own are all that is used: the documented ones may be absent.
    bool only_own_tables() const;

    plugin::Host host_;
    const bool read_only_;
    const bool own_tables_only_;
    const bool marks_deleted_;
    const std::string read_tenant_;
    const Result<SourceTables> tables_;
    const RestClient client_;
    BulkWriter bulk_;
};

}  // namespace syncline::supabase
