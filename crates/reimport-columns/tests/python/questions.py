"""Asks DuckDB, Polars and DataFusion eleven questions about folders of Parquet, and plain Python about the exports.

    questions.py [--spark] FIXED CHOSEN EXPORT.json.gz...

With --spark, PySpark is asked instead, with two workers in processes of their own. It needs pyspark and Java, so it is run by hand.

The folder FIXED has the fixed schema. The folder CHOSEN has `user_metadata.consent.given:bool=consent`,
`user_metadata.address.country=country` and `app_metadata.crm_id:int=crm_id`. All must give the same answers.
"""

import collections
import gzip
import json
import sys

import datafusion
import duckdb
import polars

# The questions, in SQL that DuckDB, DataFusion and Spark share.
SQL = [
    "select count(*) from users where email_verified",
    "select connection, count(*) from users group by connection",
    "select count(*), count(email), count(blocked), count(phone_number) from users",
    "select cast(extract(year from last_login) as bigint), cast(extract(month from last_login) as bigint), count(*)"
    " from users group by 1, 2",
    "select sum(logins_count), min(logins_count), max(logins_count) from users",
    "select provider, count(distinct email) from users group by provider",
    "select user_id from users where logins_count >= 900 and blocked is null order by user_id limit 20",
    "select _source, max(_line), count(*) from users group by _source",
    "select user_id, email from users where created_at < timestamp '2018-02-01 00:00:00' order by user_id limit 50",
    "select country, count(*) from chosen where consent group by country",
    "select crm_id, count(*) from chosen where crm_id is not null group by crm_id",
]


def records(exports):
    for export in exports:
        with gzip.open(export, "rt", encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                yield export.rsplit("/", 1)[-1], number, json.loads(line)


def plain(exports):
    """The answers of plain Python."""
    verified, rows = 0, 0
    connections, present, months, consent, crm, sources = (collections.Counter() for _ in range(6))
    emails, ids, old, logins, lines = collections.defaultdict(set), [], [], [], {}
    for source, number, user in records(exports):
        first = (user.get("identities") or [{}])[0]
        rows += 1
        verified += user.get("email_verified") is True
        connections[first.get("connection")] += 1
        present.update(name for name in ("email", "blocked", "phone_number") if user.get(name) is not None)
        login = user.get("last_login")
        months[(int(login[:4]), int(login[5:7])) if login else (None, None)] += 1
        logins.extend([user["logins_count"]] if user.get("logins_count") is not None else [])
        emails[first.get("provider")].update([user["email"]] if user.get("email") else [])
        if (user.get("logins_count") or 0) >= 900 and user.get("blocked") is None:
            ids.append(user["user_id"])
        sources[source] += 1
        lines[source] = number
        if user.get("created_at", "9") < "2018-02-01":
            old.append((user["user_id"], user.get("email")))
        metadata = user.get("user_metadata") or {}
        if (metadata.get("consent") or {}).get("given") is True:
            consent[(metadata.get("address") or {}).get("country")] += 1
        crm[(user.get("app_metadata") or {}).get("crm_id")] += 1
    assert any(number > 2**53 for number in crm if number), "the exports have ids that a double cannot hold"
    return [
        [(verified,)],
        list(connections.items()),
        [(rows, present["email"], present["blocked"], present["phone_number"])],
        [(*month, count) for month, count in months.items()],
        [(sum(logins), min(logins), max(logins))],
        [(provider, len(some)) for provider, some in emails.items()],
        [(user,) for user in sorted(ids)[:20]],
        [(source, lines[source], count) for source, count in sources.items()],
        sorted(old)[:50],
        list(consent.items()),
        [(number, count) for number, count in crm.items() if number is not None],
    ]


def normal(rows):
    def cell(value):
        return int(value) if isinstance(value, float) and value.is_integer() else value

    return sorted((tuple(map(cell, row)) for row in rows), key=repr)


def of_duckdb(fixed, chosen):
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    for name, folder in (("users", fixed), ("chosen", chosen)):
        connection.execute(f"create view {name} as from read_parquet('{folder}/**/*.parquet', hive_partitioning = true)")
    return [connection.execute(question).fetchall() for question in SQL]


def of_datafusion(fixed, chosen):
    context = datafusion.SessionContext()
    context.register_parquet("users", fixed, file_extension=".parquet")
    context.register_parquet("chosen", chosen, file_extension=".parquet")
    return [[tuple(row.values()) for row in context.sql(question).to_arrow_table().to_pylist()] for question in SQL]


def of_polars(fixed, chosen):
    users, chosen = (polars.scan_parquet(f"{folder}/**/*.parquet", hive_partitioning=True) for folder in (fixed, chosen))
    column, count = polars.col, polars.len()
    login, logins = column("last_login").dt, column("logins_count")
    frequent = (logins >= 900) & column("blocked").is_null()
    old = column("created_at") < polars.datetime(2018, 2, 1, time_zone="UTC")
    frames = [
        users.filter(column("email_verified")).select(count),
        users.group_by("connection").agg(count),
        users.select(count, *(column(name).count() for name in ("email", "blocked", "phone_number"))),
        users.group_by(login.year().alias("year"), login.month().alias("month")).agg(count),
        users.select(logins.sum().alias("sum"), logins.min().alias("min"), logins.max().alias("max")),
        users.group_by("provider").agg(column("email").drop_nulls().n_unique()),
        users.filter(frequent).select("user_id").sort("user_id").limit(20),
        users.group_by("_source").agg(column("_line").max(), count),
        users.filter(old).select("user_id", "email").sort("user_id").limit(50),
        chosen.filter(column("consent")).group_by("country").agg(count),
        chosen.filter(column("crm_id").is_not_null()).group_by("crm_id").agg(count),
    ]
    return [frame.collect().rows() for frame in frames]


def of_spark(fixed, chosen):
    import pyspark.sql

    session = pyspark.sql.SparkSession.builder.master("local-cluster[2,1,1024]")
    session = session.config("spark.sql.session.timeZone", "UTC").getOrCreate()
    for name, folder in (("users", fixed), ("chosen", chosen)):
        session.read.parquet(folder).createOrReplaceTempView(name)
    answers = [[tuple(row) for row in session.sql(question).collect()] for question in SQL]
    session.stop()
    return answers


def main(*arguments):
    engines = {"DuckDB": of_duckdb, "Polars": of_polars, "DataFusion": of_datafusion}
    if arguments[0] == "--spark":
        engines, arguments = {"Spark": of_spark}, arguments[1:]
    fixed, chosen, *exports = arguments
    expected = plain(exports)
    for engine, ask in engines.items():
        for question, one, other in zip(SQL, expected, ask(fixed, chosen), strict=True):
            one, other = normal(one), normal(other)
            assert one == other, f"{engine}: {question}\n{one[:5]}\n{other[:5]}"
        print(f"{engine}: {len(SQL)} answers equal those of plain Python")


main(*sys.argv[1:])
