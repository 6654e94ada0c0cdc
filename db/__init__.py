"""The database: enums, tables, queries and the engine that runs them. Imports nothing else of the project."""
