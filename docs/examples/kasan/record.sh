#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Boots the kernel of build.sh under QEMU with the recorder, and judges what KASAN's tests made it do
# (docs/traces.md, "A whole kernel"). Half a minute, and 1.5 GB for the trace.
set -eu

if [ $# -ne 4 ]; then
    echo "usage: $0 DIRECTORY QEMU RECORDER MTECHECK" >&2
    echo "such as: $0 kasan ~/.cache/mtecheck/targets/qemu-system-10.0/qemu-system-aarch64 \\" >&2
    echo "    build/release/mtecheck-recorder-4.so build/release/mtecheck" >&2
    exit 2
fi
directory=$1
qemu=$2
recorder=$(readlink -f "$3")
mtecheck=$4

# Loads and stores are recorded in the tests alone: a boot makes hundreds of millions, with one tag, in other code.
address_of() { awk -v name="$1" '$3 == name { print "0x" $1; exit }' "$directory/System.map"; }
first=$(address_of empty_cache_ctor)
last=$(address_of kasan_test_init)

# The seed makes random tags the same each time. The tests end by powering off.
timeout 600 "$qemu" -machine virt,mte=on,gic-version=3 -cpu max,pauth-impdef=on -m 512 -seed 1 -nographic -nodefaults \
    -serial stdio -no-reboot -kernel "$directory/Image" \
    -append "console=ttyAMA0 nokaslr kasan.mode=sync kunit_shutdown=poweroff panic=-1" \
    -plugin "$recorder,out=$directory/kasan.jsonl,accesses=$first-$last" >"$directory/console.txt" 2>&1
grep '# kasan: ' "$directory/console.txt"
# QEMU does not show DCZID_EL0 to plugins: blocks of 64 bytes.
"$mtecheck" trace --registers DCZID_EL0=0x4 --faults 1 "$directory/kasan.jsonl"
