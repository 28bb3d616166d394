#!/bin/bash
# The SDK as a third party has it: installed, with nothing of this source tree in sight.
#
#   installed_sdk.sh BUILD install | refuse_major | cmake CXX | pkg_config CXX | new_connector |
#                    new_connector_refuses
#
# Works in BUILD/sdk-installed; `install` comes first.
set -euo pipefail

build=$(realpath "$1")
step=$2
compiler=${3:-g++}
out=$build/sdk-installed
prefix=$out/prefix
template=$prefix/share/syncline-sdk/template
export CCACHE_NOHASHDIR=1

fail() {
    echo "FAILED: $1" >&2
    exit 1
}

expect_one_symbol() {
    local symbols
    symbols=$(nm -D --defined-only "$1" | awk '{ print $3 }')
    [ "$symbols" = syncline_plugin_v1 ] || fail "$1 exports: $symbols"
}

# build_and_test SOURCE FOLDER TARGET
build_and_test() {
    local launcher=()
    command -v ccache >/dev/null && launcher=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
    rm -rf "$2"
    cmake -G Ninja -S "$1" -B "$2" -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
        -DCMAKE_CXX_FLAGS="-Wall -Wextra -Wpedantic -Werror" "${launcher[@]}" >"$2.log" || {
        cat "$2.log"
        fail "cmake of $1"
    }
    cmake --build "$2" -j2
    expect_one_symbol "$2/$3.so"
    ctest --test-dir "$2" --output-on-failure --no-tests=error
}

case $step in
    install)
        rm -rf "$out"
        cmake --install "$build" --component sdk --prefix "$prefix" >/dev/null
        # Nothing of the host, and nothing that points back into the source tree.
        extra=$(cd "$prefix" && find . -type f ! -path './include/syncline/*' \
            ! -path './share/cmake/SynclineSdk/*' ! -path './share/syncline-sdk/template/*' \
            ! -path './share/doc/syncline-sdk/*' ! -path './share/pkgconfig/syncline-sdk.pc' \
            ! -path './bin/syncline-new-connector')
        [ -z "$extra" ] || fail "the component 'sdk' also installs: $extra"
        source_tree=$(cd "$(dirname "$0")/../.." && pwd)
        ! grep -rlF "$source_tree" "$prefix" || fail "installed files name $source_tree"
        ;;
    refuse_major)
        mkdir -p "$out/major"
        printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(major LANGUAGES NONE)' \
            "find_package(SynclineSdk \${WANTED} CONFIG)" \
            'message(STATUS "found: ${SynclineSdk_FOUND}")' >"$out/major/CMakeLists.txt"
        for wanted in 1.0:1 1.99:0 2.0:0 0.9:0; do
            said=$(cmake -G Ninja -S "$out/major" -B "$out/major/build-${wanted%:*}" \
                -DCMAKE_PREFIX_PATH="$prefix" -DWANTED="${wanted%:*}" 2>&1)
            grep -q "found: ${wanted#*:}" <<<"$said" ||
                fail "find_package(SynclineSdk ${wanted%:*}) should find: ${wanted#*:}"
        done
        ;;
    cmake)
        build_and_test "$template" "$out/cmake-$compiler" acme
        ;;
    pkg_config)
        folder=$out/pkg_config-$compiler
        rm -rf "$folder" && mkdir -p "$folder"
        export PKG_CONFIG_PATH=$prefix/share/pkgconfig
        # shellcheck disable=SC2046
        "$compiler" $(pkg-config --cflags syncline-sdk) "$template/acme.cpp" \
            $(pkg-config --libs syncline-sdk) -o "$folder/acme.so"
        expect_one_symbol "$folder/acme.so"
        readelf -d "$folder/acme.so" | grep -q 'NOW NODELETE' || fail "acme.so is not NOW NODELETE"
        ;;
    new_connector)
        # The commands of the README, one after the other, as somebody who installed the SDK types them.
        rm -rf "$out/new"
        mkdir "$out/new" && cd "$out/new"
        sed -n '/^```sh$/,/^```$/{/^```/!p}' "$prefix/share/doc/syncline-sdk/README.md" >commands
        grep -q '^syncline-new-connector my_shop$' commands || fail "the README's commands: $(cat commands)"
        export PATH=$prefix/bin:$PATH CMAKE_PREFIX_PATH=$prefix CMAKE_GENERATOR=Ninja
        command -v ccache >/dev/null && export CMAKE_CXX_COMPILER_LAUNCHER=ccache
        bash -euxo pipefail commands
        ! grep -ri acme my_shop --include='*.*pp' --include='*.txt' --include='*.json' --include='*.md' ||
            fail "the new connector still speaks of acme"
        expect_one_symbol my_shop/build/my_shop.so
        ;;
    new_connector_refuses)
        mkdir -p "$out/refuse" && cd "$out/refuse"
        for name in "" My_shop 7shop my-shop "my shop" ../shop; do
            ! "$prefix/bin/syncline-new-connector" "$name" 2>message || fail "'$name' was taken"
        done
        mkdir -p there
        ! "$prefix/bin/syncline-new-connector" there 2>message || fail "a folder that exists was taken"
        grep -q "'there' is there already" message || fail "said: $(cat message)"
        ;;
    *)
        fail "unknown step '$step'"
        ;;
esac
