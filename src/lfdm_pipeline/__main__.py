"""`python -m lfdm_pipeline`: the same as `kedro run`."""

from typing import Any

from kedro.framework.cli.utils import find_run_command
from kedro.framework.project import configure_project


def main(*args: Any, **kwargs: Any) -> Any:
    """Run the pipelines with the arguments of `kedro run`."""
    package = __package__ or "lfdm_pipeline"
    configure_project(package)
    return find_run_command(package)(*args, **kwargs)


if __name__ == "__main__":
    main()
