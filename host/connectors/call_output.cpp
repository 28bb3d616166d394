#include "connectors/call_output.hpp"

#include <algorithm>

#include <syncline/json.hpp>

#include "connectors/abi_text.hpp"
#include "connectors/text.hpp"
#include "core/sha256.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kRecordKeyBytesMax = 256;
// A record travels through the queue and through encode, with others beside it.
constexpr std::size_t kRecordBytesMax = 16 * 1024 * 1024;
// So much of an unreadable record is shown to people.
constexpr std::size_t kRawBytesMax = 32 * 1024;
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
    bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&)
        override {
        broken_at_ = at;
        return false;
    }
    // 0: it is JSON as far as it was looked at.
    std::size_t broken_at() const { return broken_at_; }

private:
    int depth_ = 0;
    std::size_t broken_at_ = 0;
};

// What is wrong with the text of a record; empty if nothing.
std::string json_fault(std::string_view text) {
    ObjectCheck check;
    if (Json::sax_parse(text, &check)) {
        return "";
    }
    return "a text that is not a JSON object" +
           (check.broken_at() > 0 ? " (at byte " + std::to_string(check.broken_at()) + ")"
                                  : std::string());
}

bool is_record_key(std::string_view key) {
    return !key.empty() && key.size() <= kRecordKeyBytesMax && is_utf8(key) &&
           std::none_of(key.begin(), key.end(), [](char c) {
               return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
           });
}

struct Fault {
    std::string code;
    std::string reason;  // the end of a sentence: "it has ..."
};

// The record is one of those that were asked for, and says which.
bool has_own_id(const syncline_record& record, const std::string& entity) {
    return as_text(record.entity) == entity && is_record_key(as_text(record.key));
}

// What is wrong with a record.
std::optional<Fault> fault_of(
    const syncline_record& record, const std::string& entity, std::size_t bytes_max
) {
    const std::string_view json = as_text(record.json);
    if (record.op != SYNCLINE_UPSERT && record.op != SYNCLINE_DELETE) {
        return Fault{
            "record.unknown_operation", "an unknown operation (" + std::to_string(record.op) + ")"};
    }
    if (as_text(record.entity) != entity) {
        return Fault{
            "record.other_entity",
            "the entity '" + one_line(as_text(record.entity), 40) + "' instead of '" + entity +
                "'"};
    }
    if (!is_record_key(as_text(record.key))) {
        return Fault{"record.no_id", "no usable key ('" + one_line(as_text(record.key), 40) + "')"};
    }
    if (record.changed_at_ms < kYear1Ms || record.changed_at_ms >= kYear10000Ms) {
        return Fault{"record.impossible_time", "an impossible time of change"};
    }
    if (json.size() > bytes_max) {
        return Fault{
            "record.too_large",
            std::to_string(json.size()) + " bytes, more than the " + std::to_string(bytes_max) +
                " that a record may have"};
    }
    // A deletion may leave the text out.
    std::string fault =
        record.op == SYNCLINE_DELETE && json.empty() ? std::string() : json_fault(json);
    return fault.empty() ? std::nullopt : std::optional(Fault{"record.not_json", std::move(fault)});
}

// By its content, so that it is the same whenever it is read again.
std::string id_from_content(const syncline_record& record, const std::string& content_hash) {
    const std::string whole = std::to_string(record.op) + "\n" +
                              std::string(as_text(record.entity)) + "\n" +
                              std::string(as_text(record.key)) + "\n" + content_hash;
    return std::string(kUnreadableId) + sha256_hex(whole).substr(0, 24);
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
    const std::size_t bytes_max = std::min(kRecordBytesMax, expected_.bytes_max);
    if (auto fault = fault_of(*record, expected_.entity, bytes_max)) {
        return keep_unreadable(*record, std::move(fault->code), std::move(fault->reason));
    }
    if (count(record->entity.len + record->key.len + record->json.len + sizeof(Record)) !=
        SYNCLINE_OK) {
        return SYNCLINE_BUG;
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

syncline_status CallOutput::keep_unreadable(
    const syncline_record& record, std::string code, std::string reason
) {
    const std::string_view json = as_text(record.json);
    const std::size_t shown = std::min(json.size(), kRawBytesMax);
    if (count(shown + sizeof(UnreadableRecord)) != SYNCLINE_OK) {
        return SYNCLINE_BUG;
    }
    UnreadableRecord kept;
    kept.content_hash = sha256_hex(json);
    kept.has_own_id = has_own_id(record, expected_.entity);
    kept.id = kept.has_own_id ? std::string(as_text(record.key))
                              : id_from_content(record, kept.content_hash);
    kept.code = std::move(code);
    kept.reason = "the record has " + std::move(reason);
    kept.raw = clean_utf8(json.substr(0, shown));
    kept.cut = shown < json.size();
    kept.bytes = static_cast<std::int64_t>(json.size());
    unreadable.push_back(std::move(kept));
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
