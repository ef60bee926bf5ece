"""The process that downloads: ``python -m scanner.bases.download ORDER``; see ``fetch``.

What went wrong is its last line on standard output. It is started without the variables that keep
every other process of ours offline.
"""

import json
import sys
from pathlib import Path

from huggingface_hub import errors, snapshot_download

from scanner.bases.fetch import downloaded


def download(repository: str, revision: str | None, patterns: list[str]) -> str | None:
    """Download the files that match into the Hugging Face cache; what went wrong, or None."""
    try:
        folder = snapshot_download(repository, revision=revision, allow_patterns=patterns)
    except errors.GatedRepoError:
        return "a gated repository"
    except errors.RepositoryNotFoundError:
        return "no such repository"
    except errors.RevisionNotFoundError:
        return f"no such revision ({revision})"
    except Exception as error:  # those of network, disk and library have no base in common
        return (
            f"{type(error).__name__} ({str(error).strip().splitlines()[0] if str(error) else ''})"
        )
    return downloaded(Path(folder), patterns)


if __name__ == "__main__":
    problem = download(*json.loads(sys.argv[1]))
    print(problem or "")
    sys.exit(2 if problem else 0)
