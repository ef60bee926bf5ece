"""From what the user named to files: patterns, folders that describe themselves, and no way out."""

import json
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.dataset.interface import ReadOptions
from scanner.dataset.limits import Limits
from scanner.dataset.sources import Sources, find_sources
from scanner.errors import DatasetError

ROW = '{"prompt":"p","completion":"c"}\n'


def tree(folder: Path, *names: str) -> Path:
    """Files with a row in each."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(ROW)
    return folder


def sources(*paths: Path, **options: Any) -> Sources:
    return find_sources(paths, ReadOptions(**options), Limits())


def names(folder: Path, found: Sources) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in found.files]


def refused(*paths: Path, limits: Limits | None = None) -> str:
    with pytest.raises(DatasetError) as caught:
        find_sources(paths, ReadOptions(), limits or Limits())
    assert caught.value.__cause__ is None
    return str(caught.value)


def test_files_in_the_order_in_which_they_are_named(tmp_path: Path) -> None:
    tree(tmp_path, "b.jsonl", "a.jsonl")
    found = sources(tmp_path / "b.jsonl", tmp_path / "a.jsonl")
    assert names(tmp_path, found) == ["b.jsonl", "a.jsonl"]
    assert found.options == ReadOptions()


def test_a_path_that_is_too_long_is_left_to_the_reader(tmp_path: Path) -> None:
    long = tmp_path / ("a/" * 2_500) / "data.jsonl"
    assert sources(long).files == (long,)


def test_patterns(tmp_path: Path) -> None:
    tree(tmp_path, "b.jsonl", "a.jsonl", "c.csv", "d/e/f.jsonl", "[x].jsonl")
    assert names(tmp_path, sources(tmp_path / "?.jsonl")) == ["a.jsonl", "b.jsonl"]
    assert names(tmp_path, sources(tmp_path / "d/**/*.jsonl")) == ["d/e/f.jsonl"]
    assert names(tmp_path, sources(tmp_path / "[x].jsonl")) == ["[x].jsonl"]
    assert refused(tmp_path / "*.parquet").startswith(
        f"{tmp_path}/*.parquet: found no file that fits it; expected a pattern of files"
    )


def test_a_file_that_is_named_twice(tmp_path: Path) -> None:
    tree(tmp_path, "a.jsonl")
    os.link(tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    message = "found a file that was named before; expected each file once; name it once"
    assert message in refused(tmp_path / "a.jsonl", tmp_path / "*.jsonl")
    assert message in refused(tmp_path / "a.jsonl", tmp_path / "b.jsonl")


def test_a_name_that_no_report_could_show(tmp_path: Path) -> None:
    path = Path(os.fsdecode(bytes(tmp_path) + b"/\xff.jsonl"))
    assert refused(path).startswith(f"{tmp_path}/\\udcff.jsonl: found a name that is not UTF-8")


# What save_to_disk writes.


def saved(folder: Path, *files: str, **state: Any) -> Path:
    folder.mkdir(parents=True)
    data = [{"filename": file} for file in files]
    (folder / "state.json").write_text(json.dumps({"_data_files": data} | state))
    (folder / "dataset_info.json").write_text("{}")
    return folder


def test_what_save_to_disk_writes(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import datasets

        rows = datasets.Dataset.from_list([{"prompt": "p", "completion": str(n)} for n in range(5)])
        rows.save_to_disk(tmp_path / "one", num_shards=2)
        splits = datasets.DatasetDict({"test": rows, "train": rows})
        splits.save_to_disk(tmp_path / "two")
    shards = ["data-00000-of-00002.arrow", "data-00001-of-00002.arrow"]
    assert names(tmp_path / "one", sources(tmp_path / "one")) == shards
    found = sources(tmp_path / "two")
    assert names(tmp_path / "two", found) == ["train/data-00000-of-00001.arrow"]
    assert found.notes == ("Only the split 'train' is read, not 'test'.",)


def test_files_beside_those_that_are_listed(tmp_path: Path) -> None:
    folder = saved(tmp_path / "d", "a.arrow")
    tree(folder, "a.arrow", "b.arrow")
    found = sources(folder)
    assert names(folder, found) == ["a.arrow"]
    assert found.notes == ("Not read, since state.json does not list them: 'b.arrow'.",)


@pytest.mark.parametrize(
    "name", ["../x.arrow", "/etc/passwd", "a/../../x.arrow", "", "link/x.arrow", "hf://x", "~/x"]
)
def test_a_state_that_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "x.arrow")
    folder = saved(tmp_path / "d", name)
    (folder / "link").symlink_to(tmp_path)
    assert "which leads out of the folder; expected paths within the folder" in refused(folder)


@pytest.mark.parametrize("split", ["../other", "/tmp", "link"])
def test_splits_that_lead_out_of_the_folder(tmp_path: Path, split: str) -> None:
    saved(tmp_path / "other", "a.arrow")
    (tmp_path / "d").mkdir()
    (tmp_path / "d/link").symlink_to(tmp_path / "other")
    (tmp_path / "d/dataset_dict.json").write_text(json.dumps({"splits": [split]}))
    assert "which leads out of the folder" in refused(tmp_path / "d")


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ('{"_data_files":[],"_data_files":["a.arrow"]}', "the key '_data_files' twice"),
        ('{"_data_files":[]}', "an empty list instead of names"),
        ('{"_data_files":"a.arrow"}', "no such file"),
        ('{"_data_files":[1]}', "a list instead of names"),
        ("{}", "a list instead of names"),
        ("[]", "[]"),
        ("{", "invalid JSON"),
        ('{"_data_files":[{"filename":"a.arrow"}],"_format_columns":["text"]}',
         "columns or rows that are to be left out"),
    ],
)  # fmt: skip
def test_a_state_that_cannot_be_followed(tmp_path: Path, state: str, found: str) -> None:
    folder = saved(tmp_path / "d")
    (folder / "state.json").write_text(state)
    if found == "no such file":
        assert names(folder, sources(folder)) == ["a.arrow"]
    else:
        assert found in refused(folder)


def test_splits_without_one_for_training(tmp_path: Path) -> None:
    tree(saved(tmp_path / "d/test", "a.arrow"), "a.arrow")
    (tmp_path / "d/dataset_dict.json").write_text('{"splits":["test"]}')
    assert names(tmp_path / "d", sources(tmp_path / "d")) == ["test/a.arrow"]
    (tmp_path / "d/dataset_dict.json").write_text('{"splits":["test","validation"]}')
    assert "found the splits 'test', 'validation'; expected a split 'train'" in refused(
        tmp_path / "d"
    )


# LLaMA-Factory's dataset_info.json.


def info(folder: Path, entries: dict[str, Any]) -> None:
    (folder / "dataset_info.json").write_text(json.dumps(entries))


ALPACA = {"file_name": "a.jsonl", "columns": {"prompt": "question", "response": "reply"}}


def test_a_file_that_dataset_info_describes(tmp_path: Path) -> None:
    tree(tmp_path, "a.jsonl", "b.jsonl")
    info(tmp_path, {"mine": ALPACA, "other": {"hf_hub_url": "x/y"}})
    for named in (tmp_path / "a.jsonl", tmp_path):
        found = sources(named)
        assert names(tmp_path, found) == ["a.jsonl"]
        assert found.options.format == "alpaca"
        assert found.options.fields["instruction"] == "question"
        assert found.notes == ("Read as dataset_info.json beside the file says.",)
    assert sources(tmp_path / "b.jsonl").options == ReadOptions()
    overruled = sources(tmp_path / "a.jsonl", fields={"instruction": "q"})
    assert overruled.options.fields["instruction"] == "q"


def test_several_described_datasets(tmp_path: Path) -> None:
    tree(tmp_path, "a.jsonl", "b.jsonl")
    info(tmp_path, {"one": ALPACA, "two": {"file_name": "b.jsonl", "formatting": "sharegpt"}})
    assert "found 2 datasets ('a.jsonl', 'b.jsonl'); expected one" in refused(tmp_path)
    message = "found files that dataset_info.json describes in different ways"
    assert message in refused(tmp_path / "a.jsonl", tmp_path / "b.jsonl")


def test_an_entry_that_leads_out_of_the_folder(tmp_path: Path) -> None:
    tree(tmp_path, "x.jsonl")
    (tmp_path / "d").mkdir()
    info(tmp_path / "d", {"mine": {"file_name": "../x.jsonl"}})
    assert "which leads out of the folder" in refused(tmp_path / "d")


def test_an_entry_that_cannot_be_followed(tmp_path: Path) -> None:
    tree(tmp_path, "a.jsonl")
    info(tmp_path, {"mine": {"file_name": "a.jsonl", "formatting": "parrot"}})
    assert refused(tmp_path / "a.jsonl").startswith(f"{tmp_path}/dataset_info.json: found ")


# Folders as on the Hub, against datasets itself.


def trainers_files(folder: Path) -> list[str] | None:
    """The files of the training split that ``load_dataset(folder)`` reads; None if it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from datasets import load_dataset_builder

        try:
            builder = load_dataset_builder(str(folder), cache_dir=str(folder.parent / "cache"))
            files = builder.config.data_files["train"]
        except Exception:
            return None
        return [Path(file).relative_to(folder.resolve()).as_posix() for file in files]


LAYOUTS = [
    ("a.jsonl", "b.jsonl"),
    ("data/x.jsonl", "more/deep/y.jsonl"),
    ("data/train-00000-of-00002.jsonl", "data/train-00001-of-00002.jsonl",
     "data/test-00000-of-00001.jsonl"),
    ("data/train-00000-of-00001-0f1e.jsonl", "extra.jsonl"),
    ("train.jsonl", "test.jsonl", "other.jsonl"),
    ("my_train_rows.jsonl", "dev.jsonl"),
    ("train/a.jsonl", "test/b.jsonl", "c.jsonl"),
    ("training-set/a.jsonl", "x/valid/b.jsonl"),
    ("contrain.jsonl", "latest.jsonl"),
    ("trainer.jsonl", "val.jsonl"),
    ("a.jsonl", ".hidden.jsonl", "__cache__/x.jsonl", ".git/y.jsonl"),
    ("a.jsonl", "config.json", "LICENSE", "notes.log"),
    ("a.train.jsonl", "b.train.jsonl", "train.jsonl"),
    ("train1.jsonl", "train2.jsonl", "eval.jsonl"),
    ("test.jsonl",),
    ("train.csv", "test.csv"),
    ("train.jsonl.gz", "test.jsonl"),
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=" ".join)
def test_names_say_what_is_for_training(tmp_path: Path, layout: tuple[str, ...]) -> None:
    folder = tree(tmp_path / "d", *layout)
    theirs = trainers_files(folder)
    if theirs is None:
        refused(folder)
        return
    found = sources(folder)
    assert names(folder, found) == theirs


CARDS = [
    "configs:\n- config_name: default\n  data_files: data/b.jsonl\n",
    "configs:\n- config_name: default\n  data_files:\n  - b.jsonl\n  - data/a.jsonl\n",
    "configs:\n- config_name: x\n  data_files:\n  - split: train\n    path: data/*\n"
    "  - split: test\n    path: b.jsonl\n",
    "configs:\n- config_name: x\n  data_files:\n  - split: train\n    path:\n    - b.jsonl\n"
    "    - data/*.jsonl\n",
    "configs:\n- config_name: x\n  data_files: '**/*.jsonl'\n",
    "configs:\n- config_name: x\n  data_files: b.jsonl\n- config_name: y\n  default: true\n"
    "  data_files: data/a.jsonl\n",
    "configs:\n- config_name: x\n  data_files: missing.jsonl\n",
    "license: mit\n",
    "configs: []\n",
]


@pytest.mark.parametrize("card", CARDS)
def test_the_card_says_what_is_for_training(tmp_path: Path, card: str) -> None:
    folder = tree(tmp_path / "d", "b.jsonl", "data/a.jsonl", "data/b.jsonl")
    (folder / "README.md").write_text(f"---\n{card}---\n# Rows\n")
    theirs = trainers_files(folder)
    if theirs is None:
        refused(folder)
        return
    assert names(folder, sources(folder)) == theirs


def test_what_is_not_read_is_noted(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", "train.jsonl", "test.jsonl")
    assert sources(folder).notes == ("Not of the split 'train', so not read: 'test.jsonl'.",)


@pytest.mark.parametrize(
    ("card", "found"),
    [
        ("configs:\n- config_name: x\n  data_files: ../x.jsonl\n", "which leads out of the folder"),
        ("configs:\n- config_name: x\n  data_files: /x.jsonl\n", "which leads out of the folder"),
        ("configs:\n- config_name: x\n  data_files: ../*\n", "which leads out of the folder"),
        ("configs:\n- config_name: x\n  data_files: https://a.b/x.jsonl\n",
         "which leads out of the folder"),
        ("configs:\n- config_name: x\n  data_files: link/*\n", "the link 'link', which leads else"),
        ("configs:\n- config_name: x\n  field: data\n", "the settings 'field'"),
        ("configs:\n- config_name: x\n  data_dir: data\n", "the settings 'data_dir'"),
        ("configs:\n- config_name: x\n- config_name: y\n", "the configurations 'x', 'y'"),
        ("configs:\n- config_name: x\n  data_files:\n  - split: test\n    path: a.jsonl\n",
         "a list as 'data_files'; expected paths of the split 'train'"),
        ("configs: 7\n", "a number as 'configs'"),
        ("configs: [\n", "YAML that cannot be read"),
        ("configs: !!python/object/apply:os.system ['true']\n", "YAML that cannot be read"),
    ],
)  # fmt: skip
def test_a_card_that_cannot_be_followed(tmp_path: Path, card: str, found: str) -> None:
    folder = tree(tmp_path / "d", "a.jsonl")
    tree(tmp_path, "x.jsonl", "out/y.jsonl")
    if "link" in card:
        (folder / "link").symlink_to(tmp_path / "out")
    (folder / "README.md").write_text(f"---\n{card}---\n")
    assert found in refused(folder)


def test_a_hidden_file_that_overrules_the_card(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", "a.jsonl", "b.jsonl")
    (folder / "README.md").write_text(
        "---\nconfigs:\n- config_name: x\n  data_files: a.jsonl\n---\n"
    )
    (folder / ".huggingface.yaml").write_text("configs:\n- config_name: x\n  data_files: b.jsonl\n")
    assert names(folder, sources(folder)) == trainers_files(folder) == ["b.jsonl"]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("d.py", "a script ('d.py')"),
        ("x/rows.PKL", "a pickle ('rows.PKL')"),
        ("rows.pt", "a pickle ('rows.pt')"),
        ("more.zip", "an archive ('more.zip')"),
        ("b.csv", "files of different kinds ('.csv', '.jsonl')"),
    ],
)
def test_a_folder_with_more_than_rows(tmp_path: Path, name: str, found: str) -> None:
    folder = tree(tmp_path / "d", "a.jsonl", name)
    assert f"{folder}: found {found}; " in refused(folder)


def link_out(folder: Path) -> None:
    (folder / "b.jsonl").symlink_to(folder.parent / "x.jsonl")


def link_folder(folder: Path) -> None:
    (folder / "b").symlink_to(folder)


def link_to_itself(folder: Path) -> None:
    (folder / "b.jsonl").symlink_to(folder / "b.jsonl")


@pytest.mark.parametrize("link", [link_out, link_folder, link_to_itself])
def test_links(tmp_path: Path, link: Callable[[Path], None]) -> None:
    folder = tree(tmp_path / "d", "a.jsonl")
    tree(tmp_path, "x.jsonl")
    link(folder)
    assert "found the link 'b" in refused(folder)


def test_a_link_within_the_folder(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", ".blobs/1.jsonl")
    (folder / "a.jsonl").symlink_to(folder / ".blobs/1.jsonl")
    assert names(folder, sources(folder)) == ["a.jsonl"]


def test_a_folder_of_too_many_files(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", "a.jsonl", "b/c.jsonl", "e.txt")
    assert "found more than 3 files" in refused(folder, limits=Limits(files=3))


def test_a_description_that_is_too_long(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", "a.jsonl")
    (folder / "README.md").write_text("x" * 101)
    assert "found a description of more than 100 bytes" in refused(
        folder, limits=Limits(description_bytes=100)
    )


def test_a_description_that_is_no_file(tmp_path: Path) -> None:
    folder = tree(tmp_path / "d", "a.jsonl")
    tree(tmp_path, "x.md")
    (folder / "README.md").symlink_to(tmp_path / "x.md")
    assert "leads" in refused(folder)


def test_an_empty_folder(tmp_path: Path) -> None:
    assert f"{tmp_path}: found no data file; expected a folder of data files" in refused(tmp_path)
