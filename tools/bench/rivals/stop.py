# Stops a server, by force if it does not end by itself.
import subprocess


def stop(server):
    server.terminate()
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
