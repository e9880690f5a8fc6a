#!/usr/bin/env python3
"""Measures the command and other tools on the same inputs, in one run, and prints the tables of benches/README.md.

    cargo build --release -p reimport-cli -p reimport-benches
    benches/compare.py [--users 1000000] [--rounds 7] [--only TEXT] [--inputs FOLDER]

Each table has the rows of one input. The first row is the floor: `igzip -dc` of that input to /dev/null. Needs igzip (Debian's
`isal`) and GNU time. The modules duckdb, polars and orjson are those of the Python that runs this file; the row of a tool that
is not installed is skipped.

The inputs and outputs are on a tmpfs, about 8 GB for a million users. Making the inputs takes some minutes, most of them for
the second export of `verify`. With --inputs they are kept in FOLDER, and a later run with the same options uses them again.
"""

import argparse
import contextlib
import dataclasses
import gzip
import importlib.metadata
import importlib.util
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

BENCHES = pathlib.Path(__file__).resolve().parent
RELEASE = BENCHES.parent / "target" / "release"
# Tools that are modules of Python. All others are programs.
MODULES = ("duckdb", "polars", "orjson")


@dataclasses.dataclass
class Row:
    """A command of bash. `$out` is a new folder, `$disk` a folder on a disk; the other variables are the inputs."""

    name: str
    command: str
    needs: str = ""
    """A program or a Python module. Without it, the row is skipped."""
    once: bool = False
    """Whether the command takes so long that it is run once."""


EMAIL = "-f email -o $out/email.csv -q"
THREE = "-f email -f identities[0].connection -f user_metadata.consent.given -q"
DUCKDB_ELEVEN = """user_id, email, email_verified, name, given_name, family_name, nickname, picture,
identities[1].connection as connection, created_at, updated_at"""
# Without a schema, Polars infers one from the first records, and fails at the first record that does not fit.
POLARS_NDJSON = """pl.scan_ndjson('$in_range', ignore_errors=True, schema={'email': pl.String,
'identities': pl.List(pl.Struct({'connection': pl.String})),
'user_metadata': pl.Struct({'consent': pl.Struct({'given': pl.Boolean})})})"""
POLARS_THREE = """'email', pl.col('identities').list.first().struct.field('connection'),
pl.col('user_metadata').struct.field('consent').struct.field('given')"""
# All cells as text, as in `select`. Without this, both engines guess a type for each column first.
DUCKDB_TEXT = "all_varchar = true, header = true"
POLARS_TEXT = "infer_schema=False"

TABLES = {
    "An export as NDJSON": [
        Row("`igzip -dc` (floor)", "igzip -dc $export > /dev/null"),
        Row("`convert`", "reimport convert $export -o $out/parts -q"),
        Row("`convert --threads 1`", "reimport convert $export -o $out/parts -q --threads 1"),
        Row("`convert --no-duplicate-check`", "reimport convert $export -o $out/parts -q --no-duplicate-check"),
        Row("`convert`, plain NDJSON", "reimport convert $plain -o $out/parts -q"),
        # A copy of the parts shows what syncing costs.
        Row("`convert` to a disk, synced", "reimport convert $export -o $disk/parts -q --force"),
        Row("`cp -r parts other && sync`", "cp -r $disk/parts $disk/other && sync"),
        Row("DuckDB, to one array", """
            duckdb "copy (from read_ndjson('$export', ignore_errors = true)) to '$out/users.json' (array true)"
        """, "duckdb"),
        Row("Python + orjson, splitting", "$python -c \"$split_with_orjson\" $export $out", "orjson", once=True),
        Row("`check`", "reimport check $export -q"),
        Row("`check --rules none`", "reimport check $export -q --rules none"),
        Row("`select` of three fields", f"reimport select $export {THREE} -o $out/three.csv"),
        Row("DuckDB, three fields", """
            duckdb "copy (select email, identities[1].connection, user_metadata.consent.given
                from read_ndjson('$export', ignore_errors = true)) to '$out/three.csv'"
        """, "duckdb"),
        Row("Polars, three fields", f"""
            polars "{POLARS_NDJSON}.select({POLARS_THREE}).sink_csv('$out/three.csv')"
        """, "polars"),
        Row("jaq, three fields", "igzip -dc $export | jaq -r \"$three_with_jq\"", "jaq", once=True),
        Row("jq, three fields", "igzip -dc $export | jq -r \"$three_with_jq\"", "jq", once=True),
        Row("xan, three fields", "xan from -f ndjson $in_range | xan select email,user_id,name", "xan", once=True),
        Row("Miller, three fields", """
            mlr --gzin --ijsonl --ocsv template -f email,user_id,name $export
        """, "mlr", once=True),
        Row("`select -o FILE.csv.gz`, eleven fields", "reimport select $export -o $out/users.csv.gz -q"),
        Row("`select -o FILE.csv`, eleven fields", "reimport select $export -o $out/users.csv -q"),
        Row("DuckDB, the same to `.csv.gz`", f"""
            duckdb "copy (select {DUCKDB_ELEVEN} from read_ndjson('$export', ignore_errors = true))
                to '$out/users.csv.gz'"
        """, "duckdb"),
    ],
    "An export as CSV, thirty columns": [
        Row("`igzip -dc` (floor)", "igzip -dc $csv_gz > /dev/null"),
        Row("`select` of one column", f"reimport select $csv_gz {EMAIL}"),
        Row("DuckDB, one column", f"""
            duckdb "copy (select email from read_csv('$csv_gz', {DUCKDB_TEXT})) to '$out/email.csv'"
        """, "duckdb"),
        Row("Polars, one column", f"""
            polars "pl.scan_csv('$csv_gz', {POLARS_TEXT}).select('email').sink_csv('$out/email.csv')"
        """, "polars"),
        Row("xan, one column", "xan select email $csv_gz", "xan"),
        Row("`select` of one column, plain", f"reimport select $csv {EMAIL}"),
        Row("DuckDB, one column, plain", f"""
            duckdb "copy (select email from read_csv('$csv', {DUCKDB_TEXT})) to '$out/email.csv'"
        """, "duckdb"),
        Row("Polars, one column, plain", f"""
            polars "pl.scan_csv('$csv', {POLARS_TEXT}).select('email').sink_csv('$out/email.csv')"
        """, "polars"),
        Row("xan, one column, plain", "xan select email $csv", "xan"),
        Row("xan parallel, one column, plain", "xan parallel cat -P 'select email' $csv", "xan"),
        # The engines write the rows as they are: flat, with the apostrophes, all values as text, no rules.
        Row("`convert`", "reimport convert $csv_gz -o $out/parts -q"),
        Row("DuckDB, rows to one array", f"""
            duckdb "copy (from read_csv('$csv_gz', {DUCKDB_TEXT})) to '$out/users.json' (array true)"
        """, "duckdb"),
        Row("Polars, rows to NDJSON", f"""
            polars "pl.scan_csv('$csv_gz', {POLARS_TEXT}).sink_ndjson('$out/users.ndjson')"
        """, "polars"),
        Row("`convert`, plain", "reimport convert $csv -o $out/parts -q"),
        Row("DuckDB, rows to one array, plain", f"""
            duckdb "copy (from read_csv('$csv', {DUCKDB_TEXT})) to '$out/users.json' (array true)"
        """, "duckdb"),
        Row("Polars, rows to NDJSON, plain", f"""
            polars "pl.scan_csv('$csv', {POLARS_TEXT}).sink_ndjson('$out/users.ndjson')"
        """, "polars"),
    ],
    "An export as CSV, the eleven default fields": [
        Row("`igzip -dc` (floor)", "igzip -dc $default_gz > /dev/null"),
        Row("`select` of one column", f"reimport select $default_gz {EMAIL}"),
        Row("`convert`", "reimport convert $default_gz -o $out/parts -q"),
    ],
    "Parts and the export of their target": [
        Row("`igzip -dc` of both, gzipped (floor)", "igzip -dc $parts_gz $target > /dev/null"),
        Row("`verify -o`", "reimport verify $parts $target -o $out/verified -q"),
        # It compares no values.
        Row("DuckDB anti join, only users that are missing", """
            duckdb "copy (from read_json('$parts/users-*.json') parts
                anti join read_ndjson('$target') target on 'auth0|' || parts.user_id = target.user_id)
                to '$out/missing.json' (array true)"
        """, "duckdb"),
    ],
    "An export and a later one": [
        Row("`igzip -dc` of both (floor)", "igzip -dc $export $later > /dev/null"),
        Row("`delta`", "reimport delta $export $later -q"),
        Row("`delta -o`", "reimport delta $export $later -o $out/delta -q"),
        # It compares the records as bytes: another order of the members is a difference.
        Row("DuckDB full join, records as text", """
            duckdb "copy (from read_ndjson_objects('$export') before full join read_ndjson_objects('$later') later
                on before.json->>'user_id' = later.json->>'user_id' where before.json is distinct from later.json)
                to '$out/delta.csv'"
        """, "duckdb"),
    ],
}

# Functions and texts for the commands. "$1" is one string of SQL or Python.
PRELUDE = r"""
duckdb() { "$python" -c 'import duckdb, sys; duckdb.sql(sys.argv[1])' "$1"; }
polars() { "$python" -c 'import polars as pl, sys; exec(sys.argv[1])' "$1"; }
three_with_jq='[.email, .identities[0].connection, .user_metadata.consent.given] | @csv'
split_with_orjson='
import gzip, orjson, sys
size, part, parts = 2, [], 0
def write():
    with open(f"{sys.argv[2]}/{parts}.json", "wb") as file:
        file.write(b"[\n" + b",\n".join(part) + b"\n]")
for line in gzip.open(sys.argv[1]):
    try:
        user = orjson.dumps(orjson.loads(line))
    except orjson.JSONDecodeError:  # 1e400, for example
        continue
    if size + len(user) + 2 > 500_000:
        write()
        size, part, parts = 2, [], parts + 1
    part.append(user)
    size += len(user) + 2
write()
'
"""


class Inputs:
    """The files that the rows read. A file that exists is not made again."""

    def __init__(self, folder, args):
        self.folder, self.reimport, self.users = folder, args.reimport, args.users
        folder.mkdir(parents=True, exist_ok=True)
        described = folder / "options.json"
        options = {"users": args.users, "seed": args.seed}
        if described.exists() and json.loads(described.read_text()) != options:
            sys.exit(f"{folder} has inputs of other options; remove it, or name another folder")
        described.write_text(json.dumps(options))
        corpus = [args.corpus, "--users", args.users, "--seed", args.seed]
        self.export = self.make("export.json.gz", lambda path: run(*corpus, "-o", path))
        self.plain = self.make("export.ndjson", lambda path: run("igzip", "-dc", self.export, to=path))
        # Polars and xan stop at a number that no `f64` can hold.
        self.in_range = self.make("in-range.json.gz", self.replace_numbers)
        self.csv_gz = self.make("export.csv.gz", lambda path: run(*corpus, "--csv", "-o", path))
        self.csv = self.make("export.csv", lambda path: run("igzip", "-dc", self.csv_gz, to=path))
        self.default_gz = self.make("default.csv.gz", self.select_default_fields)
        self.later = self.make("later.json.gz", lambda path: write_later(self.plain, path))
        self.parts = self.make("parts", lambda path: run(self.reimport, "convert", self.export, "-o", path, "-q"))
        self.parts_gz = self.make("parts.json.gz", self.compress_parts)
        self.target = self.make("target.json.gz", self.make_target)

    def make(self, name, write):
        path = self.folder / name
        if not path.exists():
            print(f"making {name} ...", file=sys.stderr)
            # An input that was not completed has another name.
            draft = path.with_name(f"draft-{name}")
            if draft.is_dir():
                shutil.rmtree(draft)
            draft.unlink(missing_ok=True)
            write(draft)
            draft.rename(path)
        return path

    def replace_numbers(self, path):
        with open(self.plain, "rb") as plain, gzip.open(path, "wb", compresslevel=6) as in_range:
            in_range.writelines(line.replace(b"1e400", b"1e300") for line in plain)

    def select_default_fields(self, path):
        run(self.reimport, "select", self.export, "--csv-escape", "auth0", "--gzip-level", 6, "-o", path, "-q")

    def compress_parts(self, path):
        with open(path, "wb") as file, subprocess.Popen(["gzip"], stdin=subprocess.PIPE, stdout=file) as gzip_process:
            for part in sorted(self.parts.glob("users-*.json")):
                gzip_process.stdin.write(part.read_bytes())

    def make_target(self, path):
        answers = self.folder / "answers.json"
        # As many differences for each user as `verify_check.py` makes for a million.
        counts = ("--removed", self.users // 2000, "--altered", self.users // 2000,
                  "--rounded", self.users // 5000, "--added", self.users // 3000)
        run(sys.executable, BENCHES / "verify_check.py", "make", self.plain, self.parts, path, answers, *counts)


def run(program, *arguments, to=None):
    """Runs a program. Its standard output goes to a file, or nowhere."""
    with open(to or os.devnull, "wb") as file:
        subprocess.run([program, *map(str, arguments)], stdout=file, check=True)


def write_later(plain, path):
    """Writes the export with one user in 200 removed, one in 200 changed, and one in 200 added."""
    with open(plain, "rb") as before, gzip.open(path, "wb", compresslevel=6) as later:
        for number, line in enumerate(before):
            if number % 200 == 1:
                continue
            if number % 200 == 2:
                line = line.rstrip(b"\n").removesuffix(b"}") + b',"gender":"unknown"}\n'
            later.write(line)
            if number % 200 == 3:
                later.write(b'{"user_id":"auth0|added-%d","email":"added-%d@added.example"}\n' % (number, number))


class Measurements:
    """Runs the rows, and keeps what each run took."""

    def __init__(self, work, disk, inputs, args):
        self.out, self.peak_file, self.disk = work / "out", work / "peak", disk
        names = ("export", "plain", "in_range", "csv_gz", "csv", "default_gz", "later", "parts", "parts_gz", "target")
        paths = {name: getattr(inputs, name) for name in names}
        paths |= {"out": self.out, "disk": disk, "python": sys.executable}
        for path in map(str, paths.values()):
            if len(path.split()) != 1:
                sys.exit(f"{path}: a path with white space is not supported")
        reimport = f"reimport() {{ '{args.reimport}' \"$@\"; }}\n"
        self.prelude = PRELUDE + reimport
        self.environment = os.environ | {name: str(path) for name, path in paths.items()}
        self.runs = {}

    def measure(self, table, row):
        # The pages of the last output must be free before this run. Memory that the guest has not used yet costs seconds of
        # system time when it is first written to, and this time would be counted as that of the command.
        for folder in (self.out, self.disk / "other"):
            shutil.rmtree(folder, ignore_errors=True)
        self.out.mkdir()
        # The peak memory is that of GNU time, because that of a child of this process is never below that of this process.
        timed = ["time", "-q", "-o", self.peak_file, "-f", "%M", "bash", "-o", "pipefail", "-c", self.prelude + row.command]
        with open(self.out / "stdout", "wb") as stdout, open(self.out / "stderr", "wb") as stderr:
            start = time.perf_counter()
            process = subprocess.Popen(timed, env=self.environment, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
        # With status 1, the command of this project is done, with rejected records or warnings.
        if process.returncode > (1 if "reimport " in row.command else 0):
            message = (self.out / "stderr").read_text(errors="replace").strip().splitlines()
            self.runs[table, row.name] = (message or ["no message"])[-1]
            return
        written = sum(file.stat().st_size for file in self.out.rglob("*") if file.is_file())
        peak = int(self.peak_file.read_text()) / 1000
        run = (seconds, usage.ru_utime + usage.ru_stime, peak, written / 1e6)
        self.runs.setdefault((table, row.name), []).append(run)

    def print_table(self, table, rows):
        print(f"\n{table}:\n\n| what | seconds | / floor | core-s | peak MB | output MB |")
        print("| --- | --- | --- | --- | --- | --- |")
        floor = statistics.median(run[0] for run in self.runs[table, TABLES[table][0].name])
        for row in rows:
            runs = self.runs[table, row.name]
            if isinstance(runs, str):
                print(f"| {row.name} | fails: {runs} | | | | |")
                continue
            seconds, core, _, written = (statistics.median(column) for column in zip(*runs))
            peak = max(run[2] for run in runs)
            print(f"| {row.name} | {seconds:.2f} | {seconds / floor:.2f} | {core:.2f} | {peak:.0f} | {written:.1f} |")


def is_installed(name):
    if name in MODULES:
        return importlib.util.find_spec(name) is not None
    return not name or shutil.which(name) is not None


def versions(args):
    """Yields the versions of all programs that are measured, as they report them."""
    for name in MODULES:
        if is_installed(name):
            yield f"{name} {importlib.metadata.version(name)}"
    for program in (args.reimport, "igzip", "xan", "jq", "jaq", "mlr"):
        if shutil.which(program):
            found = subprocess.run([program, "--version"], capture_output=True, text=True)
            version = (found.stdout or found.stderr).strip().splitlines()[0]
            # xan prints only the number.
            yield f"{program} {version}" if version[0].isdigit() else version
    yield f"Python {platform.python_version()}"


def machine():
    cpu = platform.processor() or "unknown processor"
    with contextlib.suppress(OSError):
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), cpu)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores of {cpu}, {memory:.0f} GB, {platform.system()} {platform.release()}"


def main():
    path = pathlib.Path
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000, help="number of users of the exports")
    parser.add_argument("--seed", type=int, default=1, help="seed of the exports")
    parser.add_argument("--rounds", type=int, default=7, help="number of runs of each command")
    parser.add_argument("--only", default="", metavar="TEXT", help="only tables or rows with this text in their name")
    parser.add_argument("--inputs", type=path, metavar="FOLDER", help="where the inputs are kept")
    parser.add_argument("--tmpfs", type=path, default="/dev/shm", metavar="FOLDER", help="where outputs are written")
    parser.add_argument("--disk", type=path, default=path.home(), metavar="FOLDER", help="a folder on a disk")
    parser.add_argument("--reimport", default=str(RELEASE / "reimport"), metavar="FILE", help="the measured command")
    parser.add_argument("--corpus", default=str(RELEASE / "corpus"), metavar="FILE", help="the generator")
    args = parser.parse_args()
    for program in ("igzip", "time", args.reimport, args.corpus):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed")
    with contextlib.ExitStack() as stack:
        work, disk = (path(stack.enter_context(tempfile.TemporaryDirectory(prefix="compare.", dir=folder)))
                      for folder in (args.tmpfs, args.disk))
        inputs = Inputs(args.inputs or work / "inputs", args)
        tables = {}
        for table, (floor, *rows) in TABLES.items():
            asked = [row for row in rows if args.only in table or args.only in row.name]
            if asked := [row for row in asked if is_installed(row.needs)]:
                tables[table] = [floor, *asked]
        load = " ".join(f"{load:.2f}" for load in os.getloadavg())
        measurements = Measurements(work, disk, inputs, args)
        for number in range(args.rounds):
            for table, rows in tables.items():
                for row in rows:
                    if number == 0 or not row.once:
                        measurements.measure(table, row)
            print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
        for table, rows in tables.items():
            measurements.print_table(table, rows)
        print(f"\nMedians of {args.rounds}; maxima of the memory. {args.users} users, seed {args.seed}. {machine()}.")
        print(f"Load average before the first run: {load}. {'; '.join(versions(args))}.")


if __name__ == "__main__":
    main()
