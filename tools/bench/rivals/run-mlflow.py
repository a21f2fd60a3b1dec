# Uploads a folder to an MLflow server on loopback and downloads it again. Prints the milliseconds
# of both as JSON.
import json, os, socket, subprocess, sys, time, urllib.request
from stop import stop

source, target, data = sys.argv[1:4]
os.makedirs(data)
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
server = subprocess.Popen(
    [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
     "--backend-store-uri", f"sqlite:///{data}/mlflow.db", "--artifacts-destination", f"{data}/artifacts", "--serve-artifacts"],
    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    import mlflow
    mlflow.set_tracking_uri(f"http://127.0.0.1:{port}")
    mlflow.set_experiment("bench")
    with mlflow.start_run() as run:
        begin = time.perf_counter()
        mlflow.log_artifacts(source)
        upload = time.perf_counter() - begin
    begin = time.perf_counter()
    os.makedirs(target)
    mlflow.artifacts.download_artifacts(run_id=run.info.run_id, dst_path=target)
    download = time.perf_counter() - begin
    print(json.dumps({"upload": upload * 1000, "download": download * 1000}))
finally:
    stop(server)
