#!/bin/sh
# The measured tables, in one run on a machine that does nothing else: histories of 10^4 to 5·10^6 sales, made or gone on
# with (about 20 GB), then each bench. Everything lies in FOLDER; what was made is kept there.
#
#   sh cmd/comptoir/testdata/scale.sh FOLDER [POCKETBASE]
#
# POCKETBASE is what testdata/peers builds; without it the peers are left out. ROWS="10000 100000" makes less.
set -eu
folder=$1 peer=${2-}
mkdir -p "$folder"
go build -o "$folder/comptoir" ./cmd/comptoir
in=
for n in ${ROWS:-10000 100000 1000000 5000000}; do
	"$folder/comptoir" simulate --rows "$n" --out "$folder/h$n"
	in=$in,$folder/h$n
done
date -u
git log -1 --format='commit %h'
uname -srm
grep -m1 'model name' /proc/cpuinfo
"$folder/comptoir" bench scale --rounds 5 --in "${in#,}"
last=${in##*,}
"$folder/comptoir" bench targets --rounds 5 --in "$last"
go test -run '^$' -bench Verification -benchtime 1x ./receipts/journal
if [ -n "$peer" ]; then "$folder/comptoir" bench peers --rounds 5 --in "$folder/h10000" --peer "$peer"; fi
