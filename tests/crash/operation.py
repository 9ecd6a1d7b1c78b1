"""What a kill can meet: see points.py."""


class Operation:
    """prepare(scene): up to the request. perform(scene): the request; acknowledged things go to the ledger.
    go_on(scene): the client after a lost answer."""

    name = ""
    calls = {}  # how many of each kind its request makes at most; the harness compares it with what it measures

    def prepare(self, scene):
        scene.person.reach_tokens(scene.client)

    def perform(self, scene):
        raise NotImplementedError

    def go_on(self, scene):
        """Nothing by default: the request has no state."""
