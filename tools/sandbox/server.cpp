#include "server.hpp"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <nlohmann/json.hpp>
#include <unistd.h>

namespace sandbox {
namespace {

using nlohmann::json;

constexpr std::string_view kControl = "/_sandbox";

Response control_json(int status, const json& body) {
    return json_response(status, body.dump() + "\n");
}

// A truncated answer keeps its status and headers; at least one byte is missing.
void cut_in_half(Response& response) {
    response.body.resize(response.body.size() / 2);
}

std::string without_secrets(std::string_view raw_query) {
    std::string masked;
    while (!raw_query.empty()) {
        const auto end = std::min(raw_query.find('&'), raw_query.size());
        const auto part = raw_query.substr(0, end);
        raw_query.remove_prefix(std::min(end + 1, raw_query.size()));
        const auto name = part.substr(0, part.find('='));
        const bool secret = name == "consumer_secret" || name == "apikey" ||
                            name == "oauth_signature" || name == "access_token";
        masked += masked.empty() ? "" : "&";
        masked += secret ? std::string(name) + "=***" : std::string(part);
    }
    return masked;
}

}  // namespace

Server::Server(std::vector<std::unique_ptr<Platform>> platforms, Clock& clock) : clock_(clock) {
    for (auto& platform : platforms) {
        seats_.push_back(std::make_unique<Seat>());
        seats_.back()->platform = std::move(platform);
    }
}

Answer Server::answer(const Request& request) {
    if (request.path == kControl || request.path.rfind("/_sandbox/", 0) == 0)
        return {control(request), false};
    const auto start = std::chrono::steady_clock::now();
    JournalEntry entry;
    entry.time_ms = clock_.now_ms();
    {
        const std::lock_guard lock(mutex_);
        entry.began = journal_.begin();
        if (journal_.keeps_bodies() && request.method != "GET")
            entry.body = request.body;
    }
    Seat* seat = seat_for(request);
    Answer answer = serve(seat, request, entry.fault);
    entry.platform = seat ? seat->platform->name() : "";
    entry.method = request.method;
    entry.path = request.path;
    entry.query = without_secrets(request.raw_query);
    entry.status = answer.dropped ? 0 : answer.response.status;
    entry.ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                   std::chrono::steady_clock::now() - start
    )
                   .count();
    const std::lock_guard lock(mutex_);
    journal_.add(std::move(entry));
    return answer;
}

json Server::introduction(const std::string& base_url) const {
    json platforms = json::object();
    for (const auto& seat : seats_)
        platforms[seat->platform->name()] = seat->platform->credentials(base_url);
    return {{"url", base_url}, {"pid", getpid()}, {"platforms", platforms}};
}

Server::Seat* Server::seat_for(const Request& request) {
    for (const auto& seat : seats_)
        if (seat->platform->serves(request))
            return seat.get();
    return nullptr;
}

Answer Server::serve(Seat* seat, const Request& request, bool& faulted) {
    std::optional<FaultAction> fault;
    {
        const std::lock_guard lock(mutex_);
        fault = faults_.take(seat ? seat->platform->name() : "", request);
    }
    faulted = fault.has_value();
    if (!fault)
        return {call(seat, request), false};
    std::this_thread::sleep_for(std::chrono::milliseconds(fault->delay_ms));
    if (fault->answer)
        return {*fault->answer, false};
    if (fault->drop == FaultAction::Drop::kBefore)
        return {{}, true};
    if (fault->twice)
        call(seat, request);
    Answer answer{call(seat, request), fault->drop == FaultAction::Drop::kAfter};
    if (fault->malformed)
        cut_in_half(answer.response);
    answer.response.body.insert(0, fault->prefix);
    return answer;
}

Response Server::call(Seat* seat, const Request& request) {
    if (!seat)
        return control_error(404, "no platform of this sandbox serves " + request.path);
    const std::lock_guard lock(seat->mutex);
    try {
        return seat->platform->handle(request);
    } catch (const std::exception& error) {
        return control_error(500, "the simulator failed: " + std::string(error.what()));
    }
}

Response Server::control(const Request& request) {
    const std::string below = request.path.substr(kControl.size());
    if (below.empty() || below == "/")
        return control_json(200, introduction(request.base_url()));
    if (below.rfind("/faults", 0) == 0)
        return control_faults(request);
    if (below == "/requests")
        return control_requests(request);
    if (below == "/clock")
        return control_clock(request);
    if (below == "/reset" && request.method == "POST")
        return control_reset();
    for (const auto& seat : seats_) {
        const std::string prefix = "/" + seat->platform->name();
        if (below != prefix && below.rfind(prefix + "/", 0) != 0)
            continue;
        Request inner = request;
        inner.path = below.size() == prefix.size() ? "/" : below.substr(prefix.size());
        const std::lock_guard lock(seat->mutex);
        try {
            return seat->platform->control(inner);
        } catch (const std::exception& error) {
            return control_error(400, error.what());
        }
    }
    return control_error(404, "the control API has no " + request.method + " " + request.path);
}

Response Server::control_faults(const Request& request) try {
    const std::lock_guard lock(mutex_);
    const std::string id = request.path.substr(std::string("/_sandbox/faults").size());
    if (request.method == "POST" && id.empty())
        return control_json(201, faults_.add(json::parse(request.body)));
    if (request.method == "GET" && id.empty())
        return control_json(200, faults_.to_json());
    if (request.method == "DELETE" && id.empty()) {
        faults_.clear();
        return control_json(200, faults_.to_json());
    }
    if (request.method == "DELETE" && id.size() > 1 && id.front() == '/')
        return faults_.erase(std::atoi(id.c_str() + 1)) ? control_json(200, faults_.to_json())
                                                        : control_error(404, "no fault " + id);
    return control_error(405, "/_sandbox/faults takes POST, GET and DELETE");
} catch (const json::exception& error) {
    return control_error(400, error.what());
} catch (const std::invalid_argument& error) {
    return control_error(400, error.what());
}

Response Server::control_requests(const Request& request) {
    const std::lock_guard lock(mutex_);
    if (request.method == "POST") {
        const json body = json::parse(request.body, nullptr, false);
        if (!body.is_object() || body.size() != 1 || !body.contains("bodies") ||
            !body["bodies"].is_boolean())
            return control_error(400, R"(the body must be {"bodies": true|false})");
        journal_.keep_bodies(body["bodies"]);
    }
    if (request.method == "DELETE")
        journal_.clear();
    const std::string* limit = request.parameter("limit");
    return control_json(
        200, journal_.to_json(limit ? std::strtoul(limit->c_str(), nullptr, 10) : 1000)
    );
}

Response Server::control_clock(const Request& request) {
    if (request.method == "POST") {
        const json body = json::parse(request.body, nullptr, false);
        if (!body.is_object() || body.size() != 1 || !body.contains("offset_ms") ||
            !body["offset_ms"].is_number_integer())
            return control_error(400, R"(the body must be {"offset_ms": <integer>})");
        clock_.set_offset_ms(body["offset_ms"]);
    }
    return control_json(200, {{"offset_ms", clock_.offset_ms()}, {"now_ms", clock_.now_ms()}});
}

Response Server::control_reset() {
    clock_.set_offset_ms(0);
    for (const auto& seat : seats_) {
        const std::lock_guard lock(seat->mutex);
        seat->platform->reset();
    }
    const std::lock_guard lock(mutex_);
    faults_.clear();
    journal_.clear();
    return control_json(200, {{"reset", true}});
}

}  // namespace sandbox
