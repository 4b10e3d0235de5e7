#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Builds a small arm64 kernel with KASAN_HW_TAGS and its KUnit tests from Debian's package linux-source-6.1
# (docs/traces.md, "A whole kernel"). About 9 minutes of CPU time, 1.6 GB in DIRECTORY; nothing else changes.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: $0 DIRECTORY [linux-source-6.1_VERSION_all.deb]" >&2
    echo "Without the package apt fetches it. The kernel will be DIRECTORY/Image." >&2
    exit 2
fi
here=$(dirname "$(readlink -f "$0")")
for tool in aarch64-linux-gnu-gcc make flex bison bc perl xz dpkg-deb; do
    if ! command -v "$tool" >/dev/null; then
        echo "$0: $tool is missing: apt-get install gcc-aarch64-linux-gnu make flex bison bc perl xz-utils" >&2
        exit 2
    fi
done
mkdir -p "$1"
package=${2:+$(readlink -f "$2")}
cd "$1"
if [ ! -d source ]; then
    if [ -z "$package" ]; then
        apt-get download linux-source-6.1
        package=$(find . -name 'linux-source-6.1_*_all.deb' | sort | tail -n 1)
    fi
    rm -rf package source.part
    dpkg-deb --extract "$package" package
    mkdir source.part
    tar -C source.part --strip-components=1 -xf package/usr/src/linux-source-6.1.tar.xz
    rm -rf package
    mv source.part source
fi
cd source

# mm/kasan/report.c of 6.1 uses two macros that nothing of 6.1 defines. Checks need no suppression there, for the first
# fault has turned them off (do_tag_recovery() of arch/arm64/mm/fault.c): a compiler barrier stands in for both.
defines=
if ! grep -rq 'define hw_suppress_tag_checks_start' arch/arm64/include mm/kasan include/linux; then
    defines='-Dhw_suppress_tag_checks_start=barrier -Dhw_suppress_tag_checks_stop=barrier'
fi

run_make() { make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- O=../build KCFLAGS="$defines" "$@"; }
run_make -s tinyconfig >../merge.log
ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- scripts/kconfig/merge_config.sh -m -O ../build ../build/.config \
    "$here/kernel.config" >>../merge.log
run_make -s olddefconfig
grep '=y$' "$here/kernel.config" | while read -r option; do
    if ! grep -qx "$option" ../build/.config; then
        echo "$0: this source does not take $option" >&2
        exit 1
    fi
done
run_make -s -j"$(nproc)" Image
cp ../build/arch/arm64/boot/Image ../build/System.map ..
echo "$1/Image"
