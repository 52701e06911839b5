"""Many committees' workbooks put together into one for the municipality."""
