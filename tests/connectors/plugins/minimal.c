/* A whole connector in plain C: no C++, no JSON library, nothing but abi.h. */
#include <string.h>

#include <syncline/abi.h>

static syncline_bytes text(const char *s) {
    syncline_bytes bytes = {(const uint8_t *)s, strlen(s)};
    return bytes;
}

static syncline_status spec(const syncline_sink *out, syncline_error *error) {
    (void)error;
    /* In two pieces, as a sink allows. */
    syncline_status status = out->put(out->self, text("{\"title\":\"Minimal\",\"settings\":["));
    if (status != SYNCLINE_OK) {
        return status;
    }
    return out->put(
        out->self, text("{\"name\":\"base\",\"type\":\"url\",\"help\":\"Where\",\"required\":true}]}")
    );
}

static const syncline_host *host_of_last;

static syncline_status create(
    const syncline_host *host, syncline_bytes config, void **instance, syncline_error *error
) {
    static int only_instance;
    (void)config;
    (void)error;
    host_of_last = host;
    *instance = &only_instance;
    return SYNCLINE_OK;
}

static void destroy(void *instance) { (void)instance; }

static syncline_status check(
    void *instance, const syncline_call *call, syncline_bytes in, const syncline_out *out,
    syncline_error *error
) {
    (void)instance;
    (void)call;
    (void)in;
    (void)error;
    return out->result(out->self, text("{\"account\":\"plain C\",\"unknown member\":[1]}"));
}

static syncline_status read_page(
    void *instance, const syncline_call *call, syncline_bytes in, const syncline_out *out,
    syncline_error *error
) {
    syncline_record record;
    syncline_status status;
    (void)instance;
    (void)call;
    (void)in;
    (void)error;
    memset(&record, 0, sizeof record);
    record.struct_size = sizeof record;
    record.op = SYNCLINE_UPSERT;
    record.changed_at_ms = host_of_last->now_ms(host_of_last->self);
    record.entity = text("order");
    record.key = text("7");
    record.json = text("{\"id\":\"7\"}");
    status = out->record(out->self, &record);
    if (status != SYNCLINE_OK) {
        return status;
    }
    record.op = SYNCLINE_DELETE;
    record.key = text("8");
    record.json = text("");
    status = out->record(out->self, &record);
    if (status != SYNCLINE_OK) {
        return status;
    }
    return out->result(out->self, text("{\"more\":true,\"last_id\":\"8\"}"));
}

static const syncline_connector connector = {
    .struct_size = sizeof(syncline_connector),
    .id = "com.example.minimal",
    .version = "1.2.3",
    .spec = spec,
    .create = create,
    .destroy = destroy,
    .check = check,
    .read = read_page,
};
static const syncline_connector *const connectors[] = {&connector};

SYNCLINE_EXPORT const syncline_plugin syncline_plugin_v1 = {
    .magic = SYNCLINE_MAGIC,
    .struct_size = sizeof(syncline_plugin),
    .abi_major = SYNCLINE_ABI_MAJOR,
    .abi_minor_built = 9, /* newer than any host: fine, as long as it is not needed */
    .vendor = "Example Ltd",
    .license = "Apache-2.0",
    .toolchain = "C",
    .connector_count = 1,
    .connectors = connectors,
};
