// A well-behaved connector written against the SDK that uses everything the host offers, and shows
// in its answers what it got.
#include <algorithm>

#include <syncline/plugin.hpp>

namespace {

using namespace syncline;
using namespace syncline::plugin;

class Probe {
public:
    static constexpr const char* kId = "com.example.probe";
    static constexpr const char* kVersion = "1.0.0";

    static Spec spec() {
        Spec spec;
        spec.title = "Probe";
        spec.auth = AuthKind::kOAuth2;
        spec.settings = {
            {"base_url", SettingType::kUrl, "Where", true, nullptr, {}, {}, {}},
            {"api_key", SettingType::kSecret, "Key", true, nullptr, {}, {}, {}},
            {"page_size", SettingType::kInteger, "Records per page", false, 50, 1, 100, {}},
        };
        spec.host_settings = {"base_url"};
        return spec;
    }

    Probe(Host host, const Json& settings) : host_(host), settings_(settings) {}

    // The settings it was given.
    Result<CheckReport> check(Call&) { return CheckReport{dump_json(settings_), "probe", {}}; }

    // What the host's small services answer.
    Result<Catalog> discover(Call& call) {
        host_.log(
            SYNCLINE_LOG_WARN,
            "discovering",
            R"({"email":"ann@x.example","page":3,"plugin":"forged"})"
        );
        host_.count_reads(3);
        const bool put = host_.kv_put("page", "7");
        const auto secret = host_.secret("api_key");
        const auto berlin = host_.local_date("Europe/Berlin", host_.now());
        Catalog catalog;
        catalog.facts = {
            {"put", put},
            {"got", host_.kv_get("page").value_or("nothing")},
            {"absent", host_.kv_get("absent").has_value()},
            {"empty_key", host_.kv_put("", "x")},
            {"large_value", host_.kv_put("k", std::string(100'000, 'x'))},
            {"secret", secret ? *secret : "error"},
            {"foreign_secret", host_.secret("other_key").has_value()},
            {"access_token", host_.secret("access_token").has_value()},
            {"date", berlin ? *berlin : "error"},
            {"bad_zone", host_.local_date("Mars/Olympus", host_.now()).has_value()},
            {"truncated", host_.truncate("e\xCC\x81t\xC3\xA9", 3)},
            {"random", host_.random(16) == host_.random(16)},
            {"now", host_.now().ms},
            {"key", std::string(call.idempotency_key())},
            {"trace", std::string(call.trace_id())},
            {"attempt", call.attempt()},
        };
        return catalog;
    }

    // One GET of <base_url>/<feed_cursor>; every header and the body become a record.
    Result<Page> read(Call&, const ReadRequest& request) {
        HttpRequest http{
            "GET", settings_.at("base_url").get<std::string>() + request.feed_cursor, {}, {}, 0};
        http.header("Authorization", "Bearer " + host_.secret("api_key").value());
        const auto answer = host_.http(http);
        if (!answer) {
            return answer.error();
        }
        Page page;
        Record record{request.entity, "1", RecordOperation::kUpsert, {}, {}};
        Json json{{"status", answer->status}, {"body", answer->body}};
        for (const auto& [name, value] : answer->headers) {
            json[name] = value;
        }
        record.json = dump_json(json);
        page.records.push_back(record);
        page.source_time = answer->date().value_or(Timestamp{});
        return page;
    }

    // One document per record, which holds the record, its position and what is known of it.
    Result<std::vector<Encoded>> encode(Call&, const EncodeRequest& request) {
        std::vector<Encoded> result;
        for (std::size_t i = 0; i < request.records.size(); ++i) {
            Encoded encoded;
            Document document;
            document.role = "invoice";
            document.body = {
                {"record", request.records[i]},
                {"source", request.context.source},
                {"known", request.known_of(i).size()}};
            encoded.documents.push_back(std::move(document));
            result.push_back(std::move(encoded));
        }
        return result;
    }

    Result<std::vector<Found>> find(Call&, const FindRequest& request) {
        std::vector<Found> result;
        for (const auto& key : request.keys) {
            if (key.natural_key != "absent") {
                result.push_back({key.key, request.entity, "r-" + key.natural_key, "3", nullptr, {}}
                );
            }
        }
        return result;
    }

    // Items are done, save those whose natural key says how they fail; "forgotten" is not reported.
    Result<void> write(Call&, const WriteRequest& request, Outcomes& outcomes) {
        // Backwards: the order of reports does not matter.
        for (auto item = request.items.rbegin(); item != request.items.rend(); ++item) {
            if (item->natural_key == "data") {
                outcomes.failed(
                    item->index,
                    {ErrorCode::kData,
                     "key is " + host_.secret("api_key").value(),
                     "probe.data",
                     422}
                );
            } else if (item->natural_key == "hold") {
                outcomes.failed(item->index, {ErrorCode::kHold, "wait", "probe.hold"});
            } else if (item->natural_key == "posts") {
                HttpRequest post{
                    "POST", settings_.at("base_url").get<std::string>() + "/orders", {}, "{}", 0};
                const auto answer = host_.http(post);
                outcomes.done(
                    item->index, {answer ? std::to_string(answer->status) : "", "1", {}, false, {}}
                );
            } else if (item->natural_key == "lie") {
                return Error{ErrorCode::kBug, "not called at all", "host.contract"};
            } else if (item->natural_key == "batch") {
                return Error{
                    ErrorCode::kRateLimited,
                    "slow down",
                    "probe.slow",
                    429,
                    std::chrono::seconds(7)};
            } else if (item->natural_key != "forgotten") {
                outcomes.done(
                    item->index, {"r" + std::to_string(item->index), "1", {{"a", 1}}, false, {}}
                );
            }
        }
        return {};
    }

    Result<Tokens> oauth_refresh(Call&) { return Tokens{"new", 3600, "next", 0}; }

private:
    Host host_;
    Json settings_;
};

}  // namespace

SYNCLINE_PLUGIN("Example Ltd", "Apache-2.0", Probe)
