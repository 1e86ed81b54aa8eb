"""Pages and endpoints of what comes in."""
