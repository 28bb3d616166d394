// Lets exceptions out of every operation, past every guard of the SDK: the host has to contain
// them.
#include <cstring>
#include <stdexcept>
#include <string>

#include "plain_plugin.hpp"

namespace {

using namespace syncline::test_plugins;

syncline_status spec(const syncline_sink* out, syncline_error*) {
    static const std::string kSpec =
        R"({"title":"Throwing","settings":[{"name":"throw_in","type":"string","help":"Where"}]})";
    return out->put(out->self, bytes(kSpec));
}

struct Instance {
    bool in_destroy;
};

syncline_status
create(const syncline_host*, syncline_bytes config, void** instance, syncline_error*) {
    const std::string text(reinterpret_cast<const char*>(config.ptr), config.len);
    if (text.find("\"create\"") != std::string::npos) {
        throw std::runtime_error("thrown in create");
    }
    *instance = new Instance{text.find("\"destroy\"") != std::string::npos};
    return SYNCLINE_OK;
}

void destroy(void* instance) {
    auto* const self = static_cast<Instance*>(instance);
    const bool throws = self->in_destroy;
    delete self;
    if (throws) {
        throw std::runtime_error("thrown in destroy");
    }
}

syncline_status
throw_text(void*, const syncline_call*, syncline_bytes, const syncline_out*, syncline_error*) {
    throw std::runtime_error("secret plans\nof the plugin");
}

syncline_status
throw_number(void*, const syncline_call*, syncline_bytes, const syncline_out*, syncline_error*) {
    throw 42;
}

// Reports the first item, then throws.
syncline_status
write(void*, const syncline_call*, syncline_bytes, const syncline_out* out, syncline_error*) {
    static const std::string kDone = R"({"remote_id":"r0"})";
    out->item(out->self, 0, SYNCLINE_OK, nullptr, bytes(kDone));
    throw std::runtime_error("after the first item");
}

syncline_connector make() {
    syncline_connector connector =
        connector_named("com.example.throwing", &spec, &create, &destroy);
    connector.check = &throw_text;
    connector.discover = &throw_number;
    connector.read = &throw_text;
    connector.encode = &throw_text;
    connector.find = &throw_number;
    connector.write = &write;
    connector.oauth_refresh = &throw_text;
    return connector;
}

const syncline_connector kConnector = make();
const syncline_connector* const kConnectors[] = {&kConnector};

}  // namespace

extern "C" SYNCLINE_EXPORT constinit const syncline_plugin syncline_plugin_v1 =
    syncline::test_plugins::plugin_of(kConnectors);
