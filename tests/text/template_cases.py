"""Small templates that use each part of the language, and generated ones for the space around tags."""

import random

DATA = {
    "n": 7, "zero": 0, "x": 2.5, "big": 12345678901, "yes": True, "no": False, "nothing": None, "empty": "", "word": "straße",
    "text": "  Hello, wörld! it's \"fine\" \n second line\t ", "html": "<a href='x'>&\"</a>", "emoji": "a😀b", "list": [3, 1, 2], "mixed": [1, "a", None, 2.0, True],
    "names": ["bob", "Ada", "carl", "ada"], "nested": [[1, 2], [3, [4]]], "dict": {"b": 1, "a": [1, {"c": "d"}], "é": None},
    "people": [{"name": "Ada", "age": 36, "tags": {"x": 1}}, {"name": "bob", "age": 20}, {"name": "Cy", "age": 36, "tags": {"x": 0}}],
    "schema": {"type": "object", "properties": {"city": {"type": "string", "description": "It's"}}, "required": ["city"]},
}
EXPRESSIONS = """
n + 2 * 3 - 1 | n // 2 | n % 3 | -n // 2 | -n % 3 | n / 2 | 2 ** 3 | 2 ** -1 | n * 1.5 | x // 2 | -x % 2 | big * 10 | n ~ x ~ "a" | "a" ~ nothing ~ yes
"a" "b" 'c' | "ab" * 3 | 2 * "ab" | [1] + [2] | [0] * 3 | 1 == 1.0 | "1" == 1 | yes == 1 | 1 < 2 < 3 | 1 < 2 > 3 | "a" < "b" | list == [3, 1, 2] | [1, 2] < [1, 3]
n in list | 3 in list | 3 not in list | "ell" in text | "b" in dict | "z" in dict | not n | not not n | n and x | zero or "else" | zero and x | nothing or no | yes and not no
n if yes else x | n if no else x | n if no | "a" if n > 5 else "b" if n > 3 else "c" | (n, x) | [n, x,] | {"a": n, "b": [x]} | {} | [] | 1_000 | 1e3 | 1.5e-7 | 1e16 | 123456.789 | 0.1 + 0.2
n is defined | q is defined | q is undefined | q | q is none | nothing is none | nothing is not none | n is number | x is float | n is integer | yes is integer | yes is number | yes is boolean
text is string | dict is mapping | list is iterable | text is iterable | n is iterable | dict is sequence | list is sequence | n is odd | n is even | n is divisibleby 7 | n is divisibleby(2)
yes is true | no is false | 1 is true | n is eq 7 | n is ne 7 | n is gt 3 | n is ge(7) | n is lt 3 | n is le 7 | n is in list | 1 is in list | "abc" is lower | "ABC" is upper | "" is lower | n is sameas 7
list[0] | list[-1] | list[9] | list[0:2] | list[::-1] | list[1:] | list[:-1] | list[5:] | list[-2:] | text[2:7] | emoji[1] | emoji[-1] | emoji[::-1] | emoji | length | word[0] | word[::2]
dict.b | dict["b"] | dict.a[1].c | dict["a"][1]["c"] | dict.zzz | dict["zzz"] is defined | people[0].name | people.0.name | schema.properties.city.type | schema.required
""".strip()
FILTERS = """
n|abs, (-n)|abs, (-x)|abs, word|capitalize, "hELLO wORLD"|capitalize, word|upper, word|lower, text|title, "it's a-b (c)"|title, text|trim, "xxaxx"|trim("x"), "ab"|center(7), "ab"|center(6)
q|default("d"), q|d, empty|default("d"), empty|default("d", true), zero|default(5, boolean=true), html|escape, html|e, "3.7"|float, "x"|float, "x"|float(1.5), n|float, "42"|int, "4.9"|int, "x"|int, "x"|int(-1), x|int, yes|int
"a\\nb\\n\\nc"|indent, "a\\nb"|indent(2), "a\\nb"|indent(2, true), "a\\n\\nb"|indent(1, blank=true), "a\\nb"|indent("> "), list|join, list|join("-"), names|join(", "), people|join(",", attribute="name"), list|length, text|length, dict|length, word|count
dict|list, word|list, list|first, list|last, word|first, [1][:0]|first, list|max, list|min, names|max, people|max(attribute="age"), list|sum, [1.5, 2]|sum, people|sum(attribute="age"), list|sort, list|sort(reverse=true), names|sort, names|sort(case_sensitive=true), people|sort(attribute="age")|map(attribute="name")|list
list|reverse|list, word|reverse, names|unique|list, names|map("upper")|list, names|map("length")|list, people|map(attribute="name")|list, people|map(attribute="tags.x")|list, people|map(attribute="zz", default="-")|list
list|select("odd")|list, list|reject("odd")|list, mixed|select|list, mixed|reject("none")|list, people|selectattr("age", "equalto", 36)|map(attribute="name")|list, people|selectattr("tags")|list|length, people|rejectattr("tags", "defined")|map(attribute="name")|list, people|selectattr("name", "in", ["Ada"])|list|length
dict|items|list, dict|dictsort, dict|dictsort(reverse=true), {"B": 1, "a": 2}|dictsort, {"B": 1, "a": 2}|dictsort(by="value", reverse=true), list|batch(2)|list, list|batch(2, "x")|list, people|groupby("age")|length, text|wordcount, "a.b"|replace(".", "!"), "aaa"|replace("a", "b", 2), text|string, n|string, dict|string, mixed|string
x|round, 2.567|round(2), 2.4|round(0, "ceil"), 2.6|round(method="floor"), n|round, dict|tojson, dict|tojson(indent=2), mixed|tojson, html|tojson, text|tojson, schema|tojson(indent=4), emoji|tojson, []|tojson(indent=2), {}|tojson(indent=2), [[], {}]|tojson(indent=2), {"b": 1, "a": 2}|tojson(sort_keys=true), list|tojson(separators=(",", ":")), x|tojson, 1e20|tojson, 3.0|tojson
-n|abs, n|string|length, list|map("string")|join("+"), "a" ~ "b"|upper, not yes|string
""".strip()
METHODS = """
text.strip(); text.lstrip(); text.rstrip(); "xxaxx".strip("x"); "abcab".lstrip("ba"); "a,b,,c".split(","); " a  b c ".split(); "a b c".split(" ", 1); " a  b c ".split(none, 1); "a,b,c".rsplit(",", 1); " a b ".rsplit(); "a\\nb\\r\\nc".splitlines()
word.upper(); "ABC".lower(); "it's a-b".title(); "hELLO".capitalize(); text.startswith("  H"); text.endswith("x"); "abc".startswith(("x", "a")); "abc".replace("b", "xx"); "aaa".replace("a", "b", 1); "abc".replace("", "-"); "abc".find("c"); "abc".find("z"); "abcabc".rfind("b"); "banana".count("an")
", ".join(names); "".join(["a", "b"]); "12".isdigit(); "ab".isalpha(); "a1".isalnum(); " ".isspace(); "AB".isupper(); "ab".islower(); dict.items()|list; dict.keys()|list; dict.values()|list; dict.get("b"); dict.get("z"); dict.get("z", 5); list.index(1); list.count(2); "abc".removeprefix("a"); "abc".removesuffix("c"); "ß".upper()
range(3)|list; range(1, 4)|list; range(5, 0, -2)|list; range(0)|list; dict(a=1, b="x"); namespace(a=1).a; strftime_now("%d %b %Y"); strftime_now("%Y-%m-%d %B"); range(3)[1]; raise_exception("no"); nothing.a; q.a; q + 1; "a" + 1; n.foo; n / 0; n(); dict.nope(); [1] < "a"; {}["x"]; n["a"]; "a"|nofilter; n is notest
""".strip()
BLOCKS = [
    "{% for x in list %}{{ loop.index }}/{{ loop.length }}:{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}",
    "{% for x in list %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.cycle('a', 'b') }}{{ loop.previtem }}{{ loop.nextitem }};{% endfor %}",
    "{% for x in [] %}a{% else %}none{% endfor %}{% for x in q %}a{% else %}none{% endfor %}",
    "{% for k, v in dict.items() %}{{ k }}={{ v }};{% endfor %}{% for k in dict %}{{ k }}{% endfor %}",
    "{% for x in list if x > 1 %}{{ x }}{{ loop.index }}{% endfor %}{% for c in 'añb' %}[{{ c }}]{% endfor %}",
    "{% for x in range(10) %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 5 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% set a = 1 %}{% for x in list %}{% set a = a + x %}{{ a }} {% endfor %}{{ a }}",
    "{% set ns = namespace(a=0, b='x') %}{% for x in list %}{% set ns.a = ns.a + x %}{% endfor %}{{ ns.a }}{{ ns.b }}{{ ns.c }}",
    "{% if n > 5 %}{% set a = 'in' %}{% endif %}{{ a }}", "{% set a, b = 1, 2 %}{{ a }}{{ b }}", "{% set a, b = [1, 2] %}{{ b }}",
    "{% set a %}x{{ n }}y{% endset %}{{ a }}{{ a|length }}", "{% set a | upper | trim %} xy {% endset %}[{{ a }}]",
    "{% macro m(a, b='d', c=n) %}{{ a }}-{{ b }}-{{ c }};{% endmacro %}{{ m(1) }}{{ m(1, 2) }}{{ m(b=3, a=4) }}{{ m() }}{{ m(*[1, 2], **{'c': 5}) }}",
    "{% macro m(a) %}{{ a }}{{ outer }}{% endmacro %}{% set outer = 'o' %}{{ m(1) }}{{ m(1, 2) }}",
    "{% macro rec(x) %}{{ x }}{% if x > 0 %}{{ rec(x - 1) }}{% endif %}{% endmacro %}{{ rec(4) }}",
    "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}in{{ n }}{% endcall %}",
    "{% macro m(x) %}<{{ caller(x, 2) }}>{% endmacro %}{% call(a, b) m(1) %}{{ a }}{{ b }}{% endcall %}",
    "{% filter upper %}a{{ word }}{% endfilter %}", "{% raw %}{{ n }} {% if %}{% endraw %}", "{# a {{ n }} #}b{#- c -#} d", "{% generation %}a{{ n }}{% endgeneration %}",
    "{% if q %}a{% elif n == 7 %}b{% else %}c{% endif %}", "{{ '{{' }}{{ \"}}\" }}{{ '{%' }}", "{{ 'a\\nb\\tc\\\\d\\x41\\u00e9\\q' }}", "{{ {'a': {'b': 1}}['a']['b'] }}", "{{ {'a': 1}.a }}{{{'x': 2}.x}}",
    "{% set x = {'items': [1]} %}{{ x['items'] }}{% for a, b in x.items() %}{{ a }}{{ b }}{% endfor %}", "{% for a in list %}{% for b in list %}{{ loop.index }}{{ a }}{{ b }} {% endfor %}{{ loop.index }}{% endfor %}",
    "{% set loop_messages = people[1:] %}{% for m in loop_messages %}{% if (m['name'] == 'bob') != (loop.index0 % 2 == 0) %}{{ raise_exception('bad') }}{% endif %}{{ m.name }}{% endfor %}",
    "{% for p in people %}{% if p.tags is defined and p.tags is not none %}{{ p.tags.x }}{% endif %}{% endfor %}", "{% if text is string and text|length > 3 or zero %}y{% endif %}",
    "{% endif %}", "{% if n %}", "{{ n", "{{ }}", "{% for %}", "{% nope %}", "{{ n | }}", "{{ (n }}", "{% set %}", "{% break %}", "{# open", "{{ 'open }}", "{% include 'x' %}", "{{ n n }}", "{{ ] }}",
]


def all_cases():
    """(template, data)"""
    for line in EXPRESSIONS.split("\n"):
        for expression in line.split(" | "):
            yield "{{ " + expression + " }}", DATA
    for line in FILTERS.split("\n"):
        depth, begin = 0, 0
        for at, c in enumerate(line + ","):
            depth += (c in "([{") - (c in ")]}")
            if c == "," and depth == 0:
                yield "{{ " + line[begin:at].strip() + " }}", DATA
                begin = at + 1
    for line in METHODS.split("\n"):
        for expression in line.split("; "):
            yield "{{ " + expression + " }}", DATA
    for template in BLOCKS:
        yield template, DATA


def spaced(count, seed=1):
    """Templates of tags, text and all kinds of space, with all marks that tell what becomes of the space."""
    dice = random.Random(seed)
    space = ["", "", " ", "  ", "\n", "\n\n", " \n ", "\t", "\r\n", "a", " a", "a ", "\na\n"]

    def tag(kind, inside):
        close = {"{{": "}}", "{%": "%}", "{#": "#}"}[kind]
        before = dice.choice(["", "", "-"] + ["+"] * (kind != "{{"))
        behind = dice.choice(["", "", "-"] + ["+"] * (kind == "{%"))
        return f"{kind}{before} {inside} {behind}{close}"

    def part(depth):
        kind = dice.randrange(6 if depth < 3 else 3)
        if kind == 0:
            return tag("{{", dice.choice(["n", "word", "empty", "q"]))
        if kind == 1:
            return tag("{#", "note")
        if kind == 2:
            return tag("{%", "set a = 1")
        if kind == 3:
            return tag("{%", dice.choice(["if n", "if zero"])) + parts(depth + 1) + tag("{%", "endif")
        if kind == 4:
            return tag("{%", "for i in [1, 2]") + parts(depth + 1) + tag("{%", "endfor")
        return tag("{%", "raw") + dice.choice(space) + dice.choice(space) + tag("{%", "endraw")

    def parts(depth):
        return "".join(dice.choice(space) + part(depth) for _ in range(dice.randint(0, 4))) + dice.choice(space)

    for _ in range(count):
        yield parts(0), DATA
