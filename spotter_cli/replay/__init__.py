"""Films through the services' own code in this process, on the clock of their capture times."""
