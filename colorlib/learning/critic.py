"""A critic as the loss: a second network learns to tell real colors from made ones; the first learns to please it.

Goodfellow et al. 2014; patches: Isola et al. 2017; spectral normalization and the hinge loss: Miyato et al. 2018; a
short training with the critic at the end of a long one without: "NoGAN", J. Antic 2019. See notebook 08.

Keras has no step for two optimizers that all of its backends share. This room is the one place that needs it, and so
it needs TensorFlow.
"""

import keras
from keras import layers, ops

from colorlib import ab_bins, models
from colorlib.layers import BilinearUpSampling2D
from colorlib.learning.critic_guards import Guards
from colorlib.learning.perceptual import Perceptual
from colorlib.learning.training import rare_colors, train

CHECKPOINT = 50  # steps after which the state is kept and the guards look
READY = 0.65  # the critic's share of right patches with which the network begins to learn
RUNNING = 0.95  # momentum of that share's running mean
ENOUGH = 0.5  # hinge loss below which the critic waits; it is 2 when it knows nothing
SCALE_AB, SCALE_ERROR = 64, 110  # ab that is 1 to the critic; ab error that is 1 to the loss
LOSSES = ("truth", "perceptual", "fooling", "critic", "right")  # what is printed of a step, beside the sum


def patch_critic(filters=32):
    """A critic of patches: a keras.Model from L and ab `(B, H, W, 3)` to scores `(B, H/8, W/8, 1)`, real above 0.

    Each score judges the patch of 46 x 46 pixels around it. H and W are free, multiples of 8.

    Args:
        filters: Of the first layer; each of the next two has twice as many.
    """
    lab = keras.Input((None, None, 3), name="lab")
    x = layers.Rescaling([1 / 50, 1 / SCALE_AB, 1 / SCALE_AB], offset=[-1, 0, 0], name="scale_lab")(lab)
    for step in range(3):
        x = _normalized(filters * 2**step, 4, 2, f"down_{step}")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    return keras.Model(lab, _normalized(1, 4, 1, "score")(x), name="patch_critic")


def hinge(real, made):
    """The critic's hinge loss: real scores should be above 1, made ones below -1."""
    return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + made))


def blurred(ab, times):
    """ab `(B, H, W, 2)` as a network can make them that doubles its colors' size `times` in the end.

    Without this the critic would tell real from made by their sharpness, and by the blocks of JPEG.
    """
    step = 2**times
    ab = ops.average_pool(ab, step, step) if times else ab
    for _ in range(times):
        ab = BilinearUpSampling2D()(ab)
    return ab


def fine_tune(
    network,
    batches,
    validation,
    run_dir,
    *,
    checkpoints=8,
    learning_rate=1e-5,
    critic_rate=2e-4,
    perceptual=0.5,
    adversarial=0.1,
    truth=1.0,
    judge=None,
    guards=True,
    show=None,
):
    """Train a network against a critic, or resume the run in `run_dir`; the history, {name: [a value a checkpoint]}.

    Runs are stored and resumed as those of `train`. An epoch is a checkpoint, of as many steps as `batches` has;
    "learned" counts those in which the network learned. Runs on the same photos weigh the perceptual loss alike.
    Frozen layers (see `models.freeze_encoder`) are not trained.

    Args:
        network: A trained network from L to ab; it ends with the weights of the last checkpoint.
        batches: The photos to learn from; 50 steps a checkpoint are usual (`epoch_photos`).
        validation: The held-out photos that the guards measure.
        run_dir: The folder of the run. `passed.keras` is the network at the last checkpoint in which it learned and
            passed the guards.
        checkpoints: How many, at most.
        learning_rate: The network's.
        critic_rate: The critic's.
        perceptual: The perceptual loss's gradient, as a share of that of the first loss.
        adversarial: The weight of the critic.
        truth: The weight of the loss that compares with the true colors.
        judge: The critic to begin with, such as one that was trained alone. None: a new one.
        guards: Whether training stops where a guard says so.
        show: Called with each new picture, as in `train`.

    Raises:
        ValueError: The backend is not TensorFlow, or the network has no layer to train.
        TrainingError: As `train` does.
    """
    learner = AgainstCritic(network, judge or patch_critic(), _truth_loss(network, batches), truth, adversarial)
    learner.compile(
        keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=0.9),
        keras.optimizers.Adam(critic_rate, beta_1=0.0, beta_2=0.9),
    )
    epoch, batches.epoch = batches.epoch, 0  # runs that differ in the critic alone need one batch to be weighed on
    first, batches.epoch = batches[0], epoch
    learner.balance(*first, perceptual)
    if judge:
        learner.share.assign(learner.share_right(*first))
    settings = {"critic": {"rate": critic_rate, "perceptual": perceptual, "adversarial": adversarial, "truth": truth}}
    watch = Guards(network, validation, run_dir, stops=guards)
    learning = {"learner": learner, "config": settings, "callbacks": [watch]}
    history = train(network, batches, validation, run_dir, epochs=checkpoints, show=show, **learning)
    if history.get("learned"):  # a run that was begun before these steps were counted has no such column
        print(_learned(history, len(batches)))
    return history


class AgainstCritic(keras.Model):
    """A network and its critic, trained step by step in turn: compile it with two optimizers, then `fit`.

    The network learns once the critic tells two patches in three right. The critic waits while it is far ahead.

    Args:
        network: The network, from L to ab.
        critic: Such as `patch_critic`.
        loss: The loss that compares with the true colors: of ab and the network's logits, if it has any, or its ab.
        truth: Its weight.
        adversarial: The critic's weight.

    Raises:
        ValueError: The backend is not TensorFlow, or the network has no layer to train.
    """

    def __init__(self, network, critic, loss, truth=1.0, adversarial=0.1):
        if keras.backend.backend() != "tensorflow":
            raise ValueError(f"The backend is {keras.backend.backend()}; wanted tensorflow to train with a critic.")
        if not network.trainable_variables:
            raise ValueError(f"All layers of the network {network.name} are frozen; wanted some to train.")
        super().__init__(name=f"{network.name}_against_critic")
        self.network, self.critic = network, critic
        self.answer = models.learner(network)
        self.truth_loss, self.perceptual_loss = loss, Perceptual()
        self.truth, self.adversarial, self.perceptual = truth, adversarial, 0.0
        self.doublings = models.final_doublings(network)
        self.share = self.add_weight(name="share", initializer=keras.initializers.Constant(0.5), trainable=False)
        self.ready = self.add_weight(name="ready", initializer="zeros", trainable=False)
        self.means = {name: keras.metrics.Mean(name) for name in ("loss", *LOSSES)}
        self.means["learned"] = keras.metrics.Sum("learned")  # steps
        self.built = True

    def compile(self, optimizer, critic_optimizer):
        """Set the network's optimizer and the critic's."""
        super().compile(optimizer, jit_compile=False)
        self.critic_optimizer = critic_optimizer
        optimizer.build(self.network.trainable_variables)
        critic_optimizer.build(self.critic.trainable_variables)

    @property
    def metrics(self):
        return list(self.means.values())

    def call(self, L):
        return self.network(L)

    def made(self, L, training=False):
        """(the network's logits or ab, the ab in which the losses are differentiable).

        Logits become colors at a temperature of 1: at .38 most of them have no slope.
        """
        answer = self.answer(L, training=training)
        if not models.classifies(self.network):
            return answer, answer
        settings = models.annealed_mean_of(self.network)
        ab = ab_bins.annealed_mean(answer, 1.0, settings.shift, settings.gain)
        for _ in range(self.doublings):
            ab = BilinearUpSampling2D()(ab)
        return answer, ab

    def losses_of(self, L, ab):
        """The network's three losses, not weighted: tensors by name."""
        answer, made = self.made(L)
        real = blurred(ab, self.doublings)
        score = self.critic(ops.concatenate([L, made], axis=-1), training=False)
        far = ops.mean(ops.abs(ab - made)) / SCALE_ERROR
        return {
            "truth": ops.mean(self.truth_loss(ab, answer)) + 0.1 * far,
            "perceptual": self.perceptual_loss(L, real, made),
            "fooling": -ops.mean(score),
        }

    def share_right(self, L, ab):
        """The fraction of patches that the critic judges correctly on one batch, a tensor 0..1."""
        pairs = blurred(ops.convert_to_tensor(ab), self.doublings), self.made(L)[1]
        return _right(*(self.critic(ops.concatenate([L, colors], axis=-1)) for colors in pairs))

    def balance(self, L, ab, share):
        """Weigh the perceptual loss so that its gradient is `share` of the other one's, on one batch."""
        import tensorflow as tf

        L, ab = map(ops.convert_to_tensor, (L, ab))
        with tf.GradientTape(persistent=True) as tape:
            losses = self.losses_of(L, ab)
        variables = self.network.trainable_variables
        truth, perceptual = (
            float(tf.linalg.global_norm(tape.gradient(losses[name], variables))) for name in ("truth", "perceptual")
        )
        self.perceptual = share * truth / max(perceptual, 1e-9)

    def train_step(self, data):
        L, ab = data[:2]
        values = self._teach_critic(L, ab) | self._teach_network(L, ab)
        return self._kept(values)

    def test_step(self, data):
        L, ab = data[:2]
        losses = self.losses_of(L, ab)
        return self._kept(losses | {"loss": losses["truth"]})  # the critic moves: its opinion makes no history

    def _teach_critic(self, L, ab):
        import tensorflow as tf

        _, made = self.made(L)
        pairs = ops.concatenate([blurred(ab, self.doublings), ops.stop_gradient(made)], axis=0)
        with tf.GradientTape() as tape:
            scores = self.critic(ops.concatenate([ops.concatenate([L, L], axis=0), pairs], axis=-1), training=True)
            real, fake = ops.split(scores, 2, axis=0)
            loss = hinge(real, fake)
        goes = ops.cast(loss > ENOUGH, "float32")
        _step(self.critic_optimizer, tape, loss, self.critic.trainable_variables, goes)
        right = _right(real, fake)
        self.share.assign(RUNNING * self.share + (1 - RUNNING) * right)
        self.ready.assign(ops.maximum(self.ready, ops.cast(self.share > READY, "float32")))
        return {"critic": loss, "right": right}

    def _teach_network(self, L, ab):
        import tensorflow as tf

        with tf.GradientTape() as tape:
            losses = self.losses_of(L, ab)
            loss = self.truth * (losses["truth"] + self.perceptual * losses["perceptual"])
            loss += self.adversarial * losses["fooling"]
        _step(self.optimizer, tape, loss, self.network.trainable_variables, self.ready)
        return losses | {"loss": loss, "learned": self.ready}

    def _kept(self, values):
        for name, value in values.items():
            self.means[name].update_state(value)
        return {name: self.means[name].result() for name in values}


def _learned(history, steps):
    """When the network began to learn, in a sentence; a checkpoint has `steps`."""
    learned, taken = round(sum(history["learned"])), steps * len(history["learned"])
    never = f"The network never began to learn in {taken} steps: the critic told too few patches right."
    return f"The network began to learn after {taken - learned} steps, and learned {learned}." if learned else never


def _right(real, fake):
    return (ops.mean(ops.cast(real > 0, "float32")) + ops.mean(ops.cast(fake < 0, "float32"))) / 2


def _step(optimizer, tape, loss, variables, goes):
    """Make one step, or none where `goes` is 0: Adam without momentum does not move where the gradient is 0."""
    gradients = tape.gradient(loss, variables, unconnected_gradients="zero")
    optimizer.apply_gradients([(goes * gradient, variable) for gradient, variable in zip(gradients, variables)])


def _normalized(filters, kernel, stride, name):
    convolution = layers.Conv2D(filters, kernel, stride, padding="same", name=name)
    return layers.SpectralNormalization(convolution, name=f"{name}_normalized")


def _truth_loss(network, batches):
    """The cross-entropy of a network that chooses among bins; of another the squared error of ab, 1 for 10 units."""
    if not models.classifies(network):
        return lambda ab, made: ops.square(ab - made) / 100
    return rare_colors(batches, reduction="none")
