"""Which secrets were used, and where any of them can be read: plain, and in the base64, hex, percent-encoded, HTML and
JSON forms of it, cut short or whole. Security corpus 0 (no secret in the log) and 6.4 (what a thief must not get)."""
import base64
import html
import json
import re
import urllib.parse

WINDOW = 16  # so many consecutive characters of a secret are a leak
# Texts are cut into words of these; a form with any other character is searched for as a whole.
WORD = re.compile(rf"[A-Za-z0-9+/_=%.~-]{{{WINDOW},}}")


def base64_forms(raw):
    """Base64 of the bytes at each of the three places they may have in a longer text, without the characters that
    depend on their neighbours."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + raw).decode().rstrip("=")
        text = text[(0, 2, 3)[before]:]
        yield text if (before + len(raw)) % 3 == 0 else text[:-1]


def forms_of(secret):
    """Every text under which the secret may hide: {name of the form: texts}."""
    raw = secret.encode()
    every_byte = "".join(f"%{byte:02X}" for byte in raw)
    as_base64 = list(base64_forms(raw))
    return {
        "plain": {secret},
        "base64": set(as_base64) | {text.replace("+", "-").replace("/", "_") for text in as_base64},
        "hex": {raw.hex(), raw.hex().upper()},
        "url": {every_byte, every_byte.lower(), urllib.parse.quote(secret, safe=""), urllib.parse.quote_plus(secret)},
        "html": {html.escape(secret)},
        "json": {json.dumps(secret)[1:-1]},
    }


def secret_part(value):
    """What of a token may be known to nobody: not the header of a JWT, not the place in its family of a refresh
    token."""
    if re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", value) and value.startswith("eyJ"):
        return value.split(".", 1)[1]
    if value.startswith("rt1_"):
        return value[-87:]
    return value


class Register:
    """The secrets of a run."""

    def __init__(self):
        self.kinds = {}    # secret -> kind
        self.windows = {}  # WINDOW characters -> (kind, form)
        self.wholes = {}   # a text that is no word, or short -> (kind, form)
        self.raws = {}     # bytes -> kind

    def add(self, kind, value):
        """Notes a secret; texts under eight characters hide nothing."""
        if not value or len(value) < 8 or value in self.kinds:
            return
        self.kinds[value] = kind
        secret = secret_part(value)
        for form, texts in forms_of(secret).items():
            for text in texts:
                self.index(text, (kind, form))
        if re.fullmatch(r"[A-Za-z0-9_-]{43}", secret):  # 32 bytes in base64url: the bytes themselves give it away
            self.raws[base64.urlsafe_b64decode(secret + "=")] = kind

    def index(self, text, meaning):
        if not WORD.fullmatch(text):
            self.wholes.setdefault(text, meaning)
            return
        for at in range(0, len(text) - WINDOW + 1, WINDOW):
            self.windows.setdefault(text[at:at + WINDOW], meaning)

    def search(self, content, but=()):
        """{(kind, form)} of the secrets that can be read in bytes or text; kinds in `but` do not count."""
        found = set()
        text = content if isinstance(content, str) else content.decode("latin-1")
        for word in set(WORD.findall(text)):
            for at in range(len(word) - WINDOW + 1):
                meaning = self.windows.get(word[at:at + WINDOW])
                if meaning:
                    found.add(meaning)
        found |= {meaning for whole, meaning in self.wholes.items() if whole in text}
        if not isinstance(content, str):
            found |= {(kind, "raw") for raw, kind in self.raws.items() if raw in content}
        return {meaning for meaning in found if meaning[0] not in but}
