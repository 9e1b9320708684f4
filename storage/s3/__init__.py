"""What the store ``s3:`` is made of: its address, its faults, reading and writing."""
