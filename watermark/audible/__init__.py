"""The mark on sound, and its picture. Runs inside the sandbox's child."""
