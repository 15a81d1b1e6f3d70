"""Columns of schedules in Arrow, Polars, pandas, DuckDB and Spark: a module for each, with an extra of its name."""
