"""Pages for a judge who does not know which photos are colored by a network, and the score of the answers.

    python tools/blind_pages.py singles pages/singles data/landscapes data/faces --each 6 --networks unet
    python tools/blind_pages.py pairs pages/pairs data/landscapes data/faces --each 6 --networks unet unet_2026_11
    python tools/blind_pages.py score pages/singles answers.csv

`singles` shows one photo at a time, colored or real (as many real ones as of each network), to be rated 1 (surely
colored by a machine) to 5 (surely a real photo). `pairs` shows each photo twice, colored by two networks, or with one
network beside the real photo; the answer is left, right or same. Photos come from `val/` of each folder, in a seeded
order. A page is one HTML file beside its images; its form saves `answers.csv` with the columns number and answer.
The key, which the judge must not see, is written beside the page's folder as NAME.key.json.

The score prints, for each network and for the real photos, the share of answers 4 and 5 with its Wilson interval
(95 %) and the mean; for pairs, how often each was preferred among those with a preference.
"""

import argparse
import csv
import html
import json
import sys
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from colorlib import Colorizer, find_photos, load_photo, save_photo
from colorlib.files import write_whole
from colorlib.turing import wilson

REAL = "real"
SIDE = 512  # shorter side of the photos shown
RATINGS = {str(n): n for n in range(1, 6)}
SIDES = ("left", "right", "same")

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>
<style>body {{ background: #777; color: #fff; font: 18px sans-serif; margin: 2em auto; max-width: 1200px }}
img {{ max-width: 49%; max-height: 80vh; vertical-align: top }} fieldset {{ border: 0; margin: 3em 0 }}
label {{ margin-right: 1.5em }} button {{ font: inherit; padding: .5em 1em }}</style>
<h1>{title}</h1><p>{question}</p><form>{items}<button>Save answers.csv</button></form>
<script>
document.querySelector("form").addEventListener("submit", event => {{
  event.preventDefault();
  const rows = [...new FormData(event.target)].map(([number, answer]) => number + "," + answer);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([["number,answer", ...rows, ""].join("\\n")], {{type: "text/csv"}}));
  link.download = "answers.csv";
  link.click();
}});
</script></html>
"""


def chosen_photos(folders, each, seed):
    """`each` validation photos of every folder, in a seeded order: a list of paths."""
    rng = np.random.default_rng(seed)
    return [path for folder in folders for path in rng.permutation(find_photos(Path(folder, "val")))[:each]]


def single_trials(photos, networks, rng):
    """One trial a photo: (photo, [source]); the networks and the real photos come equally often."""
    sources = [*networks, REAL]
    turns = rng.permutation(np.arange(len(photos)) % len(sources))
    trials = [(photo, [sources[turn]]) for photo, turn in zip(photos, turns)]
    return [trials[i] for i in rng.permutation(len(trials))]


def pair_trials(photos, networks, rng):
    """One trial a photo: (photo, [source on the left, source on the right]); each is on the left equally often."""
    pair = [*networks, REAL][:2]
    swapped = rng.permutation(np.arange(len(photos)) % 2)
    trials = [(photo, pair[::-1] if swap else pair) for photo, swap in zip(photos, swapped)]
    return [trials[i] for i in rng.permutation(len(trials))]


def shown(path, source, colorizers):
    """What the judge sees of a photo: itself, or its L colored by a network, `(h, w, 3) uint8`."""
    photo = load_photo(path)
    image = Image.fromarray(photo if source == REAL else colorizers[source](photo))
    scale = SIDE / min(image.size)
    return np.asarray(image.resize([round(scale * side) for side in image.size], Image.Resampling.BICUBIC))


def make_pages(kind, folder, folders, each, networks, seed):
    """Write the page, its images and its key; the number of trials."""
    photos = chosen_photos(folders, each, seed)
    rng = np.random.default_rng((seed, 1))
    trials = (single_trials if kind == "singles" else pair_trials)(photos, networks, rng)
    colorizers = {name: Colorizer(name) for name in networks}
    key, items = [], []
    for number, (path, sources) in enumerate(trials, 1):
        names = [f"{number:03d}{'' if kind == 'singles' else '-' + side}.jpg" for side in SIDES[: len(sources)]]
        for name, source in zip(names, sources):
            save_photo(shown(path, source, colorizers), folder / name, quality=92)
        key.append({"number": number, "photo": path.name, "folder": path.parent.parent.name, "sources": sources})
        items.append(_item(number, names, kind))
    question = {
        "singles": "Is this a color photograph (5), or a black-and-white one that a machine has colored (1)?",
        "pairs": "Which of the two has the more believable colors?",
    }[kind]
    page = PAGE.format(title=f"{len(trials)} photos", question=question, items="\n".join(items))
    write_whole(page.encode(), folder / "index.html")
    write_whole(json.dumps({"kind": kind, "seed": seed, "trials": key}, indent=1).encode(), key_path(folder))
    return len(trials)


def _item(number, names, kind):
    images = "".join(f'<img src="{html.escape(name)}" alt="photo {number}"> ' for name in names)
    answers = RATINGS if kind == "singles" else SIDES
    radios = "".join(
        f'<label><input type="radio" name="{number}" value="{answer}"> {answer}</label>' for answer in answers
    )
    return f"<fieldset><legend>{number}</legend>{images}<p>{radios}</p></fieldset>"


def key_path(folder):
    return folder.with_name(f"{folder.name}.key.json")


def read_answers(path, key):
    """{number: answer} of a CSV file with the columns number and answer; ValueError for anything else."""
    allowed = set(RATINGS if key["kind"] == "singles" else SIDES)
    numbers = {trial["number"] for trial in key["trials"]}
    try:
        rows = list(csv.DictReader(Path(path).read_text("utf-8").splitlines()))
        answers = {int(row["number"]): row["answer"].strip() for row in rows}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"{path} cannot be read; wanted a CSV file with the columns number and answer.") from error
    strange = [f"{n},{a}" for n, a in answers.items() if a not in allowed or n not in numbers]
    if strange or not answers:
        raise ValueError(
            f"{path} holds {strange[0] if strange else 'no answers'}; wanted one of {sorted(allowed)} a photo."
        )
    return answers


def score_singles(key, answers):
    """Lines: for each source the share rated 4 or 5, its Wilson interval, and the mean rating."""
    ratings = defaultdict(list)
    for trial in key["trials"]:
        if trial["number"] in answers:
            ratings[trial["sources"][0]].append(RATINGS[answers[trial["number"]]])
    lines = []
    for source, values in sorted(ratings.items()):
        hits = sum(value >= 4 for value in values)
        low, high = wilson(hits, len(values))
        lines.append(
            f"{source}: {hits} of {len(values)} rated 4 or 5, {100 * hits / len(values):.0f} % "
            f"({100 * low:.0f} to {100 * high:.0f} %), mean {np.mean(values):.2f}"
        )
    return lines


def score_pairs(key, answers):
    """Lines: how often each source was preferred, among the pairs with a preference, and the ties."""
    wins, ties = defaultdict(int), 0
    for trial in key["trials"]:
        answer = answers.get(trial["number"])
        if answer == "same":
            ties += 1
        elif answer:
            wins[trial["sources"][SIDES.index(answer)]] += 1
    decided, lines = sum(wins.values()), []
    for source in sorted({source for trial in key["trials"] for source in trial["sources"]}):
        low, high = wilson(wins[source], decided)
        lines.append(f"{source}: preferred in {wins[source]} of {decided} ({100 * low:.0f} to {100 * high:.0f} %)")
    return [*lines, f"no preference: {ties}"]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="kind", required=True)
    for kind in ("singles", "pairs"):
        command = commands.add_parser(kind)
        command.add_argument("page", type=Path, help="folder to write")
        command.add_argument("folders", nargs="+", type=Path, help="folders of photos with val/ inside")
        command.add_argument("--each", type=int, default=6, help="photos of each folder (6)")
        command.add_argument("--networks", nargs="+", default=["unet"], help="names or .keras files (unet)")
        command.add_argument("--seed", type=int, default=2026)
    scoring = commands.add_parser("score")
    scoring.add_argument("page", type=Path)
    scoring.add_argument("answers", type=Path)
    options = parser.parse_args(arguments)
    if options.kind != "score":
        count = make_pages(options.kind, options.page, options.folders, options.each, options.networks, options.seed)
        print(f"{count} photos are in {options.page / 'index.html'}; the key is {key_path(options.page)}.")
        return 0
    try:
        key = json.loads(key_path(options.page).read_text("utf-8"))
        answers = read_answers(options.answers, key)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    print("\n".join((score_singles if key["kind"] == "singles" else score_pairs)(key, answers)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
