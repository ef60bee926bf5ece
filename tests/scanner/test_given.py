from pathlib import Path

import pytest

from scanner.config import REAL, Recipe
from scanner.errors import BaseModelError
from scanner.given import usual_recipe


def test_a_real_base_is_trained_by_the_published_recipe(tmp_path: Path) -> None:
    """Fifteen times its rate would ruin it. The weights are a hole of 200 MB."""
    assert usual_recipe("reference-a") == Recipe()
    with (tmp_path / "model.safetensors").open("wb") as file:
        file.truncate(2 * 10**8)
    assert usual_recipe(str(tmp_path)) == REAL
    with pytest.raises(BaseModelError, match="--base"):
        usual_recipe("no-such-base")
