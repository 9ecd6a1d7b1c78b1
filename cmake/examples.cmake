# Example programs: the demo's web app and API.
