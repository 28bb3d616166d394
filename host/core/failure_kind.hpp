// What failures have in common: by it they are grouped, and a person is told what to do. Pure.
#pragma once

#include <string>
#include <string_view>

namespace syncline {

// `message` without what differs from record to record: every word with a digit or an '@', and
// everything between quotes, is "#".
std::string message_form(std::string_view message);

// A short name for the cause of a failure: equal for equal class, code and form of message.
std::string failure_cause(
    std::string_view error_class, std::string_view code, std::string_view message
);

// What a person can do about a dead letter, by its code, else by its outcome and class. One
// sentence.
std::string failure_hint(
    std::string_view outcome, std::string_view error_class, std::string_view code
);

}  // namespace syncline
