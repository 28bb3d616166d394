// How the plugins that are written straight against abi.h, without the rest of the SDK, describe
// themselves.
#pragma once

#include <cstdint>
#include <string>

#include <syncline/abi.h>

namespace syncline::test_plugins {

inline syncline_bytes bytes(const std::string& text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// A connector that can be made and can do nothing yet.
inline syncline_connector connector_named(
    const char* id,
    decltype(syncline_connector::spec) spec,
    decltype(syncline_connector::create) create,
    decltype(syncline_connector::destroy) destroy
) {
    syncline_connector connector{};
    connector.struct_size = sizeof connector;
    connector.id = id;
    connector.version = "0.1.0";
    connector.spec = spec;
    connector.create = create;
    connector.destroy = destroy;
    return connector;
}

// What a library with the one connector exports; constant, as the host reads it before any code of
// the library runs.
constexpr syncline_plugin plugin_of(const syncline_connector* const (&connectors)[1]) {
    return {
        SYNCLINE_MAGIC,
        sizeof(syncline_plugin),
        SYNCLINE_ABI_MAJOR,
        SYNCLINE_ABI_MINOR,
        0,
        0,
        "Example Ltd",
        "Apache-2.0",
        "test",
        1,
        0,
        connectors};
}

}  // namespace syncline::test_plugins
