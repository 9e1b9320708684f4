"""The people whom the studio delivers to, as its deliveries name them: there is no register beside those."""
