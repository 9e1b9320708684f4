"""Whose the sample studio is."""

EMAIL = "demo@tillpaid.example"
"""Its only member. Apart from what builds it: serving needs to know the address, not the drawing of pictures."""
