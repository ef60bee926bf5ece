"""Environment variables that keep libraries off the network and make them tell nobody anything.

Libraries read them when they are imported, so every process of ours sets them before it imports
any. What the user's shell says is overruled: nothing is downloaded unless datascan itself is asked.
"""

import os

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}
"""Models, tokenizers and datasets come from this machine alone."""
NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "VLLM_NO_USAGE_STATS": "1",
}
"""No usage statistics, no look for a newer version."""
NO_PLUGINS = {"PYDANTIC_DISABLE_PLUGINS": "__all__"}
"""What reads a result is ours alone, and no search through all installed packages comes before."""


def keep_offline() -> None:
    """Set them in this process, and so in every process that it starts."""
    os.environ.update(OFFLINE | NO_TELEMETRY | NO_PLUGINS)
