"""social-auth-core with its generic OpenID Connect backend, the storage and strategy kept in memory as a web
framework's adapter would keep them in its session and database."""
import os
import urllib.parse

from frame.web import serve
from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.storage import AssociationMixin, BaseStorage, NonceMixin, UserMixin
from social_core.strategy import BaseStrategy

APP_URL = os.environ["APP_URL"]
SETTINGS = {
    "SOCIAL_AUTH_OIDC_OIDC_ENDPOINT": os.environ["ISSUER"],
    "SOCIAL_AUTH_OIDC_KEY": os.environ["CLIENT_ID"],
    "SOCIAL_AUTH_OIDC_SECRET": os.environ["CLIENT_SECRET"],
    "SOCIAL_AUTH_OIDC_SCOPE": ["offline_access"],
    "SOCIAL_AUTH_OIDC_PROMPT": "consent",
    "SOCIAL_AUTH_OIDC_USE_PKCE": True,
    "SOCIAL_AUTH_PIPELINE": ("social_core.pipeline.social_auth.social_details",
                             "social_core.pipeline.social_auth.social_uid", "__main__.keep"),
}
person = {}


class Association(AssociationMixin):
    """Where the backend keeps its nonces."""
    rows = []

    @classmethod
    def store(cls, server_url, association):
        row = cls()
        vars(row).update(vars(association), server_url=server_url, id=len(cls.rows))
        cls.rows.append(row)

    @classmethod
    def get(cls, server_url=None, handle=None):
        return [row for row in cls.rows if (row.server_url, row.handle) == (server_url, handle)]

    @classmethod
    def remove(cls, ids_to_delete):
        cls.rows[:] = [row for row in cls.rows if row.id not in ids_to_delete]


class Nonce(NonceMixin):
    """Where the backend keeps the states that it handed out."""
    rows = set()

    @classmethod
    def use(cls, server_url, timestamp, salt):
        fresh = (server_url, timestamp, salt) not in cls.rows
        cls.rows.add((server_url, timestamp, salt))
        return fresh

    @classmethod
    def consume(cls, server_url, timestamp, salt):
        known = (server_url, timestamp, salt) in cls.rows
        cls.rows.discard((server_url, timestamp, salt))
        return known


class Storage(BaseStorage):
    """What the strategy is given."""
    association, nonce, user = Association, Nonce, UserMixin


class Strategy(BaseStrategy):
    """One browser's session, and the parameters of the request at hand."""
    session, parameters = {}, {}

    def get_setting(self, name):
        return SETTINGS[name]

    def request_data(self, merge=True):
        return self.parameters

    get_request_data = request_data

    def request_host(self):
        return urllib.parse.urlsplit(APP_URL).netloc

    def redirect(self, url):
        return url

    def build_absolute_uri(self, path=None):
        return urllib.parse.urljoin(APP_URL, path)

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def session_pop(self, name):
        return self.session.pop(name, None)


def keep(backend, response, uid, **_):
    """The last step of the pipeline: who it is."""
    person.update(uid=uid, claims=backend.id_token, response=response)


def make_backend():
    return OpenIdConnectAuth(Strategy(Storage), redirect_uri=APP_URL + "/callback")


def callback(parameters):
    Strategy.parameters = parameters
    make_backend().complete()
    return APP_URL + "/"


def home(_):
    return dict(person["claims"], sub=person["uid"]) if person else None


def refresh(_):
    renewed = make_backend().refresh_token(person["response"]["refresh_token"])
    return {"refreshed": renewed["access_token"] != person["response"]["access_token"]}


serve({"/login": lambda _: make_backend().start(), "/callback": callback, "/": home, "/refresh": refresh})
