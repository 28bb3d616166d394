# What every connector is compiled and linked with, for syncline_add_connector() and for pkg-config.
#
# Hidden visibility alone is not enough: std:: and json:: leave weak and unique symbols behind, which
# the dynamic linker would share between plugins; the version script removes them. A plugin is never
# unloaded (nodelete), and one with a symbol nobody defines does not link (defs).

set(SYNCLINE_CONNECTOR_COMPILE_FLAGS -fvisibility=hidden -fvisibility-inlines-hidden)
set(SYNCLINE_CONNECTOR_LINK_FLAGS
    -Wl,--exclude-libs,ALL -Wl,-z,now -Wl,-z,relro -Wl,-z,nodelete -Wl,--build-id)
set(SYNCLINE_CONNECTOR_LINK_FLAGS_UNSANITIZED -Wl,-z,defs)
