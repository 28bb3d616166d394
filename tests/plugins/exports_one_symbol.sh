#!/bin/bash
# Every plugin of the command line must export syncline_plugin_v1 and nothing else.
set -euo pipefail
for plugin in "$@"; do
    symbols=$(nm -D --defined-only "$plugin" | awk '{ print $3 }')
    if [ "$symbols" != syncline_plugin_v1 ]; then
        printf '%s exports:\n%s\n' "$plugin" "$symbols" >&2
        exit 1
    fi
    dynamic=$(readelf -d "$plugin")
    for flag in NOW NODELETE; do
        grep -q "$flag" <<<"$dynamic" || { echo "$plugin is not $flag" >&2; exit 1; }
    done
done
