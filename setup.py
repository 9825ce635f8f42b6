"""Copies `config.toml` into the package when a wheel is built; all else is in `pyproject.toml`."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

CONFIG = "config.toml"


class BuildWithConfig(build_py):
    """The one `config.toml` lies at the top of the checkout; installed, it is beside the code."""

    def run(self) -> None:
        """Build, and add the file; an editable install reads that of the checkout."""
        super().run()
        if not self.editable_mode:
            self.copy_file(CONFIG, str(Path(self.build_lib) / "u2cam" / CONFIG))

    def get_source_files(self) -> list[str]:
        """List it for the source distribution too."""
        return [*super().get_source_files(), CONFIG]


setup(cmdclass={"build_py": BuildWithConfig})
