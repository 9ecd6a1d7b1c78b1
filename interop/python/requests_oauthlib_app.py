"""requests-oauthlib: OAuth 2.0 alone. It takes no ID token in; the person is whom userinfo names."""
import os

from frame.web import serve
from requests_oauthlib import OAuth2Session

ISSUER, APP_URL = os.environ["ISSUER"], os.environ["APP_URL"]
CLIENT = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
state = {}


def login(_):
    state["session"] = OAuth2Session(CLIENT[0], redirect_uri=APP_URL + "/callback", pkce="S256",
                                     scope=os.environ["SCOPE"].split())
    return state["session"].authorization_url(ISSUER + "/authorize", prompt="consent")[0]


def callback(parameters):
    state["session"].fetch_token(ISSUER + "/token", code=parameters["code"], state=parameters["state"],
                                 client_secret=CLIENT[1])
    return APP_URL + "/"


def home(_):
    if "session" not in state or not state["session"].authorized:
        return None
    answer = state["session"].get(ISSUER + "/userinfo")
    answer.raise_for_status()
    return answer.json()


def refresh(_):
    before = state["session"].token["access_token"]
    return {"refreshed": state["session"].refresh_token(ISSUER + "/token", auth=CLIENT)["access_token"] != before}


serve({"/login": login, "/callback": callback, "/": home, "/refresh": refresh})
