"""Everyone in a group photograph with a gesture of their own: the largest face smiles, the second blinks.

python examples/group_photo.py
"""

import animate

if __name__ == "__main__":
    options = animate.Options(faces={1: "smile", 2: "blink"})
    path = animate.clip("examples/group.jpg", options=options).save("group.mp4")
    print(path)
