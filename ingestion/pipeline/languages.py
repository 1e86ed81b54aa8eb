"""Which language a file is written in, by its name or its first line."""

import re

EXTENSIONS = {
    extension: language
    for language, extensions in {
        "ada": "adb ads", "assembly": "asm s", "bash": "sh bash zsh ksh bats", "batch": "bat cmd", "c": "c h",
        "clojure": "clj cljs cljc edn", "cmake": "cmake", "cpp": "cc cpp cxx c++ hh hpp hxx h++ ipp tpp inl cu cuh",
        "csharp": "cs csx", "css": "css", "csv": "csv tsv", "d": "d", "dart": "dart", "elixir": "ex exs", "elm": "elm",
        "erlang": "erl hrl", "fish": "fish", "fortran": "f f90 f95 f03 for", "fsharp": "fs fsi fsx", "go": "go",
        "graphql": "graphql gql", "groovy": "groovy gradle", "haskell": "hs lhs", "html": "html htm xhtml",
        "ini": "ini cfg conf properties editorconfig", "java": "java", "javascript": "js jsx mjs cjs",
        "json": "json jsonc json5 ipynb webmanifest", "julia": "jl", "kotlin": "kt kts", "latex": "tex sty cls",
        "less": "less", "lisp": "lisp lsp el scm rkt", "lua": "lua", "makefile": "mk mak", "markdown": "md markdown mdx mkd",
        "nim": "nim", "nix": "nix", "objective-c": "m mm", "ocaml": "ml mli", "perl": "pl pm t", "php": "php phtml php5",
        "powershell": "ps1 psm1 psd1", "protobuf": "proto", "python": "py pyi pyw pyx pxd", "r": "r rmd",
        "restructuredtext": "rst", "ruby": "rb rake gemspec ru", "rust": "rs", "sass": "sass scss", "scala": "scala sbt sc",
        "solidity": "sol", "sql": "sql psql", "svelte": "svelte", "swift": "swift", "template": "j2 jinja jinja2 tmpl tpl ejs erb",
        "terraform": "tf tfvars hcl", "text": "txt text log", "toml": "toml", "tsx": "tsx", "typescript": "ts mts cts",
        "vb": "vb bas vbs", "vim": "vim", "vue": "vue", "xml": "xml xsd xsl xslt svg plist", "yaml": "yaml yml", "zig": "zig",
    }.items()
    for extension in extensions.split()
}  # fmt: skip

NAMES = {
    "makefile": "makefile", "gnumakefile": "makefile", "dockerfile": "dockerfile", "containerfile": "dockerfile",
    "cmakelists.txt": "cmake", "jenkinsfile": "groovy", "rakefile": "ruby", "gemfile": "ruby", "vagrantfile": "ruby",
    "podfile": "ruby", "brewfile": "ruby", "procfile": "text", "readme": "text", "license": "text", "copying": "text",
    "authors": "text", "changelog": "text", "notice": "text", ".gitignore": "ini", ".gitattributes": "ini",
    ".bashrc": "bash", ".profile": "bash", ".zshrc": "bash", "build": "python", "build.bazel": "python",
    "workspace": "python", "sconstruct": "python", "wscript": "python",
}  # fmt: skip

INTERPRETERS = {
    "python": "python", "bash": "bash", "sh": "bash", "zsh": "bash", "dash": "bash", "ksh": "bash", "node": "javascript",
    "deno": "typescript", "ruby": "ruby", "perl": "perl", "php": "php", "lua": "lua", "fish": "fish", "Rscript": "r",
}  # fmt: skip

SHEBANG = re.compile(r"#!\s*(?:\S*/)?(?:env\s+(?:-\S+\s+)*)?([A-Za-z]+)")


def language_of(path: str, first_line: str = "") -> str:
    """Return the language's name in lower case, or an empty string when neither name nor first line tells."""
    name = path.rsplit("/", 1)[-1].lower()
    if name in NAMES:
        return NAMES[name]
    stem, dot, extension = name.rpartition(".")
    if dot and stem and extension in EXTENSIONS:
        return EXTENSIONS[extension]
    if name.startswith("dockerfile."):
        return "dockerfile"
    shebang = SHEBANG.match(first_line)
    return INTERPRETERS.get(shebang[1], "") if shebang else ""
