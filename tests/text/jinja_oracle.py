"""Renders as transformers does, with Debian's python3-jinja2: what src/text/jinja has to be equal to."""

import datetime
import json

try:
    import jinja2
    import jinja2.ext
    import jinja2.sandbox
except ImportError:  # scripts/setup --dev installs it
    jinja2 = None

DAY = datetime.date(2025, 7, 10)  # of the published renderings


class Generation(jinja2.ext.Extension if jinja2 else object):
    """{% generation %}: what transformers marks as the model's words."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_same"), [], [], body).set_lineno(line)

    def _same(self, caller):
        return caller()


def raise_exception(message):
    raise jinja2.exceptions.TemplateError(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True,
                                                        extensions=[Generation, jinja2.ext.loopcontrols])
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = DAY.strftime
    return made


def render(template, data):
    """The text, or None where there is none."""
    try:
        return environment().from_string(template).render(**data)
    except (jinja2.exceptions.TemplateError, TypeError, ValueError, ZeroDivisionError, AttributeError, KeyError, OverflowError,
            SyntaxError):
        return None
