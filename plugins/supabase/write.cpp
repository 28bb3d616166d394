#include "supabase/write.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>

#include "supabase/document.hpp"
#include "supabase/encode.hpp"
#include "supabase/own_table.hpp"
#include "supabase/row_lookup.hpp"

namespace syncline::supabase {
namespace {

struct Task {
    const WriteItem* item = nullptr;
    const Table* table = nullptr;
    bool set = false;
    bool erase = false;
    bool mark = false;          // instead of erasing
    std::optional<RowKey> key;  // always there, but of a row that is erased by its id
};

// A set of rows on its way.
struct RowSet {
    const Task* task = nullptr;
    std::set<std::string> wanted;  // source ids
    std::optional<Error> error;    // of the first of its rows that could not be written
};

Error no_key(const WriteItem& item) {
    return Error{
        ErrorCode::kData,
        "document '" + item.role + "' (" + item.natural_key +
            ") has no tenant_id, source_system and source_id; mapping rules must leave them alone",
        "supabase.no_key"};
}

// Whose child a row is.
RowKey referred_parent(const Table& table, const Json& child) {
    return {
        text_of(child, "tenant_id"),
        text_of(child, "source_system"),
        text_of(child, table.parent_column)};
}

class DocumentWriter {
public:
    DocumentWriter(
        plugin::Call& call, const RestClient& client, BulkWriter& bulk, plugin::Outcomes& outcomes
    )
        : call_(call), bulk_(bulk), lookup_(call, client), outcomes_(outcomes) {}

    Result<void> run(const WriteRequest& request) {
        for (const auto& item : request.items) {
            accept(item);
        }
        for (const auto& table : all_tables()) {
            SYNCLINE_RETURN_IF_ERROR(upsert_rows(table));
        }
        for (const auto& table : own_tables_) {
            SYNCLINE_RETURN_IF_ERROR(upsert_rows(table));
            SYNCLINE_RETURN_IF_ERROR(erase_rows(table));
        }
        for (const auto& table : all_tables()) {
            SYNCLINE_RETURN_IF_ERROR(replace_sets(table));
        }
        for (auto table = all_tables().rbegin(); table != all_tables().rend(); ++table) {
            SYNCLINE_RETURN_IF_ERROR(erase_sets(*table));
            SYNCLINE_RETURN_IF_ERROR(erase_rows(*table));
        }
        return {};
    }

private:
    void accept(const WriteItem& item);
    const Table* table_of(const WriteItem& item);
    void refuse(const WriteItem& item, const Error& error) { outcomes_.failed(item.index, error); }
    std::vector<const Task*> tasks_of(const Table& table, bool set, bool erase) const;

    Result<void> upsert_rows(const Table& table);
    void report_row(const Task& task, const RowWrite& row);

    Result<void> replace_sets(const Table& table);
    std::optional<Error> begin_set(const Task& task, RowSet& set, std::vector<RowWrite>& rows)
        const;
    Result<void> erase_leftovers(const Table& table, const std::vector<RowSet>& sets);
    Result<std::vector<Json>> children_of(const Table& table, const std::vector<RowKey>& parents)
        const;

    Result<void> erase_sets(const Table& table);
    Result<void> erase_rows(const Table& table);
    Result<void> take_away(const Table& table, const std::vector<std::string>& ids, bool mark);

    plugin::Call& call_;
    BulkWriter& bulk_;
    const RowLookup lookup_;
    plugin::Outcomes& outcomes_;
    std::vector<Task> tasks_;
    std::deque<Table> own_tables_;  // tasks refer to them
    // Rows of this batch that could not be written: what belongs to them cannot be either.
    std::map<std::pair<std::string_view, RowKey>, Error> failed_rows_;
};

// A documented table, or one of the tenant's own, which the document describes.
const Table* DocumentWriter::table_of(const WriteItem& item) {
    if (const Table* documented = find_table(item.entity)) {
        return documented;
    }
    auto own = own_table_of(item.entity, item.body);
    own = own ? own : own_table_of_id(item.entity, item.remote_id);
    if (!own) {
        return nullptr;
    }
    for (const auto& known : own_tables_) {
        if (known.name == own->name && known.own_key == own->own_key) {
            return &known;
        }
    }
    own_tables_.push_back(*std::move(own));
    return &own_tables_.back();
}

void DocumentWriter::accept(const WriteItem& item) {
    Task task;
    task.item = &item;
    task.table = table_of(item);
    task.mark = item.operation == DocumentOperation::kVoid;
    task.set = is_set(item.body, item.remote_id) && task.table != nullptr && !task.table->is_own();
    // The lines of an order that is marked stay with it, as they are.
    const bool can_mark =
        task.table != nullptr &&
        (bulk_.marks(*task.table) || (task.set && bulk_.marks(*find_table("orders"))));
    if (task.table == nullptr || (task.mark && !can_mark)) {
        const std::string what(enum_name(item.operation));
        return refuse(
            item,
            Error{
                ErrorCode::kUnsupported,
                "Supabase cannot " + what + " documents of '" + item.entity + "'",
                "supabase.unsupported"}
        );
    }
    task.erase = item.operation != DocumentOperation::kUpsert;
    task.key = task.table->is_own() && item.body.is_object()
                   ? key_in(*task.table, item.body)
                   : document_key(item.body, item.remote_id);
    const bool by_id = task.erase && !task.set && !item.remote_id.empty();
    if (!task.key && !by_id) {
        return refuse(item, no_key(item));
    }
    tasks_.push_back(std::move(task));
}

std::vector<const Task*> DocumentWriter::tasks_of(const Table& table, bool set, bool erase) const {
    std::vector<const Task*> found;
    for (const auto& task : tasks_) {
        if (task.table == &table && task.set == set && task.erase == erase) {
            found.push_back(&task);
        }
    }
    return found;
}

Result<void> DocumentWriter::upsert_rows(const Table& table) {
    const auto tasks = tasks_of(table, false, false);
    std::vector<RowWrite> rows;
    for (const auto* task : tasks) {
        rows.push_back({*task->key, task->item->body});
        rows.back().row.erase(kOwnKeyMember);
    }
    const auto result = bulk_.upsert(call_, table, rows);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        report_row(*tasks[i], rows[i]);
    }
    return result;
}

void DocumentWriter::report_row(const Task& task, const RowWrite& row) {
    if (row.open()) {
        return;
    }
    std::optional<Error> error = row.error;
    if (!error && !row.superseded && task.item->money && task.table->has_money()) {
        const auto total = Decimal::parse(text_of(row.returned, "total"));
        const auto tax = Decimal::parse(text_of(row.returned, "tax_total"));
        const DocumentMoney& money = *task.item->money;
        if (!total || !tax || *total != money.total.decimal() || *tax != money.tax.decimal()) {
            error = Error{
                ErrorCode::kData,
                std::string(task.table->name) + " " + row.key.source_id + " shows total " +
                    text_of(row.returned, "total") + " and tax " +
                    text_of(row.returned, "tax_total") + " instead of " + money.total.to_string() +
                    " and " + money.tax.to_string() +
                    ": the columns must be numeric without a fixed scale, and no trigger may "
                    "change "
                    "them",
                "supabase.total_differs"};
        }
    }
    if (error) {
        failed_rows_.emplace(std::pair(task.table->name, row.key), *error);
        return refuse(*task.item, *error);
    }
    Written written;
    written.remote_id = *row.id;
    written.version = row.version;
    outcomes_.done(task.item->index, written);
}

std::optional<Error> DocumentWriter::begin_set(
    const Task& task, RowSet& set, std::vector<RowWrite>& rows
) const {
    const auto parent = failed_rows_.find({task.table->parent_table, *task.key});
    if (parent != failed_rows_.end()) {
        return Error{
            parent->second.code,
            "waits for " + std::string(task.table->parent_table) + " " + task.key->source_id +
                ": " + parent->second.message,
            "supabase.parent_failed",
            parent->second.http_status};
    }
    const Json& children = task.item->body[kRowsMember];
    std::vector<RowWrite> own;
    for (std::size_t i = 0; children.is_array() && i < children.size(); ++i) {
        auto key = row_key(children[i]);
        if (!key) {
            return no_key(*task.item);
        }
        set.wanted.insert(key->source_id);
        own.push_back({*std::move(key), children[i]});
    }
    if (!children.is_array() || task.table->parent_table.empty()) {
        return Error{
            ErrorCode::kBug,
            "document '" + task.item->role + "' is no set of rows of its table",
            "supabase.no_set"};
    }
    std::move(own.begin(), own.end(), std::back_inserter(rows));
    return std::nullopt;
}

Result<void> DocumentWriter::replace_sets(const Table& table) {
    std::vector<RowSet> sets;
    std::vector<RowWrite> rows;
    std::vector<std::size_t> owners;  // per row its set
    for (const auto* task : tasks_of(table, true, false)) {
        RowSet set{task, {}, std::nullopt};
        if (const auto error = begin_set(*task, set, rows)) {
            refuse(*task->item, *error);
            continue;
        }
        owners.resize(rows.size(), sets.size());
        sets.push_back(std::move(set));
    }
    SYNCLINE_RETURN_IF_ERROR(bulk_.upsert(call_, table, rows));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i].error && !sets[owners[i]].error) {
            sets[owners[i]].error = rows[i].error;
        }
    }
    for (auto set = sets.begin(); set != sets.end();) {
        if (set->error) {
            refuse(*set->task->item, *set->error);
        }
        set = set->error ? sets.erase(set) : std::next(set);
    }
    SYNCLINE_RETURN_IF_ERROR(erase_leftovers(table, sets));
    for (const auto& set : sets) {
        Written written;
        written.remote_id = set_remote_id(*set.task->key);
        outcomes_.done(set.task->item->index, written);
    }
    return {};
}

Result<std::vector<Json>> DocumentWriter::children_of(
    const Table& table, const std::vector<RowKey>& parents
) const {
    return lookup_.by_key(
        table,
        "id," + std::string(kKeyColumns) + "," + std::string(table.parent_column),
        table.parent_column,
        parents
    );
}

// Rows that a set's parent had before and that are not in the set any more.
Result<void> DocumentWriter::erase_leftovers(const Table& table, const std::vector<RowSet>& sets) {
    std::map<RowKey, const RowSet*> by_parent;
    std::vector<RowKey> parents;
    for (const auto& set : sets) {
        by_parent[*set.task->key] = &set;  // of two with one parent the later was written last
        parents.push_back(*set.task->key);
    }
    if (parents.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto children, children_of(table, parents));
    std::vector<std::string> leftovers;
    for (const auto& child : children) {
        const auto set = by_parent.find(referred_parent(table, child));
        if (set != by_parent.end() && set->second->wanted.count(text_of(child, "source_id")) == 0) {
            leftovers.push_back(row_id(child));
        }
    }
    return take_away(table, leftovers, bulk_.marks(table));
}

Result<void> DocumentWriter::take_away(
    const Table& table, const std::vector<std::string>& ids, bool mark
) {
    return mark ? bulk_.mark(call_, table, ids) : bulk_.erase(call_, table, ids);
}

Result<void> DocumentWriter::erase_sets(const Table& table) {
    const auto tasks = tasks_of(table, true, true);
    std::vector<RowKey> parents;
    for (const auto* task : tasks) {
        parents.push_back(*task->key);
    }
    if (parents.empty() || table.parent_table.empty()) {
        return {};
    }
    SYNCLINE_ASSIGN_OR_RETURN(const auto children, children_of(table, parents));
    std::map<RowKey, bool> marked;
    for (const auto* task : tasks) {
        marked[*task->key] = task->mark;
    }
    std::vector<std::string> to_mark;
    std::vector<std::string> to_erase;
    for (const auto& child : children) {
        const auto parent = referred_parent(table, child);
        const auto found = marked.find(parent);
        if (found != marked.end()) {
            (found->second ? to_mark : to_erase).push_back(row_id(child));
        }
    }
    SYNCLINE_RETURN_IF_ERROR(take_away(table, to_erase, false));
    if (bulk_.marks(table)) {
        SYNCLINE_RETURN_IF_ERROR(take_away(table, to_mark, true));
    }
    for (const auto* task : tasks) {
        Written written;
        written.remote_id = set_remote_id(*task->key);
        outcomes_.done(task->item->index, written);
    }
    return {};
}

Result<void> DocumentWriter::erase_rows(const Table& table) {
    const auto tasks = tasks_of(table, false, true);
    std::vector<RowKey> keys;
    for (const auto* task : tasks) {
        if (task->item->remote_id.empty()) {
            keys.push_back(*task->key);
        }
    }
    std::map<RowKey, std::string> known;
    for (const auto& key : keys) {
        if (table.is_own()) {
            known[key] = key.source_id;
        }
    }
    if (!keys.empty() && !table.is_own()) {
        SYNCLINE_ASSIGN_OR_RETURN(known, lookup_.ids_of(table, keys));
    }
    std::vector<std::string> to_mark;
    std::vector<std::string> to_erase;
    std::vector<std::string> by_task;
    for (const auto* task : tasks) {
        const bool given = !task->item->remote_id.empty();
        const auto found = given ? known.end() : known.find(*task->key);
        by_task.push_back(
            given                  ? task->item->remote_id
            : found == known.end() ? ""
                                   : found->second
        );
        if (!by_task.back().empty()) {
            (task->mark ? to_mark : to_erase).push_back(by_task.back());
        }
    }
    SYNCLINE_RETURN_IF_ERROR(take_away(table, to_erase, false));
    SYNCLINE_RETURN_IF_ERROR(take_away(table, to_mark, true));
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        Written written;
        written.remote_id = by_task[i];
        outcomes_.done(tasks[i]->item->index, written);
    }
    return {};
}

}  // namespace

Result<void> write_documents(
    plugin::Call& call,
    const RestClient& client,
    BulkWriter& bulk,
    const WriteRequest& request,
    plugin::Outcomes& outcomes
) {
    return DocumentWriter(call, client, bulk, outcomes).run(request);
}

}  // namespace syncline::supabase
