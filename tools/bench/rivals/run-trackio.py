# Uploads a folder to a trackio server on loopback and downloads it again. Prints the milliseconds
# of both as JSON.
import json, os, re, subprocess, sys, time
from stop import stop

source, target, data = sys.argv[1:4]
os.makedirs(data)
with open(f"{data}/server.log", "w") as log:
    server = subprocess.Popen(
        [sys.executable, "-c", "import trackio; trackio.show(open_browser=False, block_thread=True, share=False)"],
        stdout=log, stderr=subprocess.STDOUT,
        env={**os.environ, "TRACKIO_DIR": f"{data}/server", "PYTHONUNBUFFERED": "1"})
try:
    url = None
    for _ in range(600):
        with open(f"{data}/server.log") as log:
            url = re.search(r"http://\S*write_token=[\w-]+", log.read())
        if url or server.poll() is not None:
            break
        time.sleep(0.1)
    os.environ["TRACKIO_DIR"] = f"{data}/client"
    import trackio
    trackio.init(project="bench", server_url=url.group(0), auto_log_cpu=False, auto_log_gpu=False)
    begin = time.perf_counter()
    artifact = trackio.Artifact("sample", "dataset")
    artifact.add_dir(source)
    trackio.log_artifact(artifact).wait()
    upload = time.perf_counter() - begin
    # Otherwise the client would copy the files from its local cache instead of downloading them.
    subprocess.run(["find", f"{data}/client", "-type", "f", "-path", "*artifact*", "-delete"], check=True)
    begin = time.perf_counter()
    trackio.use_artifact("sample:latest").download(target)
    download = time.perf_counter() - begin
    trackio.finish()
    print(json.dumps({"upload": upload * 1000, "download": download * 1000}))
finally:
    stop(server)
