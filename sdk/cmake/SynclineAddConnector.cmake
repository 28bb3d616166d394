# syncline_add_connector(<name> SOURCES <file>... [LINK <library>...])
#
# Makes <name>.so, a plugin that exports exactly one dynamic symbol (syncline_plugin_v1) and is never
# unloaded. Hidden visibility alone is not enough: std:: and json:: leave weak and unique symbols
# behind, which are shared between plugins; the version script removes them.

function(syncline_add_connector name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    if(NOT arg_SOURCES)
        message(FATAL_ERROR "syncline_add_connector(${name}): SOURCES is missing")
    endif()
    set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map)
    add_library(${name} MODULE ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE Syncline::sdk ${arg_LINK})
    target_compile_features(${name} PRIVATE cxx_std_20)
    set_target_properties(${name} PROPERTIES
        PREFIX "" SUFFIX ".so"
        CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
        LINK_DEPENDS ${version_script})
    target_link_options(${name} PRIVATE
        "LINKER:--version-script=${version_script}"
        LINKER:--exclude-libs,ALL LINKER:-z,now LINKER:-z,relro LINKER:-z,nodelete LINKER:--build-id)
    if(NOT "${CMAKE_CXX_FLAGS} ${SYNCLINE_SANITIZE}" MATCHES "sanitize|address|thread")
        target_link_options(${name} PRIVATE LINKER:-z,defs)
    endif()
endfunction()
