// What goes in and out of each operation of a connector, as values; their JSON is what crosses the
// boundary (abi.h). The host and the plugins read and write these same types.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/reason.hpp>
#include <syncline/record.hpp>
#include <syncline/webhook.hpp>

namespace syncline {

// ---- check: do settings and credentials work? -------------------------------------------------

struct CheckReport {
    std::string account;          // for people: "Demo shop (https://shop.example)"
    std::string remote_identity;  // changes only if this is another account: store URL, realm id
    std::vector<std::string> warnings;

    static constexpr auto fields() {
        return field_list(
            field("account", &CheckReport::account),
            field("remote_identity", &CheckReport::remote_identity),
            field("warnings", &CheckReport::warnings)
        );
    }
};

// ---- discover: entities, and facts about this account ------------------------------------------

// A place of a target's documents that a mapping of the tenant may set; the host refuses what does
// not fit when the mapping is published.
struct MappablePath {
    // "CustomerMemo.value"; of a list whose elements are chosen by a member
    // "CustomField[DefinitionId=].StringValue".
    std::string path;
    std::string type = "text";  // "text", "number", "boolean", "date" (YYYY-MM-DD), "time", "any"
    std::int64_t length_max = 0;       // characters; 0: no limit
    std::vector<std::string> allowed;  // the only values it takes: ids of a list; empty: any
    std::vector<std::string> keys;     // by which elements of the list may be chosen; empty: any

    static constexpr auto fields() {
        return field_list(
            field("path", &MappablePath::path),
            field("type", &MappablePath::type),
            field("length_max", &MappablePath::length_max),
            field("allowed", &MappablePath::allowed),
            field("keys", &MappablePath::keys)
        );
    }
};

struct CatalogEntity {
    std::string name;                // "order"
    std::vector<std::string> read;   // of "window", "ids", "feed", "sweep"; empty: not a source
    std::vector<std::string> write;  // of "create", "update", "delete", "void"; empty: not a target
    std::vector<std::string> owned_paths;  // of its documents: money, tax, references, marker
    // What mappings may set; empty: every place that is not owned.
    std::vector<MappablePath> mappable = {};

    static constexpr auto fields() {
        return field_list(
            field("name", &CatalogEntity::name),
            field("read", &CatalogEntity::read),
            field("write", &CatalogEntity::write),
            field("owned_paths", &CatalogEntity::owned_paths),
            field("mappable", &CatalogEntity::mappable)
        );
    }
};

struct Catalog {
    std::vector<CatalogEntity> entities;
    Json facts = Json::object();  // currency, time zone, preferences, accounts: encode() gets them

    static constexpr auto fields() {
        return field_list(field("entities", &Catalog::entities), field("facts", &Catalog::facts));
    }
};

// ---- read: one page -----------------------------------------------------------------------------

struct ReadWindow {
    std::optional<Timestamp> from;  // changed at or after
    std::optional<Timestamp> to;    // changed before

    static constexpr auto fields() {
        return field_list(field("from", &ReadWindow::from), field("to", &ReadWindow::to));
    }
};

// Either a window scan (ids in order, starting after `after_id`), or given `ids`, or a feed.
struct ReadRequest {
    std::string entity;
    ReadWindow window;        // empty: everything
    std::string feed_cursor;  // feeds only
    std::string after_id;     // empty: from the start
    std::string next;         // Page::next of the page before; a hint, the scan is right without it
    std::vector<std::string> ids;
    Json filters = Json::object();  // of the flow: {"status": ["completed"]}
    std::int64_t limit = 100;       // records per page, at most

    static constexpr auto fields() {
        return field_list(
            field("entity", &ReadRequest::entity),
            field("window", &ReadRequest::window),
            field("feed_cursor", &ReadRequest::feed_cursor),
            field("after_id", &ReadRequest::after_id),
            field("next", &ReadRequest::next),
            field("ids", &ReadRequest::ids),
            field("filters", &ReadRequest::filters),
            field("limit", &ReadRequest::limit)
        );
    }
};

// The records of a page are pushed one by one (syncline_out.record); the rest is its result.
// How the id of a record begins whose own id cannot be told.
inline constexpr std::string_view kUnreadableId = "unreadable:";

// A record of a page that cannot be taken. The host makes these; connectors leave them alone.
struct UnreadableRecord {
    std::string id;  // its own, if that can be told; else made from its content
    bool has_own_id = false;
    std::string code;          // "record.not_json"
    std::string reason;        // for people
    std::string raw;           // its text, or the beginning of it; valid UTF-8
    bool cut = false;          // it is only the beginning
    std::int64_t bytes = 0;    // of the whole text
    std::string content_hash;  // of the whole text
};

struct Page {
    std::vector<Record> records;
    bool more = false;    // false: the scan is at its end
    std::string last_id;  // up to which id the scan has come, also when its record was dropped
    std::string next;     // see ReadRequest::next
    std::string feed_cursor;
    Timestamp source_time;  // the source's clock when it answered; never ours
    std::vector<UnreadableRecord> unreadable = {};  // by the host: what it could not take

    static constexpr auto fields() {
        return field_list(
            field("more", &Page::more),
            field("last_id", &Page::last_id),
            field("next", &Page::next),
            field("feed_cursor", &Page::feed_cursor),
            field("source_time", &Page::source_time)
        );
    }
};

// ---- encode: records -> documents and needs; pure -----------------------------------------------

// What is the same for all records of an encode.
struct EncodeContext {
    std::string entity;         // of the records
    std::string target_entity;  // the flow's wish; empty: the connector's choice
    std::string tenant;
    std::string source;  // "woocommerce:shop": platform and connection of the source
    Json settings =
        Json::object();           // the tenant's transformer_config, and the flow's target options
    Json facts = Json::object();  // Catalog::facts of this target, as last discovered

    static constexpr auto fields() {
        return field_list(
            field("entity", &EncodeContext::entity),
            field("target_entity", &EncodeContext::target_entity),
            field("tenant", &EncodeContext::tenant),
            field("source", &EncodeContext::source),
            field("settings", &EncodeContext::settings),
            field("facts", &EncodeContext::facts)
        );
    }
};

// A document of a record that the target already has, made by an earlier encode.
struct KnownDocument {
    std::string role;
    std::string entity;
    std::string remote_id;
    Json owned = nullptr;  // Written::owned of the last write; null if that is not known

    static constexpr auto fields() {
        return field_list(
            field("role", &KnownDocument::role),
            field("entity", &KnownDocument::entity),
            field("remote_id", &KnownDocument::remote_id),
            field("owned", &KnownDocument::owned)
        );
    }
};

struct EncodeRequest {
    EncodeContext context;
    std::vector<Json> records;  // canonical models
    // What the target already has for each record, in the records' order; may be shorter. A choice
    // once made stays: an order posted as an invoice does not become a sales receipt when it is
    // paid.
    std::vector<std::vector<KnownDocument>> known;

    static constexpr auto fields() {
        return field_list(
            field("context", &EncodeRequest::context),
            field("records", &EncodeRequest::records),
            field("known", &EncodeRequest::known)
        );
    }

    // What is known of record number `index`.
    const std::vector<KnownDocument>& known_of(std::size_t index) const {
        static const std::vector<KnownDocument> nothing;
        return index < known.size() ? known[index] : nothing;
    }
};

enum class DocumentOperation { kUpsert, kDelete, kVoid };
template <>
struct EnumNames<DocumentOperation> {
    static constexpr std::array<std::pair<DocumentOperation, std::string_view>, 3> kNames{{
        {DocumentOperation::kUpsert, "upsert"},
        {DocumentOperation::kDelete, "delete"},
        {DocumentOperation::kVoid, "void"},
    }};
};

// What the target must show for the document once it is written.
struct DocumentMoney {
    Money total;
    Money tax;

    static constexpr auto fields() {
        return field_list(field("total", &DocumentMoney::total), field("tax", &DocumentMoney::tax));
    }
};

// What is sent for a record, in the target's native form. Where an id of another record is wanted
// the body has {"$need": "<key>"}; the host puts the id there. Keys are those of Encoded::needs,
// and "document:<role>" for another document of the same record.
struct Document {
    std::string role;    // tells the documents of one record apart: "invoice", "payment"
    std::string entity;  // the target's: "invoice"
    DocumentOperation operation = DocumentOperation::kUpsert;
    std::string natural_key;  // by which find() can know it again
    std::string marker;       // by which find() can tell that we made it; may be empty
    Json body = Json::object();
    std::optional<DocumentMoney> money;

    static constexpr auto fields() {
        return field_list(
            field("role", &Document::role),
            field("entity", &Document::entity),
            field("operation", &Document::operation),
            field("natural_key", &Document::natural_key),
            field("marker", &Document::marker),
            field("body", &Document::body),
            field("money", &Document::money)
        );
    }
};

// A reference a document has to another record. When no id mapping is known and find() does not
// know it either, `record` is delivered first, in its own lane; without `record` the document is
// held.
struct Need {
    std::string key;          // "customer:ann@x.example"
    std::string entity;       // canonical: "customer"
    std::string natural_key;  // identity key: normalised e-mail, SKU
    std::string source_id;    // of the record at the source, where it has one
    Json record;              // canonical model, or null

    static constexpr auto fields() {
        return field_list(
            field("key", &Need::key),
            field("entity", &Need::entity),
            field("natural_key", &Need::natural_key),
            field("source_id", &Need::source_id),
            field("record", &Need::record)
        );
    }
};

// What one record becomes: documents, or `skip` (nothing to do, and that is right), or `hold` (a
// rule forbids it until a person decides). One per record, in the records' order.
struct Encoded {
    std::vector<Document> documents;
    std::vector<Need> needs;
    std::optional<Reason> skip;
    std::optional<Reason> hold;
    std::vector<Reason> warnings;

    static constexpr auto fields() {
        return field_list(
            field("documents", &Encoded::documents),
            field("needs", &Encoded::needs),
            field("skip", &Encoded::skip),
            field("hold", &Encoded::hold),
            field("warnings", &Encoded::warnings)
        );
    }
};

// ---- find: what does the target already have? ---------------------------------------------------

// Searched by `remote_id` if given, else by `natural_key`, and then by `marker` among what was made
// since FindRequest::since.
struct FindKey {
    std::string key;  // the caller's name for it; comes back in Found::key
    std::string natural_key;
    std::string marker;
    std::string remote_id;
    Json body;                                          // the document looked for, or null
    std::optional<DocumentMoney> money = std::nullopt;  // what it must show: see Found::differs

    static constexpr auto fields() {
        return field_list(
            field("key", &FindKey::key),
            field("natural_key", &FindKey::natural_key),
            field("marker", &FindKey::marker),
            field("remote_id", &FindKey::remote_id),
            field("body", &FindKey::body),
            field("money", &FindKey::money)
        );
    }
};

struct FindRequest {
    std::string entity;  // the target's, or canonical for a need
    std::vector<FindKey> keys;
    std::optional<Timestamp> since;

    static constexpr auto fields() {
        return field_list(
            field("entity", &FindRequest::entity),
            field("keys", &FindRequest::keys),
            field("since", &FindRequest::since)
        );
    }
};

// A record as read() would give it now.
struct ReadBack {
    std::string entity;  // canonical
    std::string key;
    std::string json;  // byte for byte what read() pushes; empty: read() tells that it is gone

    static constexpr auto fields() {
        return field_list(
            field("entity", &ReadBack::entity),
            field("key", &ReadBack::key),
            field("json", &ReadBack::json)
        );
    }
};

// One per key that was found; a key that is not there has no entry. `hold` when there is more than
// one candidate, or one that must not be used.
struct Found {
    std::string key;
    std::string entity;  // of the target, where it was found
    std::string remote_id;
    std::string version;
    Json owned;  // the fields we own, in the form encode() makes them: merge base and comparison
    std::optional<Reason> hold;
    std::optional<Timestamp> changed_at = {};  // by the target's clock, whoever changed it
    // How it differs from FindKey::money, with the figures of both sides; empty: it does not, or
    // that was not asked.
    std::string differs = {};

    static constexpr auto fields() {
        return field_list(
            field("key", &Found::key),
            field("entity", &Found::entity),
            field("remote_id", &Found::remote_id),
            field("version", &Found::version),
            field("owned", &Found::owned),
            field("hold", &Found::hold),
            field("changed_at", &Found::changed_at),
            field("differs", &Found::differs)
        );
    }
};

// ---- write: a batch of documents ---------------------------------------------------------------

struct WriteItem {
    std::int64_t index = 0;  // place in the batch; comes back in Outcome::index
    std::string role;
    std::string entity;
    DocumentOperation operation = DocumentOperation::kUpsert;
    std::string remote_id;  // empty: create
    std::string version;    // expected, of an update
    std::string natural_key;
    std::string marker;
    Json body;
    std::optional<DocumentMoney> money;

    static constexpr auto fields() {
        return field_list(
            field("index", &WriteItem::index),
            field("role", &WriteItem::role),
            field("entity", &WriteItem::entity),
            field("operation", &WriteItem::operation),
            field("remote_id", &WriteItem::remote_id),
            field("version", &WriteItem::version),
            field("natural_key", &WriteItem::natural_key),
            field("marker", &WriteItem::marker),
            field("body", &WriteItem::body),
            field("money", &WriteItem::money)
        );
    }
};

// The batch's idempotency key comes with the call (syncline_call.idempotency_key).
struct WriteRequest {
    std::vector<WriteItem> items;

    static constexpr auto fields() { return field_list(field("items", &WriteRequest::items)); }
};

// What became of one item, when it was done. `owned` as in Found.
struct Written {
    std::string remote_id;  // may be empty only for what was removed
    std::string version;
    Json owned;
    bool adopted = false;  // it was there already and is ours
    std::vector<Reason> warnings;
    // Of a connector that is a source of such records as well: what was written, as it will come
    // back, made of the platform's answer to this write. Without it our own writes are taken for
    // news when they do. Of an update only if nobody else can have changed the record, in any of
    // its fields, since WriteItem::version: what somebody did meanwhile would be taken for ours.
    std::optional<ReadBack> read_back = {};

    static constexpr auto fields() {
        return field_list(
            field("remote_id", &Written::remote_id),
            field("version", &Written::version),
            field("owned", &Written::owned),
            field("adopted", &Written::adopted),
            field("warnings", &Written::warnings),
            field("read_back", &Written::read_back)
        );
    }
};

// ---- oauth_refresh -----------------------------------------------------------------------------

// The host stores these durably before any of them is used.
struct Tokens {
    std::string access_token;
    std::int64_t expires_in_s = 0;
    std::string refresh_token;  // empty: unchanged
    std::int64_t refresh_expires_in_s = 0;
    // Until the grant ends however often it is refreshed; 0: the platform does not tell.
    std::int64_t hard_expires_in_s = 0;

    static constexpr auto fields() {
        return field_list(
            field("access_token", &Tokens::access_token),
            field("expires_in_s", &Tokens::expires_in_s),
            field("refresh_token", &Tokens::refresh_token),
            field("refresh_expires_in_s", &Tokens::refresh_expires_in_s),
            field("hard_expires_in_s", &Tokens::hard_expires_in_s)
        );
    }
};

}  // namespace syncline
