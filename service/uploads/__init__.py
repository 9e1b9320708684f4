"""The place of the resumable upload core (tus 1.0). Until it is here, files come through
``deliveries/receive_files.py``: one request a file or several, not resumable."""
