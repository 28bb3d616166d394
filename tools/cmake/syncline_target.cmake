# The house's compile settings, applied to our own targets only; third-party headers stay SYSTEM.

option(SYNCLINE_WERROR "Treat warnings in our targets as errors" ON)
set(SYNCLINE_SANITIZE "" CACHE STRING "Sanitizers for every target: 'address,undefined' or 'thread'")

find_program(SYNCLINE_CCACHE ccache)
if(SYNCLINE_CCACHE)
    # Without the sloppiness ccache passes by every unit that uses a precompiled header.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${SYNCLINE_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${SYNCLINE_CCACHE})
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-preprocess>)
    endif()
endif()

if(SYNCLINE_SANITIZE)
    add_compile_options(-fsanitize=${SYNCLINE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${SYNCLINE_SANITIZE})
endif()

set(SYNCLINE_WARNINGS
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Wold-style-cast -Woverloaded-virtual -Wimplicit-fallthrough -Wformat=2 -Wextra-semi)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND SYNCLINE_WARNINGS
         -Wduplicated-cond -Wduplicated-branches -Wlogical-op -Wsuggest-override)
endif()
# g++ 12 reports false positives once sanitizers rewrite the code.
if(SYNCLINE_WERROR AND NOT SYNCLINE_SANITIZE)
    list(APPEND SYNCLINE_WARNINGS -Werror)
    # At -O2 g++ 12 sees overruns in std::string's own code (its bugs 105329 and 105651); they stay warnings.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        list(APPEND SYNCLINE_WARNINGS -Wno-error=array-bounds -Wno-error=restrict)
    endif()
endif()

# Gives `target` our language level and warnings, and the project's root as include path.
function(syncline_target target)
    target_compile_features(${target} PUBLIC cxx_std_20)
    target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:${SYNCLINE_WARNINGS}>)
endfunction()

# A static library made of every .cpp of the calling folder; includes are written from host/ or the
# like down ("core/flow.hpp").
function(syncline_library name)
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
    add_library(${name} STATIC ${sources})
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    syncline_target(${name})
    target_link_libraries(${name} PUBLIC ${ARGN})
endfunction()

# A GoogleTest program made of every *_test.cpp below `folder`; each TEST becomes a ctest case.
# Further arguments are libraries.
function(syncline_test name folder)
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*_test.cpp)
    add_executable(${name} ${sources})
    syncline_target(${name})
    target_link_libraries(${name} PRIVATE ${ARGN} tests_support GTest::gtest_main)
    target_precompile_headers(${name} REUSE_FROM tests_support)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ${SYNCLINE_UNITY_TESTS} UNITY_BUILD_BATCH_SIZE 4)
    target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/host)
    target_compile_definitions(${name} PRIVATE SYNCLINE_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
                               SYNCLINE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                               SYNCLINE_BINARY_DIR="${PROJECT_BINARY_DIR}")
    gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 900)
endfunction()
