/* The whole binary contract between the Syncline host and a connector. C11, no dependencies.
 *
 * Rules
 *  R1  Structs that cross are append-only; `struct_size` comes first and is written by the side that
 *      allocates. A reader touches a field only if SYNCLINE_HAS(p, field). Nothing is ever removed,
 *      reordered or retyped within a major version.
 *  R2  Nobody frees the other side's memory. Inputs are borrowed until the call returns; outputs are
 *      pushed into a callback of the receiver, who copies.
 *  R3  Nothing unwinds across. Both sides turn every exception into a status.
 *  R4  No pointer received during a call may be kept after it returns (syncline_host: until destroy()
 *      returns).
 *  R5  [instance] = never called concurrently on one instance, may be called from different threads.
 *      [any] = may be called from any thread, concurrently.
 *  R6  All text is UTF-8. JSON documents grow by adding members; unknown members are ignored.
 *  R7  Integers have fixed width; no bool, bit-field, long or enum type crosses.
 *
 * The JSON that goes in and out of each operation is described by the types of
 * <syncline/operations.hpp>; docs/connector-operations.md shows one example of each.
 */
#ifndef SYNCLINE_ABI_H
#define SYNCLINE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): C names are in snake_case. */
#define SYNCLINE_MAGIC UINT32_C(0x314E5953) /* "SYN1" in memory order */
#define SYNCLINE_ABI_MAJOR 1
#define SYNCLINE_ABI_MINOR 0

#define SYNCLINE_EXPORT __attribute__((visibility("default")))
/* True if the struct behind `p`, as its allocator built it, has field `f`. */
#define SYNCLINE_HAS(p, f) ((p)->struct_size >= offsetof(__typeof__(*(p)), f) + sizeof((p)->f))
/* True if `p` has the callable `f` and it is set. */
#define SYNCLINE_CAN(p, f) (SYNCLINE_HAS(p, f) && (p)->f != NULL)

typedef struct syncline_bytes {
    const uint8_t *ptr; /* may be NULL when len is 0 */
    size_t len;
} syncline_bytes; /* borrowed, see R2 */

/* What an operation answers; each status names the host's next action. */
typedef int32_t syncline_status;
#define SYNCLINE_OK 0
#define SYNCLINE_CANCELLED 1    /* the host asked to stop                    -> reschedule */
#define SYNCLINE_TRANSIENT 2    /* network, 5xx; outcome perhaps unknown     -> retry with backoff */
#define SYNCLINE_RATE_LIMITED 3 /* nothing was done; retry_after_ms counts   -> wait, then again */
#define SYNCLINE_AUTH 4         /* credentials are not, or no longer, good   -> refresh or pause */
#define SYNCLINE_CONFIG 5       /* only a person can mend the settings       -> pause the connection */
#define SYNCLINE_DATA 6         /* this record is at fault                   -> dead letter */
#define SYNCLINE_CONFLICT 7     /* the remote changed since `version`        -> re-read, compare */
#define SYNCLINE_UNSUPPORTED 8  /* this connector cannot do that */
#define SYNCLINE_STALE_CURSOR 9 /* feed cursor too old or unknown            -> full read */
#define SYNCLINE_BUG 10         /* invariant broken or exception escaped     -> pause the connection */
#define SYNCLINE_HOLD 11        /* correct, but a rule forbids it            -> hold for a person */

typedef struct syncline_error { /* allocated by the caller, filled by the callee; a plain value */
    uint32_t struct_size;
    int32_t http_status;    /* 0 = not from HTTP */
    int64_t retry_after_ms; /* -1 = unknown */
    char code[64];          /* stable machine name: "woo.invalid_sku"; NUL-terminated */
    char message[512];      /* for people; no secrets; NUL-terminated */
} syncline_error;

#define SYNCLINE_UPSERT 1u
#define SYNCLINE_DELETE 2u

typedef struct syncline_record {
    uint32_t struct_size;
    uint32_t op;          /* SYNCLINE_UPSERT or SYNCLINE_DELETE */
    int64_t changed_at_ms; /* source change time, ms since the epoch, UTC; 0 = unknown */
    syncline_bytes entity; /* "order" */
    syncline_bytes key;    /* source id */
    syncline_bytes json;   /* canonical record; empty for SYNCLINE_DELETE */
} syncline_record;

/* Receiver of an operation's outputs. Host-implemented, valid only during the call, used by the
 * calling thread only. A non-zero answer means: stop and return that status. */
typedef struct syncline_out {
    uint32_t struct_size;
    uint32_t reserved;
    void *self;
    syncline_status (*record)(void *self, const syncline_record *record);
    syncline_status (*item)(
        void *self, uint32_t index, syncline_status status, const syncline_error *error,
        syncline_bytes json
    );
    syncline_status (*result)(void *self, syncline_bytes json); /* at most once per call */
} syncline_out;

/* Circumstances of one call. Host-implemented, valid only during the call. */
typedef struct syncline_call {
    uint32_t struct_size;
    uint32_t attempt;               /* 1 for the first */
    int64_t deadline_ms;            /* in syncline_host.now_ms time; 0 = none */
    syncline_bytes idempotency_key; /* the same for every retry of the same work; may be empty */
    syncline_bytes trace_id;        /* for correlation in the remote's logs; may be empty */
    syncline_bytes attachment;      /* raw bytes that go with in_json: a webhook body as received */
    void *self;
    int32_t (*cancelled)(void *self); /* [any] non-zero: stop soon; poll between requests */
} syncline_call;

typedef struct syncline_header {
    syncline_bytes name;
    syncline_bytes value;
} syncline_header;

typedef struct syncline_http_request {
    uint32_t struct_size;
    uint32_t flags; /* reserved, 0 */
    syncline_bytes method;
    syncline_bytes url; /* absolute */
    syncline_bytes body;
    const syncline_header *headers;
    size_t header_count;
    int64_t timeout_ms; /* whole exchange; 0 = the host's default */
} syncline_http_request;

typedef struct syncline_http_sink { /* plugin-implemented receiver, used during http() only */
    uint32_t struct_size;
    uint32_t reserved;
    void *self;
    syncline_status (*head)(
        void *self, int32_t status, const syncline_header *headers, size_t header_count
    );
    syncline_status (*body)(void *self, syncline_bytes chunk); /* already decompressed */
} syncline_http_sink;

typedef struct syncline_sink { /* receiver of one byte string, in one or more pieces */
    void *self;
    syncline_status (*put)(void *self, syncline_bytes bytes);
} syncline_sink;

#define SYNCLINE_LOG_DEBUG 1
#define SYNCLINE_LOG_INFO 2
#define SYNCLINE_LOG_WARN 3
#define SYNCLINE_LOG_ERROR 4

/* What the host offers. Valid from create() to the end of destroy(); every function is [any].
 * There is no sleep: return RATE_LIMITED or TRANSIENT with retry_after_ms, the engine waits. */
typedef struct syncline_host {
    uint32_t struct_size;
    uint16_t abi_major, abi_minor;
    void *self;
    void (*log)(void *self, int32_t level, syncline_bytes message, syncline_bytes fields_json);
    int64_t (*now_ms)(void *self); /* wall clock, ms since the epoch, UTC */
    syncline_status (*random)(void *self, uint8_t *buffer, size_t len);
    /* One HTTP exchange: 4xx and 5xx are answers (SYNCLINE_OK), not errors. Errors: TRANSIENT
     * (connection, timeout, TLS), CONFIG (egress rule refuses the URL), CANCELLED. Redirects are
     * returned, not followed. */
    syncline_status (*http)(
        void *self, const syncline_http_request *request, const syncline_http_sink *sink,
        syncline_error *error
    );
    /* Small durable memory of this connection. kv_get of an absent key puts nothing. An empty value
     * removes the key. */
    syncline_status (*kv_get)(void *self, syncline_bytes key, const syncline_sink *out);
    syncline_status (*kv_put)(void *self, syncline_bytes key, syncline_bytes value);
    /* A secret setting of this connection, and "access_token" when auth is oauth2. UNSUPPORTED if
     * it is not set. Do not keep it: it may rotate. */
    syncline_status (*secret)(void *self, syncline_bytes name, const syncline_sink *out);
    /* Calendar date "YYYY-MM-DD" of an instant in an IANA zone. DATA if the zone is unknown. */
    syncline_status (*local_date)(
        void *self, syncline_bytes zone, int64_t at_ms, const syncline_sink *out
    );
    /* The longest prefix of `text` of at most `max_characters` code points that does not cut a
     * grapheme cluster. */
    syncline_status (*truncate)(
        void *self, syncline_bytes text, uint32_t max_characters, const syncline_sink *out
    );
    void (*metric)(
        void *self, syncline_bytes name, int32_t kind, double value, syncline_bytes labels_json
    );
    const void *(*extension)(void *self, const char *id); /* "vendor.name/1"; NULL = absent */
} syncline_host;

/* One shape for every operation, so that a worker process can carry any of them.
 * `in_json` is borrowed; must not unwind; must return soon after call->deadline_ms. [instance] */
typedef syncline_status (*syncline_op)(
    void *instance, const syncline_call *call, syncline_bytes in_json, const syncline_out *out,
    syncline_error *error
);

typedef struct syncline_connector { /* NULL operation = capability absent */
    uint32_t struct_size;
    uint32_t flags;      /* reserved, 0 */
    const char *id;      /* reverse-DNS, its last label is the platform: "com.syncline.woocommerce" */
    const char *version; /* semver */
    /* Settings, auth, hosts and limits as JSON (<syncline/spec.hpp>). [any], static. */
    syncline_status (*spec)(const syncline_sink *out, syncline_error *error);
    /* `config_json` holds the non-secret settings, validated against the spec. */
    syncline_status (*create)(
        const syncline_host *host, syncline_bytes config_json, void **instance,
        syncline_error *error
    );
    void (*destroy)(void *instance); /* joins every thread the instance started */
    syncline_op check;    /* settings and credentials work */
    syncline_op discover; /* entities, and facts about this account */
    syncline_op read;     /* one page of a window, ordered by id; or given ids; or a feed */
    syncline_op encode;   /* records -> documents in native form and what they need; pure */
    syncline_op find;     /* natural keys, markers or ids -> remote ids and versions */
    syncline_op write;    /* a batch of documents; one item() per index, missing = not done */
    syncline_op webhook_register, webhook_unregister, webhook_verify, webhook_parse;
    syncline_op oauth_authorize, oauth_exchange, oauth_refresh, oauth_revoke;
    syncline_op cdc_poll, cdc_ack;
    const void *(*extension)(const char *id);
} syncline_connector;

typedef struct syncline_plugin {
    uint32_t magic; /* SYNCLINE_MAGIC */
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor_built;  /* of the SDK it was built with; a newer one than the host's is fine */
    uint16_t abi_minor_needed; /* the least a host must have; more than the host's is refused */
    uint16_t reserved;
    const char *vendor;
    const char *license;   /* SPDX */
    const char *toolchain; /* for diagnostics, never compared */
    uint32_t connector_count;
    uint32_t reserved2;
    const syncline_connector *const *connectors;
} syncline_plugin;

/* The only symbol a plugin exports. Data, not a function: it is checked before any plugin code is
 * called. Its name carries the major version. */
SYNCLINE_EXPORT extern const syncline_plugin syncline_plugin_v1;

/* NOLINTEND(readability-identifier-naming) */
#ifdef __cplusplus
}
#endif
#endif
