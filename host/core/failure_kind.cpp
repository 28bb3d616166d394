#include "core/failure_kind.hpp"

#include <algorithm>
#include <array>

#include "core/sha256.hpp"

namespace syncline {
namespace {

constexpr std::size_t kCauseLength = 12;

struct Hint {
    std::string_view of;
    std::string_view text;
};

constexpr std::array<Hint, 23> kByCode{{
    {"MAPPING_REQUIRED",
     "give the record what the mapping asks for at its source, or publish a mapping that does "
     "without; it is sent again by itself then"},
    {"MAPPING_FAILED",
     "publish a mapping that can deal with the value; it is sent again by itself then"},
    {"MAPPING_LIMIT",
     "publish a mapping that does less with such a record; it is sent again by itself then"},
    {"MAPPING_OWNED",
     "publish a mapping that leaves what the connector owns alone; it is sent again by itself "
     "then"},
    {"NEED_MISSING",
     "sync the record it waits for; it is sent again by itself as soon as that is in the target"},
    {"SOURCE_DELETED",
     "void or delete the document in the target by hand, or leave it; then resolve this"},
    {"SKIPPED_AFTER_WRITE",
     "void or correct the document in the target by hand, or leave it; then resolve this"},
    {"conflict.changed",
     "decide in the inbox of conflicts which side to keep (syncline conflicts); or undo the change "
     "in "
     "the target and retry; or resolve this to leave the target as it is"},
    {"conflict.gone",
     "the document was removed from the target; resolve this if it is to stay removed, else bring "
     "it back there and retry"},
    {"version.moving",
     "something changes the document in the target all the time; stop that, then retry"},
    {"intent.outcome_unknown",
     "retry when the platform answers again: it is looked for in the target before anything is "
     "sent"},
    {"intent.unreadable",
     "the encryption key is not the one it was stored with; restore that key, then retry"},
    {"record.not_json",
     "the source gave a text that is no JSON; correct the record there and retry, or give a whole "
     "record by hand (edit)"},
    {"record.too_large",
     "the record is too large to be taken; make it smaller at its source and retry, or resolve "
     "this"},
    {"record.no_id",
     "the record does not say which one it is; correct it at its source, where the next run reads "
     "it, then resolve this"},
    {"record.other_entity",
     "a plugin gave a record of another kind than it was asked for; report it, then resolve this"},
    {"record.impossible_time",
     "correct the record's time of change at its source and retry, or give a whole record by hand "
     "(edit)"},
    {"record.unknown_operation",
     "a plugin does not say whether the record is there or deleted; report it"},
    {"connector.threw", "a plugin let an exception out; report it with this failure's record"},
    {"plugin.contract", "a plugin gave a wrong answer; report it with this failure's record"},
    {"need.not_single", "a plugin asks for a record that is more than one document; report it"},
    {"UNDECLARED_NEED", "a plugin refers to a record it did not ask for; report it"},
    {"CIRCULAR_DOCUMENTS", "a plugin made documents that refer to each other; report it"},
}};

constexpr std::array<Hint, 9> kByOutcomeOrClass{{
    {"needs_data",
     "mend the record that the message names; this one is sent again by itself as soon as that is "
     "in the target"},
    {"auth",
     "correct the connection's settings or credentials; it is sent again by itself when they work"},
    {"transient", "the platform did not answer for a long time; retry it when it does"},
    {"rate_limited", "the platform did not let us in for a long time; retry it when it does"},
    {"stale_version", "it was changed in the target while we wrote; retry it"},
    {"bug", "a plugin broke its contract; report it with this failure's record"},
    {"held",
     "a rule holds it back: change what the message names and retry it, or resolve it if it is "
     "done by hand"},
    {"conflict",
     "the target was changed by somebody else: compare the sides in \"detail\", then retry or "
     "resolve it"},
    {"business",
     "correct the record at its source, and it is tried again by itself; or edit this copy; or "
     "resolve it"},
}};

template <std::size_t N>
std::string_view hint_for(const std::array<Hint, N>& hints, std::string_view of) {
    const auto found =
        std::find_if(hints.begin(), hints.end(), [&](const Hint& hint) { return hint.of == of; });
    return found == hints.end() ? std::string_view() : found->text;
}

bool is_part_of_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("@._+-/:").find(c) != std::string_view::npos ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool differs_by_record(std::string_view word) {
    return std::any_of(word.begin(), word.end(), [](char c) {
        return (c >= '0' && c <= '9') || c == '@';
    });
}

// Where the quoted stretch that starts at `at` ends, its quote included; `at` if it is none. An
// apostrophe within a word quotes nothing.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
    const char quote = text[at];
    const bool opens =
        (quote == '\'' || quote == '"') && (at == 0 || !is_part_of_word(text[at - 1]));
    const std::size_t end = opens ? text.find(quote, at + 1) : std::string_view::npos;
    return end == std::string_view::npos ? at : end + 1;
}

}  // namespace

std::string message_form(std::string_view message) {
    std::string form;
    for (std::size_t at = 0; at < message.size();) {
        if (const std::size_t end = end_of_quoted(message, at); end != at) {
            form += '#';
            at = end;
            continue;
        }
        std::size_t end = at;
        while (end < message.size() && is_part_of_word(message[end])) {
            ++end;
        }
        if (end == at) {
            form += message[at++];
            continue;
        }
        // A sentence's full stop or colon is no part of its last word.
        while (end > at + 1 && (message[end - 1] == '.' || message[end - 1] == ':')) {
            --end;
        }
        const std::string_view word = message.substr(at, end - at);
        form += differs_by_record(word) ? std::string_view("#") : word;
        at = end;
    }
    return form;
}

std::string failure_cause(
    std::string_view error_class, std::string_view code, std::string_view message
) {
    const std::string whole =
        std::string(error_class) + "\n" + std::string(code) + "\n" + message_form(message);
    return sha256_hex(whole).substr(0, kCauseLength);
}

std::string failure_hint(
    std::string_view outcome, std::string_view error_class, std::string_view code
) {
    for (const auto& hint :
         {hint_for(kByCode, code),
          error_class == "needs_data" ? hint_for(kByOutcomeOrClass, error_class)
                                      : std::string_view(),
          hint_for(kByOutcomeOrClass, outcome),
          hint_for(kByOutcomeOrClass, error_class)}) {
        if (!hint.empty()) {
            return std::string(hint);
        }
    }
    return std::string(hint_for(kByOutcomeOrClass, "business"));
}

}  // namespace syncline
