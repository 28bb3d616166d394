#include "cli/verbs.hpp"

namespace syncline::cli {
namespace {

const OptionRow kFlow{"flow", "f", "NAME", "this flow only"};
const OptionRow kMode{"mode", "m", "MODE", "incremental, full, backfill or ids"};
const OptionRow kFrom{"from", "", "TIME", "of a backfill: changed at or after (RFC 3339)"};
const OptionRow kTo{"to", "", "TIME", "changed before"};
const OptionRow kIds{"ids", "", "LIST", "of mode ids, with commas between"};
const OptionRow kStatus{"status", "", "LIST", "filter: order statuses, with commas between"};
const OptionRow kPayment{"payment-status", "", "LIST", "filter: payment statuses"};
const OptionRow kLimit{"limit", "n", "COUNT", "at most so many"};

}  // namespace

const std::vector<Verb>& verbs() {
    static const std::vector<Verb> kVerbs{
        {"init",
         "DIR",
         "write a configuration, key files and a data folder",
         1,
         1,
         {{"plugin-dir", "", "DIR", "where the plugins are, if not beside the program"}},
         init},
        {"serve", "", "run the host", 0, 0, {}, serve},
        {"token",
         "",
         "make a bearer token",
         0,
         0,
         {{"tenant", "t", "NAME", "whose (default)"},
          {"role", "r", "ROLE", "viewer, operator, approver or admin"},
          {"ttl", "", "TIME", "how long it is good, as 30m, 8h or 90d (8h)"},
          {"subject", "", "NAME", "whom it is for; shown in the log"}},
         token},
        {"config", "validate", "check a configuration file", 1, 1, {}, config},
        {"connectors", "[ID]", "loaded plugins, or one with its settings", 0, 1, {}, connectors},
        {"flows", "[list | show|pause|resume|stop NAME]", "flows", 0, 2, {}, flows},
        {"schedules",
         "[list | show|create|delete|pause|resume|next NAME]",
         "when flows run by themselves",
         0,
         2,
         {kFlow,
          kMode,
          kLimit,
          {"entity", "", "ENTITY", "of create: all flows of it"},
          {"cron", "", "FIELDS", "of create: minute hour day month weekday"},
          {"interval", "", "SECONDS", "of create: instead of cron (300)"},
          {"zone", "", "ZONE", "of create: IANA time zone of cron (UTC)"},
          {"misfire", "", "POLICY", "of create: coalesce, skip or all"},
          {"overlap", "", "POLICY", "of create: skip, queue_one or cancel"},
          {"jitter", "", "SECONDS", "of create: longest delay of a start (30)"}},
         schedules},
        {"sync",
         "ENTITY",
         "start a sync: orders, customers, products ...",
         1,
         1,
         {kFlow,
          kMode,
          kFrom,
          kTo,
          kIds,
          kStatus,
          kPayment,
          {"batch-size", "", "COUNT", "records per transaction"},
          {"dry-run", "", "", "only show what would be done (as plan)"},
          {"wait", "w", "", "until it has ended; fails unless it completed"}},
         sync},
        {"plan",
         "ENTITY",
         "what a sync would do; writes nothing",
         1,
         1,
         {kFlow, kMode, kFrom, kTo, kIds, kStatus, kPayment, kLimit},
         plan},
        {"status", "[ID]", "the latest syncs, or one", 0, 1, {}, status},
        {"stop", "ID", "ask a sync to stop", 1, 1, {}, stop},
        {"history",
         "",
         "runs, newest first",
         0,
         0,
         {kFlow,
          kLimit,
          {"entity", "", "ENTITY", "of this entity only"},
          {"status", "", "STATUS", "of this status only"},
          {"csv", "", "", "as CSV"}},
         history},
        {"failures",
         "[list | show ID | retry [ID]]",
         "records that need help",
         0,
         2,
         {kFlow,
          kLimit,
          {"entity", "", "ENTITY", "of this entity only"},
          {"outcome", "", "OUTCOME", "failed, held or conflict"},
          {"code", "", "CODE", "of this error code only"},
          {"all", "", "", "with retry: all of them"}},
         failures},
        {"budgets", "", "reads left of those that platforms count by the month", 0, 0, {}, budgets},
        {"version", "", "which version this is", 0, 0, {}, version},
    };
    return kVerbs;
}

}  // namespace syncline::cli
