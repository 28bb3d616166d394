#include "engine/encode.hpp"

namespace syncline::engine {

Result<std::vector<Result<Encoded>>> encode_isolating(
    ConnectionSession& session, const EncodeContext& context, const EncodeBatch& batch
) {
    const auto& [records, known] = batch;
    std::vector<Result<Encoded>> results;
    auto all = session.encode(context, records, known);
    if (all) {
        for (auto& one : *all) {
            results.emplace_back(std::move(one));
        }
        return results;
    }
    const bool of_a_record =
        all.error().code == ErrorCode::kData || all.error().code == ErrorCode::kBug;
    if (!of_a_record || records.size() == 1) {
        if (of_a_record) {
            results.emplace_back(all.error());
            return results;
        }
        return all.error();
    }
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto one = session.encode(
            context, {records[i]}, {i < known.size() ? known[i] : std::vector<KnownDocument>()}
        );
        if (one) {
            results.emplace_back(std::move(one->front()));
        } else {
            results.emplace_back(one.error());
        }
    }
    return results;
}

Result<MappedBatch> encode_mapped(
    const Stores& stores,
    ConnectionSession& session,
    const Flow& flow,
    const EncodeContext& context,
    const EncodeBatch& batch
) {
    MappedBatch mapped;
    SYNCLINE_ASSIGN_OR_RETURN(const auto mapping, flow_mapping(stores, session, flow));
    if (mapping) {
        mapped.mapping = mapping->use;
    }
    if (batch.records.empty()) {
        return mapped;
    }
    SYNCLINE_ASSIGN_OR_RETURN(mapped.records, encode_isolating(session, context, batch));
    for (std::size_t i = 0; mapping && i < mapped.records.size(); ++i) {
        if (auto& encoded = mapped.records[i]) {
            apply_mapping(*mapping, batch.records[i], *encoded);
        }
    }
    return mapped;
}

}  // namespace syncline::engine
