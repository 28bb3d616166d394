#include "supabase/rest_error.hpp"

#include <algorithm>
#include <array>

#include "supabase/schema_statements.hpp"

namespace syncline::supabase {
namespace {

// The body of an error, where it is PostgREST's.
struct Complaint {
    std::string code;
    std::string message;
    std::string details;
};

struct Subject {
    std::string_view schema;
    const Table& table;
    const plugin::HttpResponse& response;
    Complaint complaint;

    std::string qualified() const { return std::string(schema) + "." + std::string(table.name); }
};

Complaint read_complaint(const plugin::HttpResponse& response) {
    const auto json = parse_json(response.body);
    if (!json || !json->is_object()) {
        return {};
    }
    return {text_of(*json, "code"), text_of(*json, "message"), text_of(*json, "details")};
}

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

std::string between(std::string_view text, std::string_view before, std::string_view after) {
    const auto from = text.find(before);
    const auto to = from == std::string_view::npos ? from : text.find(after, from + before.size());
    return to == std::string_view::npos
               ? std::string()
               : std::string(text.substr(from + before.size(), to - from - before.size()));
}

Failure failure(const Subject& subject, ErrorCode code, Blame blame, std::string message) {
    const std::string& remote = subject.complaint.code;
    return {
        Error{
            code,
            std::move(message),
            "supabase." + (remote.empty() ? std::to_string(subject.response.status) : remote),
            subject.response.status,
            subject.response.retry_after()},
        blame};
}

Failure config(const Subject& subject, const std::string& message) {
    return failure(subject, ErrorCode::kConfig, Blame::kWhole, message);
}

// PostgREST's own words, without a row's contents.
std::string quoted_complaint(const Subject& subject) {
    const Complaint& complaint = subject.complaint;
    const bool shows_row = starts_with(complaint.details, "Failing row");
    std::string text = std::string(subject.table.name) + ": " + complaint.message.substr(0, 250);
    if (!complaint.details.empty() && !shows_row) {
        text += " (" + complaint.details.substr(0, 150) + ")";
    }
    return text + " [" + complaint.code + "]";
}

Failure drifted(const Subject& subject, Drift drift) {
    Failure lacking = config(subject, drift_error({drift}).message);
    lacking.drift = std::move(drift);
    return lacking;
}

Failure missing_table(const Subject& subject) {
    std::string statement = table_statements(subject.schema, subject.table.name);
    if (statement.empty()) {
        statement = "create table " + subject.qualified() + " (...); " +
                    grant_statement(subject.schema, subject.table.name);
    }
    return drifted(
        subject,
        {"the table " + subject.qualified() + " is missing or not exposed",
         std::move(statement),
         ""}
    );
}

Failure missing_column(const Subject& subject) {
    const std::string& message = subject.complaint.message;
    std::string name = subject.complaint.code == "PGRST204" ? between(message, "'", "'")
                                                            : between(message, "column ", " does");
    // "column orders.raw does not exist", or "column "raw" of relation "orders" does not exist".
    name = !name.empty() && name.front() == '"' ? between(name, "\"", "\"")
                                                : name.substr(name.rfind('.') + 1);
    std::string statement = column_statement(subject.schema, subject.table.name, name);
    if (statement.empty()) {
        const std::string type = name == kMarkColumn ? "timestamptz" : "<type>";
        statement = "alter table " + subject.qualified() + " add column " + name + " " + type + ";";
    }
    return drifted(
        subject,
        {"the table " + subject.qualified() + " has no column '" + name + "'",
         std::move(statement),
         name}
    );
}

Failure no_right(const Subject& subject) {
    if (subject.response.status == 401) {
        return failure(
            subject,
            ErrorCode::kAuth,
            Blame::kWhole,
            "the key has no right to " + subject.qualified() +
                ": service_role_key must be the project's secret or service_role key"
        );
    }
    if (subject.complaint.message.find("row-level security") != std::string::npos) {
        return config(
            subject,
            "row level security refuses rows for " + subject.qualified() +
                ": service_role_key must be the project's secret or service_role key"
        );
    }
    return drifted(
        subject,
        {"no right to " + subject.qualified(),
         grant_statement(subject.schema, subject.table.name),
         ""}
    );
}

Failure no_unique_key(const Subject& subject) {
    std::string statement =
        subject.table.is_own() ? "" : unique_key_statement(subject.schema, subject.table.name);
    const std::string key = subject.table.key_columns();
    if (statement.empty()) {
        statement = "alter table " + subject.qualified() + " add unique (" + key + ");";
    }
    return drifted(
        subject,
        {subject.qualified() + " has no unique key (" + key + ") for upserts",
         std::move(statement),
         ""}
    );
}

Failure schema_differs(const Subject& subject) {
    return config(
        subject, quoted_complaint(subject) + "; the table differs from " + std::string(kSchemaFile)
    );
}

// Codes and SQLSTATE classes that pass by themselves: connection, resources, shutdown,
// serialisation, locks, system errors.
bool passes(std::string_view code) {
    static constexpr std::array<std::string_view, 14> kPrefixes{
        "PGRST00",
        "08",
        "40001",
        "40P01",
        "53",
        "55P03",
        "57P",
        "58",
        "XX",
        "PGRST111",
        "PGRST112",
        "PGRST121",
        "PGRST300",
        "26000"};
    for (const auto prefix : kPrefixes) {
        if (starts_with(code, prefix)) {
            return true;
        }
    }
    return false;
}

// What a row brings about: data, integrity, program limits, a trigger's RAISE.
bool blames_row(std::string_view code) {
    for (const std::string_view prefix : {"22", "23", "21", "54", "P0", "PT"}) {
        if (starts_with(code, prefix)) {
            return true;
        }
    }
    return false;
}

Failure by_code(const Subject& subject) {
    const std::string& code = subject.complaint.code;
    if (code == "42P01" || code == "PGRST205") {
        return missing_table(subject);
    }
    if (code == "42703" || code == "PGRST204") {
        return missing_column(subject);
    }
    if (code == "42501") {
        return no_right(subject);
    }
    if (code == "42P10") {
        return no_unique_key(subject);
    }
    if (code == "PGRST106") {
        return config(
            subject,
            "the schema '" + std::string(subject.schema) +
                "' is not exposed: add it to the exposed schemas of the project's Data API, "
                "or change the setting schema"
        );
    }
    if (code == "25006") {
        return config(
            subject,
            "the project's database is read-only (a full disk makes it so): free space or "
            "enlarge the disk"
        );
    }
    if (starts_with(code, "PGRST30")) {
        return failure(
            subject,
            ErrorCode::kAuth,
            Blame::kWhole,
            "the key is refused: " + subject.complaint.message.substr(0, 200)
        );
    }
    if (code == "57014") {
        return failure(subject, ErrorCode::kTransient, Blame::kSize, quoted_complaint(subject));
    }
    if (passes(code)) {
        return failure(subject, ErrorCode::kTransient, Blame::kWhole, quoted_complaint(subject));
    }
    if (blames_row(code)) {
        return failure(subject, ErrorCode::kData, Blame::kRow, quoted_complaint(subject));
    }
    if (starts_with(code, "42")) {
        return schema_differs(subject);
    }
    const bool ours = starts_with(code, "PGRST");
    if (!ours && subject.response.status >= 500) {
        return failure(subject, ErrorCode::kTransient, Blame::kWhole, quoted_complaint(subject));
    }
    return failure(
        subject,
        ours ? ErrorCode::kBug : ErrorCode::kData,
        ours ? Blame::kWhole : Blame::kRow,
        quoted_complaint(subject)
    );
}

// Answers of the gateway, a proxy, or something that is no Supabase at all.
Failure by_status(const Subject& subject) {
    const int status = subject.response.status;
    const std::string answered = "the project answered HTTP " + std::to_string(status);
    const std::string reason =
        subject.complaint.message.empty() ? "" : ": " + subject.complaint.message.substr(0, 200);
    if (status == 402) {
        return config(
            subject,
            answered +
                ": the organisation is restricted (quota or payment); see "
                "the project's dashboard" +
                reason
        );
    }
    if (status == 540) {
        return config(subject, answered + ": the project is paused; restore it in the dashboard");
    }
    const std::string& body = subject.response.body;
    if (status == 404 && (body.empty() || body == "{}")) {
        return missing_table(subject);  // PostgREST 12 says no more about a table it does not know
    }
    if (status == 404) {
        return config(subject, answered + ": no Supabase Data API there; check project_url");
    }
    if (status >= 300 && status < 400) {
        return config(
            subject,
            answered + " (to " + std::string(subject.response.header("Location")) +
                "): set project_url to the address it redirects to"
        );
    }
    if (status == 413 || status == 414) {
        return failure(
            subject,
            ErrorCode::kData,
            Blame::kSize,
            answered + ": the row is too large for the project's gateway"
        );
    }
    Error error = subject.response.error("the project");
    error.message += reason;
    error.name = "supabase." + std::to_string(status);
    const Blame blame = error.code == ErrorCode::kData ? Blame::kRow : Blame::kWhole;
    return {std::move(error), blame};
}

// An error's text holds 511 bytes, and its end is always said.
constexpr std::size_t kDriftBytes = 330;

// The beginning of a statement that is too long for an error; the log has all of it.
std::string shortened(const Drift& drift) {
    const std::size_t rest = kDriftBytes - std::min(kDriftBytes, drift.what.size() + 60);
    return drift.what + ": " + drift.statement.substr(0, rest) + " ... (the log has all of it) ";
}

}  // namespace

Error drift_error(const std::vector<Drift>& drifts) {
    std::string message;
    std::size_t told = 0;
    for (const auto& drift : drifts) {
        const std::string one = drift.what + ": " + drift.statement + " ";
        if (told > 0 && message.size() + one.size() > kDriftBytes) {
            break;
        }
        message += one.size() <= kDriftBytes ? one : shortened(drift);
        ++told;
    }
    if (told < drifts.size()) {
        message += "And " + std::to_string(drifts.size() - told) + " more, which the log names. ";
    }
    message += std::string(kReloadStatement) + " " + std::string(kSchemaFile) +
               ", run in the project's SQL editor, does all of it";
    return Error{ErrorCode::kConfig, std::move(message), kDriftName};
}

Failure read_failure(
    std::string_view schema, const Table& table, const plugin::HttpResponse& response
) {
    const Subject subject{schema, table, response, read_complaint(response)};
    return subject.complaint.code.empty() ? by_status(subject) : by_code(subject);
}

}  // namespace syncline::supabase
