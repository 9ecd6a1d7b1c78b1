"""The verdicts as one table for the terminal, and as the generated part of docs/interop.md."""
COLUMNS = [("client", "client"), ("version", "version"), ("flow", "flow"), ("signature verified", "signature_verified"),
           ("refresh", "refresh"), ("logout", "logout"), ("result", "result")]
MARKS = ("<!-- table: written by interop/run -->", "<!-- end of table -->")


def indent(text):
    return "\n".join("    " + line for line in text.splitlines())


def render(verdicts):
    """Text for people: the table, then what each client needs, then what went wrong."""
    rows = [[title for title, _ in COLUMNS]] + [[str(verdict.values()[key]) for _, key in COLUMNS]
                                                for verdict in verdicts]
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    lines.append("")
    for verdict in verdicts:
        for kind, told in (("registration", verdict.row.needs()), ("client", verdict.row.settings)):
            lines += [f"{verdict.row.name}: {kind}: {sentence}" for sentence in told]
    for verdict in verdicts:
        if verdict.detail:
            lines += ["", f"{verdict.row.name} ({verdict.row.key}): {verdict.result}", indent(verdict.detail)]
    return "\n".join(lines)


def cell(text):
    return text.replace("|", "\\|")


def markdown(verdicts):
    """The part of docs/interop.md between the marks."""
    lines = ["| client | version | flow | verifies the signature | refresh | sign-out | result |",
             "| --- | --- | --- | --- | --- | --- | --- |"]
    for verdict in verdicts:
        told = verdict.values()
        name = f"[{cell(told['client'])}](../interop/{verdict.row.key.split('/', 1)[0]})"
        rest = [cell(str(told[key])) for _, key in COLUMNS[1:]]
        lines.append("| " + " | ".join([name, *rest]) + " |")
    lines += ["", "| client | redirect URI | in its `[[clients]]` row beside what every client has | in the client |",
              "| --- | --- | --- | --- |"]
    for verdict in verdicts:
        needs = "<br>".join(f"`{cell(sentence)}`" for sentence in verdict.row.needs()) or "nothing"
        settings = "<br>".join(cell(sentence) for sentence in verdict.row.settings) or "nothing"
        if verdict.row.note:
            settings += f"<br>{cell(verdict.row.note)}"
        uris = "<br>".join(f"`{uri.replace('{app}', '')}`" for uri in verdict.row.client.get("redirect_uris", []))
        lines.append(f"| {cell(verdict.row.name)} | {uris} | {needs} | {settings} |")
    return "\n".join(lines)


def write_page(path, verdicts):
    with open(path, encoding="utf-8") as page:
        before, _, rest = page.read().partition(MARKS[0])
    after = rest.partition(MARKS[1])[2]
    with open(path, "w", encoding="utf-8") as page:
        page.write(f"{before}{MARKS[0]}\n\n{markdown(verdicts)}\n\n{MARKS[1]}{after}")
