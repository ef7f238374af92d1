"""What a solved, an empty and twenty slightly wrong assignments are worth."""

import json
from pathlib import Path

import pytest

from phosphene_assignment import report
from phosphene_assignment.grading import grade
from phosphene_assignment.processes import Limits, Processes
from phosphene_assignment.questions import ITEMS
from phosphene_assignment.rubric import PARTS, WHOLE
from phosphene_assignment.starting import lay_out
from phosphene_assignment.submission import Submission

HERE = Path(__file__).parent
OURS = ("phosphene_rnn", "phosphene_lstm", "phosphene_captioning", "phosphene_saliency", "phosphene_fooling",
        "phosphene_objectives", "phosphene_imageopt", "phosphene_metrics", "phosphene_optimizers")  # fmt: skip

RNN_STEP_LINE = "    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)\n"
MISTAKES = {
    "the bias is left out": ("rnn_layers.py", RNN_STEP_LINE, RNN_STEP_LINE.replace(" + b", ""), "rnn_step_forward",
                             "comes when the bias is left out"),
    "the tanh's derivative is left out": ("rnn_layers.py", "dnext_h * (1 - next_h * next_h)", "dnext_h * 1",
                                          "rnn_step_backward", "gradient check"),
    "a wrong sign": ("rnn_layers.py", "prev_h.T @ da, da.sum(axis=0)", "prev_h.T @ da, -da.sum(axis=0)",
                     "rnn_step_backward", "db: expected"),
    "a transposed weight": ("rnn_layers.py", "return da @ Wx.T, da @ Wh.T", "return da @ Wx.T, da @ Wh", "rnn_step_backward",
                            "dprev_h: expected"),
    "the state is not handed on": ("rnn_layers.py", "prev_h, cache = rnn_step_forward(x[:, t], prev_h,",
                                   "prev_h, cache = rnn_step_forward(x[:, t], h0,", "rnn_forward",
                                   "every step starts from h0 again"),
    "a gradient is not accumulated": ("rnn_layers.py", "dWx += dwx", "dWx = dwx", "rnn_backward",
                                      "only one step's gradient is kept"),
    "no gradient from step to step": ("rnn_layers.py", "dh[:, t] + dprev_h, caches", "dh[:, t], caches", "rnn_backward",
                                      "no gradient is handed from a step to the one before"),
    "words overwrite each other": ("rnn_layers.py", "np.add.at(dW, x, dout)", "dW[x] += dout", "word_embedding_backward",
                                   "overwrite each other"),
    "a missing mask": ("rnn_layers.py", "np.sum(mask * log_p)", "np.sum(log_p)", "temporal_softmax_loss",
                       "this is what comes when the mask is left out"),
    "a missing mask in the gradient": ("rnn_layers.py", "dx *= mask[:, :, None] / N", "dx /= N", "temporal_softmax_loss",
                                       "dx: expected"),
    "averaged over the wrong axis": ("rnn_layers.py", "loss = -np.sum(mask * log_p) / N", "loss = -np.sum(mask * log_p) / T",
                                     "temporal_softmax_loss", "averaged over the steps"),
    "no care for huge scores": ("rnn_layers.py", "right = x - x.max(axis=2, keepdims=True)", "right = x",
                                "temporal_softmax_loss", "loss of huge scores"),
    "<NULL> is trained on": ("captioning.py", "scores, targets, targets != NULL)", "scores, targets, targets >= 0)",
                             "caption_loss with an RNN", "<NULL> is not masked"),
    "the projection's gradient is wrong": ("captioning.py", "features.T @ dh0", "features.T @ dh[:, 0]",
                                           "caption_loss with an RNN", "gradient of W_proj"),
    "always <START>": ("captioning.py", 'x = params["W_embed"][word]', 'x = params["W_embed"][0 * word + START]',
                       "caption_sample with an RNN", "captions: expected"),
    "a gate order changed": ("lstm_layers.py", "i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])",
                             "f, i, o = sigmoid(a[:, :H]), sigmoid(a[:, H : 2 * H])", "lstm_step_forward",
                             "in the order f, i, o, g"),
    "a forget bias": ("lstm_layers.py", "sigmoid(a[:, H : 2 * H])", "sigmoid(a[:, H : 2 * H] + 1)", "lstm_step_forward",
                      "the forget gate has a bias of 1"),
    "the cell's gradient is forgotten": ("lstm_layers.py", "dc = dnext_c + dnext_h", "dc = dnext_h", "lstm_step_backward",
                                         "only dnext_h is taken back"),
    "the cell starts at h0": ("lstm_layers.py", "prev_c, caches = h0, np.zeros_like(h0), []", "prev_c, caches = h0, h0, []",
                              "lstm_forward", "the first cell state is h0 and not zero"),
    "the cell's gradient is not handed on": ("lstm_layers.py", "dprev_c, caches[t])", "0 * dprev_c, caches[t])",
                                             "lstm_backward", "dWx: expected"),
    "the cell's state is not handed on": ("captioning.py", "h, c, _ = lstm_step_forward", "h, _, _ = lstm_step_forward",
                                          "caption_sample with an LSTM", "captions: expected"),
    "the channels are added up": ("image_gradients.py", "np.abs(score_gradient(model, X, y)).max(axis=1)",
                                  "score_gradient(model, X, y).sum(axis=1)", "compute_saliency_maps",
                                  "added up instead of taking the largest magnitude"),
    "no magnitude": ("image_gradients.py", "np.abs(score_gradient(model, X, y)).max(axis=1)",
                     "score_gradient(model, X, y).max(axis=1)", "compute_saliency_maps", "the magnitude is left out"),
    "away from the target": ("image_gradients.py", "X += 100 * g / np.linalg.norm(g)",
                             "X -= 100 * g / np.linalg.norm(g)\n        max_steps -= 25\n        if max_steps <= 0:\n            return X",
                             "make_fooling_image", "the network sees class"),
    "fooling without clipping": ("image_gradients.py", "X = np.clip(X, low, high)", "X = X", "make_fooling_image",
                                 "pixels within model.pixel_range(X)"),
    "it stops late": ("image_gradients.py", ".argmax() == target_y:", ".argmax() == target_y and _ > 0:", "make_fooling_image",
                         "stops as soon as it fools"),
    "the jitter is not undone": ("image_generation.py", "        X = jitter(X, -dy, -dx)\n        X = np.clip(X, low, high)\n        if",
                                 "        X = np.clip(X, low, high)\n        if", "create_class_visualization",
                                 "the jitter is not undone"),
    "the L2 term's sign": ("image_generation.py", "target_y) - 2 * l2_reg * X)", "target_y) + 2 * l2_reg * X)",
                           "create_class_visualization", "one step: expected"),
    "an inversion without clipping": ("image_generation.py", "(dX + 2 * l2_reg * X)\n        X = np.clip(X, low, high)",
                                      "(dX + 2 * l2_reg * X)", "invert_features", "pixel range: expected"),
    "a dream of nothing": ("image_generation.py", "X = X + learning_rate * trace.backward({layer: trace[layer]})[0]",
                           "X = X - learning_rate * trace.backward({layer: trace[layer]})[0]", "deepdream", "one step"),
}  # fmt: skip


def test_the_points_are_the_courses():
    assert {p: sum(i.points for i in ITEMS if i.part == p) for p in PARTS} == {p: most for p, (_, most) in PARTS.items()}
    assert sum(i.points for i in ITEMS if i.part != "extra") == WHOLE
    assert all(set(i.needs) <= {j.name for j in ITEMS} for i in ITEMS)


@pytest.mark.parametrize("seed", [1])
def test_a_solved_assignment_gets_everything(processes, seed):
    (got,) = grade(processes, [Submission("solved", HERE / "solved")], seed, jobs=2)
    assert [line for v in got.verdicts for line in v.lines()] == []
    assert got.parts == {p: most for p, (_, most) in PARTS.items()}
    assert got.points - got.parts["extra"] == WHOLE
    assert all(v.points == v.item.points for v in got.verdicts)
    for written in (report.text(got), json.dumps(report.gradescope(got)), json.dumps(got.told())):
        assert "110" in written


def test_our_own_layers_and_techniques_get_everything_through_the_same_functions():
    with Processes(Limits(seconds=60, longest=300.0), further=OURS) as own:
        (got,) = grade(own, [Submission("own", HERE / "own")], 2, jobs=2)
    assert [line for v in got.verdicts for line in v.lines()] == []
    assert got.points == WHOLE + PARTS["extra"][1]


def test_the_empty_skeleton_gets_nothing(processes, tmp_path):
    lay_out(tmp_path / "new")
    (got,) = grade(processes, [Submission("new", tmp_path / "new")], 3, jobs=2)
    assert got.points == 0
    assert all(v.failure.startswith("not written yet (") for v in got.verdicts)
    assert report.submissions_table([got])[1][0][-1] == "every item: is anything written?"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_loses_the_right_item_and_names_it(mistake, processes, changed):
    file, old, new, name, said = MISTAKES[mistake]
    item = next(i for i in ITEMS if i.name == name)
    others = [i for i in ITEMS if i.part == item.part and name in i.needs] + [i for i in ITEMS if i.name == "word_embedding_forward"]
    (got,) = grade(processes, [Submission("wrong", changed(file, old, new))], 4, [item, *others])
    lost = [v.item.name for v in got.verdicts if v.lost]
    assert lost[:1] == [name] and lost[-1] != "word_embedding_forward"
    assert any(said in line for line in got[name].lines()), got[name].lines()
    assert not got[name].follows
    for other in set(lost) - {name}:
        assert got[other].follows, f"{other} lost points and does not say what it builds on"


def test_a_mistake_in_a_step_leaves_credit_for_what_follows_from_it(processes, changed):
    """The way back of a wrong step is still the gradient of that step, and its sequence still a sequence of it."""
    file, old, new, *_ = MISTAKES["a forget bias"]
    items = [i for i in ITEMS if i.name in ("lstm_step_backward", "lstm_forward", "lstm_backward")]
    (got,) = grade(processes, [Submission("wrong", changed(file, old, new))], 5, items)
    assert [[c.name for c in v.checks if c.passed] for v in got.verdicts] == [["gradient check"], ["step after step"], ["gradient check"]]


def test_the_same_seed_asks_the_same_and_another_one_something_else(processes, changed):
    items = [i for i in ITEMS if i.name == "rnn_step_forward"]
    code = changed("rnn_layers.py", RNN_STEP_LINE, RNN_STEP_LINE.replace(" + b", ""))
    lines = [grade(processes, [Submission("x", code)], seed, items)[0].verdicts[0].lines() for seed in (7, 7, 8)]
    assert lines[0] == lines[1] != lines[2]
