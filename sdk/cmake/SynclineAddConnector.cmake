# syncline_add_connector(<name> SOURCES <file>... [LINK <library>...])
#
# Makes <name>.so, a plugin that exports exactly one dynamic symbol, syncline_plugin_v1.

function(syncline_add_connector name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    if(NOT arg_SOURCES)
        message(FATAL_ERROR "syncline_add_connector(${name}): SOURCES is missing")
    endif()
    if(arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "syncline_add_connector(${name}): unknown '${arg_UNPARSED_ARGUMENTS}'")
    endif()
    include(${CMAKE_CURRENT_FUNCTION_LIST_DIR}/SynclineConnectorFlags.cmake)
    set(version_script ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/connector.map)
    add_library(${name} MODULE ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE Syncline::sdk ${arg_LINK})
    target_compile_features(${name} PRIVATE cxx_std_20)
    target_compile_options(${name} PRIVATE
        $<$<COMPILE_LANGUAGE:CXX>:${SYNCLINE_CONNECTOR_COMPILE_FLAGS}>
        $<$<COMPILE_LANGUAGE:C>:-fvisibility=hidden>)
    set_target_properties(${name} PROPERTIES
        PREFIX "" SUFFIX ".so" CXX_EXTENSIONS OFF LINK_DEPENDS ${version_script})
    target_link_options(${name} PRIVATE
        "LINKER:--version-script=${version_script}" ${SYNCLINE_CONNECTOR_LINK_FLAGS})
    # A sanitizer's own symbols come from the program, so they are undefined in the plugin.
    get_directory_property(folder_options COMPILE_OPTIONS)
    if(NOT "${CMAKE_CXX_FLAGS} ${folder_options}" MATCHES "-fsanitize")
        target_link_options(${name} PRIVATE ${SYNCLINE_CONNECTOR_LINK_FLAGS_UNSANITIZED})
    endif()
endfunction()

# syncline_add_connector_test(<name> SOURCES <file>... [LINK <library>...])
#
# Makes <name>, a GoogleTest program, and a ctest case of that name. In the sources
# SYNCLINE_CONNECTOR_FOLDER is the path of the calling folder, where config.example.json lies.
macro(syncline_add_connector_test name)
    enable_testing()
    syncline_add_connector_test_program(${name} ${ARGN})
    add_test(NAME ${name} COMMAND ${name})
endmacro()

function(syncline_add_connector_test_program name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LINK")
    if(NOT arg_SOURCES)
        message(FATAL_ERROR "syncline_add_connector_test(${name}): SOURCES is missing")
    endif()
    find_package(GTest REQUIRED)
    add_executable(${name} ${arg_SOURCES})
    target_link_libraries(${name} PRIVATE Syncline::sdk GTest::gtest GTest::gtest_main ${arg_LINK})
    target_compile_features(${name} PRIVATE cxx_std_20)
    target_compile_definitions(${name} PRIVATE
        SYNCLINE_CONNECTOR_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}")
    set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
endfunction()
