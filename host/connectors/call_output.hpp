// Takes what a plugin pushes during one call: copies it, checks it, and remembers the first breach
// of the contract. After a breach everything further is refused. A record that cannot be taken is
// no breach: it is kept as an unreadable one, and the others go on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <syncline/abi.h>
#include <syncline/operations.hpp>
#include <syncline/result.hpp>

namespace syncline::connectors {

// What an operation may push.
enum class OutputKind { kResult, kRecordsAndResult, kItems };

class CallOutput {
public:
    struct Item {
        Error error;  // with a status other than OK
        syncline_status status = SYNCLINE_OK;
        std::string json;
    };

    // `entity`: of the records that were asked for. `indexes`: of the items that may be reported.
    struct Expected {
        OutputKind kind = OutputKind::kResult;
        std::string entity;
        std::set<std::uint32_t> indexes;
        std::size_t bytes_max = 0;
    };
    explicit CallOutput(Expected expected);
    CallOutput(const CallOutput&) = delete;
    CallOutput& operator=(const CallOutput&) = delete;

    // Valid during the call, on the thread that made this.
    const syncline_out* abi() const { return &abi_; }

    // The end of a sentence about the plugin: "gave a result twice".
    std::optional<std::string> breach() const;

    std::vector<Record> records;
    std::vector<UnreadableRecord> unreadable;
    std::optional<std::string> result;
    std::map<std::uint32_t, Item> items;  // as reported, by index

private:
    template <class Fn>
    static syncline_status receive(void* self, Fn&& fn) noexcept;
    syncline_status break_with(std::string what);
    syncline_status count(std::size_t bytes);
    syncline_status take_record(const syncline_record* record);
    syncline_status keep_unreadable(
        const syncline_record& record, std::string code, std::string reason
    );
    syncline_status take_item(
        std::uint32_t index,
        syncline_status status,
        const syncline_error* error,
        syncline_bytes json
    );
    syncline_status take_result(syncline_bytes json);

    const Expected expected_;
    const std::thread::id thread_;
    std::size_t bytes_ = 0;
    std::optional<std::string> breach_;
    bool is_lost_ = false;
    std::atomic<bool> foreign_{false};
    syncline_out abi_{};
};

}  // namespace syncline::connectors
