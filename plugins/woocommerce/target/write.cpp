#include "woocommerce/target/write.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include <syncline/money.hpp>

#include "woocommerce/html.hpp"
#include "woocommerce/scan.hpp"
#include "woocommerce/shop_lists.hpp"
#include "woocommerce/target/entities.hpp"
#include "woocommerce/target/find.hpp"

namespace syncline::woocommerce {
namespace {

// One item on its way; `remote_id` may have been found here.
struct Job {
    const WriteItem* item = nullptr;
    std::string remote_id;
    bool adopted = false;
};

using Jobs = std::vector<Job>;

std::string what(const TargetEntity& target, const Job& job) {
    const std::string entity(target.entity);
    return job.remote_id.empty() ? "creating the " + entity
                                 : "updating " + entity + " " + job.remote_id;
}

Error hold(std::string code, std::string message) {
    return Error{ErrorCode::kHold, std::move(message), std::move(code)};
}

Error gone(const TargetEntity& target, const Job& job) {
    return hold(
        "GONE_IN_SHOP",
        what(target, job) + ": the shop has no such " + std::string(target.entity) +
            (target.makes ? "; it was deleted there" : "; orders are changed, not made")
    );
}

// `code` and message of one item in a batch's answer.
Error item_error(const TargetEntity& target, const Job& job, const Json& error) {
    const std::string code = text_in(error, "code");
    if (code == target.gone_code) {
        return gone(target, job);
    }
    const Json data = error.value("data", Json());
    const Json status = data.is_object() ? data.value("status", Json()) : data;
    Error result;
    result.http_status = status.is_number_integer() ? status.get<int>() : 400;
    result.code = result.http_status == 401 || result.http_status == 403 ? ErrorCode::kHold
                  : result.http_status >= 500                            ? ErrorCode::kTransient
                                                                         : ErrorCode::kData;
    result.name = code.empty() ? "woo.refused" : code.substr(0, 56);
    result.message = what(target, job) + ": the shop answered " + result.name + " ('" +
                     plain_text(text_in(error, "message")).substr(0, 160) + "')";
    return result;
}

bool same_amount(const std::string& a, const std::string& b) {
    const auto left = Decimal::parse(a);
    const auto right = Decimal::parse(b);
    return a == b || (left && right && *left == *right);
}

std::optional<Error> wrong_price(const Job& job, const Json& row) {
    for (const char* member : {"regular_price", "sale_price"}) {
        const std::string sent = text_in(job.item->body, member);
        const std::string shown = text_in(row, member);
        if (!sent.empty() && !same_amount(sent, shown)) {
            return Error{
                ErrorCode::kData,
                "the shop shows " + std::string(member) + " " + shown + " of product " +
                    text_in(row, "id") + ", sent was " + sent +
                    "; a plugin of the shop may change prices, or it keeps fewer decimals",
                "woo.amount_mismatch"};
        }
    }
    return std::nullopt;
}

class BatchWriter {
public:
    BatchWriter(
        plugin::Call& call,
        Shop& shop,
        const TargetEntity& target,
        plugin::Outcomes& outcomes,
        std::size_t batch_max
    )
        : call_(call), shop_(shop), target_(target), outcomes_(outcomes), batch_max_(batch_max) {}

    Result<void> write(const std::vector<const WriteItem*>& items) {
        Jobs jobs;
        for (const WriteItem* item : items) {
            Job job{item, item->remote_id, false};
            if (!target_.makes && job.remote_id.empty()) {
                job.remote_id = item->natural_key;  // the order's own id
            }
            jobs.push_back(std::move(job));
        }
        for (std::size_t at = 0; at < jobs.size() && !outcomes_.stopped(); at += batch_max_) {
            const auto begin = jobs.begin() + static_cast<std::ptrdiff_t>(at);
            const auto count = std::min(batch_max_, jobs.size() - at);
            SYNCLINE_RETURN_IF_ERROR(
                write_some(Jobs(begin, begin + static_cast<std::ptrdiff_t>(count)))
            );
        }
        return {};
    }

private:
    Result<void> write_some(Jobs jobs) {
        SYNCLINE_RETURN_IF_ERROR(refuse_changed(jobs));
        SYNCLINE_RETURN_IF_ERROR(remove_deleted(jobs));
        Jobs taken;
        SYNCLINE_RETURN_IF_ERROR(send(jobs, &taken));
        if (taken.empty()) {
            return {};
        }
        SYNCLINE_RETURN_IF_ERROR(refuse_changed(taken));
        return send(taken, nullptr);
    }

    // Reads what is to be changed, and takes out of `jobs` what must not be.
    Result<void> refuse_changed(Jobs& jobs) {
        std::vector<std::string> ids;
        for (const auto& job : jobs) {
            if (!job.remote_id.empty() && parse_id(job.remote_id)) {
                ids.push_back(job.remote_id);
            }
        }
        if (ids.empty() && std::all_of(jobs.begin(), jobs.end(), [](const Job& job) {
                return job.remote_id.empty();
            })) {
            return {};
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const FoundRows found,
            rows_by_id(call_, shop_, *list_of(std::string(target_.entity)), ids)
        );
        std::map<std::string, const Json*> rows;
        for (const auto& row : found.rows) {
            rows[text_in(row, "id")] = &row;
        }
        Jobs kept;
        for (auto& job : jobs) {
            const auto row = rows.find(job.remote_id);
            const auto refused = job.remote_id.empty()
                                     ? std::optional<Error>()
                                     : refusal(job, row == rows.end() ? nullptr : row->second);
            if (refused) {
                report_refusal(job, *refused);
            } else {
                kept.push_back(std::move(job));
            }
        }
        jobs = std::move(kept);
        return {};
    }

    std::optional<Error> refusal(const Job& job, const Json* row) const {
        if (row == nullptr) {
            return gone(target_, job);
        }
        const Found found = found_row(target_, *row, job.item->body);
        if (found.hold) {
            return hold(found.hold->code, what(target_, job) + ": " + found.hold->message);
        }
        const bool expected = job.item->version.empty() || job.adopted;
        if (!expected && found.version != job.item->version) {
            return Error{
                ErrorCode::kConflict,
                what(target_, job) + ": somebody changed there what this flow writes",
                "woo.changed"};
        }
        return std::nullopt;
    }

    // What was to be removed and is not there any more is done.
    void report_refusal(const Job& job, const Error& refused) {
        const bool removed = job.item->operation == DocumentOperation::kDelete &&
                             (refused.name == "GONE_IN_SHOP" || refused.name == "IN_TRASH");
        if (removed) {
            outcomes_.done(job.item->index, Written{job.remote_id, {}, Json(), false, {}, {}});
        } else {
            outcomes_.failed(job.item->index, refused);
        }
    }

    // The batch endpoint deletes for good, so what goes to the trash goes one by one.
    Result<void> remove_deleted(Jobs& jobs) {
        Jobs kept;
        for (auto& job : jobs) {
            if (job.item->operation != DocumentOperation::kDelete) {
                kept.push_back(std::move(job));
                continue;
            }
            if (target_.entity != "product") {
                outcomes_.failed(
                    job.item->index,
                    hold(
                        "NOT_DELETED",
                        "a " + std::string(target_.entity) +
                            " is not deleted in the shop by a flow; do it there"
                    )
                );
                continue;
            }
            const auto answer = shop_.send(
                "DELETE", std::string(target_.path) + "/" + job.remote_id, {{"force", "false"}}, {}
            );
            if (answer) {
                outcomes_.done(job.item->index, Written{job.remote_id, {}, Json(), false, {}, {}});
            } else if (answer.error().code == ErrorCode::kData) {
                outcomes_.failed(job.item->index, answer.error());
            } else {
                return answer.error();
            }
        }
        jobs = std::move(kept);
        return {};
    }

    Json wire_of(const Job& job) const {
        if (job.item->operation == DocumentOperation::kVoid) {
            const char* status = target_.entity == "order" ? "cancelled" : "draft";
            return {{"id", *parse_id(job.remote_id)}, {"status", status}};
        }
        Json body = job.item->body.is_object() ? job.item->body : Json::object();
        if (!job.remote_id.empty()) {
            body["id"] = *parse_id(job.remote_id);
            body.erase("meta_data");  // the marker of whoever made it stays
            body.erase("type");
        }
        return body;
    }

    // `taken`: creates that another record stands in the way of, with its id; nullptr: those fail.
    Result<void> send(const Jobs& jobs, Jobs* taken) {
        Json body = Json::object();
        Jobs created;
        Jobs updated;
        for (const auto& job : jobs) {
            const bool creates = job.remote_id.empty();
            if (creates && job.item->operation != DocumentOperation::kUpsert) {
                outcomes_.done(job.item->index, Written{});
                continue;
            }
            body[creates ? "create" : "update"].push_back(wire_of(job));
            (creates ? created : updated).push_back(job);
        }
        if (body.empty()) {
            return {};
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const Answer answer, shop_.send("POST", std::string(target_.path) + "/batch", {}, body)
        );
        SYNCLINE_RETURN_IF_ERROR(settle(created, answer.body, "create", taken));
        return settle(updated, answer.body, "update", nullptr);
    }

    // The results of each section come in the order in which its items were sent.
    Result<void> settle(const Jobs& jobs, const Json& body, const char* section, Jobs* taken) {
        const Json results = body.is_object() ? body.value(section, Json::array()) : Json::array();
        if (!results.is_array() || results.size() != jobs.size()) {
            return Error{
                ErrorCode::kTransient,
                "POST " + std::string(target_.path) + "/batch: " + std::to_string(results.size()) +
                    " answers to " + std::to_string(jobs.size()) + " items (" + section + ")",
                "woo.batch_answer"};
        }
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            const Json& result = results[i];
            const bool refused = result.is_object() && result.contains("error");
            if (!refused) {
                report(jobs[i], result);
                continue;
            }
            SYNCLINE_RETURN_IF_ERROR(settle_refused(jobs[i], result["error"], taken));
        }
        return {};
    }

    Result<void> settle_refused(const Job& job, const Json& error, Jobs* taken) {
        const bool collision = taken != nullptr && !target_.taken_code.empty() &&
                               text_in(error, "code") == target_.taken_code;
        if (!collision) {
            outcomes_.failed(job.item->index, item_error(target_, job, error));
            return {};
        }
        SYNCLINE_ASSIGN_OR_RETURN(const std::string holder, holder_of(job, error));
        if (holder.empty()) {
            outcomes_.failed(
                job.item->index,
                hold(
                    target_.entity == "product" ? "SKU_TAKEN" : "EMAIL_TAKEN",
                    what(target_, job) + ": the shop says that " +
                        (target_.entity == "product" ? "the SKU" : "the e-mail address") +
                        " is taken, but does not show by whom"
                )
            );
            return {};
        }
        taken->push_back(Job{job.item, holder, true});
        return {};
    }

    Result<std::string> holder_of(const Job& job, const Json& error) {
        if (target_.entity == "product") {
            const Json data = error.value("data", Json());
            return text_in(data, "resource_id");
        }
        SYNCLINE_ASSIGN_OR_RETURN(
            const auto row, customer_with_email(call_, shop_, job.item->natural_key)
        );
        return row ? text_in(*row, "id") : std::string();
    }

    void report(const Job& job, const Json& row) {
        if (target_.entity == "product") {
            if (const auto wrong = wrong_price(job, row)) {
                outcomes_.failed(job.item->index, *wrong);
                return;
            }
        }
        Written written;
        written.remote_id = text_in(row, "id");
        written.version = version_of(target_, row);
        written.owned = owned_of(target_, row, job.item->body);
        written.adopted = job.adopted;
        if (job.adopted) {
            written.warnings.push_back(
                {"ADOPTED",
                 std::string(target_.entity) + " " + written.remote_id +
                     " was in the shop already and is kept up to date from now on"}
            );
        }
        outcomes_.done(job.item->index, written);
    }

    plugin::Call& call_;
    Shop& shop_;
    const TargetEntity& target_;
    plugin::Outcomes& outcomes_;
    const std::size_t batch_max_;
};

}  // namespace

Result<void> write_records(
    plugin::Call& call,
    Shop& shop,
    std::size_t batch_max,
    const WriteRequest& request,
    plugin::Outcomes& outcomes
) {
    std::map<std::string, std::vector<const WriteItem*>> by_entity;
    for (const auto& item : request.items) {
        if (find_target(item.entity) == nullptr) {
            outcomes.failed(
                item.index,
                Error{
                    ErrorCode::kUnsupported,
                    "WooCommerce has no entity '" + item.entity + "' to write to",
                    "woo.entity"}
            );
            continue;
        }
        by_entity[item.entity].push_back(&item);
    }
    for (const auto& [entity, items] : by_entity) {
        BatchWriter writer(call, shop, *find_target(entity), outcomes, batch_max);
        SYNCLINE_RETURN_IF_ERROR(writer.write(items));
    }
    return {};
}

}  // namespace syncline::woocommerce
