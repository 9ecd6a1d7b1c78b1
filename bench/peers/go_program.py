"""Programs of the Go module proxy: built in a module of our own in the cache, once for each version."""
import os

from peer import CACHE, Unavailable, run


def build(name, module, version, package, tags="", replacements=()):
    """The program's path. replacements: of the module's own go.mod, which the go command does not take over."""
    place = os.path.join(CACHE, name)
    program = os.path.join(place, f"{name}-{version}")
    if os.path.exists(program):
        return program
    os.makedirs(place, exist_ok=True)
    environment = dict(os.environ, GOFLAGS="-mod=mod", CGO_ENABLED="1")
    for leftover in ("go.mod", "go.sum"):
        if os.path.exists(os.path.join(place, leftover)):
            os.unlink(os.path.join(place, leftover))
    run(["go", "mod", "init", "peers/" + name], cwd=place, env=environment)
    for old, new in replacements:
        run(["go", "mod", "edit", f"-replace={old}={new}"], cwd=place, env=environment)
    run(["go", "get", "-tool", f"{package}@{version}"], cwd=place, env=environment)
    run(["go", "build", "-p", "2", "-tags", tags, "-o", program, package], cwd=place, env=environment, timeout=3600)
    if not os.path.exists(program):
        raise Unavailable(f"go build of {module} made no program")
    return program
