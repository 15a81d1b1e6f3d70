"""Adapters for Arrow, Polars, pandas, DuckDB and Spark: a module for each, which needs the extra of its name."""
