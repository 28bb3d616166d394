/* The smallest plugin: a connector in plain C whose check() tells the time. It shows that the ABI
 * needs no C++ and no library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <syncline/abi.h>

typedef struct minimal {
    const syncline_host* host;
} minimal;

static syncline_bytes bytes_of(const char* text) {
    const syncline_bytes bytes = {(const uint8_t*)text, strlen(text)};
    return bytes;
}

static syncline_status fail(
    syncline_error* error, syncline_status status, const char* code, const char* message
) {
    if (error != NULL) {
        error->http_status = 0;
        error->retry_after_ms = -1;
        snprintf(error->code, sizeof error->code, "%s", code);
        snprintf(error->message, sizeof error->message, "%s", message);
    }
    return status;
}

static syncline_status spec(const syncline_sink* out, syncline_error* error) {
    (void)error;
    return out->put(
        out->self, bytes_of("{\"title\":\"Minimal\",\"summary\":\"Tells the host's time.\"}")
    );
}

static syncline_status create(
    const syncline_host* host, syncline_bytes config_json, void** instance, syncline_error* error
) {
    (void)config_json;
    minimal* self = malloc(sizeof *self);
    if (self == NULL) {
        return fail(error, SYNCLINE_TRANSIENT, "minimal.memory", "no memory");
    }
    self->host = host;
    *instance = self;
    return SYNCLINE_OK;
}

static void destroy(void* instance) {
    free(instance);
}

static syncline_status check(
    void* instance,
    const syncline_call* call,
    syncline_bytes in_json,
    const syncline_out* out,
    syncline_error* error
) {
    (void)in_json;
    const minimal* self = instance;
    if (call->cancelled != NULL && call->cancelled(call->self) != 0) {
        return fail(
            error, SYNCLINE_CANCELLED, "minimal.cancelled", "stopped before the time was told"
        );
    }
    if (!SYNCLINE_CAN(self->host, now_ms)) {
        return fail(error, SYNCLINE_UNSUPPORTED, "minimal.no_clock", "the host has no clock");
    }
    char text[128];
    const long long now = (long long)self->host->now_ms(self->host->self);
    snprintf(text, sizeof text, "{\"account\":\"%lld\",\"remote_identity\":\"minimal\"}", now);
    return out->result(out->self, bytes_of(text));
}

static const syncline_connector connector = {
    .struct_size = sizeof(syncline_connector),
    .id = "com.example.minimal",
    .version = "1.0.0",
    .spec = spec,
    .create = create,
    .destroy = destroy,
    .check = check,
};
static const syncline_connector* const connectors[] = {&connector};

SYNCLINE_EXPORT const syncline_plugin syncline_plugin_v1 = {
    .magic = SYNCLINE_MAGIC,
    .struct_size = sizeof(syncline_plugin),
    .abi_major = SYNCLINE_ABI_MAJOR,
    .abi_minor_built = SYNCLINE_ABI_MINOR,
    .abi_minor_needed = 0,
    .vendor = "Syncline tests",
    .license = "Apache-2.0",
    .toolchain = "C " __VERSION__,
    .connector_count = 1,
    .connectors = connectors,
};
