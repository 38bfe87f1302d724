"""ColorByHand in a kernel of its own, as notebooks have it: shown, clicked through messages; in Colab, and without
anywidget. It runs with ipywidgets 8 and, in the column of Colab's versions, with 7.7.1.
"""

import json
import queue
import time

import pytest

pytest.importorskip("ipykernel")
manager = pytest.importorskip("jupyter_client.manager")

VIEW = "application/vnd.jupyter.widget-view+json"
FAKE_COLAB = """
import os, sys, types
os.environ["COLAB_RELEASE_TAG"] = "release-colab"
enabled = []
output = types.ModuleType("google.colab.output")
output.enable_custom_widget_manager = lambda: enabled.append(True)  # Colab then loads widgets of others
output._widgets = types.SimpleNamespace(_installed_url=None)
for name, module in [("google", None), ("google.colab", None), ("google.colab.output", output)]:
    sys.modules[name] = module or types.ModuleType(name)
"""
BEGIN = """
from colorlib import Colorizer
from colorlib.page import ColorByHand
from colorlib.photos import sample_photo
colorizer, photo = Colorizer("unet", size=64), sample_photo("astronaut")[::4, ::4]
"""
SHOWN = """
by_hand = ColorByHand(photo, colorizer)
by_hand.show()
"""
WITHOUT = """
import sys
for name in [name for name in sys.modules if name.split(".")[0] == "anywidget"]:
    del sys.modules[name]
sys.modules["anywidget"] = None  # as where it is missing
plain = ColorByHand(photo, colorizer)
plain.show()
"""


class Notebook:
    """A kernel, and the widgets that it has opened: what a front end knows."""

    def __init__(self):
        self.kernel, self.client = manager.start_new_kernel()
        self.models, self.states = {}, []  # model id -> state

    def run(self, code):
        """The outputs of a cell; AssertionError with its traceback when it fails."""
        return self._outputs(self.client.execute(code))

    def send(self, model, data):
        """Send a message to a widget, as its part in the browser does."""
        message = self.client.session.msg("comm_msg", {"comm_id": model, "data": data})
        self.client.shell_channel.send(message)
        self._outputs(message["header"]["msg_id"])

    def find(self, **state):
        """The id of the last widget whose state has these values."""
        fits = [id for id, known in self.models.items() if all(known.get(key) == state[key] for key in state)]
        return fits[-1]

    def _outputs(self, request, seconds=300):
        outputs, limit = [], time.monotonic() + seconds
        while time.monotonic() < limit:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            content, kind = message["content"], message["msg_type"]
            assert kind != "error", content
            if kind == "comm_open":
                self.models[content["comm_id"]] = dict(content["data"]["state"])
            elif kind == "comm_msg" and content["data"].get("method") == "update":
                state = content["data"]["state"]
                paths = [path[0] for path in content["data"].get("buffer_paths", [])]
                self.models[content["comm_id"]].update(state | dict(zip(paths, map(bytes, message["buffers"]))))
            elif kind == "display_data":
                outputs.append(content["data"])
            if kind == "status" and content["execution_state"] == "idle" and _parent(message) == request:
                return outputs
        raise AssertionError("The kernel did not answer.")


def _parent(message):
    return message["parent_header"].get("msg_id")


@pytest.fixture(scope="module")
def notebook():
    notebook = Notebook()
    notebook.run(BEGIN)
    yield notebook
    notebook.client.stop_channels()
    notebook.kernel.shutdown_kernel(now=True)


def test_the_canvas_in_colab(notebook):
    pytest.importorskip("anywidget")
    notebook.run(FAKE_COLAB)
    outputs = notebook.run(SHOWN)
    assert any(VIEW in data for data in outputs)
    canvas = notebook.find(_model_module="anywidget", hints="[]")
    assert "export default" in notebook.models[canvas]["_esm"] and "cl-hand" in notebook.models[canvas]["_css"]
    assert "de" in notebook.models[canvas]["languages"]
    hint = {"x": 0.5, "y": 0.5, "color": "#2050c0", "reach": 0.5}
    state = {"hints": json.dumps([hint]), "selected": 0, "dragging": False, "asked": 1}
    notebook.send(canvas, {"method": "update", "state": state, "buffer_paths": []})
    assert notebook.models[canvas]["done"] == 1 and notebook.models[canvas]["can_undo"]
    assert notebook.models[canvas]["colored"].startswith(b"\xff\xd8") and json.loads(
        notebook.models[canvas]["suggestions"]
    )
    notebook.send(canvas, {"method": "custom", "content": {"undo": True}})
    assert notebook.models[canvas]["hints"] == "[]"
    notebook.run("assert enabled == [True] and by_hand.hints == []")


def test_core_widgets_where_anywidget_is_missing(notebook):
    outputs = notebook.run(WITHOUT)
    assert any(VIEW in data for data in outputs)
    add, picture = notebook.find(description="Add"), notebook.find(_model_name="ImageModel", format="jpeg")
    before = notebook.models[picture].get("value")
    notebook.send(add, {"method": "custom", "content": {"event": "click"}})
    after = notebook.models[picture]["value"]
    assert after.startswith(b"\xff\xd8") and after != before
    notebook.run("assert len(plain.hints) == 1 and type(plain.view).__name__ == 'Controls'")
