"""An OpenAPI 3.1 file as a judge: is a route in it, a status, and does a body keep to its schema?"""

import json
import re

try:
    import jsonschema
except ImportError:
    jsonschema = None


class Document:
    """text: the file as the service serves it."""

    def __init__(self, text):
        self._document = json.loads(text)
        self._paths = [(path, _pattern(path), item)
                       for path, item in self._document["paths"].items()]

    def faults(self):
        """What is wrong with the document itself."""
        found = []
        if not self._document.get("openapi", "").startswith("3.1."):
            found.append("it is not OpenAPI 3.1")
        for where, schema in self._schemas():
            if jsonschema:
                try:
                    jsonschema.Draft202012Validator.check_schema(schema)
                except jsonschema.SchemaError as error:
                    found.append(f"{where}: {error.message}")
        found += [f"{ref} does not exist" for ref in self._references(self._document)
                  if self._resolve(ref) is None]
        return found

    def routes(self):
        """All of them: "GET /health"."""
        return {f"{method.upper()} {path}" for path, item in self._document["paths"].items()
                for method in item}

    def statuses(self):
        """Those of any operation, as texts."""
        return {status for item in self._document["paths"].values()
                for operation in item.values() for status in operation["responses"]}

    def operation(self, method, target):
        """(path, operation) for a request, or None."""
        path = target.partition("?")[0]
        for name, pattern, item in self._paths:
            if pattern.fullmatch(path):
                operation = item.get(method.lower()) or (item.get("get") if method == "HEAD" else None)
                return (name, operation) if operation else None
        return None

    def check(self, request, response):
        """Raises AssertionError unless the answer is one that the document knows."""
        method, target = request.method, request.target
        found = self.operation(method, target)
        if found is None:
            assert response.status in (404, 405), f"{method} {target} is not in the document"
            return
        path, operation = found
        answer = operation["responses"].get(str(response.status))
        assert answer is not None, f"{method} {path} may not answer {response.status}"
        answer = self._resolve(answer["$ref"]) if "$ref" in answer else answer
        kinds = answer.get("content", {})
        kind = (response.headers.get("Content-Type") or "").partition(";")[0]
        if method != "HEAD" and kinds:
            assert kind in kinds, f"{method} {path} {response.status} may not be {kind}"
            if response.is_json() and jsonschema:
                self._validate(kinds[kind]["schema"], response.json())

    def _validate(self, schema, value):
        whole = {**schema, "components": self._document.get("components", {})}
        for error in jsonschema.Draft202012Validator(whole).iter_errors(value):
            raise AssertionError(f"{error.json_path}: {error.message:.300}")

    def _resolve(self, ref):
        at = self._document
        for key in ref.removeprefix("#/").split("/"):
            at = at.get(key) if isinstance(at, dict) else None
        return at

    def _references(self, node):
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for child in children:
            yield from self._references(child)

    def _schemas(self):
        for name, schema in self._document.get("components", {}).get("schemas", {}).items():
            yield f"components.schemas.{name}", schema


def _pattern(path):
    rest = re.sub(r"\\\{[^}]*\\\.\\\.\\\.\\\}", ".*", re.escape(path))
    return re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", rest))
