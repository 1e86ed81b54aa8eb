"""Why something of a source is not in the index."""

from django.db.models import TextChoices


class Reason(TextChoices):
    """A code for the database and a label for people."""

    # What it is in the source.
    SYMLINK = "symlink", "A symbolic link"
    SUBMODULE = "submodule", "A submodule"
    LFS_POINTER = "lfs_pointer", "A Git LFS pointer; its file is not in the repository"
    BAD_NAME = "bad_name", "Its name is not valid UTF-8, or longer than 4,096 bytes"
    # What its name or the configuration says.
    NOT_INCLUDED = "not_included", "Not among the patterns of include"
    EXCLUDED = "excluded", "Excluded by the configuration"
    VCS = "vcs", "Version control data"
    DEPENDENCY = "dependency", "A dependency"
    BUILD_OUTPUT = "build_output", "Build output"
    LOCK_FILE = "lock_file", "A lock file"
    MINIFIED = "minified", "Minified or generated"
    BINARY_TYPE = "binary_type", "A binary file by its name"
    SECRET = "secret", "Looks like a secret"
    # What is in it.
    EMPTY = "empty", "Empty"
    TOO_LARGE = "too_large", "Larger than 1 MB"
    BINARY = "binary", "Binary content"
    UNDECODABLE = "undecodable", "Not text in any encoding we know"
    # What went wrong.
    MISSING = "missing", "Gone from its source before it was read"
    UNREADABLE = "unreadable", "The source could not give it"
    NOT_EMBEDDABLE = "not_embeddable", "The embedding model refused it"
    NOT_EMBEDDED = "not_embedded", "The embedding service could not be reached"
    ERROR = "error", "Failed while it was processed"
