"""What the suite's browser does at our pages: the scripts of robot.json with the addresses of a run filled in.

A script is a list of entries as the suite takes them under "browser": an entry is chosen by the address that is
visited, its steps run in order; one that is optional is left out where another page is shown.
"""
import json
import os

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Robot:
    """Scripts by their name. `values`: ISSUER without a slash at its end, SUITE with one, LOGIN, PASSWORD."""

    def __init__(self, values):
        with open(os.path.join(HERE, "robot.json"), encoding="utf-8") as file:
            text = file.read()
        for name, value in values.items():
            text = text.replace("{" + name + "}", json.dumps(value)[1:-1])
        read = json.loads(text)
        self.steps, self.scripts = read["steps"], read["scripts"]

    def script(self, name):
        """The entries of a script. KeyError: there is none of that name, or no such step."""
        return [dict(entry, tasks=[dict(self.steps[step], task=step) for step in entry["tasks"]])
                for entry in self.scripts[name]]
