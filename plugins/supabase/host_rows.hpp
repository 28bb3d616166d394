// Syncline's own id mappings and runs as rows; pure.
#pragma once

#include <syncline/model/id_mapping.hpp>
#include <syncline/model/sync_log.hpp>
#include <syncline/operations.hpp>

namespace syncline::supabase {

// Their source_system is that of the record or of the flow, not this host: so a mapping stands
// beside the order it is about.
Result<Encoded> encode_id_mapping(const EncodeContext& context, const IdMappingRecord& mapping);
Result<Encoded> encode_sync_log(const EncodeContext& context, const SyncLogRecord& log);

}  // namespace syncline::supabase
