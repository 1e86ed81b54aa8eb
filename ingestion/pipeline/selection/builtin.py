"""What is left out of every index, by its name."""

from collections.abc import Callable
from functools import lru_cache

from ingestion.reasons import Reason

FOLDERS = {
    Reason.VCS: ".bzr .git .hg .jj .svn CVS _darcs",
    Reason.DEPENDENCY: (
        ".bundle .pnpm-store .venv .virtualenv .yarn Carthage Pods __pypackages__ bower_components elm-stuff"
        " jspm_packages node_modules site-packages third_party vendor venv virtualenv web_modules"
    ),
    Reason.BUILD_OUTPUT: (
        ".angular .astro .cache .coverage .dart_tool .docusaurus .eggs .gradle .hypothesis .ipynb_checkpoints"
        " .mypy_cache .next .nox .nuxt .nyc_output .output .parcel-cache .pytest_cache .ruff_cache .sass-cache"
        " .serverless .svelte-kit .terraform .tox .turbo .vercel .vs DerivedData __pycache__ _build bazel-bin bazel-out"
        " build dist htmlcov out target"
    ),
    Reason.SECRET: ".aws .gnupg .ssh",
}
FILES = {
    Reason.LOCK_FILE: (
        ".terraform.lock.hcl bun.lock bun.lockb bundler.lock cargo.lock cartfile.resolved composer.lock deno.lock"
        " flake.lock gemfile.lock go.sum go.work.sum gopkg.lock mix.lock npm-shrinkwrap.json package-lock.json"
        " package.resolved packages.lock.json paket.lock pdm.lock pipfile.lock pixi.lock pnpm-lock.yaml podfile.lock"
        " poetry.lock pubspec.lock renv.lock uv.lock yarn.lock"
    ),
    Reason.BUILD_OUTPUT: ".coverage .ds_store .pnp.cjs .pnp.loader.mjs .pnp.js desktop.ini thumbs.db",
    Reason.SECRET: (
        ".dockercfg .env .envrc .git-credentials .htpasswd .netrc .npmrc .pgpass .pypirc _netrc credentials"
        " credentials.json id_dsa id_ecdsa id_ed25519 id_rsa master.key secrets.json secrets.yaml secrets.yml"
        " service-account.json"
    ),
}
SUFFIXES = {
    Reason.MINIFIED: (
        ".bundle.css .bundle.js .chunk.css .chunk.js .css.map .js.map .map .min.css .min.html .min.js .min.mjs"
        " -min.js -min.css .designer.cs .g.cs .g.dart .pb.cc .pb.go .pb.h _pb2.py _pb2_grpc.py"
    ),
    Reason.LOCK_FILE: ".lock .lockfile",
    Reason.SECRET: ".asc .gpg .jks .kdbx .key .keystore .ovpn .p12 .p8 .pem .pfx .pgp .ppk",
    Reason.BINARY_TYPE: (
        # images
        ".ai .avif .bmp .cr2 .dng .eps .exr .gif .hdr .heic .heif .icns .ico .jp2 .jpeg .jpg .jxl .nef .png .psd .raw"
        " .sketch .tga .tif .tiff .webp .xcf .fig .svgz"
        # fonts
        " .eot .otf .ttc .ttf .woff .woff2"
        # sound and film
        " .aac .aif .aiff .avi .flac .flv .m4a .m4v .mid .midi .mkv .mov .mp3 .mp4 .mpeg .mpg .oga .ogg .ogv .opus .wav"
        " .webm .wma .wmv"
        # archives and images of disks
        " .7z .apk .appx .br .bz2 .cab .crx .deb .dmg .ear .gz .img .ipa .iso .jar .lz .lz4 .lzma .msi .nupkg .pkg .rar"
        " .rpm .snap .tar .tbz2 .tgz .txz .vsix .war .whl .xpi .xz .z .zip .zst"
        # compiled
        " .a .beam .bin .class .dex .dll .dylib .elc .elf .exe .gch .hi .ilk .ko .la .lib .lo .nib .o .obj"
        " .pch .pdb .pyc .pyd .pyo .rlib .rmeta .so .swf .wasm"
        # office and print
        " .doc .docm .docx .dot .dotx .epub .key .mobi .numbers .odg .odp .ods .odt .pages .pdf .ppt .pptx .rtf .vsd"
        " .vsdx .xls .xlsb .xlsm .xlsx"
        # models, data and databases
        " .arrow .avro .bak .ckpt .dat .db .dbf .dump .feather .ggml .gguf .h5 .hdf5 .joblib .keras .mat .mdb .mo .npy"
        " .npz .onnx .orc .parquet .pb .pickle .pkl .pt .pth .rdata .rdb .rds .safetensors .sqlite .sqlite3 .tfevents"
        " .tflite .tfrecord .wal"
        # shapes and scenes
        " .3ds .blend .dwg .fbx .glb .max .mb .skp .stl .unitypackage .uasset"
    ),
}
# Samples of secrets hold none.
HARMLESS = (".default", ".defaults", ".dist", ".example", ".sample", ".schema", ".template", ".test")


def _index(table: dict[Reason, str], fold: Callable[[str], str]) -> dict[str, Reason]:
    return {fold(name): reason for reason, names in table.items() for name in names.split()}


_FOLDERS = _index(FOLDERS, str)
_FILES = _index(FILES, str.lower)
_SUFFIXES = _index({reason: SUFFIXES[reason] for reason in reversed(SUFFIXES)}, str.lower)
_AFTER_DOT = {suffix: reason for suffix, reason in _SUFFIXES.items() if suffix.rfind(".") == 0}
_LONG = tuple(suffix for suffix in _SUFFIXES if suffix not in _AFTER_DOT)


def reasons_of(path: str) -> tuple[Reason, ...]:
    """Return why a path is left out, the folders from the top first; empty when it is not."""
    slash = path.rfind("/")
    folders = _folder_reasons(path[:slash]) if slash > 0 else ()
    reason = _file_reason(path[slash + 1 :].lower())
    return (*folders, reason) if reason else folders


@lru_cache(maxsize=10_000)
def _folder_reasons(folder: str) -> tuple[Reason, ...]:
    return tuple(_FOLDERS[name] for name in folder.split("/") if name in _FOLDERS)


def _file_reason(name: str) -> Reason | None:
    if reason := _FILES.get(name):
        return reason
    if name.startswith(".env.") and not name.endswith(HARMLESS):
        return Reason.SECRET
    if name.endswith(_LONG):
        return next(_SUFFIXES[suffix] for suffix in _LONG if name.endswith(suffix))
    dot = name.rfind(".")
    return _AFTER_DOT.get(name[dot:]) if dot >= 0 else None
