"""Attribution techniques against captum's, on the same weights and the same pictures.

    pip install torch==2.13.* captum        # in an environment that has phosphene as well
    pytest -rP tests/benchmarks/captum_agreement.py    # -rP shows by how much they differ

The course's network (nine convolutions; its own weights where `PHOSPHENE_DATA` has them, random ones elsewhere) is
rebuilt in PyTorch, both in float64, and every map must agree within 1e-4 of its largest value. captum gives a number per
colour; the reduction to one per pixel is done here as our technique does it.
"""

import os
from pathlib import Path

import attrs
import numpy as np
import pytest

from phosphene_cnn import CNN
from phosphene_core import Chain
from phosphene_core.modelfile import load_model
from phosphene_objectives import ClassScore

torch = pytest.importorskip("torch", reason="PyTorch is not installed here")
captum = pytest.importorskip("captum.attr", reason="captum is not installed here")

DATA = Path(os.environ.get("PHOSPHENE_DATA", Path(__file__).parents[2] / ".." / "shared" / "data"))
TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def model():
    path = DATA / "pretrained_model.h5"
    one = load_model(path, {"CNN": CNN}) if path.exists() else CNN().initialized(np.random.default_rng(0))
    return attrs.evolve(one, params={k: v.astype(np.float64) for k, v in one.params.items()})


@pytest.fixture(scope="module")
def pictures(model):
    data = pytest.importorskip("skimage.data", reason="scikit-image is not installed here")
    return model.preprocess([data.chelsea(), data.coffee()]).astype(np.float64)


@pytest.fixture(scope="module")
def question(model, pictures):
    return ClassScore().bound(model, pictures)


class Network(torch.nn.Module):
    """The same network: convolutions with normalization (folded in or not) and rectifiers of their own."""

    def __init__(self, model, folded=False):
        super().__init__()
        blocks = []
        for name, block in model.network:
            p = {
                k.removeprefix(f"{name}."): torch.from_numpy(v)
                for k, v in model.params.items()
                if k.startswith(name + ".")
            }
            if not isinstance(block, Chain):
                blocks.append(torch.nn.Sequential(matrix(p["W"], p["b"])))
                continue
            linear = "conv" if "conv" in block.names else "affine"
            w, b = p[f"{linear}.W"], p[f"{linear}.b"]
            scale = p["batchnorm.gamma"] / (p["batchnorm.running_var"] + 1e-5).sqrt()
            shift = p["batchnorm.beta"] - p["batchnorm.running_mean"] * scale
            if folded:
                w, b = w * (scale.reshape(-1, 1, 1, 1) if w.ndim == 4 else scale), b * scale + shift
            if linear == "conv":
                one = torch.nn.Conv2d(w.shape[1], w.shape[0], w.shape[2], block["conv"].stride, block["conv"].pad)
                one.weight.data, one.bias.data = w, b
            else:
                one = matrix(w, b)
            parts = [one] if folded else [one, Normalization(scale, shift)]
            blocks.append(torch.nn.Sequential(*parts, torch.nn.ReLU()))
        self.blocks = torch.nn.ModuleList(blocks)

    def forward(self, x):
        for block in self.blocks:
            x = block(x.flatten(1) if isinstance(block[0], torch.nn.Linear) else x)
        return x


class Normalization(torch.nn.Module):
    def __init__(self, scale, shift):
        super().__init__()
        self.scale, self.shift = scale, shift

    def forward(self, x):
        shape = (1, -1, 1, 1) if x.ndim == 4 else (1, -1)
        return x * self.scale.reshape(shape) + self.shift.reshape(shape)


def matrix(w, b):
    one = torch.nn.Linear(*w.shape)
    one.weight.data, one.bias.data = w.T.contiguous(), b
    return one


@pytest.fixture(scope="module")
def theirs(model):
    return Network(model).double().eval()


def agree(ours, theirs):
    difference = np.abs(ours - theirs.detach().numpy()).max() / np.abs(theirs.detach().numpy()).max()
    print(f"differs by {difference:.1e} of the largest value")
    assert difference < TOLERANCE, f"they differ by {difference:.2e} of the largest value"


def maps(technique, model, pictures, question):
    return technique.attribute(model, pictures, question, np.random.default_rng(0)).maps


def target(question):
    return torch.tensor(question.target)


def test_the_scores(model, theirs, pictures):
    agree(model.trace(pictures)["scores"], theirs(torch.from_numpy(pictures)))


def test_saliency(model, theirs, pictures, question):
    from phosphene_saliency import Saliency

    found = captum.Saliency(theirs).attribute(torch.from_numpy(pictures).requires_grad_(), target(question))
    agree(maps(Saliency(), model, pictures, question), found.amax(1))


def test_input_x_gradient(model, theirs, pictures, question):
    from phosphene_input_x_gradient import InputXGradient

    found = captum.InputXGradient(theirs).attribute(torch.from_numpy(pictures).requires_grad_(), target(question))
    agree(maps(InputXGradient(), model, pictures, question), found.sum(1))


def test_guided_backprop(model, theirs, pictures, question):
    from phosphene_guided_backprop import GuidedBackprop

    found = captum.GuidedBackprop(theirs).attribute(torch.from_numpy(pictures).requires_grad_(), target(question))
    agree(maps(GuidedBackprop("sum"), model, pictures, question), found.sum(1))
    agree(maps(GuidedBackprop("max"), model, pictures, question), found.abs().amax(1))


def test_deconvnet(model, theirs, pictures, question):
    from phosphene_deconvnet import Deconvnet

    found = captum.Deconvolution(theirs).attribute(torch.from_numpy(pictures).requires_grad_(), target(question))
    agree(maps(Deconvnet("sum"), model, pictures, question), found.sum(1))


def test_integrated_gradients(model, theirs, pictures, question):
    from phosphene_integrated_gradients import IntegratedGradients

    found = captum.IntegratedGradients(theirs).attribute(
        torch.from_numpy(pictures), 0.0, target(question), n_steps=50, internal_batch_size=50
    )
    agree(maps(IntegratedGradients(method="gausslegendre", tolerance=None), model, pictures, question), found.sum(1))


@pytest.mark.parametrize("layer", [4, 6, 8])
def test_gradcam(model, theirs, pictures, question, layer):
    from phosphene_gradcam import GradCAM

    cam = captum.LayerGradCam(theirs, theirs.blocks[layer - 1])
    found = cam.attribute(torch.from_numpy(pictures), target(question), relu_attributions=True)
    result = GradCAM(f"conv{layer}").attribute(model, pictures, question, np.random.default_rng(0))
    agree(result.facts["cam"], found[:, 0])
    large = captum.LayerAttribution.interpolate(found, (64, 64), "bilinear")[:, 0]
    agree(result.maps, large)


def test_guided_gradcam(model, theirs, pictures, question):
    from phosphene_gradcam import GradCAM

    cam = captum.GuidedGradCam(theirs, theirs.blocks[5])
    found = cam.attribute(torch.from_numpy(pictures).requires_grad_(), target(question), interpolate_mode="bilinear")
    agree(maps(GradCAM("conv6", guided=True), model, pictures, question), found.sum(1))


@pytest.mark.parametrize(("window", "stride"), [(15, 7), (16, 16)])
def test_occlusion(model, theirs, pictures, question, window, stride):
    from phosphene_occlusion import Occlusion

    found = captum.Occlusion(theirs).attribute(
        torch.from_numpy(pictures),
        (3, window, window),
        (3, stride, stride),
        0.0,
        target(question),
        perturbations_per_eval=16,
    )
    agree(maps(Occlusion(window, stride, cover="mean"), model, pictures, question), found[:, 0])


@pytest.mark.parametrize("epsilon", [1e-9, 0.1])
def test_lrp_epsilon(model, pictures, question, epsilon):
    """captum knows no folding of batch normalization: it is given the folded network."""
    from captum.attr._utils.lrp_rules import EpsilonRule

    from phosphene_lrp import LRP

    theirs = Network(model, folded=True).double().eval()
    for module in theirs.modules():
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear):
            module.rule = EpsilonRule(epsilon)
    found = captum.LRP(theirs).attribute(torch.from_numpy(pictures).requires_grad_(), target(question))
    agree(maps(LRP(rule="epsilon", epsilon=epsilon), model, pictures, question), found.sum(1))


def test_smoothgrad_without_noise_to_speak_of(model, theirs, pictures, question):
    """The noise of two libraries is never the same; at a vanishing one both must give the plain map."""
    from phosphene_saliency import Saliency
    from phosphene_smoothgrad import SmoothGrad

    tunnel = captum.NoiseTunnel(captum.Saliency(theirs))
    found = tunnel.attribute(torch.from_numpy(pictures).requires_grad_(), target=target(question), nt_type="smoothgrad",
                             nt_samples=2, stdevs=1e-9)  # fmt: skip
    agree(maps(SmoothGrad(Saliency(), samples=2, noise=1e-12), model, pictures, question), found.amax(1))
