// A host for unit tests of a connector: scripted HTTP, a clock that stands still, secrets and
// memory in maps. No network, no threads. truncate() cuts between code points, where the real host
// looks at grapheme clusters.
//
//   FakeHost host;
//   host.secrets["api_key"] = "k";
//   host.on_http = [](const HttpRequest& request) -> Result<HttpResponse> { ... };
//   Acme connector(host.handle(), settings);
//   FakeCall call;
//   auto page = connector.read(call.call(), request);
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <syncline/plugin/connector.hpp>

namespace syncline::plugin::testing {

class FakeHost {
public:
    FakeHost() {
        abi_.struct_size = sizeof abi_;
        abi_.abi_major = SYNCLINE_ABI_MAJOR;
        abi_.abi_minor = SYNCLINE_ABI_MINOR;
        abi_.self = this;
        abi_.log = [](void* self, std::int32_t, syncline_bytes message, syncline_bytes fields) {
            from(self).log_lines.push_back(
                std::string(as_text(message)) + " " + std::string(as_text(fields))
            );
        };
        abi_.now_ms = [](void* self) { return from(self).now.ms; };
        abi_.random = [](void* self, std::uint8_t* buffer, std::size_t size) -> syncline_status {
            for (std::size_t i = 0; i < size; ++i) {
                buffer[i] = from(self).next_random_++;
            }
            return SYNCLINE_OK;
        };
        abi_.http = &FakeHost::http;
        abi_.kv_get = [](void* self, syncline_bytes key, const syncline_sink* out) {
            return give(from(self).memory, key, out, SYNCLINE_OK);
        };
        abi_.kv_put = [](void* self, syncline_bytes key, syncline_bytes value) -> syncline_status {
            if (value.len == 0) {
                from(self).memory.erase(std::string(as_text(key)));
            } else {
                from(self).memory[std::string(as_text(key))] = as_text(value);
            }
            return SYNCLINE_OK;
        };
        abi_.secret = [](void* self, syncline_bytes name, const syncline_sink* out) {
            return give(from(self).secrets, name, out, SYNCLINE_UNSUPPORTED);
        };
        abi_.local_date =
            [](void* self, syncline_bytes zone, std::int64_t at_ms, const syncline_sink* out
            ) -> syncline_status {
            const auto date =
                from(self).on_local_date(std::string(as_text(zone)), Timestamp{at_ms});
            return date.empty() ? SYNCLINE_DATA : out->put(out->self, as_bytes(date));
        };
        abi_.truncate =
            [](void*, syncline_bytes text, std::uint32_t max_characters, const syncline_sink* out
            ) -> syncline_status {
            return out->put(
                out->self, as_bytes(syncline::detail::code_points_of(as_text(text), max_characters))
            );
        };
        abi_.metric = [](void* self, syncline_bytes name, std::int32_t, double value, syncline_bytes
                      ) { from(self).metrics[std::string(as_text(name))] += value; };
        abi_.extension = [](void*, const char*) -> const void* { return nullptr; };
    }
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    Host handle() const { return Host(&abi_); }
    const syncline_host* abi() const { return &abi_; }

    Timestamp now{1'790'000'000'000};
    std::map<std::string, std::string> secrets;
    std::map<std::string, std::string> memory;
    std::vector<std::string> log_lines;
    std::map<std::string, double> metrics;  // sums by name
    std::vector<HttpRequest> requests;      // every request made, in order
    std::function<Result<HttpResponse>(const HttpRequest&)> on_http = [](const HttpRequest& request
                                                                      ) -> Result<HttpResponse> {
        return Error{ErrorCode::kTransient, "no answer scripted for " + request.url};
    };
    // Zone and instant to "YYYY-MM-DD"; empty: unknown zone. By default every zone is UTC.
    std::function<std::string(const std::string&, Timestamp)> on_local_date =
        [](const std::string&, Timestamp at) { return at.to_string().substr(0, 10); };

private:
    static FakeHost& from(void* self) { return *static_cast<FakeHost*>(self); }

    static syncline_status give(
        const std::map<std::string, std::string>& values,
        syncline_bytes key,
        const syncline_sink* out,
        syncline_status absent
    ) {
        const auto found = values.find(std::string(as_text(key)));
        return found == values.end() ? absent : out->put(out->self, as_bytes(found->second));
    }

    static syncline_status http(
        void* self,
        const syncline_http_request* raw,
        const syncline_http_sink* sink,
        syncline_error* error
    ) {
        HttpRequest request;
        request.method = as_text(raw->method);
        request.url = as_text(raw->url);
        request.body = as_text(raw->body);
        request.timeout_ms = raw->timeout_ms;
        for (std::size_t i = 0; i < raw->header_count; ++i) {
            request.header(
                std::string(as_text(raw->headers[i].name)),
                std::string(as_text(raw->headers[i].value))
            );
        }
        from(self).requests.push_back(request);
        const auto response = from(self).on_http(request);
        if (!response) {
            return detail::fail(response.error(), error);
        }
        std::vector<syncline_header> headers;
        for (const auto& [name, value] : response->headers) {
            headers.push_back({as_bytes(name), as_bytes(value)});
        }
        const syncline_status head =
            sink->head(sink->self, response->status, headers.data(), headers.size());
        return head != SYNCLINE_OK ? head : sink->body(sink->self, as_bytes(response->body));
    }

    syncline_host abi_{};
    std::uint8_t next_random_ = 0;
};

// The circumstances of a call; set the members before call() is used.
class FakeCall {
public:
    explicit FakeCall(std::string idempotency_key = {}) : key_(std::move(idempotency_key)) {
        abi_.struct_size = sizeof abi_;
        abi_.idempotency_key = as_bytes(key_);
        abi_.self = this;
        abi_.cancelled = [](void* self) -> std::int32_t {
            return static_cast<FakeCall*>(self)->cancelled ? 1 : 0;
        };
    }
    FakeCall(const FakeCall&) = delete;
    FakeCall& operator=(const FakeCall&) = delete;

    Call& call() {
        abi_.attempt = attempt;
        abi_.deadline_ms = deadline.ms;
        abi_.attachment = as_bytes(attachment);
        return call_;
    }
    bool cancelled = false;
    std::uint32_t attempt = 1;
    Timestamp deadline;      // 0: none
    std::string attachment;  // raw bytes: a webhook's body

private:
    std::string key_;
    syncline_call abi_{};
    Call call_{&abi_};
};

// Collects what write() reports; `problems` says what a real host would not have put up with.
class FakeOutcomes {
public:
    FakeOutcomes() {
        abi_.struct_size = sizeof abi_;
        abi_.self = this;
        abi_.item = [](void* self,
                       std::uint32_t index,
                       syncline_status status,
                       const syncline_error* error,
                       syncline_bytes json) -> syncline_status {
            static_cast<FakeOutcomes*>(self)->take(index, status, error, json);
            return static_cast<FakeOutcomes*>(self)->answer;
        };
    }
    FakeOutcomes(const FakeOutcomes&) = delete;
    FakeOutcomes& operator=(const FakeOutcomes&) = delete;

    Outcomes& outcomes() { return outcomes_; }
    std::map<std::int64_t, Written> done;
    std::map<std::int64_t, Error> failed;
    std::vector<std::string> problems;
    std::set<std::int64_t> removals;  // set before write(): items that may be done without an id
    syncline_status answer = SYNCLINE_OK;  // what the host says to each report; another one: stop

private:
    void take(
        std::uint32_t index,
        syncline_status status,
        const syncline_error* error,
        syncline_bytes json
    ) {
        if (done.count(index) + failed.count(index) > 0) {
            problems.push_back("item " + std::to_string(index) + " was reported twice");
            return;
        }
        if (status != SYNCLINE_OK) {
            failed.emplace(
                index,
                error != nullptr ? from_abi(status, *error)
                                 : Error{static_cast<ErrorCode>(status), {}}
            );
            return;
        }
        auto parsed = parse_json(as_text(json));
        auto written = parsed ? from_json<Written>(*parsed) : Result<Written>(parsed.error());
        if (!written) {
            problems.push_back("item " + std::to_string(index) + ": " + written.error().message);
        } else if (written->remote_id.empty() && removals.count(index) == 0) {
            problems.push_back("item " + std::to_string(index) + " was done without a remote_id");
        } else {
            done.emplace(index, *written);
        }
    }

    syncline_out abi_{};
    Outcomes outcomes_{&abi_};
};

}  // namespace syncline::plugin::testing
