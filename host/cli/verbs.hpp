// The verbs, as data; a file per kind of thing they are about.
#pragma once

#include <vector>

#include "cli/command_line.hpp"

namespace syncline::cli {

const std::vector<Verb>& verbs();

// "30m", "8h", "90d", "45s" in seconds. Errors: usage, naming `option`.
Result<std::int64_t> duration_s(const std::string& option, const std::string& text);

// The secret that a file holds, without the end of its line. Errors: usage, naming `option`.
Result<std::string> secret_in(const std::string& option, const std::string& file);

// local_verbs.cpp
Result<int> init(const Invocation& invocation);
Result<int> serve(const Invocation& invocation);
Result<int> token(const Invocation& invocation);
Result<int> config(const Invocation& invocation);
Result<int> version(const Invocation& invocation);

// sync_verbs.cpp
Result<int> sync(const Invocation& invocation);
Result<int> status(const Invocation& invocation);
Result<int> stop(const Invocation& invocation);
Result<int> history(const Invocation& invocation);

// plan_verb.cpp
Result<int> plan(const Invocation& invocation);

// failure_verbs.cpp
Result<int> failures(const Invocation& invocation);

// mapping_verbs.cpp; `mapping` is the engine's namespace
Result<int> mapping_verb(const Invocation& invocation);

// conflict_verbs.cpp
Result<int> conflicts(const Invocation& invocation);

// match_verbs.cpp
Result<int> match(const Invocation& invocation);

// id_mapping_verbs.cpp
Result<int> id_mappings(const Invocation& invocation);

// webhook_verbs.cpp
Result<int> webhooks(const Invocation& invocation);

// alert_verbs.cpp
Result<int> alerts(const Invocation& invocation);

// flow_verbs.cpp
Result<int> flows(const Invocation& invocation);
Result<int> connectors(const Invocation& invocation);

// connection_verbs.cpp
Result<int> connections(const Invocation& invocation);
Result<int> apps(const Invocation& invocation);

// budget_verbs.cpp
Result<int> budgets(const Invocation& invocation);

// identity_verbs.cpp
Result<int> api_key(const Invocation& invocation);
Result<int> tenants(const Invocation& invocation);
Result<int> settings(const Invocation& invocation);

// key_verbs.cpp
Result<int> keys(const Invocation& invocation);

// audit_verbs.cpp
Result<int> audit(const Invocation& invocation);

// backup_verbs.cpp
Result<int> backup(const Invocation& invocation);

// schedule_verbs.cpp
Result<int> schedules(const Invocation& invocation);

}  // namespace syncline::cli
