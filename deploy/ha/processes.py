"""The processes of a trial, found by what they run on: every one names a file of its machine's folder. No list is kept,
so none can be out of date, and nothing is signalled that is not of the trial.
"""
import os
import signal
import time

PARTS = {"etcd.yml": "etcd", "patroni.yml": "patroni", "data": "postgres", "haproxy.cfg": "haproxy",
         "cardea.toml": "cardea"}


def parents():
    """The parent of every process of this machine that is no zombie."""
    found = {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                state, parent = stat.read().rpartition(")")[2].split()[:2]
        except OSError:
            continue
        if state not in ("Z", "X"):
            found[int(entry)] = int(parent)
    return found


def part_of(pid, folder):
    """Which program of the machine in this folder a process is; nothing for an editor that has its file open."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as line:
            arguments = line.read().decode("utf-8", "replace").split("\0")
    except OSError:
        return None
    # The first words of a script are its interpreter and itself, and those of what supervises it two more.
    programs = [os.path.basename(argument) for argument in arguments[:3]]
    for argument in arguments:
        head, name = os.path.split(argument)
        if head == folder and PARTS.get(name) in programs:
            return PARTS[name]
    return None


def processes(folder, part=""):
    """The processes of the machine in this folder, or of one part of it ("postgres"), with all their children."""
    tree = parents()
    parts = {pid: part_of(pid, folder) for pid in tree}
    found = {pid for pid, name in parts.items() if name and part in ("", name)}
    grown = True
    while grown:
        # Patroni does not stay the parent of its PostgreSQL: neither is part of the other.
        children = {pid for pid, parent in tree.items() if parent in found} - found
        found |= children
        grown = bool(children)
    return found


def parts_of(folder):
    """Which programs of a machine run."""
    return sorted(part for part in PARTS.values() if processes(folder, part))


def send(folder, part, number):
    for pid in processes(folder, part):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def kill(folder, part=""):
    """As a power cut: all stand still first, so that nothing starts what was just ended."""
    while processes(folder, part):
        send(folder, part, signal.SIGSTOP)
        send(folder, part, signal.SIGKILL)
        time.sleep(0.01)


def stop(folder, part="", seconds=60):
    """SIGTERM, and True when all have ended in time."""
    send(folder, part, signal.SIGCONT)
    for pid in leaders(folder, part):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    end = time.monotonic() + seconds
    while processes(folder, part):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def leaders(folder, part):
    """Those that are nobody's child within the machine; a child ends with its parent."""
    tree, found = parents(), processes(folder, part)
    return [pid for pid in found if tree.get(pid) not in found]
