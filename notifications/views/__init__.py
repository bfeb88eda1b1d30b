"""Pages of telling: inbox, deadlines, queue."""
