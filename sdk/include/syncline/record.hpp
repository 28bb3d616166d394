// One item of an entity in canonical form, as it travels from a source through the host to a
// target.
#pragma once

#include <string>

#include <syncline/timestamp.hpp>

namespace syncline {

enum class RecordOperation { kUpsert, kDelete };

struct Record {
    std::string entity;  // "order"
    std::string key;     // source id; ids of one entity are ordered by length, then by text
    RecordOperation operation = RecordOperation::kUpsert;
    Timestamp changed_at;  // the source's own time of change; 0 = unknown
    std::string json;      // text of the canonical model (model/*.hpp); empty for kDelete
};

// Order of source ids: "9" before "10", and any total order for ids that are not numbers.
inline bool id_less(const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
}

}  // namespace syncline
