"""`train`: weights, rarities, prior odds and shared contacts of matching, made anew from today's records."""

from __future__ import annotations

import click

from crm_pipeline.cli import environment, wording
from crm_pipeline.cli.busy import busy


@click.command()
@click.option("--apply", "apply", is_flag=True, help="Put the new models in place: the next run matches with them.")
@wording.as_json
def train(apply: bool, as_json: bool) -> None:
    """Make the models of matching anew and say what is different. Without --apply they are only written beside."""
    from crm_pipeline.errors import ConfigError
    from crm_pipeline.match.model import file
    from crm_pipeline.match.model.difference import difference
    from crm_pipeline.match.model.trial import trained

    settings, warehouse = environment.opened()
    candidates = []
    answer = []
    with busy("making the models"):
        models = trained(warehouse, settings)
    for kind, model in models.items():
        path = file.place(settings.warehouse, kind)
        try:
            before = file.read(path, kind) if path.exists() else None
        except ConfigError as error:
            # what it says to do is what we do
            click.echo(f"{kind.value}: the model before cannot be used: {error}", err=True)
            before = None
        lines = difference(before, model)
        for line in () if as_json else lines or [f"{kind.value}: the model stays as it is"]:
            click.echo(line)
        if lines:
            candidate = path if apply else file.candidate(path)
            file.write(model, candidate)
            candidates.append(candidate)
        file_of_it = str(candidate) if lines else None
        answer.append({"kind": kind, "version": model.version, "differences": list(lines), "file": file_of_it})
    if as_json:
        wording.put_out({"applied": apply, "models": answer})
    if not candidates or as_json:
        return
    if apply:
        click.echo("The next run matches with the new models; those before are kept as *.previous.json.")
    else:
        chosen = " ".join(f"--model {path}" for path in candidates)
        click.echo(
            f"Nothing changed yet.\n"
            f"Which customers it would change: crm-pipeline match-diff {chosen}\n"
            f"Put the new models in place:    crm-pipeline train --apply"
        )
