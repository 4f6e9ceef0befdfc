#!/bin/sh
# Builds InfluxDB v2's influxd into the folder $1 by the Go tool chain; nothing is done where it is there already.
set -eu

target=$1
version=$(sed -n 's|^\s*github.com/influxdata/influxdb/v2 v\([0-9.]*\).*|\1|p' "$(dirname "$0")/go.mod")
if "$target/bin/influxd" version 2>/dev/null | grep -qF "InfluxDB v$version "; then
    exit 0
fi

require() {
    command -v "$1" >/dev/null || {
        echo "influxd v$version cannot be built: '$1' is missing. $2, or put an influxd v2 on PATH." >&2
        exit 1
    }
}
require go "Install Go 1.25 or newer (https://go.dev/dl)"
require cargo "Install Rust by rustup (https://rustup.rs)"
require cc "Install a C compiler (apt-get install gcc, or clang)"
require pkg-config "apt-get install pkg-config"

# Flux pins an older Rust by a rust-toolchain file, which rustup would download; an installed one serves.
if [ -z "${RUSTUP_TOOLCHAIN:-}" ] && command -v rustup >/dev/null; then
    RUSTUP_TOOLCHAIN=$(rustup toolchain list | grep -v nightly | head -n 1 | cut -d ' ' -f 1)
    [ -n "$RUSTUP_TOOLCHAIN" ] || {
        echo "influxd v$version cannot be built: rustup has no stable tool chain. rustup toolchain install stable" >&2
        exit 1
    }
    export RUSTUP_TOOLCHAIN
fi

mkdir -p "$target/bin"
cp "$(dirname "$0")/go.mod" "$(dirname "$0")/go.sum" "$target/"
cd "$target"
go build -o bin/pkg-config github.com/influxdata/pkg-config
PATH=$PWD/bin:$PATH PKG_CONFIG=$PWD/bin/pkg-config go build -tags sqlite_foreign_keys,sqlite_json \
    -ldflags "-s -w -X main.version=v$version" -o bin/influxd github.com/influxdata/influxdb/v2/cmd/influxd
