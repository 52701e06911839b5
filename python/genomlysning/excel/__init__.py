"""Live Excel: what the buttons and the worksheet functions do there."""
