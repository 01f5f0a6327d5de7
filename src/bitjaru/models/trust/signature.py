"""Who vouches for a saved model: a signature over its manifest, made and checked by OpenSSH's `ssh-keygen -Y`.

A key is one as for `ssh` or for signed commits; who may sign stands in a file of allowed signers, a line each:
`name@example.org ssh-ed25519 AAAA…`. The signature lies beside the manifest and goes where that goes.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bitjaru.data.stored import read_bytes
from bitjaru.errors import BundleError, ConfigError
from bitjaru.files import write_text
from bitjaru.models import manifest

NAMESPACE = "bitjaru-model"  # what a key signed for something else does not hold for
MOST_BYTES = 1 << 16


def sign(folder: Path, key: Path) -> None:
    """Signs the manifest of a folder, in place of an earlier signature.

    Args:
        folder: Of a bundle, or of an MLflow model around one.
        key: The private key's file; or the public one's, where an agent holds the private one.

    Raises:
        BundleError: If there is no manifest.
        ConfigError: If the key cannot be used.
    """
    if not key.is_file():
        raise ConfigError(f"`--key` must name a file with a key. Received: {key}. `ssh-keygen -t ed25519` makes one.")
    manifest.sum_of(folder)
    done = _run(["sign", "-f", str(key.resolve()), "-n", NAMESPACE], (folder / manifest.FILE).read_bytes())
    if done.returncode:
        raise ConfigError(f"`--key` must be a key that can sign. Received: {key}: {_said(done)}.")
    write_text(folder / manifest.SIGNATURE, done.stdout.decode("ascii"))


def check(folder: Path, signers: Path) -> str:
    """Checks that an allowed signer signed the manifest as it is now; the files are compared with it elsewhere.

    Args:
        folder: As signed.
        signers: A file of allowed signers, as `ssh-keygen` reads it.

    Returns:
        The signer's name.

    Raises:
        BundleError: If nobody did, somebody else, or the manifest was changed afterwards.
        ConfigError: If the signers cannot be read.
    """
    if not signers.is_file():
        raise ConfigError(
            f"`--signers` must name a file of allowed signers. Received: {signers}. It has lines such as "
            "`name@example.org ssh-ed25519 AAAA…`: a name, and the signer's public key."
        )
    signature = folder / manifest.SIGNATURE
    manifest.sum_of(folder)
    try:
        read_bytes(signature, most=MOST_BYTES)
        content = read_bytes(folder / manifest.FILE, most=manifest.MOST_LISTED)
    except FileNotFoundError as error:
        raise BundleError(
            f"A model must be signed where `--signers` is given. Received: {folder}, without `{manifest.SIGNATURE}`. "
            "Who made it signs it: `bitjaru sign MODEL --key FILE`."
        ) from error
    except (OSError, ValueError) as error:
        raise BundleError(f"A model's signature must be readable. Received: {signature}: {error}.") from error
    given = ["-f", str(signers.resolve()), "-s", str(signature.resolve())]
    found = _run(["find-principals", *given], b"")
    if found.returncode:
        raise BundleError(
            f"A model must be signed by one of {signers}. Received: {folder}, signed by somebody else or with a key "
            f"that is no longer valid ({_said(found)}). Do not use it, or add the signer."
        )
    name = found.stdout.decode(errors="replace").splitlines()[0].split(",")[0].strip()
    verified = _run(["verify", *given, "-n", NAMESPACE, "-I", name], content)
    if verified.returncode:
        raise BundleError(
            f"A model must be as it was signed. Received: {folder}, whose manifest was changed after {name} signed it "
            f"({_said(verified)}). Do not use it."
        )
    return name


def _run(arguments: Sequence[str], content: bytes) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(["ssh-keygen", "-Y", *arguments], input=content, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise ConfigError(
            "Signatures need `ssh-keygen`, of OpenSSH 8.2 or later. Received: there is none on this machine. Install "
            "it, on Debian and Ubuntu as `openssh-client`."
        ) from error


def _said(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
    return lines[-1].rstrip(".") if lines else f"ssh-keygen ended with status {done.returncode}"
