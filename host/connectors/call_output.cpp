#include "connectors/call_output.hpp"

#include <algorithm>

#include <syncline/json.hpp>

#include "connectors/abi_text.hpp"
#include "connectors/text.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kRecordKeyBytesMax = 256;
constexpr std::int64_t kYear1Ms = -62'135'596'800'000;
constexpr std::int64_t kYear10000Ms = 253'402'300'800'000;

// Valid JSON with an object on top, not nested deeper than parse_json() takes; builds nothing.
class ObjectCheck : public nlohmann::json_sax<Json> {
public:
    bool null() override { return depth_ > 0; }
    bool boolean(bool) override { return depth_ > 0; }
    bool number_integer(number_integer_t) override { return depth_ > 0; }
    bool number_unsigned(number_unsigned_t) override { return depth_ > 0; }
    bool number_float(number_float_t, const string_t&) override { return depth_ > 0; }
    bool string(string_t&) override { return depth_ > 0; }
    bool binary(binary_t&) override { return false; }
    bool start_object(std::size_t) override { return ++depth_ <= kJsonDepthMax; }
    bool start_array(std::size_t) override { return depth_ > 0 && ++depth_ <= kJsonDepthMax; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return --depth_ >= 0; }
    bool end_array() override { return --depth_ >= 0; }
    bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
        return false;
    }

private:
    int depth_ = 0;
};

bool is_json_object(std::string_view text) {
    ObjectCheck check;
    return Json::sax_parse(text, &check);
}

bool is_record_key(std::string_view key) {
    return !key.empty() && key.size() <= kRecordKeyBytesMax && is_utf8(key) &&
           std::none_of(key.begin(), key.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

// What is wrong with a record; empty if nothing.
std::string fault_of(const syncline_record& record, const std::string& entity) {
    const std::string_view key = as_text(record.key);
    if (record.op != SYNCLINE_UPSERT && record.op != SYNCLINE_DELETE) {
        return "an unknown operation (" + std::to_string(record.op) + ")";
    }
    if (as_text(record.entity) != entity) {
        return "the entity '" + one_line(as_text(record.entity), 40) + "' instead of '" + entity +
               "'";
    }
    if (!is_record_key(key)) {
        return "no usable key ('" + one_line(key, 40) + "')";
    }
    const std::string which = " (key '" + one_line(key, 40) + "')";
    if (record.changed_at_ms < kYear1Ms || record.changed_at_ms >= kYear10000Ms) {
        return "an impossible time of change" + which;
    }
    const std::string_view json = as_text(record.json);
    if (record.op == SYNCLINE_DELETE ? !json.empty() && !is_json_object(json)
                                     : !is_json_object(json)) {
        return "a text that is not a JSON object" + which;
    }
    return "";
}

}  // namespace

CallOutput::CallOutput(Expected expected)
    : expected_(std::move(expected)), thread_(std::this_thread::get_id()) {
    abi_.struct_size = sizeof abi_;
    abi_.self = this;
    abi_.record = [](void* self, const syncline_record* record) {
        return receive(self, [&](CallOutput& output) { return output.take_record(record); });
    };
    abi_.item = [](void* self,
                   std::uint32_t index,
                   syncline_status status,
                   const syncline_error* error,
                   syncline_bytes json) {
        return receive(self, [&](CallOutput& output) {
            return output.take_item(index, status, error, json);
        });
    };
    abi_.result = [](void* self, syncline_bytes json) {
        return receive(self, [&](CallOutput& output) { return output.take_result(json); });
    };
}

template <class Fn>
syncline_status CallOutput::receive(void* self, Fn&& fn) noexcept {
    auto& output = *static_cast<CallOutput*>(self);
    if (std::this_thread::get_id() != output.thread_) {
        output.foreign_ = true;
        return SYNCLINE_BUG;
    }
    try {
        return output.breach_ || output.is_lost_ ? SYNCLINE_BUG : fn(output);
    } catch (...) {
        output.is_lost_ = true;
        return SYNCLINE_BUG;
    }
}

std::optional<std::string> CallOutput::breach() const {
    if (foreign_) {
        return "answered from a thread that was not called";
    }
    return is_lost_ ? "gave an answer that could not be stored (out of memory)" : breach_;
}

syncline_status CallOutput::break_with(std::string what) {
    breach_ = std::move(what);
    return SYNCLINE_BUG;
}

syncline_status CallOutput::count(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ > expected_.bytes_max) {
        return break_with(
            "answered with more than " + std::to_string(expected_.bytes_max) + " bytes"
        );
    }
    return SYNCLINE_OK;
}

syncline_status CallOutput::take_record(const syncline_record* record) {
    if (expected_.kind != OutputKind::kRecordsAndResult) {
        return break_with("gave a record, which this operation has none of");
    }
    if (record == nullptr || !SYNCLINE_HAS(record, json)) {
        return break_with("gave an incomplete record");
    }
    if (count(record->entity.len + record->key.len + record->json.len + sizeof(Record)) !=
        SYNCLINE_OK) {
        return SYNCLINE_BUG;
    }
    if (std::string fault = fault_of(*record, expected_.entity); !fault.empty()) {
        return break_with("gave a record with " + fault);
    }
    const bool deleted = record->op == SYNCLINE_DELETE;
    records.push_back(
        {std::string(as_text(record->entity)),
         std::string(as_text(record->key)),
         deleted ? RecordOperation::kDelete : RecordOperation::kUpsert,
         Timestamp{record->changed_at_ms},
         deleted ? "" : std::string(as_text(record->json))}
    );
    return SYNCLINE_OK;
}

syncline_status CallOutput::take_item(
    std::uint32_t index, syncline_status status, const syncline_error* error, syncline_bytes json
) {
    const std::string which = "item " + std::to_string(index);
    if (expected_.kind != OutputKind::kItems) {
        return break_with("reported an item, which this operation has none of");
    }
    if (expected_.indexes.count(index) == 0) {
        return break_with("reported " + which + ", which is not in the batch");
    }
    if (items.erase(index) > 0) {  // which of the two is true cannot be known
        return break_with("reported " + which + " twice");
    }
    if (!is_known_status(status)) {
        return break_with(
            "reported " + which + " with the unknown status " + std::to_string(status)
        );
    }
    if (count(json.len + sizeof(Item)) != SYNCLINE_OK) {
        return SYNCLINE_BUG;
    }
    Item item;
    item.status = status;
    if (status == SYNCLINE_OK) {
        item.json = as_text(json);
    } else {
        const bool readable = error != nullptr && SYNCLINE_HAS(error, message);
        item.error = from_abi(status, readable ? *error : empty_abi_error());
    }
    items.emplace(index, std::move(item));
    return SYNCLINE_OK;
}

syncline_status CallOutput::take_result(syncline_bytes json) {
    if (result) {
        return break_with("gave a result twice");
    }
    if (count(json.len) != SYNCLINE_OK) {
        return SYNCLINE_BUG;
    }
    result = std::string(as_text(json));
    return SYNCLINE_OK;
}

}  // namespace syncline::connectors
