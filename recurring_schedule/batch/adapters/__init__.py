"""Adapters for Arrow, Polars, pandas, DuckDB and Spark. Each needs the extra of its name."""
