"""How forms come out on every page."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Django's renderer with the fields of the design system."""

    form_template_name = "ui/form_fields.html"
    field_template_name = "ui/field.html"
