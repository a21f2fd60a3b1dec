"""Executes a notebook with the kernel it names, in its own folder, and saves it with its outputs.

    python3 execute.py <notebook> <seconds>

Prints how often each updatable output was updated, as JSON. Stops at the first cell that fails.
nbconvert is not used: it ignores output that comes after the kernel has reported that it is idle, and Deno's sends some.
"""

import json
import signal
import sys
import time
from pathlib import Path
from queue import Empty

import nbformat
from jupyter_client.manager import start_new_kernel

# How many seconds after the kernel has reported that it is idle an output may still come.
LATE = 0.25


def execute(path, seconds):
    notebook = nbformat.read(path, as_version=4)
    manager, client = start_new_kernel(kernel_name=notebook.metadata.kernelspec.name, cwd=str(Path(path).parent))
    updates = {}
    try:
        deadline = time.monotonic() + seconds
        for count, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
            cell.outputs, cell.execution_count = [], count
            run_cell(client, cell, deadline, updates)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=False)
    nbformat.write(notebook, path)
    print(json.dumps(list(updates.values())))


def run_cell(client, cell, deadline, updates):
    request = client.execute(cell.source)
    shown = {}
    is_idle = False
    while True:
        try:
            message = client.get_iopub_msg(timeout=LATE if is_idle else max(deadline - time.monotonic(), 0))
        except Empty:
            if is_idle:
                return
            sys.exit(f"This cell took too long:\n{cell.source}")
        if message["parent_header"].get("msg_id") != request:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "status":
            is_idle = is_idle or content["execution_state"] == "idle"
        elif kind == "error":
            sys.exit(f"This cell failed:\n{cell.source}\n\n" + "\n".join(content["traceback"]))
        elif kind == "update_display_data":
            display = content["transient"]["display_id"]
            updates[display] += 1
            shown[display].data = content["data"]
        elif kind in ("stream", "display_data", "execute_result"):
            output = add_output(cell, message)
            display = content.get("transient", {}).get("display_id")
            if display:
                updates[display] = 0
                shown[display] = output


def add_output(cell, message):
    output = nbformat.v4.output_from_msg(message)
    if output.output_type == "execute_result":
        output.execution_count = cell.execution_count
    last = cell.outputs[-1] if cell.outputs else None
    if last and output.output_type == "stream" and last.get("name") == output.name:
        last.text += output.text
        return last
    cell.outputs.append(output)
    return output


# On SIGTERM, also stop the kernel.
signal.signal(signal.SIGTERM, lambda *_: sys.exit("Stopped before the notebook was finished"))
execute(sys.argv[1], float(sys.argv[2]))
