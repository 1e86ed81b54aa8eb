"""What `manage.py demo` shows."""
