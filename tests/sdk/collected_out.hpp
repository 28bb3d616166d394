// The host's side of one call, in C terms: collects what an operation pushes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <syncline/abi.h>
#include <syncline/plugin/host.hpp>

namespace syncline::testing {

struct CollectedOut {
    struct Record {
        std::uint32_t op;
        std::int64_t changed_at_ms;
        std::string entity, key, json;
    };
    struct Item {
        std::uint32_t index;
        syncline_status status;
        std::string code, message, json;
    };

    CollectedOut() {
        abi.struct_size = sizeof abi;
        abi.self = this;
        abi.record = [](void* self, const syncline_record* raw) {
            auto& out = *static_cast<CollectedOut*>(self);
            out.records.push_back(
                {raw->op, raw->changed_at_ms, text(raw->entity), text(raw->key), text(raw->json)}
            );
            return out.answer;
        };
        abi.item = [](void* self,
                      std::uint32_t index,
                      syncline_status status,
                      const syncline_error* why,
                      syncline_bytes json) {
            auto& out = *static_cast<CollectedOut*>(self);
            out.items.push_back(
                {index,
                 status,
                 why == nullptr ? "" : why->code,
                 why == nullptr ? "" : why->message,
                 text(json)}
            );
            return out.answer;
        };
        abi.result = [](void* self, syncline_bytes json) {
            auto& out = *static_cast<CollectedOut*>(self);
            out.results.push_back(text(json));
            return out.answer;
        };
        sink.self = this;
        sink.put = [](void* self, syncline_bytes bytes) {
            auto& out = *static_cast<CollectedOut*>(self);
            out.results.push_back(text(bytes));
            return out.answer;
        };
        call.struct_size = sizeof call;
        call.attempt = 1;
        call.self = this;
        call.cancelled = [](void*) -> std::int32_t { return 0; };
        error = plugin::empty_abi_error();
    }
    CollectedOut(const CollectedOut&) = delete;
    CollectedOut& operator=(const CollectedOut&) = delete;

    static std::string text(syncline_bytes bytes) { return std::string(plugin::as_text(bytes)); }

    // Runs `operation` on `instance` with `in_json`.
    syncline_status run(syncline_op operation, void* instance, std::string_view in_json = {}) {
        return operation(instance, &call, plugin::as_bytes(in_json), &abi, &error);
    }

    syncline_out abi{};
    syncline_sink sink{};
    syncline_call call{};
    syncline_error error{};
    syncline_status answer = SYNCLINE_OK;  // what every callback says
    std::vector<Record> records;
    std::vector<Item> items;
    std::vector<std::string> results;
};

}  // namespace syncline::testing
