"""Writes events.json: bytes of TensorBoard's event files, by TensorBoard's own writer and protocol buffers.

python tests/golden/events.py > tests/golden/events.json     (pip install tensorboard)
"""

import io
import json

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter


def record(data):
    file = io.BytesIO()
    RecordWriter(file).write(data)
    return file.getvalue().hex()


values = [Summary.Value(tag=tag, simple_value=value) for tag, value in [("loss", 2.25), ("fine_tuning_loss", -0.5)]]
event = Event(wall_time=1.5, step=300, summary=Summary(value=values))
print(json.dumps({"record": record(event.SerializeToString()), "empty": record(b"")}, indent=1))
