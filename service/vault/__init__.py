"""Looking after what is stored: backup, restore, scrub, sweep, and moving it from one store to another."""
