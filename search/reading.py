"""Markdown as people read it: HTML that can do nothing, and that knows the line each block comes from."""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from lightfast.lib.visible import visible
from search.coloring import colored

LONGEST = 200_000  # characters; longer texts are shown line by line only
TAGS = {
    *"a b blockquote br code del em h2 h3 h4 h5 h6 hr li ol p pre s span strong".split(),
    *"table tbody td th thead tr ul".split(),
}
ATTRIBUTES = {"*": {"class", "id"}, "a": {"href", "title"}, "span": {"title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])

Lines = tuple[int, int]


def rendered(text: str, chosen: Lines | None = None) -> SafeString:
    """Return the HTML of a text in Markdown; blocks carry the id of their line, and those of the `chosen` a mark."""
    tokens = MARKDOWN.parse(text)
    for token in tokens:
        if token.map and token.type != "inline":
            _place(token, token.map[0] + 1, token.map[1], chosen)
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + 1)}"  # the page has its own first heading
        for inner in (token, *(token.children or ())):
            _write(inner)
    html = MARKDOWN.renderer.render(tokens, MARKDOWN.options, {})
    cleaned = nh3.clean(
        html, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return mark_safe(cleaned)  # noqa: S308 (sanitized)


def _place(token: Token, first: int, last: int, chosen: Lines | None) -> None:
    token.attrSet("id", f"L{first}")
    if chosen and token.level == 0 and first <= chosen[1] and last >= chosen[0]:
        token.attrSet("class", "chosen")


def _write(token: Token) -> None:
    """Write what is text or code our own way, and links in place of images: pages load nothing from other hosts."""
    match token.type:
        case "text":
            token.type, token.content = "html_inline", visible(token.content)
        case "code_inline":
            token.type, token.content = "html_inline", f"<code>{visible(token.content)}</code>"
        case "image":
            target, says = visible(str(token.attrGet("src") or "")), visible(token.content) or "image"
            token.type, token.content = "html_inline", f'<a href="{target}">{says}</a>'
        case "fence" | "code_block":
            language = (token.info.lower().split() or [""])[0]
            lines = "\n".join(colored(token.content.removesuffix("\n"), language))
            place = RendererHTML.renderAttrs(token)
            token.type, token.content = "html_block", f"<pre{place}><code>{lines}</code></pre>\n"
