"""The conformance protocol around the functions of engine.sql: `python postgresql_engine.py "host=... dbname=..."`."""

import json
import sys
from pathlib import Path

import psycopg

with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    connection.execute(Path(__file__).with_name("engine.sql").read_text(encoding="utf-8"))
    connection.execute("SET jit = off")
    for line in sys.stdin:
        (found,) = connection.execute("SELECT answer(%s::jsonb)", [line]).fetchone()
        print(json.dumps({"answer": found}), flush=True)
