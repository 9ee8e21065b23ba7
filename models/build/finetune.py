"""Fine-tunes the top of the backbone on one's own door, on a laptop, and exports it as one int8 TFLite.

Only the last blocks learn, from views of the training visits varied as light at a door varies them; what lies
below is computed once. The int8 model is kept only if, on visits newer than all that taught it, a head on its
embeddings tells at least as many right as a head on the shipped ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import graph
import numpy as np
import tensorflow as tf
from backbone import MEAN, SIZE, STD, Backbone, float_model, save
from efficientnet import published_weights
from quantise import quantised

from device.learn.album_reader import AlbumReader
from device.learn.bounds import at_least
from device.learn.dataset import Dataset, packed
from device.learn.evaluate import untouched
from device.learn.promises import Terms
from device.learn.split import Split, split
from device.learn.train import at_most_five, train
from device.messages import Embedding, Pixels
from device.see import embedding
from device.see.crops import crop
from device.see.pictures import read_picture
from device.see.tflite import TfliteModel
from device.teaching import variations

BATCH = 32
RATE = 1e-4
SMOOTHING = 0.1
"""Of the labels: so few visits shall not drive the logits apart."""
MOST_CALIBRATING = 60


def main() -> None:
    chosen = _arguments()
    with AlbumReader(chosen.state) as album:
        dataset = album.dataset().labelled(chosen.task)
        crops = {each.id: each for each in album.views()}
    parts = split(dataset, chosen.task)
    if parts.approximate:
        raise SystemExit(f"{'; '.join(parts.remarks)}: too few to fine-tune; `latchlens train` is for these")
    images = [_shown(chosen.state, crops[each.id].file, crops[each.id].crop) for each in dataset.examples]
    taught = sorted(at_most_five(dataset, parts.train))
    model = tuned(
        [images[place] for place in taught],
        [dataset.examples[place].labels[chosen.task] for place in taught],
        chosen,
    )
    calibrating = [images[place] for place in taught[:: -(-len(taught) // MOST_CALIBRATING)]]
    small = graph.read(quantised(float_model(model), map(_prepared, calibrating), "picture"))
    graph.take_pixels(small)
    save(
        chosen.out,
        graph.write(small),
        f"its last {chosen.blocks} blocks fine-tuned on {len(taught)} own views",
    )
    settings = embedding.Settings()
    tuned_int8 = embedding.TfliteEmbedder(TfliteModel(chosen.out, "embedding", settings.threads))
    shipped = embedding.build(settings)
    before, after = (
        right_by_visit(_embedded(dataset, images, each.embed), parts, chosen.task)
        for each in (shipped, tuned_int8)
    )
    visits = len(after)
    for name, found in (("shipped, int8", before), ("fine-tuned, int8", after)):
        k = sum(found.values())
        print(f"{name:17} {k} of {visits} newer visits right (at least {at_least(k, visits):.1%})")
    if sum(after.values()) < sum(before.values()):
        for path in chosen.out.iterdir():
            path.unlink()
        chosen.out.rmdir()
        raise SystemExit("worse than the shipped backbone by visit: not kept")
    print(f"kept in {chosen.out}; see docs/learning.md before promises are made with it")


def tuned(images: Sequence[Pixels], labels: Sequence[str], chosen: argparse.Namespace) -> tf.keras.Model:
    """The backbone whose last blocks learnt to tell `labels` apart; batch normalisation stays as it is."""
    tf.keras.utils.set_random_seed(chosen.seed)
    backbone = Backbone(published_weights())
    whole = backbone.model()
    middle = backbone.ends[-1 - chosen.blocks]
    below, above = tf.keras.Model(whole.input, middle), tf.keras.Model(middle, whole.output)
    for layer in above.layers:
        layer.trainable = not isinstance(layer, tf.keras.layers.BatchNormalization)
    shown = [_prepared(view) for image in images for view in variations(image)]
    starts = range(0, len(shown), BATCH)
    features = np.concatenate([below.predict_on_batch(np.concatenate(shown[i : i + BATCH])) for i in starts])
    names = sorted(set(labels))
    each = len(features) // len(images)
    numbers = np.repeat([names.index(label) for label in labels], each)
    weights = (len(numbers) / len(names) / np.bincount(numbers))[numbers].astype(np.float32)
    said = tf.keras.layers.Dense(len(names))
    classifier = tf.keras.Sequential(
        [tf.keras.layers.UnitNormalization(), tf.keras.layers.Rescaling(10.0), said]
    )
    rate = tf.keras.optimizers.schedules.CosineDecay(RATE, chosen.epochs * -(-len(features) // BATCH))
    optimizer = tf.keras.optimizers.Adam(rate)
    targets = np.eye(len(names), dtype=np.float32)[numbers] * (1 - SMOOTHING) + SMOOTHING / len(names)
    classifier(tf.zeros((1, whole.output.shape[-1])))
    learning = above.trainable_variables + classifier.trainable_variables

    @tf.function(reduce_retracing=True)
    def step(shown: tf.Tensor, wanted: tf.Tensor, weight: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = classifier(above(shown, training=False))
            losses = tf.nn.softmax_cross_entropy_with_logits(wanted, logits)
            loss = tf.reduce_mean(losses * weight)
        optimizer.apply_gradients(zip(tape.gradient(loss, learning), learning, strict=True))
        return loss

    chance = np.random.default_rng(chosen.seed)
    for epoch in range(chosen.epochs):
        losses = [
            float(step(features[batch], targets[batch], weights[batch]))
            for batch in _batches(chance.permutation(len(features)))
        ]
        print(f"epoch {epoch + 1} of {chosen.epochs}: loss {np.mean(losses):.3f}")
    return whole


def right_by_visit(dataset: Dataset, parts: Split, task: str) -> dict[str, bool]:
    """Of every test visit whether its views together are told right by a head taught on the training side."""
    head = train(dataset, task, parts, Terms().goal.patience)
    sums: dict[str, np.ndarray] = {}
    truth: dict[str, str] = {}
    for place, scores in untouched(dataset, parts, head).items():
        example = dataset.examples[place]
        sums[example.visit] = sums.get(example.visit, np.zeros(len(head.labels))) + np.array(scores)
        truth[example.visit] = example.labels[task]
    return {visit: head.labels[int(total.argmax())] == truth[visit] for visit, total in sums.items()}


def _embedded(dataset: Dataset, images: Sequence[Pixels], embed: Callable[[Pixels], Embedding]) -> Dataset:
    examples = zip(dataset.examples, images, strict=True)
    return replace(
        dataset, examples=tuple(replace(each, codes=packed(embed(image))) for each, image in examples)
    )


def _shown(state: Path, file: str, box: object) -> Pixels:
    image = read_picture(state / file)
    return image if box is None else crop(image, box)


def _prepared(image: Pixels) -> np.ndarray:
    small = cv2.resize(image, (SIZE, SIZE), interpolation=cv2.INTER_LINEAR)
    return (small[None].astype(np.float32) - MEAN) / STD


def _batches(order: np.ndarray) -> Iterator[np.ndarray]:
    return (order[start : start + BATCH] for start in range(0, len(order), BATCH))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="a state directory with labelled pictures")
    parser.add_argument("--task", required=True, help="what is told apart, as prey or who")
    parser.add_argument("--out", type=Path, required=True, help="folder of the int8 model, …/name/version")
    parser.add_argument(
        "--blocks", type=int, choices=range(4), default=1, help="besides the head convolution"
    )
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
