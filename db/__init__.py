"""The talk's memory: words, tables, queries and the engine that runs them. Imports nothing of ours."""
