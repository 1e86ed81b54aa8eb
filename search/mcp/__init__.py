"""What agents get: a workspace's index as tools of the Model Context Protocol."""
