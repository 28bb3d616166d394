#include "supabase/schema_check.hpp"

#include <algorithm>

namespace syncline::supabase {
namespace {

std::string column_list(const Table& table, const std::vector<std::string>& without) {
    std::string list = "created_at,updated_at";
    const auto add = [&](std::string_view name) {
        if (std::find(without.begin(), without.end(), name) == without.end()) {
            list += "," + std::string(name);
        }
    };
    for (const auto& column : table.columns) {
        add(column.name);
    }
    if (table.marks) {
        add(kMarkColumn);
    }
    return list;
}

}  // namespace

Result<void> SchemaCheck::look_at(const Table& table) {
    SYNCLINE_ASSIGN_OR_RETURN(const bool there, look_for_columns(table));
    if (!there || read_only_) {
        return {};
    }
    RestRequest nothing;
    nothing.method = "POST";
    nothing.query.add("columns", kKeyColumns).add("on_conflict", kKeyColumns);
    nothing.prefer = "resolution=merge-duplicates,return=minimal";
    nothing.body = "[]";
    SYNCLINE_RETURN_IF_ERROR(look_for(table, nothing));
    RestRequest nobody;
    nobody.method = "DELETE";
    nobody.query.where("id", "eq", "0");  // identities begin with 1
    return look_for(table, nobody);
}

// The Data API names one missing column at a time.
Result<bool> SchemaCheck::look_for_columns(const Table& table) {
    std::vector<std::string> without;
    while (true) {
        RestRequest get;
        get.query.select(column_list(table, without)).limit(0);
        auto sent = client_.send(table, get);
        auto* failure = std::get_if<Failure>(&sent);
        if (failure == nullptr) {
            return true;
        }
        if (!failure->drift) {
            return std::move(failure->error);
        }
        const std::string column = failure->drift->column;
        const bool known =
            table.column(column) != nullptr || (table.marks && column == kMarkColumn);
        const bool asked_again = std::find(without.begin(), without.end(), column) != without.end();
        missing_.push_back(*std::move(failure->drift));
        if (!known || asked_again) {
            return false;
        }
        without.push_back(column);
    }
}

Result<void> SchemaCheck::look_for(const Table& table, const RestRequest& request) {
    auto sent = client_.send(table, request);
    auto* failure = std::get_if<Failure>(&sent);
    if (failure == nullptr) {
        return {};
    }
    if (!failure->drift) {
        return std::move(failure->error);
    }
    const bool told = std::any_of(missing_.begin(), missing_.end(), [&](const Drift& drift) {
        return drift.statement == failure->drift->statement;
    });
    if (!told) {
        missing_.push_back(*std::move(failure->drift));
    }
    return {};
}

Result<void> SchemaCheck::verdict() const {
    return missing_.empty() ? Result<void>() : Result<void>(drift_error(missing_));
}

}  // namespace syncline::supabase
