#include "core/trace_context.hpp"

#include <algorithm>
#include <array>

#include <openssl/rand.h>

namespace syncline {
namespace {

constexpr std::size_t kHeaderSize = 55;  // of version 00: 2-32-16-2 digits
constexpr std::string_view kHex = "0123456789abcdef";

thread_local const TraceContext* of_thread = nullptr;

bool is_hex(std::string_view text) {
    return text.find_first_not_of(kHex) == std::string_view::npos;
}

bool is_zero(std::string_view text) {
    return text.find_first_not_of('0') == std::string_view::npos;
}

// Random digits, not all 0. Without randomness no two traces could be told apart: the last digit
// says so.
template <std::size_t Bytes>
std::string random_hex() {
    std::array<unsigned char, Bytes> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(Bytes)) != 1) {
        bytes.fill(0);
    }
    if (std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; })) {
        bytes.back() = 1;
    }
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kHex[byte >> 4U];
        text += kHex[byte & 15U];
    }
    return text;
}

}  // namespace

std::string TraceContext::header() const {
    return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00");
}

std::optional<TraceContext> parse_traceparent(std::string_view text) {
    if (text.size() < kHeaderSize || text[2] != '-' || text[35] != '-' || text[52] != '-') {
        return std::nullopt;
    }
    const std::string_view version = text.substr(0, 2);
    const std::string_view trace = text.substr(3, 32);
    const std::string_view span = text.substr(36, 16);
    const std::string_view flags = text.substr(53, 2);
    if (!is_hex(version) || !is_hex(trace) || !is_hex(span) || !is_hex(flags) || version == "ff" ||
        is_zero(trace) || is_zero(span)) {
        return std::nullopt;
    }
    const bool longer = text.size() > kHeaderSize;
    if (longer && (version == "00" || text[kHeaderSize] != '-')) {
        return std::nullopt;
    }
    return TraceContext{std::string(trace), std::string(span), (kHex.find(flags[1]) & 1U) == 1U};
}

TraceContext new_trace() {
    return {random_hex<16>(), random_hex<8>(), false};
}

TraceContext child_of(const TraceContext& parent) {
    return {parent.trace_id, random_hex<8>(), parent.sampled};
}

const TraceContext* current_trace() {
    return of_thread;
}

TraceScope::TraceScope(std::optional<TraceContext> trace)
    : trace_(std::move(trace)), before_(of_thread) {
    of_thread = trace_ ? &*trace_ : nullptr;
}

TraceScope::~TraceScope() {
    of_thread = before_;
}

}  // namespace syncline
