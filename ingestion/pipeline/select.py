"""Selecting what is indexed: built-in exclusions, and the patterns of `lightfast.yml`."""

from functools import lru_cache

from pathspec import GitIgnoreSpec

from ingestion.pipeline.config import CONFIG_NAMES, Config, ConfigError, Problem, parse_config
from ingestion.reasons import Reason

__all__ = ["CONFIG_NAMES", "SELECTION_VERSION", "Config", "ConfigError", "Problem", "Selector", "parse_config"]

SELECTION_VERSION = 1  # raise it when the rules below change: every source is then compared in full
MAX_BYTES = 1_048_576

FOLDERS = {
    Reason.VCS: ".git .hg .svn .bzr CVS",
    Reason.DEPENDENCY: """
        node_modules bower_components jspm_packages vendor third_party .venv venv virtualenv site-packages .tox .nox
        .bundle Pods Carthage .gradle .m2 .cargo .pnpm-store .yarn deps
    """,
    Reason.BUILD_OUTPUT: """
        dist build out target .next .nuxt .output .svelte-kit .turbo .parcel-cache .cache __pycache__ .pytest_cache
        .mypy_cache .ruff_cache .terraform coverage htmlcov .nyc_output .eggs bazel-bin bazel-out cmake-build-debug
        DerivedData .dart_tool .angular
    """,
}
FOLDER_REASONS = {name: reason for reason, names in FOLDERS.items() for name in names.split()}

LOCK_FILES = frozenset(
    "package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock poetry.lock pdm.lock "
    "uv.lock pipfile.lock gemfile.lock composer.lock cargo.lock go.sum mix.lock pubspec.lock podfile.lock flake.lock "
    "packages.lock.json gradle.lockfile .terraform.lock.hcl conan.lock".split()
)
SECRET_NAMES = frozenset("id_rsa id_dsa id_ecdsa id_ed25519 .env .netrc .pgpass .htpasswd .npmrc .pypirc".split())
SAFE_ENV = (".example", ".sample", ".template", ".dist", ".test")
MINIFIED = (".min.js", ".min.css", ".min.mjs", ".bundle.js", ".map", ".chunk.js", "-min.js")
EXTENSIONS = {
    Reason.SECRET: "pem key p12 pfx jks keystore kdbx asc gpg",
    Reason.BINARY_TYPE: """
        png jpg jpeg gif bmp ico icns webp avif tif tiff psd ai eps heic raw svgz
        woff woff2 ttf otf eot mp3 mp4 m4a m4v mov avi mkv webm ogg oga ogv wav flac aac mid midi
        zip tar gz tgz bz2 xz zst 7z rar jar war ear whl egg gem deb rpm apk ipa dmg iso msi cab nupkg crx
        exe dll so dylib a lib o obj bin class pyc pyo pyd wasm elc beam
        pdf doc docx xls xlsx ppt pptx odt ods odp epub mobi
        db sqlite sqlite3 mdb parquet arrow feather avro orc npy npz h5 hdf5 pkl pickle joblib
        onnx pt pth ckpt safetensors gguf tflite pb mo swp dat
    """,
}
EXTENSION_REASONS = {name: reason for reason, names in EXTENSIONS.items() for name in names.split()}


class Selector:
    """Decides which entries are kept, under one configuration or none."""

    def __init__(self, config: Config | None = None) -> None:
        self.include = GitIgnoreSpec.from_lines(config.include) if config and config.include else None
        self.exclude = GitIgnoreSpec.from_lines(config.exclude) if config and config.exclude else None
        explicit = [pattern for pattern in config.include if _is_explicit(pattern)] if config else []
        self.explicit = GitIgnoreSpec.from_lines(explicit) if explicit else None

    def decide(self, key: str, size: int | None) -> Reason | None:
        """Return why a path is left out, or None to keep it.

        Built-in exclusions hold unless an include pattern asks for the path in so many words (`vendor/ours/**`, not
        `**` or `*.js`); size and secrets hold always.
        """
        if self.include is not None and not self.include.match_file(key):
            return built_in(key) or Reason.NOT_INCLUDED
        if self.exclude is not None and self.exclude.match_file(key):
            return Reason.EXCLUDED
        reason = built_in(key)
        if reason is not None and (
            reason is Reason.SECRET or self.explicit is None or not self.explicit.match_file(key)
        ):
            return reason
        if size == 0:
            return Reason.EMPTY
        if size is not None and size > MAX_BYTES:
            return Reason.TOO_LARGE
        return None


def _is_explicit(pattern: str) -> bool:
    """Tell whether a pattern names a folder or a file by more than wildcards and an extension."""
    return any(part.strip("*?.") and not part.startswith("*.") for part in pattern.lstrip("!/").split("/"))


def built_in(key: str) -> Reason | None:
    """Return why a path is never what a team searches for, or None."""
    folder, _, name = key.rpartition("/")
    if folder and (reason := _folder(folder)) is not None:
        return reason
    name = name.lower()
    if name in LOCK_FILES:
        return Reason.LOCK_FILE
    if name in SECRET_NAMES or (name.startswith(".env.") and not name.endswith(SAFE_ENV)):
        return Reason.SECRET
    if name.endswith(MINIFIED):
        return Reason.MINIFIED
    return EXTENSION_REASONS.get(name.rpartition(".")[2]) if "." in name else None


@lru_cache(maxsize=50_000)
def _folder(folder: str) -> Reason | None:
    parent, _, name = folder.rpartition("/")
    if parent and (reason := _folder(parent)) is not None:
        return reason
    return FOLDER_REASONS.get(name)
