"""The yearly tables of the working-day calendar: reading one (`table`), storing it (`store`), what it moves (`moves`)."""
