"""A photograph becomes a clip on a server that `keepsake serve` runs; clip and citations are saved here.

KEEPSAKE_TOKEN=... python examples/http_client.py examples/old_print.jpg smile size=640 seconds=3

KEEPSAKE_URL names the server if it is not http://127.0.0.1:8000. Needs httpx (pip install httpx).
"""

import os
import sys
from pathlib import Path

import httpx


def main(photo: str, gesture: str = "classic", *options: str) -> None:
    address = os.environ.get("KEEPSAKE_URL", "http://127.0.0.1:8000")
    token = {"Authorization": f"Bearer {os.environ.get('KEEPSAKE_TOKEN', '')}"}
    with (
        httpx.Client(base_url=address, headers=token, timeout=60, trust_env=False) as server,
        open(photo, "rb") as file,
    ):
        form = {"gesture": gesture, **dict(option.split("=", 1) for option in options)}
        job = answered(server.post("/v1/jobs", files={"photo": (Path(photo).name, file)}, data=form))
        while job["state"] not in ("done", "failed"):
            progress = job["progress"]
            print(job["state"], progress["stage"], progress["done"], "of", progress["total"], progress["left"])
            job = answered(server.get(job["links"]["job"], params={"wait": 2}))
        if job["state"] == "failed":
            sys.exit(f"{job['error']['error']}\n{job['error']['hint']}")
        clip = job["result"]["clip"]
        for link, name in (("clip", clip), ("citation_json", f"{clip}.json"), ("citation_txt", f"{clip}.txt")):
            Path(name).write_bytes(server.get(job["links"][link]).raise_for_status().content)
        server.delete(job["links"]["job"])  # the server need not keep it
        print(clip)


def answered(answer: httpx.Response) -> dict:
    """What the server answered; ends with its words and its hint where something is wrong."""
    if answer.is_error:
        sys.exit(f"{answer.json()['error']}\n{answer.json()['hint']}")
    return answer.json()


if __name__ == "__main__":
    main(*sys.argv[1:])
