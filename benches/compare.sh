#!/usr/bin/env bash
# Measures whole processes on one export, in one run: the time of each compared with `igzip -dc` of the same file (the floor),
# and its peak memory. Output goes to new folders on a tmpfs. Programs that are not installed are skipped.
#
#   benches/compare.sh EXPORT.json.gz [ROUNDS]
set -euo pipefail
export_file=$(realpath "${1:?expected an export: cargo run --release -p reimport-benches --bin corpus -- --users 1000000 -o big.json.gz}")
rounds=${2:-5}
reimport=${REIMPORT:-$(dirname "$0")/../target/release/reimport}
work=$(mktemp -d /dev/shm/compare.XXXXXX)
# A folder on a disk, where syncing has a cost.
durable=$(mktemp -d "${DURABLE:-$HOME}/compare.XXXXXX")
trap 'rm -rf "$work" "$durable"' EXIT
plain=$work/plain.ndjson
gzip -dc "$export_file" > "$plain"

orjson='
import gzip, orjson, sys
size, part, parts, refused = 2, [], 0, 0
for line in gzip.open(sys.argv[1]):
    try:
        user = orjson.dumps(orjson.loads(line))
    except orjson.JSONDecodeError:  # 1e400, for one
        refused += 1
        continue
    if size + len(user) + 2 > 500_000:
        open(f"{sys.argv[2]}/{parts}.json", "wb").write(b"[\n" + b",\n".join(part) + b"\n]")
        size, part, parts = 2, [], parts + 1
    part.append(user)
    size += len(user) + 2
open(f"{sys.argv[2]}/{parts}.json", "wb").write(b"[\n" + b",\n".join(part) + b"\n]")
'
duckdb_array="copy (select * from read_ndjson('$export_file', ignore_errors = true)) to '$work/out/duck.json' (array true)"
duckdb_csv="copy (select email, identities[1].connection, user_metadata.consent.given from read_ndjson('$export_file', ignore_errors = true)) to '$work/out/duck.csv'"

# Runs one command once; prints seconds and kilobytes.
measure() { # measure COMMAND...
  rm -rf "$work/out" "$durable/other" && mkdir "$work/out"
  /usr/bin/time -o "$work/time" -f '%e %M' "$@" > "$work/out/stdout" 2> "$work/out/stderr" || true
  # If the command failed, the file begins with a message, and the time is not used.
  grep -q '^Command' "$work/time" && echo 'nan 0' || tail -n 1 "$work/time"
}

names=() commands=() most=()
add() { names+=("$1"); commands+=("$2"); most+=("${3:-$rounds}"); }
# Commands that take a minute are run once.
slow() { add "$1" "$2" 1; }
# Output to /dev/null, so that writing is not measured.
add 'igzip -dc (floor)' 'sh -c "igzip -dc \"\$0\" > /dev/null" "$export_file"'
add 'convert' '"$reimport" convert "$export_file" -o "$work/out/parts" -q'
add 'convert --threads 1' '"$reimport" convert "$export_file" -o "$work/out/parts" -q --threads 1'
add 'convert --no-duplicate-check' '"$reimport" convert "$export_file" -o "$work/out/parts" -q --no-duplicate-check'
add 'convert, plain NDJSON' '"$reimport" convert "$plain" -o "$work/out/parts" -q'
add 'check' '"$reimport" check "$export_file" -q'
add 'check --rules none' '"$reimport" check "$export_file" -q --rules none'
add 'select 3 fields' '"$reimport" select "$export_file" -f email -f "identities[0].connection" -f user_metadata.consent.given -q'
python3 -c 'import duckdb' 2> /dev/null && add 'DuckDB, 3 fields to CSV' 'python3 -c "import duckdb, sys; duckdb.sql(sys.argv[1])" "$duckdb_csv"'
python3 -c 'import duckdb' 2> /dev/null && add 'DuckDB, to one array' 'python3 -c "import duckdb, sys; duckdb.sql(sys.argv[1])" "$duckdb_array"'
python3 -c 'import orjson' 2> /dev/null && slow 'Python + orjson, splitting' 'python3 -c "$orjson" "$export_file" "$work/out"'
command -v xan > /dev/null && slow 'xan, 3 fields to CSV' 'bash -o pipefail -c "xan from -f ndjson \"\$0\" | xan select email,user_id,name" "$export_file"'
command -v mlr > /dev/null && slow 'Miller, 3 fields to CSV' 'mlr --gzin --ijsonl --ocsv template -f email,user_id,name "$export_file"'
for jq in jq jaq; do
  command -v $jq > /dev/null || continue
  slow "$jq, 3 fields to CSV" "bash -o pipefail -c \"gzip -dc \\\"\\\$0\\\" | $jq -r '[.email, .identities[0].connection, .user_metadata.consent.given] | @csv'\" \"\$export_file\""
done
# For comparison: the cost of a synced copy of the parts.
add 'convert, synced' '"$reimport" convert "$export_file" -o "$durable/parts" -q --force'
add 'cp -r parts other && sync' 'sh -c "cp -r \"\$0/parts\" \"\$0/other\" && sync" "$durable"'

for round in $(seq "$rounds"); do
  for at in "${!names[@]}"; do
    ((round > most[at])) && continue
    eval "measure ${commands[$at]}" | sed "s/^/$at /" >> "$work/all"
  done
done

python3 - "$work/all" "${names[@]}" << 'PY'
import statistics, sys
rounds = {}
for line in open(sys.argv[1]):
    at, seconds, kilobytes = line.split()
    rounds.setdefault(int(at), []).append((float(seconds), int(kilobytes)))
floor = statistics.median(seconds for seconds, _ in rounds[0])
print("| what | seconds | / floor | peak MB |\n| --- | --- | --- | --- |")
for at, name in enumerate(sys.argv[2:]):
    seconds = statistics.median(seconds for seconds, _ in rounds[at])
    if seconds != seconds:
        print(f"| {name} | fails | | |")
        continue
    print(f"| {name} | {seconds:.2f} | {seconds / floor:.2f} | {max(k for _, k in rounds[at]) / 1000:.0f} |")
PY
