"""Authlib in a Flask app as its documentation shows it: registered by the address of the metadata, the ID token checked
against the key set, the token renewed by the library once it has expired."""
import os

from authlib.integrations.flask_client import OAuth
from flask import Flask, abort, jsonify, redirect

APP_URL = os.environ["APP_URL"]
app = Flask(__name__)
app.secret_key = os.urandom(32)
person = {}


def keep(token, **_):
    person.update(token=dict(person.get("token", {}), **token))


oauth = OAuth(app, update_token=lambda name, token, **old: keep(token, **old))
issuer = oauth.register(
    "issuer", client_id=os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"],
    server_metadata_url=os.environ["ISSUER"] + "/.well-known/openid-configuration",
    client_kwargs={"scope": os.environ["SCOPE"], "code_challenge_method": "S256"})


@app.errorhandler(Exception)
def show(error):
    return jsonify(error=f"{type(error).__name__}: {error}"), getattr(error, "code", 500)


@app.get("/login")
def login():
    return issuer.authorize_redirect(APP_URL + "/callback", prompt="consent")


@app.get("/callback")
def callback():
    token = issuer.authorize_access_token()
    person.update(token=token, claims=dict(token["userinfo"]))
    return redirect("/")


@app.get("/")
def home():
    if not person:
        abort(401)
    told = issuer.userinfo(token=person["token"])
    assert told["sub"] == person["claims"]["sub"]
    return jsonify(person["claims"])


@app.get("/refresh")
def refresh():
    before = person["token"]["access_token"]
    issuer.userinfo(token=dict(person["token"], expires_at=1))
    return jsonify(refreshed=person["token"]["access_token"] != before)


@app.get("/logout")
def logout():
    hint = person.pop("token")["id_token"]
    person.clear()
    return issuer.logout_redirect(post_logout_redirect_uri=APP_URL + "/", id_token_hint=hint)


app.run("127.0.0.1", int(os.environ["PORT"]))
