"""The walls around code that reads strangers' files, one kernel facility a file."""
