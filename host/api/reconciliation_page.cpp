// The report as a page: what a bookkeeper prints, signs and files.
#include "api/http/html.hpp"
#include "api/reconciliation_views.hpp"

namespace syncline::api {
namespace {

constexpr auto kStyle = R"css(
body{font:14px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:62rem;padding:0 1rem;color:#1a1a1a}
h1{font-size:1.5rem;margin:0 0 .3rem}h2{font-size:1.1rem;margin:2rem 0 .5rem}
.good{color:#116329}.bad{color:#a40e26}.small{color:#555;font-size:.85rem}
table{border-collapse:collapse;width:100%}th,td{border-bottom:1px solid #ddd;padding:.25rem .5rem;text-align:left;vertical-align:top}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}tr{break-inside:avoid}}
)css";

std::string cell(const std::string& text, bool number = false) {
    return (number ? "<td class=\"n\">" : "<td>") + html_escaped(text) + "</td>";
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// Count, gross, tax, refunds and payments: shop, books, difference below each other.
std::string sums_row(const std::string& first, const Json& row) {
    std::string html;
    for (const char* side : {"source", "target", "difference"}) {
        const std::string label = std::string(side) == "source"   ? "shop"
                                  : std::string(side) == "target" ? "books"
                                                                  : "difference";
        html += "<tr>" + cell(std::string(side) == "source" ? first : "") + cell(label);
        for (const char* sum : {"count", "gross", "tax", "refunds", "payments"}) {
            html += cell(text_of(row.at(side).at(sum)), true);
        }
        html += "</tr>\n";
    }
    return html;
}

std::string sums_heading(const std::string& first) {
    return "<table><thead><tr><th>" + first +
           "</th><th></th><th class=\"n\">documents</th><th class=\"n\">gross</th>"
           "<th class=\"n\">tax</th><th class=\"n\">refunds</th><th class=\"n\">payments</th>"
           "</tr></thead><tbody>\n";
}

std::string explained_table(const Json& explained) {
    std::string html =
        "<table><thead><tr><th>Reason</th><th class=\"n\">records</th><th>totals</th>"
        "<th>for example</th></tr></thead><tbody>\n";
    for (const auto& entry : explained) {
        std::string totals;
        for (const auto& total : entry.at("totals").items()) {
            totals += (totals.empty() ? "" : ", ") + text_of(total.value()) + " " + total.key();
        }
        html += "<tr>" + cell(entry.value("reason", "")) +
                cell(text_of(entry.at("records")), true) + cell(totals) +
                cell(entry.value("example", "") + ": " + entry.value("explanation", "")) +
                "</tr>\n";
    }
    return html + "</tbody></table>\n";
}

std::string pair_section(const Json& pair) {
    std::string html = "<h2>" + html_escaped(pair.value("source", "")) + " and " +
                       html_escaped(pair.value("target", "")) + "</h2>\n";
    html += sums_heading("Currency");
    for (const auto& row : pair.value("sums", Json::array())) {
        html += sums_row(row.value("currency", ""), row);
    }
    html += "</tbody></table>\n";
    const Json explained = pair.value("explained", Json::array());
    if (!explained.empty()) {
        html += "<h2>Rightly not posted</h2>\n" + explained_table(explained);
    }
    html += "<h2>Days</h2>\n" + sums_heading("Day");
    for (const auto& row : pair.value("days", Json::array())) {
        html += sums_row(row.value("day", "") + " " + row.value("currency", ""), row);
    }
    return html + "</tbody></table>\n";
}

std::string findings_table(const std::vector<storage::StoredFinding>& findings) {
    std::string html =
        "<table><thead><tr><th>Kind</th><th>Day</th><th>Record</th><th>Document</th>"
        "<th class=\"n\">difference</th><th>What, and what to do</th></tr></thead><tbody>\n";
    for (const auto& stored : findings) {
        const Finding& finding = stored.finding;
        html += "<tr>" + cell(std::string(enum_name(finding.kind))) + cell(finding.day) +
                cell(finding.entity + " " + finding.record_id) +
                cell(finding.target_entity + " " + finding.target_id) +
                cell(finding.difference.to_string() + " " + finding.currency, true) + "<td>" +
                html_escaped(finding.message) + "<br><span class=\"small\">" +
                html_escaped(std::string(advice(finding.kind))) + "</span></td></tr>\n";
    }
    return html + "</tbody></table>\n";
}

// "0.00 EUR", of every currency.
std::string net_text(const Json& pairs) {
    std::string text;
    for (const auto& pair : pairs) {
        for (const auto& row : pair.value("sums", Json::array())) {
            text +=
                (text.empty() ? "" : ", ") + row.value("net", "") + " " + row.value("currency", "");
        }
    }
    return text.empty() ? "0.00" : text;
}

}  // namespace

std::string reconciliation_page(
    const storage::Reconciliation& reconciliation,
    const std::string& tenant,
    const std::map<std::string, std::int64_t>& counts,
    const std::vector<storage::StoredFinding>& shown
) {
    const auto parsed = parse_json(reconciliation.report);
    const Json report = parsed && parsed->is_object() ? *parsed : Json(Json::object());
    const Json pairs = report.value("pairs", Json::array());
    const bool agrees = reconciliation.drift_records == 0;
    const std::string verdict =
        reconciliation.state != "completed" ? "This reconciliation is " + reconciliation.state + "."
        : agrees                            ? "The books agree to " + net_text(pairs) + "."
                 : "The books do not agree: " + std::to_string(reconciliation.drift_records) +
                       " findings, net difference " + net_text(pairs) + ".";
    std::string html =
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>"
        "Reconciliation " +
        std::to_string(reconciliation.id.value) + "</title><style>" + kStyle +
        "</style></head><body>\n<h1>Reconciliation " + html_escaped(reconciliation.window.from) +
        " to " + html_escaped(reconciliation.window.to) + "</h1>\n<p class=\"small\">" +
        html_escaped(tenant) + ", number " + std::to_string(reconciliation.id.value) +
        ", finished " +
        (reconciliation.finished_at_ms == 0
             ? std::string("not yet")
             : Timestamp{reconciliation.finished_at_ms}.to_string()) +
        ", " + std::to_string(reconciliation.reads) + " metered reads (" +
        std::to_string(reconciliation.estimated_reads) + " estimated)</p>\n<p class=\"" +
        (agrees ? "good" : "bad") + "\"><strong>" + html_escaped(verdict) + "</strong></p>\n";
    if (!reconciliation.error_message.empty()) {
        html += "<p>" + html_escaped(reconciliation.error_message) + "</p>\n";
    }
    if (!shown.empty()) {
        html += "<h2>Findings</h2>\n<p>";
        for (const auto& [kind, count] : counts) {
            html += html_escaped(kind) + ": " + std::to_string(count) + " ";
        }
        html += "</p>\n" + findings_table(shown);
        if (static_cast<std::int64_t>(shown.size()) < reconciliation.drift_records) {
            html += "<p>The CSV has all of them.</p>\n";
        }
    }
    for (const auto& pair : pairs) {
        html += pair_section(pair);
    }
    for (const auto& flow : report.value("not_compared", Json::array())) {
        html += "<p class=\"small\">Not compared: " + html_escaped(flow.value("flow", "")) + " (" +
                html_escaped(flow.value("reason", "")) + ")</p>\n";
    }
    return html + "</body></html>\n";
}

}  // namespace syncline::api
