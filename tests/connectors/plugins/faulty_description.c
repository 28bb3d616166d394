/* Libraries that a host must refuse; VARIANT says why. */
#include <string.h>

#include <syncline/abi.h>

#define NO_SYMBOL 1
#define OTHER_MAJOR 2      /* exports another major's symbol */
#define WRONG_MAJOR 3      /* this major's symbol, another major inside */
#define NEWER_MINOR 4      /* needs what this host does not have */
#define WRONG_MAGIC 5
#define SMALL 6            /* describes itself in too few bytes */
#define NO_CONNECTORS 7
#define BAD_ID 8
#define BAD_SPEC 9
#define UNLINKABLE 10      /* needs a symbol nobody has */
#define NO_DESTROY 11
#define FAILING_SPEC 12
#define SECRET_DEFAULT 13
#define HUGE_SPEC 14
#define OLDER 15           /* loads: its connector ends before `find` */
#define TWIN 16            /* loads: the platform of OLDER in another file */

#if VARIANT == NO_SYMBOL
SYNCLINE_EXPORT int something_else = 1;
#elif VARIANT == OTHER_MAJOR
SYNCLINE_EXPORT const int syncline_plugin_v2 = 2;
#else

static syncline_status give(const syncline_sink *out, const char *s) {
    syncline_bytes bytes = {(const uint8_t *)s, strlen(s)};
    return out->put(out->self, bytes);
}

static syncline_status spec(const syncline_sink *out, syncline_error *error) {
#if VARIANT == BAD_SPEC
    (void)error;
    return give(out, "{\"title\":[]}");
#elif VARIANT == SECRET_DEFAULT
    (void)error;
    return give(out, "{\"settings\":[{\"name\":\"k\",\"type\":\"secret\",\"default\":\"x\"}]}");
#elif VARIANT == FAILING_SPEC
    strcpy(error->message, "out of\nideas");
    (void)out;
    return SYNCLINE_CONFIG;
#elif VARIANT == HUGE_SPEC
    int i;
    (void)error;
    for (i = 0; i < 1000000; ++i) {
        if (give(out, "                                ") != SYNCLINE_OK) {
            break;
        }
    }
    return give(out, "{}");
#else
    (void)error;
    return give(out, "{\"title\":\"T\"}");
#endif
}

static syncline_status create(
    const syncline_host *host, syncline_bytes config, void **instance, syncline_error *error
) {
    static int only_instance;
    (void)host;
    (void)config;
    (void)error;
    *instance = &only_instance;
    return SYNCLINE_OK;
}

static void destroy(void *instance) { (void)instance; }

static syncline_status check(
    void *instance, const syncline_call *call, syncline_bytes in, const syncline_out *out,
    syncline_error *error
) {
    syncline_bytes bytes = {(const uint8_t *)"{\"account\":\"old\"}", 17};
    (void)instance;
    (void)call;
    (void)in;
    (void)error;
    return out->result(out->self, bytes);
}

/* syncline_connector as a minor that had no `find` yet would have laid it out. */
struct older_connector {
    uint32_t struct_size;
    uint32_t flags;
    const char *id;
    const char *version;
    syncline_status (*spec)(const syncline_sink *out, syncline_error *error);
    syncline_status (*create)(
        const syncline_host *host, syncline_bytes config, void **instance, syncline_error *error
    );
    void (*destroy)(void *instance);
    syncline_op check, discover, read, encode;
};
static const struct older_connector connector = {
    .struct_size = sizeof(struct older_connector),
#if VARIANT == BAD_ID
    .id = "Not An Id",
#else
    .id = "com.example.older",
#endif
    .version = "0.9.0",
    .spec = spec,
    .create = create,
#if VARIANT != NO_DESTROY
    .destroy = destroy,
#endif
    .check = check,
};
static const syncline_connector *const connectors[] = {(const syncline_connector *)&connector};

#if VARIANT == UNLINKABLE
extern int nobody_has_this(void);
SYNCLINE_EXPORT int (*needs_it)(void) = nobody_has_this;
#endif

SYNCLINE_EXPORT const syncline_plugin syncline_plugin_v1 = {
#if VARIANT == WRONG_MAGIC
    .magic = 0x12345678,
#else
    .magic = SYNCLINE_MAGIC,
#endif
#if VARIANT == SMALL
    .struct_size = 24,
#else
    .struct_size = sizeof(syncline_plugin),
#endif
#if VARIANT == WRONG_MAJOR
    .abi_major = 2,
    .abi_minor_built = 3,
#else
    .abi_major = SYNCLINE_ABI_MAJOR,
#endif
#if VARIANT == NEWER_MINOR
    .abi_minor_built = 8,
    .abi_minor_needed = 7,
#endif
    .vendor = "Example Ltd",
    .license = "Apache-2.0",
    .toolchain = "C",
#if VARIANT != NO_CONNECTORS
    .connector_count = 1,
#endif
    .connectors = connectors,
};
#endif

/* Says that this library's code ran although it was refused. */
#include <stdlib.h>
static void __attribute__((constructor)) tell(void) { setenv("SYNCLINE_TEST_CODE_RAN", "yes", 1); }
