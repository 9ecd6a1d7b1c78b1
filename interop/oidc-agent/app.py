"""oidc-agent's command line driven as a person would in a terminal: oidc-gen prints an address to open and waits for
the answer on a loopback port, or shows a code to type there (the device flow); oidc-token prints access tokens,
oidc-gen -d revokes and forgets. /login opens the address."""
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request

from frame.web import serve

ISSUER = os.environ["ISSUER"]
HOME = tempfile.mkdtemp(prefix="agent-")
ACCOUNT = "interop"
SOCKET = os.path.join(HOME, "socket")
ENVIRONMENT = dict(os.environ, HOME=HOME, TMPDIR=HOME, OIDC_SOCK=SOCKET, OIDC_ENCRYPTION_PW=secrets.token_hex(16))
START_SECONDS = 30
REGISTERS = os.environ.get("CLIENT") == "registration"
# What a client that comes by itself wants is its user's to say; else it is what the row registers.
SCOPE = "openid profile email offline_access" if REGISTERS else os.environ["SCOPE"]
state = {"generator": None, "signed_in": False}


def start_agent():
    os.mkdir(os.path.join(HOME, ".oidc-agent"), 0o700)
    subprocess.Popen(["oidc-agent", "--console", "--socket-path", SOCKET], env=ENVIRONMENT, stdin=subprocess.DEVNULL)
    # The agent's second process outlives a SIGTERM. Everything here is of one process group, this program included.
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    until = time.monotonic() + START_SECONDS
    while not os.path.exists(SOCKET):
        if time.monotonic() > until:
            raise RuntimeError("oidc-agent did not start")
        time.sleep(0.05)


def free_port():
    """A port that oidc-gen takes: it refuses those above 49151."""
    while True:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", 20000 + secrets.randbelow(10000)))
                return probe.getsockname()[1]
            except OSError:
                continue


def run(*command):
    done = subprocess.run(command, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {done.stdout.strip()}")
    return done.stdout.strip()


def login(_):
    flow = os.environ["FLOW"]
    answer = ["--redirect-uri", f"http://localhost:{free_port()}", "--no-url-call", "--no-scheme"]
    client = ["--manual", "--client-id", os.environ["CLIENT_ID"], "--client-secret", os.environ["CLIENT_SECRET"]]
    state["generator"] = subprocess.Popen(
        ["oidc-gen", "--issuer", ISSUER, *([] if REGISTERS else client), "--scope", SCOPE,
         "--cert-path", os.environ["CA_FILE"], "--flow", flow, *(answer if flow == "code" else []),
         "--prompt", "none", "--confirm-yes", "--pw-env", ACCOUNT],
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    address, printed = None, []
    for line in state["generator"].stdout:
        printed.append(line)
        if line.startswith(ISSUER):
            address = line.strip()
        shown = re.search(r"enter the code: *(\S+)", line)
        if address and shown:
            # What the person would type there; the QR code that follows holds the same (RFC 8628 3.3.1).
            return f"{address}?user_code={shown.group(1)}"
        if address and flow == "code":
            return address
    raise RuntimeError("oidc-gen: " + "".join(printed))


def finish():
    """Waits for oidc-gen, which asks the agent every second whether the answer has come."""
    generator, state["generator"] = state["generator"], None
    printed, _ = generator.communicate(timeout=60)
    if generator.returncode != 0:
        raise RuntimeError("oidc-gen: " + printed)
    state["signed_in"] = True


def home(_):
    if state["generator"] is not None:
        finish()
    if not state["signed_in"]:
        return None
    request = urllib.request.Request(ISSUER + "/userinfo",
                                     headers={"Authorization": "Bearer " + run("oidc-token", ACCOUNT)})
    trust = ssl.create_default_context(cafile=os.environ["CA_FILE"])
    with urllib.request.urlopen(request, context=trust) as answer:
        return json.load(answer)


def refresh(_):
    return {"refreshed": run("oidc-token", "--force-new", ACCOUNT) != run("oidc-token", "--force-new", ACCOUNT)}


def logout(_):
    run("oidc-gen", "--delete", "--confirm-yes", "--pw-env", ACCOUNT)
    state["signed_in"] = False
    return {"signed_in": False}


start_agent()
serve({"/login": login, "/": home, "/refresh": refresh, "/logout": logout})
