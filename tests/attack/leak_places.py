"""Every place where a secret that the server handled could be read afterwards: {name: bytes}. Security corpus 6.4."""
import os
import stat


def files_below(top):
    """Every regular file below a folder: the store, its log of writes, its shared memory, whatever else there is."""
    found = {}
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if stat.S_ISREG(os.lstat(path).st_mode):
                with open(path, "rb") as file:
                    found[path] = file.read()
    return found


def open_files_of(pid, but=()):
    """What the process holds open, files without a name as well."""
    found = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        path = f"/proc/{pid}/fd/{number}"
        try:
            if os.path.isfile(path) and os.readlink(path) not in but:
                with open(path, "rb") as file:
                    found[f"open file {os.readlink(path)}"] = file.read()
        except OSError:
            continue  # closed meanwhile
    return found


def places_of(issuer, backup):
    """All places of a running server. The configuration and the root key are where secrets belong."""
    issuer.settle_log()
    places = files_below(issuer.data) | files_below(issuer.scratch) | open_files_of(issuer.process.pid)
    for name in ("cmdline", "environ"):
        with open(f"/proc/{issuer.process.pid}/{name}", "rb") as file:
            places[name] = file.read()
    with open(backup, "rb") as file:
        places["backup"] = file.read()
    with open(issuer.log_path, "rb") as file:
        places["log"] = file.read()
    for path in ("/metrics", "/readyz?verbose", "/livez"):
        places[path] = issuer.manage(path).encode()
    places["error pages"] = "\n".join(issuer.refusal_texts).encode()
    return places
