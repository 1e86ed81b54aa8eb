"""What the definitions of a language are, and how they are named."""

from tree_sitter import Node

from ingestion.pipeline.chunking.names import shorten

C = {
    "enum_specifier": "enum",
    "function_definition": "function",
    "struct_specifier": "struct",
    "union_specifier": "union",
}
JAVASCRIPT = {
    "arrow_function": "function",
    "class": "class",
    "class_declaration": "class",
    "function_declaration": "function",
    "function_expression": "function",
    "generator_function": "function",
    "generator_function_declaration": "function",
    "method_definition": "method",
    "object": "object",
}
TYPESCRIPT = JAVASCRIPT | {
    "abstract_class_declaration": "class",
    "enum_declaration": "enum",
    "function_signature": "function",
    "interface_declaration": "interface",
    "internal_module": "namespace",
    "module": "module",
    "type_alias_declaration": "type",
}
CLASSES = {
    "class_declaration": "class",
    "enum_declaration": "enum",
    "interface_declaration": "interface",
}
# The word that goes before a definition's name, by grammar and node type.
WORDS = {
    "c": C,
    "cpp": C
    | {"class_specifier": "class", "concept_definition": "concept", "namespace_definition": "namespace"},
    "csharp": CLASSES
    | {
        "constructor_declaration": "constructor",
        "delegate_declaration": "delegate",
        "file_scoped_namespace_declaration": "namespace",
        "local_function_statement": "method",
        "method_declaration": "method",
        "namespace_declaration": "namespace",
        "property_declaration": "property",
        "record_declaration": "record",
        "struct_declaration": "struct",
    },
    "go": {
        "function_declaration": "func",
        "method_declaration": "func",
        "type_alias": "type",
        "type_spec": "type",
    },
    "java": CLASSES
    | {
        "annotation_type_declaration": "@interface",
        "compact_constructor_declaration": "constructor",
        "constructor_declaration": "constructor",
        "method_declaration": "method",
        "record_declaration": "record",
    },
    "javascript": JAVASCRIPT,
    "php": CLASSES
    | {
        "function_definition": "function",
        "method_declaration": "function",
        "namespace_definition": "namespace",
        "trait_declaration": "trait",
    },
    "python": {"class_definition": "class", "function_definition": "def"},
    "ruby": {
        "class": "class",
        "method": "def",
        "module": "module",
        "singleton_class": "class <<",
        "singleton_method": "def",
    },
    "rust": {
        "enum_item": "enum",
        "function_item": "fn",
        "impl_item": "impl",
        "macro_definition": "macro",
        "mod_item": "mod",
        "struct_item": "struct",
        "trait_item": "trait",
        "union_item": "union",
    },
    "tsx": TYPESCRIPT,
    "typescript": TYPESCRIPT,
}
# What wraps a definition: where to go on (a field, or "" for the last named child), and the field that names it.
WRAPPERS = {
    "ambient_declaration": ("", ""),
    "assignment_expression": ("right", "left"),
    "decorated_definition": ("definition", ""),
    "export_statement": ("", ""),
    "expression_statement": ("", ""),
    "field_definition": ("value", "property"),
    "lexical_declaration": ("", ""),
    "pair": ("value", "key"),
    "public_field_definition": ("value", "name"),
    "template_declaration": ("", ""),
    "type_declaration": ("", ""),
    "type_definition": ("type", "declarator"),
    "variable_declaration": ("", ""),
    "variable_declarator": ("value", "name"),
}
NEEDS_BODY = {"enum_specifier", "struct_specifier", "union_specifier", "class_specifier"}
MAX_WRAPPERS, MAX_DECLARATORS = 5, 8


def definition(node: Node, grammar: str, data: bytes) -> tuple[str, Node] | None:
    """Return what a definition is called, such as "class Foo", and its own node inside of what wraps it."""
    words = WORDS[grammar]
    inner: Node | None = node
    name = ""
    for _ in range(MAX_WRAPPERS):
        if inner is None:
            return None
        if word := words.get(inner.type):
            if inner.type in NEEDS_BODY and inner.child_by_field_name("body") is None:
                return None
            name = name or _name(inner, data)
            return (f"{word} {name}", inner) if name else None
        if inner.type not in WRAPPERS:
            return None
        onward, named_by = WRAPPERS[inner.type]
        name = name or _field(inner, named_by, data)
        if onward:
            inner = inner.child_by_field_name(onward)
        else:
            inner = inner.named_child(inner.named_child_count - 1) if inner.named_child_count else None
    return None


def _name(node: Node, data: bytes) -> str:
    match node.type:
        case "function_definition" if node.child_by_field_name("declarator"):
            return _declared(node, data)
        case "impl_item":
            trait, target = _field(node, "trait", data), _field(node, "type", data)
            return f"{trait} for {target}" if trait else target
        case "method_declaration" if receiver := node.child_by_field_name("receiver"):
            parameter = receiver.named_child(0) if receiver.named_child_count else None
            owner = _field(parameter, "type", data).lstrip("*") if parameter else ""
            return f"{owner}.{_field(node, 'name', data)}"
        case "singleton_method":
            return f"{_field(node, 'object', data)}.{_field(node, 'name', data)}"
        case "singleton_class":
            return _field(node, "value", data)
    return _field(node, "name", data)


def _declared(node: Node, data: bytes) -> str:
    """Return the name inside the declarators of C, such as `*(*name(int))(void)`."""
    for _ in range(MAX_DECLARATORS):
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type.endswith("declarator") and node.named_child_count:
            inner = node.named_child(0)
        if inner is None:
            break
        node = inner
    text = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
    return shorten(text.partition("(")[0] if node.type == "operator_cast" else text)


def _field(node: Node, field: str, data: bytes) -> str:
    found = node.child_by_field_name(field) if field else None
    return shorten(data[found.start_byte : found.end_byte].decode("utf-8", "replace")) if found else ""
