"""Pure rules: no HTTP, SQLite, Excel or pandas."""
