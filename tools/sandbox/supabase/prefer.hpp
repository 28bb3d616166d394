#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sandbox::supabase {

// The header Prefer of one request.
struct Prefer {
    std::string resolution;  // "merge-duplicates", "ignore-duplicates"; empty: none
    std::string missing;     // "default", "null"
    std::string returning;   // "minimal", "headers-only", "representation"
    std::string count;       // "exact", "planned", "estimated"
    std::string handling;    // "strict", "lenient"
    std::optional<std::size_t> max_affected;
    std::vector<std::string> unknown;

    // `knows_max_affected`: since PostgREST 13.
    static Prefer parse(const std::string& header, bool knows_max_affected);

    // The header Preference-Applied; empty: none is sent.
    std::string applied(const std::string& method) const;
    bool counts() const { return !count.empty(); }
    bool represents() const { return returning == "representation"; }
};

}  // namespace sandbox::supabase
