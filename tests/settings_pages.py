"""Every page of the settings, by the end of its path: who adds one is looked at everywhere."""

SETTINGS = (
    "profile",
    "getting-paid",
    "look",
    "mark",
    "emails",
    "emails/ready",
    "terms",
    "downloads",
    "account",
    "tokens",
    "sessions",
)
