"""Pull requests, issues, their comments and reviews, and releases."""
