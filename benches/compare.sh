#!/usr/bin/env bash
# Whole processes on one export, in one run: what each takes beside `igzip -dc` of the same file (the floor), with its
# peak memory. Output goes to fresh folders on a tmpfs. What is not installed is left out.
#
#   benches/compare.sh EXPORT.json.gz [ROUNDS]
set -euo pipefail
export_file=$(realpath "${1:?expected an export: cargo run --release -p reimport-benches --bin corpus -- --users 1000000 -o big.json.gz}")
rounds=${2:-5}
reimport=${REIMPORT:-$(dirname "$0")/../target/release/reimport}
work=$(mktemp -d /dev/shm/compare.XXXXXX)
trap 'rm -rf "$work"' EXIT
plain=$work/plain.ndjson
gzip -dc "$export_file" > "$plain"

orjson='
import gzip, orjson, sys
size, part, parts = 2, [], 0
for line in gzip.open(sys.argv[1]):
    user = orjson.dumps(orjson.loads(line))
    if size + len(user) + 2 > 500_000:
        open(f"{sys.argv[2]}/{parts}.json", "wb").write(b"[\n" + b",\n".join(part) + b"\n]")
        size, part, parts = 2, [], parts + 1
    part.append(user)
    size += len(user) + 2
open(f"{sys.argv[2]}/{parts}.json", "wb").write(b"[\n" + b",\n".join(part) + b"\n]")
'
duckdb_csv="copy (select email, identities[1].connection, user_metadata.consent.given from read_ndjson('$export_file', ignore_errors = true)) to '$work/out/duck.csv'"

# One command, one round: seconds and kilobytes.
measure() { # measure COMMAND...
  rm -rf "$work/out" && mkdir "$work/out"
  /usr/bin/time -o "$work/time" -f '%e %M' "$@" > "$work/out/stdout" 2> "$work/out/stderr" || true
  # A command that failed says so first, and its time counts for nothing.
  grep -q '^Command' "$work/time" && echo 'nan 0' || tail -n 1 "$work/time"
}

names=() commands=()
add() { names+=("$1"); commands+=("$2"); }
# Into /dev/null: what it writes would be measured too.
add 'igzip -dc (floor)' 'sh -c "igzip -dc \"\$0\" > /dev/null" "$export_file"'
add 'convert' '"$reimport" convert "$export_file" -o "$work/out/parts" -q'
add 'convert --threads 1' '"$reimport" convert "$export_file" -o "$work/out/parts" -q --threads 1'
add 'convert --no-duplicate-check' '"$reimport" convert "$export_file" -o "$work/out/parts" -q --no-duplicate-check'
add 'convert, plain NDJSON' '"$reimport" convert "$plain" -o "$work/out/parts" -q'
add 'check' '"$reimport" check "$export_file" -q'
add 'check --rules none' '"$reimport" check "$export_file" -q --rules none'
add 'select 3 fields' '"$reimport" select "$export_file" -f email -f "identities[0].connection" -f user_metadata.consent.given -q'
python3 -c 'import duckdb' 2> /dev/null && add 'DuckDB, 3 fields to CSV' 'python3 -c "import duckdb, sys; duckdb.sql(sys.argv[1])" "$duckdb_csv"'
python3 -c 'import orjson' 2> /dev/null && add 'Python + orjson, splitting' 'python3 -c "$orjson" "$export_file" "$work/out"'
command -v mlr > /dev/null && add 'Miller, 3 fields' 'mlr --gzin --ijsonl --ocsv cut -o -f email,user_id,name "$export_file"'

for round in $(seq "$rounds"); do
  for at in "${!names[@]}"; do
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
    print(f"| {name} | {seconds:.2f} | {seconds / floor:.2f} | {max(k for _, k in rounds[at]) / 1000:.0f} |")
PY
