// The host as a source: its id mappings and runs as records, so that a flow can take them to a
// warehouse as it takes orders there. A connection of the platform "syncline" reads those of its
// own tenant and of no other; nothing can be written to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "engine/connector_source.hpp"
#include "storage/own_record_store.hpp"
#include "storage/tenant_store.hpp"

namespace syncline::engine {

// The connectors of another source, and the host's own. [any]
class WithOwnRecords : public ConnectorSource {
public:
    // `others`, `database` and `clock` outlive it. Without a database it only describes: for
    // whoever checks a configuration.
    WithOwnRecords(ConnectorSource& others, storage::Database* database, const Clock& clock)
        : others_(others), database_(database), clock_(clock) {}

    std::vector<ConnectorDescription> list() const override;
    const Spec* spec(const std::string& platform) const override;
    Result<std::unique_ptr<connectors::Connector>> create(
        const std::string& platform,
        const connectors::ConnectionIdentity& who,
        const Json& settings,
        connectors::ConnectionServices& services
    ) override;

private:
    ConnectorSource& others_;
    storage::Database* const database_;
    const Clock& clock_;
};

// "woocommerce:shop/order/730/quickbooks:books/invoice": the record key of an id mapping, and back.
// '/' and '%' inside a part are written as in URLs. Errors of the way back: kInvalid.
std::string own_mapping_key(const IdMappingRecord& mapping);
Result<IdMappingRecord> parse_own_mapping_key(const std::string& key);

}  // namespace syncline::engine
