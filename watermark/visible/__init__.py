"""The visible mark: keyed line work, glass letters and soft tone over a proof. `mark.apply_mark` is the way in."""
