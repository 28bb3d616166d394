#include "woocommerce/records.hpp"

#include "woocommerce/copies.hpp"

namespace sandbox::woo {
namespace {

void write_if_present(Json& document, const char* name, const Json& value) {
    const auto it = document.find(name);
    if (it != document.end())
        *it = value;
}

}  // namespace

Record make_record(Json document) {
    document.erase("_links");
    Record record;
    record.id = integer_of(document, "id");
    record.parent = integer_of(document, "parent_id");
    record.customer = integer_of(document, "customer_id");
    record.status = text_of(document, "status");
    record.created = text_of(document, "date_created_gmt");
    record.modified = text_of(document, "date_modified_gmt");
    record.document = std::make_shared<const Json>(std::move(document));
    return record;
}

Json document_of(const Record& record) {
    Json document = *record.document;
    if (record.copy > 0)
        vary_copy(document, record.copy);
    document["id"] = record.id;
    if (record.copy > 0)
        write_if_present(document, "number", std::to_string(record.id));
    write_if_present(document, "parent_id", record.parent);
    write_if_present(document, "customer_id", record.customer);
    write_if_present(document, "status", record.status);
    write_if_present(document, "date_created_gmt", record.created);
    write_if_present(
        document, "date_modified_gmt", record.modified.empty() ? Json() : Json(record.modified)
    );
    return document;
}

}  // namespace sandbox::woo
